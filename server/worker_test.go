package server_test

import (
	"net/http"
	"strings"
	"testing"

	"hailong/server/view"
)

func TestServiceWorker(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	plain := s.get("/sw.js").want(http.StatusOK)
	packed := s.get("/sw.js", "Accept-Encoding", "gzip, br").want(http.StatusOK)
	if plain.body != packed.body || packed.Header.Get("Content-Encoding") != "gzip" || plain.Header.Get("Content-Encoding") != "" {
		t.Errorf("packed: %q, plain: %q", packed.Header.Get("Content-Encoding"), plain.Header.Get("Content-Encoding"))
	}
	for name, want := range map[string]string{
		"Cache-Control": "no-cache", "Content-Type": "text/javascript; charset=utf-8", "X-Content-Type-Options": "nosniff", "Service-Worker-Allowed": "",
		"Content-Security-Policy": view.WorkerCSP,
	} {
		if got := plain.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	plain.must("importScripts(\"/static/outbox-", "!@@")
	page := s.get("/s/" + string(hallToken)).want(http.StatusOK)
	script := page.doc().Find(`script[src*="/outbox-"]`).AttrOr("src", "")
	if !strings.Contains(plain.body, `"`+script+`"`) {
		t.Errorf("the worker runs another outbox than the page, which runs %q", script)
	}
	asset := s.get(script, "Accept-Encoding", "gzip").want(http.StatusOK)
	if asset.Header.Get("Content-Type") != "text/javascript; charset=utf-8" || !strings.Contains(asset.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("headers %v", asset.Header)
	}
	if asset.size > 4<<10 {
		t.Errorf("the outbox weighs %d bytes, want at most 4 KiB", asset.size)
	}
	if packed.size > 2<<10 {
		t.Errorf("the service worker weighs %d bytes, want at most 2 KiB", packed.size)
	}
	t.Logf("outbox %d bytes, service worker %d", asset.size, packed.size)
}

// No staff page runs a script, and only pages of citizens may speak to the site.
func TestScriptsAreForCitizens(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/login").want(http.StatusOK).must("!<script", "!outbox")
	if got := s.get("/login").Header.Get("Content-Security-Policy"); strings.Contains(got, "script-src") || strings.Contains(got, "connect-src") {
		t.Errorf("a staff page may run scripts: %s", got)
	}
	got := s.get("/s/" + string(hallToken)).Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "connect-src 'self'", "form-action 'self'"} {
		if !strings.Contains(got, want+";") {
			t.Errorf("the form's policy lacks %s: %s", want, got)
		}
	}
	if strings.Contains(got, "unsafe") || strings.Contains(got, "*") || strings.Contains(got, "http") {
		t.Errorf("the form's policy is lax: %s", got)
	}
}

package server_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"hailong/server"
	"hailong/server/account"
	"hailong/surveys"
)

// behind is a site behind a proxy on the given network.
func behind(t *testing.T, network string) *running {
	t.Helper()
	return newSite(t, func(o *server.Options) { o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix(network)} }).run()
}

const hsts = "Strict-Transport-Security"

func TestTrustedProxyIsBelieved(t *testing.T) {
	t.Parallel()
	r := behind(t, "127.0.0.0/8")
	ask := func(method, path, body string, headers ...string) *reply {
		t.Helper()
		a, err := r.call(method, path, body, headers...)
		r.ok(err)
		return a
	}
	a := ask(http.MethodGet, "/login", "", "X-Forwarded-Proto", "https").want(http.StatusOK)
	if a.Header.Get(hsts) == "" {
		t.Error("no HSTS on HTTPS")
	}
	a = ask(http.MethodGet, "/s/"+string(hallToken)+"?form=full", "", "X-Forwarded-Proto", "http").want(http.StatusPermanentRedirect)
	if to := a.Header.Get("Location"); to != "https://khaosat.example/s/"+string(hallToken)+"?form=full" || a.Header.Get(hsts) != "" {
		t.Errorf("plain HTTP leads to %q, HSTS %q", to, a.Header.Get(hsts))
	}
	// The nearest proxy's word is the last one.
	for proto, want := range map[string]int{
		"https, http": http.StatusPermanentRedirect, "http, https": http.StatusOK, "HTTPS ": http.StatusOK, "": http.StatusPermanentRedirect,
		"httpsx": http.StatusPermanentRedirect,
	} {
		ask(http.MethodGet, "/login", "", "X-Forwarded-Proto", proto).want(want)
	}
	// A second header line is nearer than the first.
	s := newSite(t, func(o *server.Options) { o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")} })
	s.get("/login", "X-Forwarded-Proto", "https", "X-Forwarded-Proto", "http").want(http.StatusPermanentRedirect)
	s.get("/login", "X-Forwarded-Proto", "http", "X-Forwarded-Proto", "https").want(http.StatusOK)
	// A form in clear is not taken; probes of the machine itself are.
	v := "Z=4&submission_id=" + string(surveys.NewSubmissionID())
	ask(http.MethodPost, "/s/"+string(hallToken), v, "Content-Type", formType).want(http.StatusForbidden)
	r.wantStored(0)
	for _, probe := range []string{"/healthz", "/readyz"} {
		ask(http.MethodGet, probe, "").want(http.StatusOK)
	}
	ask(http.MethodGet, "//evil.example/x", "", "X-Forwarded-Host", "evil.example").want(http.StatusPermanentRedirect)
}

func TestSpoofedProtoIsIgnored(t *testing.T) {
	t.Parallel()
	r := behind(t, "10.0.0.0/8") // the visitor comes from 127.0.0.1
	for _, header := range []string{"X-Forwarded-Proto", "X-Forwarded-Protocol", "X-Url-Scheme", "Forwarded"} {
		a, err := r.call(http.MethodGet, "/login", "", header, "https")
		r.ok(err)
		a.want(http.StatusPermanentRedirect)
		if a.Header.Get(hsts) != "" || len(a.Cookies()) > 0 {
			t.Errorf("%s of a stranger is believed: %v", header, a.Header)
		}
	}
}

// HSTS over HTTPS only; cookies that no plain site can set or read.
func TestCookiesAndHSTSFollowTheAddress(t *testing.T) {
	t.Parallel()
	plain := newSite(t, func(o *server.Options) { o.BaseURL = "http://127.0.0.1:8080" })
	a := plain.get("/login", "X-Forwarded-Proto", "https").want(http.StatusOK)
	if a.Header.Get(hsts) != "" {
		t.Error("HSTS over plain HTTP")
	}
	for _, c := range a.Cookies() {
		if c.Secure || strings.HasPrefix(c.Name, "__Host-") || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode {
			t.Errorf("cookie %v", c)
		}
	}
	for _, c := range newSite(t).get("/login").want(http.StatusOK).Cookies() {
		if !c.Secure || !strings.HasPrefix(c.Name, "__Host-") || c.Path != "/" || c.Domain != "" || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode {
			t.Errorf("cookie %v", c)
		}
	}
}

// Whatever is answered, an error, a picture, a refusal, has the headers that make it harmless.
func TestEveryAnswerHasTheHeaders(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	admin := bearer(s.token(account.Admin, "all"))
	check := func(what string, a *reply) {
		t.Helper()
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin", "X-Robots-Tag": "noindex", hsts: "max-age=31536000",
		} {
			if got := a.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", what, name, got, want)
			}
		}
		if !strings.Contains(a.Header.Get("Permissions-Policy"), "geolocation=()") {
			t.Errorf("%s: Permissions-Policy is %q", what, a.Header.Get("Permissions-Policy"))
		}
		csp := a.Header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: the CSP lacks %s: %s", what, want, csp)
			}
		}
		for _, bad := range []string{"unsafe-inline", "unsafe-eval", "*", "http:", "https:"} {
			if strings.Contains(csp, bad) {
				t.Errorf("%s: the CSP holds %s: %s", what, bad, csp)
			}
		}
	}
	walked := 0
	for _, route := range s.Routes() {
		path := strings.NewReplacer(":token", string(hallToken), ":id", "p_hall", ":file", "none.css").Replace(route[1])
		for what, headers := range map[string][]string{"nobody": nil, "a program": admin} {
			check(route[0]+" "+path+" by "+what, s.send(route[0], path, "", headers...))
			walked++
		}
	}
	if walked < 40 {
		t.Errorf("only %d requests were made", walked)
	}
	for _, path := range []string{"/nowhere", "/app/nowhere", "/api/v1/nowhere", "/s/" + string(retiredToken), "/s/" + string(unknownToken), "/..%2f"} {
		check(path, s.get(path))
	}
	s.store.set(func(f *faults) { f.find = func(string) { panic("at the disk") } })
	s.clock.Add(1e10)
	check("a panic", s.get("/s/"+string(clinicToken)).want(http.StatusInternalServerError))
	s.store.set(func(f *faults) { f.find = nil })
	r := s.run()
	for what, body := range map[string]string{"too large": strings.Repeat("x", server.BodyLimit+1)} {
		a, err := r.call(http.MethodPost, "/api/v1/responses", body)
		s.ok(err)
		check(what, a.want(http.StatusRequestEntityTooLarge))
	}
	a, err := r.call(http.MethodGet, "/", "", "X-Long", strings.Repeat("x", 20_000))
	s.ok(err)
	check("headers too large", a.want(http.StatusRequestHeaderFieldsTooLarge))
}

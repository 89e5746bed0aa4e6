//go:build e2e

package server_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/serviceworker"
	"github.com/chromedp/chromedp"

	"hailong/surveys"
)

// journeyWake plays the moment at which the browser has network again and wakes the service worker.
func journeyWake(p *journeyPage, origin string) {
	p.t.Helper()
	found := make(chan serviceworker.RegistrationID, 16)
	p.must(chromedp.Listen(p.ctx, func(event any) {
		e, ok := event.(*serviceworker.EventWorkerRegistrationUpdated)
		for i := 0; ok && i < len(e.Registrations); i++ {
			if r := e.Registrations[i]; strings.HasPrefix(r.ScopeURL, origin) && !r.IsDeleted {
				found <- r.RegistrationID
			}
		}
	}))
	journeyTell(p, serviceworker.Enable, cdp.Empty{})
	select {
	case id := <-found:
		journeyTell(p, serviceworker.DispatchSyncEvent, serviceworker.DispatchSyncEventParams{Origin: origin, RegistrationID: id, Tag: "outbox"})
	case <-p.ctx.Done():
		p.t.Fatal("no service worker is registered")
	}
}

// journeyUpdate brings a new program: what is kept is fetched anew, and while that cannot be, the old one goes on.
func journeyUpdate(t *testing.T, browser context.Context) {
	s := journeyFar(t)
	p := journeyVisit(t, browser, s)
	names := func() string {
		return journeyEval[string](p, `caches.keys().then(k => k.sort().join(" "))`)
	}
	old := names()
	if !strings.HasPrefix(old, "form-") || strings.Contains(old, " ") {
		t.Fatalf("the caches are %q, want one", old)
	}
	s.wire.rewrite(func(path, body string) string {
		if path == "/sw.js" {
			return strings.ReplaceAll(body, strings.TrimPrefix(old, "form-"), "anothernew")
		}
		return strings.Replace(body, "<title>", "<title>Bản mới: ", 1)
	})
	// The new one cannot fetch the form: it is not taken.
	s.wire.each(func(r *http.Request) journeyFate {
		if r.URL.Path == journeyForm {
			return journeyCut
		}
		return journeyPass
	})
	journeyEval[bool](p, `navigator.serviceWorker.ready.then(r => r.update()).then(r => new Promise(done => {
		const w = r.installing || r.waiting;
		if (!w || w.state === "redundant") return done(true);
		w.onstatechange = () => w.state === "redundant" && done(true);
	}), () => true)`)
	s.wire.all(journeyCut)
	p.opens(journeyForm)
	if title := journeyEval[string](p, `document.title`); strings.Contains(title, "Bản mới") {
		t.Errorf("half an update is shown: %q", title)
	}
	// Now it can.
	s.wire.all(journeyPass)
	journeyEval[bool](p, `navigator.serviceWorker.ready.then(r => r.update()).then(() => true)`)
	p.until(`window.asked = window.asked || caches.keys().then(k => { window.names = k.join(" "); window.asked = null; }), window.names === "form-anothernew"`)
	s.wire.all(journeyCut)
	p.opens(journeyForm)
	if title := journeyEval[string](p, `document.title`); !strings.Contains(title, "Bản mới") {
		t.Errorf("the old page is still kept: %q", title)
	}
	journeyWantKept(p)
}

// journeyHeldScenes lead one phone through all that its outbox can say.
func journeyHeldScenes(s *journeyFarSite, lang string) []journeyScene {
	open := func(p *journeyPage) { p.t.Helper(); p.opens(journeyForm + "?lang=" + lang) }
	hold := func(p *journeyPage) {
		p.t.Helper()
		open(p)
		p.choose("A3", "5")
		p.click("form button")
		p.until(`document.querySelector("#kept button").offsetParent !== null && document.querySelector("#outbox .waiting") !== null`)
	}
	return []journeyScene{
		{"waiting", func(p *journeyPage) {
			open(p)
			p.keeps()
			s.wire.all(journeyCut)
			hold(p)
		}},
		{"waiting-form", func(p *journeyPage) {
			open(p)
			p.until(`document.querySelector("#outbox .waiting") !== null`)
		}},
		{"waiting-2", hold},
		{"sent", func(p *journeyPage) {
			s.wire.all(journeyPass)
			p.comes()
			p.until(`document.querySelector("#outbox .sent") !== null && document.querySelector("#kept .ok").offsetParent !== null`)
		}},
		{"sent-shell", func(p *journeyPage) {
			s.wire.all(journeyCut)
			p.to(journeyForm+"/thanks?lang="+lang+"&r=K7QM2XHD4R9T", http.StatusOK)
			p.until(`document.querySelector("#kept .ok").offsetParent !== null`)
			if got := p.shownReceipt(); got != "K7QM2XHD4R9T" {
				p.t.Errorf("the receipt is %s", got)
			}
		}},
		{"refused", func(p *journeyPage) {
			hold(p)
			s.retire(true)
			s.wire.all(journeyPass)
			p.comes()
			p.until(`document.querySelector("#outbox .refused") !== null`)
			s.retire(false)
		}},
	}
}

// retire takes the hall's counter out of use, or puts it back, in the store and in every cache.
func (s *journeyFarSite) retire(retired bool) {
	s.t.Helper()
	hall, err := surveys.Points().Find(s.t.Context(), s.store, "p_hall")
	s.must(err)
	hall.Value.Retired = ""
	if retired {
		hall.Value.Retired = "2026-01-01"
	}
	_, err = surveys.Points().Put(s.t.Context(), s.store, hall.Value, hall.Rev)
	s.must(err)
	s.kill()
	s.rise()
}

// journeyHeldLook looks at what the outbox says: with axe, narrow and wide, light and dark, in both languages.
func journeyHeldLook(t *testing.T, browser context.Context) {
	axe := journeyAxeScript(t)
	s := journeyFar(t)
	for _, look := range []struct {
		lang, scheme string
		width        int64
	}{{"vi", "light", 390}, {"vi", "dark", 320}, {"vi", "light", 320}, {"vi", "dark", 390}, {"en", "light", 320}, {"en", "dark", 390}} {
		s.wire.all(journeyPass)
		p := journeyOpen(t, browser, s.base, look.width)
		p.scheme(look.scheme)
		for _, scene := range journeyHeldScenes(s, look.lang) {
			scene.open(p)
			name := scene.name + "-" + look.lang + "-" + strconv.FormatInt(look.width, 10) + "-" + look.scheme
			p.wantFits(name)
			found := journeyEval[[]string](p, axe+`; axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations.flatMap(v =>
				v.nodes.map(n => v.id + " (" + v.impact + "): " + v.help + " at " + n.target.join(" ") + " " + n.failureSummary)))`)
			for _, v := range found {
				t.Errorf("%s: %s", name, v)
			}
			seen := journeyEval[struct {
				Looked int
				Bad    []string
			}](p, journeyContrast)
			if seen.Looked < 5 || len(seen.Bad) > 0 {
				t.Errorf("%s: of %d texts too faint are %q", name, seen.Looked, seen.Bad)
			}
			if small := journeyEval[[]string](p, `[...document.querySelectorAll("#kept a, #kept button")].filter(e => e.offsetParent && e.getBoundingClientRect().height < 47.5).map(e => e.outerHTML)`); len(small) > 0 {
				t.Errorf("%s has targets under 48 px: %q", name, small)
			}
			journeyShot(p, "held-"+name)
		}
	}
}

//go:build e2e

package server_test

import (
	"bytes"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"hailong/server"
	"hailong/server/view"
	"hailong/surveys"
	"hailong/surveys/instruments"
	"hailong/surveys/store/sqlite"
)

// useCodes stores how the codes of the journeys' installation were opened: as ever, until it was covered, by many of whom few
// send, and never.
func (s *journeySite) useCodes() {
	s.t.Helper()
	today := surveys.DayOf(s.clock(), time.UTC)
	_, err := surveys.CountingSince(s.t.Context(), s.store, "2025-09-01")
	s.must(err)
	for _, c := range []struct {
		facility surveys.FacilityID
		point    surveys.PointID
		opened   int64
		days     int // silent
	}{{"f_hall", "p_hall", 14, 0}, {"f_hall", "p_result", 9, 0}, {"f_office", "p_office", 9, 8}, {"f_station", "p_station", 40, 0}, {"f_hospital", "p_hospital", 11, 0}} {
		for back := 90; back > c.days; back-- {
			day := today.Add(-back)
			use := map[surveys.PointID]map[int]surveys.Use{c.point: {day.Date().Day(): {Opened: c.opened, Begun: c.opened * 2 / 3}}}
			s.must(surveys.AddUsage(s.t.Context(), s.store, surveys.Usage{Facility: c.facility, Month: day.Month(), Points: use}, surveys.NewID("u")))
		}
	}
}

// journeyNear is a server behind a wire whose counts can be looked at.
func journeyNear(t *testing.T) (*journeyFarSite, *server.Server) {
	t.Helper()
	near := &journeyFarSite{wire: journeyCable(t)}
	s := &journeySite{t: t, clock: time.Now, base: near.wire.base}
	near.journeySite = s
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "hailong.db"), s.clock)
	s.must(err)
	t.Cleanup(func() { s.must(db.Close()) })
	s.store = db
	s.must(instruments.Publish(t.Context(), db, "2025-07-01"))
	installation, err := surveys.Install(t.Context(), db, surveys.Installation{MonthStart: 1, FormKey: bytes.Repeat([]byte{9}, 32)})
	s.must(err)
	s.organise()
	var listen net.ListenConfig
	listener, err := listen.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	s.must(err)
	srv, err := server.New(server.Options{
		Store: db, Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})), Clock: s.clock, Zone: journeyZone(t),
		BaseURL: s.base, Lang: view.Vietnamese, Install: installation,
	})
	s.must(err)
	s.serve(srv, listener)
	near.wire.leads("http://" + listener.Addr().String())
	return near, srv
}

// TestJourneyUse opens a form by phone: one opening, one start, one form sent. What the service worker fetches at its
// install and after an update, the other language and a reload are no openings; without network nothing is counted.
func TestJourneyUse(t *testing.T) {
	browser := journeyStart(t, chromedp.UserAgent(phoneAgent))
	s, srv := journeyNear(t)
	ahead := func() int {
		s.wire.mu.Lock()
		defer s.wire.mu.Unlock()
		return s.wire.ahead
	}
	used := func(when string, want surveys.Use) {
		t.Helper()
		s.must(srv.StoreUsage(t.Context()))
		var got surveys.Use
		today := surveys.DayOf(time.Now(), journeyZone(t))
		all, err := surveys.UsageFrom(t.Context(), s.store, today.Add(-1), today)
		s.must(err)
		for _, days := range all {
			for _, use := range days {
				got = got.Add(use)
			}
		}
		if got != want {
			t.Errorf("%s: counted %+v, want %+v", when, got, want)
		}
	}
	p := journeyVisit(t, browser, s)
	if ahead() == 0 {
		t.Error("the service worker fetched nothing ahead: this journey shows nothing")
	}
	used("opened", surveys.Use{Opened: 1})
	p.answers("A3", "5")
	p.answers("C1", "4")
	eventually(t, "the start is told", func() bool { return srv.UsageHeld() > 0 })
	used("begun", surveys.Use{Opened: 1, Begun: 1})
	p.lands(http.StatusOK, journeyDo(`document.querySelector("header a[hreflang=en]").click()`))
	p.comesTo(`document.documentElement.lang === "en" && document.querySelector("#outbox[data-ready]") !== null`)
	p.answers("D1", "4")
	used("in the other language", surveys.Use{Opened: 1, Begun: 1})
	p.must(chromedp.Do(p.ctx, chromedp.Reload()))
	p.comesTo(`document.querySelector("#outbox[data-ready]") !== null`)
	p.answers("B2", "4")
	used("loaded again", surveys.Use{Opened: 1, Begun: 1})
	p.must(chromedp.Do(p.ctx, journeySends()))
	p.comesTo(`location.pathname.endsWith("/thanks")`)
	used("sent", surveys.Use{Opened: 1, Begun: 1})
	if got := len(s.stored("p_hall")); got != 1 {
		t.Errorf("%d forms are stored, want 1", got)
	}
	p.opens(journeyForm)
	used("opened again, by the worker", surveys.Use{Opened: 2, Begun: 1})
	before := ahead()
	name := journeyEval[string](p, `caches.keys().then(k => k.join(" "))`)
	s.wire.rewrite(func(path, body string) string {
		if path == "/sw.js" {
			return strings.ReplaceAll(body, strings.TrimPrefix(name, "form-"), "anothernew")
		}
		return body
	})
	journeyEval[bool](p, `navigator.serviceWorker.ready.then(r => r.update()).then(() => true)`)
	eventually(t, "the new worker has its pages", func() bool {
		return journeyEval[string](p, `caches.keys().then(k => k.join(" "))`) == "form-anothernew" && ahead() > before
	})
	used("after an update", surveys.Use{Opened: 2, Begun: 1})
	s.wire.all(journeyCut)
	p.opens(journeyForm)
	p.answers("A3", "3")
	s.wire.all(journeyPass)
	used("without network", surveys.Use{Opened: 2, Begun: 1})
}

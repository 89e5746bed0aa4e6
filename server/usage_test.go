package server_test

import (
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hailong/server"
	"hailong/server/view"
	"hailong/surveys"
	"hailong/surveys/store/mongo"
)

// A phone's browser inside of Zalo, and what else it sends.
const phoneAgent = "Mozilla/5.0 (Linux; Android 13; SM-A042F) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/118.0.0.0 Mobile Safari/537.36 Zalo android/12090674 ZaloTheme/light ZaloLanguage/vi"

// used is what the store holds of a point's day.
func (s *site) used(point surveys.PointID, day surveys.Day) surveys.Use {
	s.t.Helper()
	all, err := surveys.UsageFrom(s.t.Context(), s.store, day, day)
	s.ok(err)
	var sum surveys.Use
	for at, days := range all {
		if at.Point == point {
			sum = sum.Add(days[day])
		}
	}
	return sum
}

func TestWhatCountsAsAnOpening(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		method, path string
		head         []string
		want         surveys.Use
	}{
		"a scanned code":              {path: "/s/" + string(hallToken), want: surveys.Use{Opened: 1}},
		"in small letters":            {path: "/s/" + strings.ToLower(string(hallToken)), want: surveys.Use{Opened: 1}},
		"from a chat":                 {path: "/s/" + string(hallToken), head: []string{"Sec-Fetch-Site", "cross-site"}, want: surveys.Use{Opened: 1}},
		"typed by hand":               {path: "/s/" + string(hallToken), head: []string{"Sec-Fetch-Site", "none", "Cache-Control", "no-cache"}, want: surveys.Use{Opened: 1}},
		"a start":                     {method: http.MethodPost, path: "/s/" + string(hallToken) + "/start", want: surveys.Use{Begun: 1}},
		"the other language":          {path: "/s/" + string(hallToken) + "?lang=en", head: []string{"Sec-Fetch-Site", "same-origin"}},
		"loaded again":                {path: "/s/" + string(hallToken), head: []string{"Cache-Control", "max-age=0"}},
		"fetched ahead":               {path: "/s/" + string(hallToken), head: []string{"Sec-Purpose", "prefetch;prerender"}},
		"fetched by the worker":       {path: "/s/" + string(hallToken), head: []string{"Purpose", "prefetch"}},
		"a head":                      {method: http.MethodHead, path: "/s/" + string(hallToken)},
		"Facebook's preview":          {path: "/s/" + string(hallToken), head: []string{"User-Agent", "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"}},
		"a preview that plays Safari": {path: "/s/" + string(hallToken), head: []string{"User-Agent", "Mozilla/5.0 (Macintosh) AppleWebKit/601.2.4 Safari/601.2.4 facebookexternalhit/1.1 Facebot"}},
		"Zalo's preview":              {path: "/s/" + string(hallToken), head: []string{"User-Agent", "Mozilla/5.0 (compatible; ZaloBot/1.0)"}},
		"a search engine":             {path: "/s/" + string(hallToken), head: []string{"User-Agent", "Mozilla/5.0 (compatible; coccocbot-web/1.0; +http://help.coccoc.com/searchengine)"}},
		"a program":                   {path: "/s/" + string(hallToken), head: []string{"User-Agent", "curl/8.5"}},
		"a program's start":           {method: http.MethodPost, path: "/s/" + string(hallToken) + "/start", head: []string{"User-Agent", "curl/8.5"}},
		"nobody's":                    {path: "/s/" + string(hallToken), head: []string{"User-Agent", ""}},
		"the thanks":                  {path: "/s/" + string(hallToken) + "/thanks?r=000000000000"},
		"a way of another name":       {path: "/s/" + string(hallToken) + "/start"},
		"a code of nobody":            {path: "/s/" + string(unknownToken)},
		"a start at a code of nobody": {method: http.MethodPost, path: "/s/" + string(unknownToken) + "/start"},
		"a retired code":              {path: "/s/" + string(retiredToken)},
		"a start at a retired code":   {method: http.MethodPost, path: "/s/" + string(retiredToken) + "/start"},
		"a code typed on our page":    {path: "/s?code=" + string(hallToken), head: []string{"Sec-Fetch-Site", "same-origin"}, want: surveys.Use{Opened: 1}},
		"one typed in an old browser": {path: "/s?code=" + string(hallToken)},
		"a retired one, typed":        {path: "/s?code=" + string(retiredToken), head: []string{"Sec-Fetch-Site", "same-origin"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			method := c.method
			if method == "" {
				method = http.MethodGet
			}
			head := c.head
			if !slices.Contains(head, "User-Agent") {
				head = append(head, "User-Agent", phoneAgent)
			}
			a := s.send(method, c.path, "", head...)
			if strings.HasSuffix(c.path, "/start") && method == http.MethodPost && (len(a.body) > 0 && a.StatusCode == http.StatusNoContent || len(a.Header["Set-Cookie"]) > 0) {
				t.Errorf("a start is answered %q and sets %q", a.body, a.Header["Set-Cookie"])
			}
			s.ok(s.StoreUsage(t.Context()))
			var got surveys.Use
			all, err := surveys.UsageFrom(t.Context(), s.store, "2026-03-01", "2026-03-31")
			s.ok(err)
			for _, days := range all {
				for day, use := range days {
					if day != "2026-03-10" {
						t.Errorf("counted on %s", day)
					}
					got = got.Add(use)
				}
			}
			if got != c.want {
				t.Errorf("status %d, counted %+v, want %+v", a.StatusCode, got, c.want)
			}
		})
	}
}

// second is a further server on a store.
func (s *site) second(db surveys.Store) *site {
	s.t.Helper()
	installation, err := surveys.Installed(s.t.Context(), db)
	s.ok(err)
	other := *s
	other.Server, err = server.New(server.Options{
		Store: db, Log: slog.New(slog.DiscardHandler), Clock: s.clock.Now, Zone: zone(s.t), BaseURL: "https://khaosat.example", Lang: view.Vietnamese, Install: installation,
	})
	s.ok(err)
	s.t.Cleanup(other.Close)
	return &other
}

// Two servers that count at one moment lose nothing, on either store; what could not be stored is stored later, and
// an addition whose answer was lost is made once.
func TestUsageOfTwoServers(t *testing.T) {
	t.Parallel()
	both := func(t *testing.T, one *site, other *site) {
		t.Helper()
		const rounds, each = 6, 7
		var work sync.WaitGroup
		for _, s := range []*site{one, other} {
			work.Go(func() {
				for range rounds {
					for range each {
						s.send(http.MethodGet, "/s/"+string(hallToken), "", "User-Agent", phoneAgent)
					}
					if err := s.StoreUsage(t.Context()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		work.Wait()
		if got, want := one.used("p_hall", "2026-03-10"), (surveys.Use{Opened: 2 * rounds * each}); got != want {
			t.Errorf("two servers counted %+v, want %+v", got, want)
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		both(t, s, s.second(s.store))
	})
	t.Run("mongo", func(t *testing.T) {
		t.Parallel()
		_, address := testDatabase(t)
		open := func(clock surveys.Clock) (surveys.Store, error) { return mongo.Open(t.Context(), address, clock) }
		s := newSiteOn(t, open)
		db, err := open(s.clock.Now)
		s.ok(err)
		t.Cleanup(func() { s.ok(db.Close()) })
		both(t, s, s.second(db))
	})
}

// What fails is kept for the next time; an addition that was made although it seemed to fail is not made again.
func TestUsageIsAddedOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	open := func() {
		s.send(http.MethodGet, "/s/"+string(hallToken), "", "User-Agent", phoneAgent).want(http.StatusOK)
	}
	open()
	down := errors.New("the answer is lost")
	s.store.set(func(f *faults) { f.put = func(stored error) error { return errors.Join(down, stored) } })
	if err := s.StoreUsage(t.Context()); !errors.Is(err, down) {
		t.Fatalf("got %v, want %v", err, down)
	}
	open() // of the next addition
	s.store.set(func(f *faults) { f.put = nil })
	s.ok(s.StoreUsage(t.Context()))
	s.ok(s.StoreUsage(t.Context()))
	if got, want := s.used("p_hall", "2026-03-10"), (surveys.Use{Opened: 2}); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
}

// A flood grows neither the memory nor the store.
func TestUsageOfAFlood(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	size := func() int {
		stored, err := surveys.Usages().All(t.Context(), s.store)
		s.ok(err)
		n := 0
		for _, u := range stored {
			n += len(u.Value.Points)
			for _, days := range u.Value.Points {
				n += len(days)
			}
			n += len(u.Value.Marks)
		}
		return n
	}
	const flood = 100_000
	for range 3 {
		s.ok(s.FloodUsage(t.Context(), hallToken, flood))
		if got := s.UsageHeld(); got != 1 {
			t.Errorf("%d openings are held in %d sums, want 1", flood, got)
		}
		s.ok(s.StoreUsage(t.Context()))
	}
	if got := size(); got != 1+1+3 {
		t.Errorf("the store holds %d things, want 5", got)
	}
	if got, want := s.used("p_hall", "2026-03-10"), (surveys.Use{Opened: 3 * flood}); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
}

// A server that stops stores what it counted; the day is the civil day of the installation.
func TestUsageIsStoredAtTheEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.clock.Add(14*time.Hour + 29*time.Minute) // 23:59
	r := s.run()
	for range 2 {
		a, err := r.call(http.MethodGet, "/s/"+string(hallToken), "", "User-Agent", phoneAgent)
		s.ok(err)
		a.want(http.StatusOK)
		s.clock.Add(2 * time.Minute)
	}
	r.stop()
	s.ok(<-r.ended)
	for day, want := range map[surveys.Day]surveys.Use{"2026-03-10": {Opened: 1}, "2026-03-11": {Opened: 1}, "2026-03-12": {}} {
		if got := s.used("p_hall", day); got != want {
			t.Errorf("on %s counted %+v, want %+v", day, got, want)
		}
	}
	since, err := surveys.CountingSince(t.Context(), s.store, "2027-01-01")
	if s.ok(err); since != "2026-03-10" {
		t.Errorf("counting since %s", since)
	}
}

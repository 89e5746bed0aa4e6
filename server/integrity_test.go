package server_test

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"hailong/surveys"
)

// play is a day at the counters, on a clock of its own: who does what when.
type play struct {
	*site
	random *rand.Rand
	from   time.Time
	acts   []act
	// Submission ids by who sent them.
	people, scripted []string
}

type act struct {
	at time.Duration
	do func()
}

func newPlay(t *testing.T, seed uint64) *play {
	t.Helper()
	s := newStaffSite(t)
	return &play{site: s, random: rand.New(rand.NewPCG(seed, 5)), from: s.clock.Now()}
}

func (p *play) later(at time.Duration, do func()) { p.acts = append(p.acts, act{at, do}) }

// run lets everything happen in its order; what is done may put more on the list.
func (p *play) run() {
	for len(p.acts) > 0 {
		i := 0
		for j := range p.acts {
			if p.acts[j].at < p.acts[i].at {
				i = j
			}
		}
		next := p.acts[i]
		p.acts = slices.Delete(p.acts, i, i+1)
		p.clock.mu.Lock()
		p.clock.now = p.from.Add(next.at)
		p.clock.mu.Unlock()
		next.do()
	}
}

// night runs the pass of the next day.
func (p *play) night() {
	p.t.Helper()
	p.clock.mu.Lock()
	p.clock.now = time.Date(2026, 3, 11, 0, 20, 0, 0, zone(p.t))
	p.clock.mu.Unlock()
	p.ok(p.Count(p.t.Context()))
}

var hiddenInput = regexp.MustCompile(`name="(submission_id|form_token)" value="([^"]*)"`)

// open opens a form as cheaply as a script does.
func (p *play) open(token surveys.Token) url.Values {
	p.t.Helper()
	v := url.Values{"form": {"short"}, "lang": {"vi"}}
	for _, m := range hiddenInput.FindAllStringSubmatch(p.get("/s/"+string(token)).want(http.StatusOK).body, -1) {
		v.Set(m[1], m[2])
	}
	return v
}

// core are the questions of the short form behind a code.
func core(token surveys.Token) []string {
	switch token {
	case pulseToken:
		return []string{"P1"}
	case clinicToken:
		return []string{"B2", "B7", "C6", "D1", "E1", "Z"}
	case schoolToken:
		return []string{"A2", "A4", "B4", "C1", "D1", "E1", "Z"}
	default:
		return []string{"A3", "B2", "C1", "C2", "D1", "Z"}
	}
}

// mixed are answers as people give them: around a mood, some left out.
func (p *play) mixed(v url.Values, token surveys.Token) {
	mood := p.random.NormFloat64()
	for i, code := range core(token) {
		if i == 0 || p.random.Float64() < 0.97 {
			v.Set(code, strconv.Itoa(min(5, max(1, int(math.Round(4.1+0.6*mood+0.7*p.random.NormFloat64()))))))
		}
	}
}

func perfect(v url.Values, token surveys.Token) {
	for _, code := range core(token) {
		v.Set(code, "5")
	}
}

// thinks is how long a person takes: the median is five and a half seconds a step, and one in six takes less than three.
func (p *play) thinks(token surveys.Token) time.Duration {
	step := 5.5 * math.Exp(0.55*p.random.NormFloat64())
	return time.Duration(step * float64(len(core(token))+1) * float64(time.Second))
}

// person opens the form, reads, answers and sends it; everybody is behind one address.
func (p *play) person(at time.Duration, token surveys.Token) {
	p.later(at, func() {
		v := p.open(token)
		p.mixed(v, token)
		p.people = append(p.people, v.Get("submission_id"))
		p.later(at+p.thinks(token), func() { p.send(token, v) })
	})
}

func (p *play) send(token surveys.Token, v url.Values) {
	p.t.Helper()
	p.post("/s/"+string(token), v, "X-Forwarded-For", "203.0.113.7").want(http.StatusSeeOther)
}

// crowd are so many people within an hour.
func (p *play) crowd(n int, token surveys.Token) {
	for range n {
		p.person(time.Duration(p.random.Int64N(int64(55*time.Minute)))+4*time.Second, token)
	}
}

// standings counts how answers stand.
func (p *play) standings(ids []string) (counted int, aside map[string]int) {
	p.t.Helper()
	aside = map[string]int{}
	for _, id := range ids {
		r := p.stored(id)
		switch r.Standing {
		case surveys.Counted:
			counted++
		case surveys.Aside:
			aside[r.Reason]++
		case surveys.Withdrawn:
			p.t.Errorf("%s is withdrawn", id)
		}
	}
	return counted, aside
}

// A whole hall behind one address: 200 people in an hour at a code that nobody scanned before.
func TestHall(t *testing.T) {
	t.Parallel()
	p := newPlay(t, 1)
	p.from = time.Date(2026, 3, 10, 9, 0, 0, 0, zone(t))
	p.crowd(200, hallToken)
	p.run()
	for _, when := range []string{"at once", "after the night"} {
		counted, aside := p.standings(p.people)
		t.Logf("%s %d of %d count, aside %v", when, counted, len(p.people), aside)
		if len(p.people) != 200 || counted < 198 {
			t.Errorf("%s %d of %d count, want at least 99 in a hundred; aside %v", when, counted, len(p.people), aside)
		}
		p.night()
	}
}

// The kinds of scripts: each sends one form at a time of its own.
func (p *play) scripts() []func(at time.Duration) {
	note := func(v url.Values) { p.scripted = append(p.scripted, v.Get("submission_id")) }
	kept := url.Values{}
	headless := func(at time.Duration, token surveys.Token) {
		p.later(at, func() {
			v := p.open(token)
			perfect(v, token)
			note(v)
			p.later(at+2*time.Second+time.Duration(p.random.Int64N(int64(4*time.Second))), func() { p.send(token, v) })
		})
	}
	all := []surveys.Token{hallToken, pulseToken, onlineToken, clinicToken, schoolToken}
	return []func(at time.Duration){
		func(at time.Duration) { // straight to the API
			p.later(at, func() {
				body := submission(hallToken, map[string]any{"A3": 5, "B2": 5, "C1": 5, "C2": 5, "D1": 5, "Z": 5})
				p.scripted = append(p.scripted, fmt.Sprint(body["submission_id"]))
				p.api(body).want(http.StatusCreated)
			})
		},
		func(at time.Duration) { // one token for all
			p.later(at, func() {
				if kept.Get("form_token") == "" {
					kept = p.open(hallToken)
				}
				v := maps.Clone(kept)
				v.Set("submission_id", string(surveys.NewSubmissionID()))
				perfect(v, hallToken)
				note(v)
				p.send(hallToken, v)
			})
		},
		func(at time.Duration) { // opened and sent
			p.later(at, func() {
				v := p.open(hallToken)
				p.mixed(v, hallToken)
				note(v)
				p.send(hallToken, v)
			})
		},
		func(at time.Duration) { headless(at, hallToken) },
		func(at time.Duration) { headless(at, all[p.random.IntN(len(all))]) },
	}
}

// 2,000 scripted forms in ten minutes among 200 people.
func TestFlood(t *testing.T) {
	t.Parallel()
	p := newPlay(t, 2)
	p.from = time.Date(2026, 3, 10, 9, 0, 0, 0, zone(t))
	p.crowd(200, hallToken)
	kinds := p.scripts()
	for i := range 2000 {
		kinds[i%len(kinds)](20*time.Minute + time.Duration(p.random.Int64N(int64(10*time.Minute))))
	}
	p.run()
	counted, aside := p.standings(p.scripted)
	t.Logf("at once %d of %d scripted count, aside %v", counted, len(p.scripted), aside)
	p.night()
	counted, aside = p.standings(p.scripted)
	t.Logf("after the night %d of %d scripted count, aside %v", counted, len(p.scripted), aside)
	if len(p.scripted) != 2000 || counted > 100 {
		t.Errorf("%d of %d scripted forms count, want at most 5 in a hundred; aside %v", counted, len(p.scripted), aside)
	}
	counted, aside = p.standings(p.people)
	t.Logf("after the night %d of %d people count, aside %v", counted, len(p.people), aside)
	if len(p.people) != 200 || counted < 199 {
		t.Errorf("%d of %d people count, want more than 99 in a hundred; aside %v", counted, len(p.people), aside)
	}
	// The score is shown with and without, once both have a release.
	var sum struct {
		Rate, Forms  float64
		SetAside     int                     `json:"set_aside"`
		WithSetAside *struct{ Rate float64 } `json:"with_set_aside"`
	}
	p.get("/api/v1/summary?scope=facility:f_hall&from=2026-03-10&to=2026-03-10", bearer(p.token("admin", "all"))...).want(http.StatusOK).json(&sum)
	if sum.WithSetAside == nil || sum.WithSetAside.Rate <= sum.Rate || sum.SetAside < 1500 || sum.Forms < 190 {
		t.Errorf("the summary is %+v", sum)
	}
	b := p.browser()
	b.signIn("", password).want(http.StatusSeeOther)
	b.open("/app/facilities/f_hall?kind=month&on=2026-03-01").want(http.StatusOK).must("nếu tính cả những phiếu đã công bố")
}

// Staff who fill in 40 perfect forms by hand after closing, on their own phones, which forget their marks. No rule sets
// these aside: what they leave behind is what the grade reads.
func TestInsiderLeavesTraces(t *testing.T) {
	t.Parallel()
	p := newPlay(t, 3)
	p.from = time.Date(2026, 3, 10, 18, 0, 0, 0, zone(t))
	for i := range 40 {
		at := time.Duration(i) * 40 * time.Second
		p.later(at, func() {
			v := p.open(hallToken)
			perfect(v, hallToken)
			p.scripted = append(p.scripted, v.Get("submission_id"))
			p.later(at+9*time.Second+time.Duration(p.random.Int64N(int64(12*time.Second))), func() { p.send(hallToken, v) })
		})
	}
	p.run()
	p.night()
	counted, aside := p.standings(p.scripted)
	if counted != 40 {
		t.Errorf("%d of 40 count, aside %v", counted, aside)
	}
	var paces []surveys.Pace
	for _, r := range p.responses() {
		if r.Hour != 18 || r.Channel != surveys.QR {
			t.Errorf("%+v", r)
		}
		paces = append(paces, r.Pace)
	}
	slices.Sort(paces)
	if paces = slices.Compact(paces); !slices.Equal(paces, []surveys.Pace{surveys.Steady}) {
		t.Errorf("paces %v", paces)
	}
}

// The same from one phone that keeps its mark: the fifth is the first to stand aside.
func TestOnePhoneStuffs(t *testing.T) {
	t.Parallel()
	p := newPlay(t, 4)
	cookie := ""
	for range 40 {
		v := p.open(hallToken)
		perfect(v, hallToken)
		p.scripted = append(p.scripted, v.Get("submission_id"))
		p.clock.Add(15 * time.Second)
		for _, c := range p.post("/s/"+string(hallToken), v, "Cookie", cmp.Or(cookie, "none=1")).want(http.StatusSeeOther).Cookies() {
			cookie = c.Name + "=" + c.Value
		}
	}
	if counted, aside := p.standings(p.scripted); counted != surveys.MostAgain || aside[surveys.ReasonRepeat] != 40-surveys.MostAgain {
		t.Errorf("%d count, aside %v", counted, aside)
	}
}

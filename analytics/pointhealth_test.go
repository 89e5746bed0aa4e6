package analytics_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"hailong/analytics"
	"hailong/surveys"
)

const window = 91

// town invents the openings of the points of a district, day by day: each with its own rate, the weekdays of an office,
// days off, holidays that all have, and, at schools, bunches and a long summer.
type town struct {
	rng    *rand.Rand
	points []townPoint
	dates  []surveys.Day
}

type townPoint struct {
	facility surveys.FacilityID
	sector   surveys.Sector
	rate     float64
	bunched  bool // days differ by more than chance
	weekend  bool
	opened   []int64
	covered  int // the day on which it is covered, 0 never
}

func newTown(seed uint64, days int) *town {
	w := &town{rng: rand.New(rand.NewPCG(seed, 7))}
	for d := range days {
		w.dates = append(w.dates, surveys.Day("2026-01-01").Add(d))
	}
	rates := []float64{0.3, 1, 3, 10, 40}
	for i := range 60 {
		sector := surveys.Sectors()[i%3] // health, education, one_stop
		off := map[int]bool{}
		for range 2 * days / 365 { // closed for a day or two: no current, a funeral, a feast of the village
			at := w.rng.IntN(days)
			off[at], off[at+1] = true, w.rng.IntN(2) == 0
		}
		for k := range 3 {
			p := townPoint{
				facility: surveys.FacilityID(fmt.Sprint("f", i)), sector: sector, rate: rates[(i/3+k)%len(rates)],
				bunched: sector == "education" || k == 1, weekend: i%12 == 0,
			}
			for d := range days {
				p.opened = append(p.opened, w.openings(p, d, off[d]))
			}
			w.points = append(w.points, p)
		}
	}
	return w
}

func (w *town) openings(p townPoint, d int, off bool) int64 {
	day := w.dates[d]
	weight := map[time.Weekday]float64{time.Monday: 1.35, time.Friday: 0.85, time.Saturday: 0.15, time.Sunday: 0}
	rate := p.rate
	if x, ok := weight[day.Date().Weekday()]; ok && !p.weekend {
		rate *= x
	}
	month, date := day.Date().Month(), day.Date().Day()
	tet := month == time.February && date >= 12 && date <= 20
	summer := p.sector == "education" && (month == time.June || month == time.July || month == time.August && date <= 20)
	if off || tet || summer || month == time.September && date == 2 {
		rate = 0
	}
	if p.bunched { // a gamma of shape 2: the variance is that of chance and half the square of the rate more
		rate *= (w.rng.ExpFloat64() + w.rng.ExpFloat64()) / 2
	}
	return chance(w.rng, rate)
}

func chance(rng *rand.Rand, mean float64) int64 {
	if mean > 30 {
		return max(0, int64(math.Round(mean+math.Sqrt(mean)*rng.NormFloat64())))
	}
	n := int64(0)
	for limit, p := math.Exp(-mean), rng.Float64(); p > limit; n++ {
		p *= rng.Float64()
	}
	return n
}

// on is what is known on the morning of a day.
func (w *town) on(day int) []analytics.PointHistory {
	var all []analytics.PointHistory
	for i, p := range w.points {
		h := analytics.PointHistory{
			At: surveys.PointAt{Facility: p.facility, Point: surveys.PointID(fmt.Sprint("p", i))}, Medium: surveys.OnPaper,
			Sector: p.sector, Last: w.dates[day-1], Hung: "2025-06-01",
		}
		for d := day - window; d < day; d++ {
			var one analytics.PointDay
			if d >= 0 && (p.covered == 0 || d < p.covered) {
				one.Opened = p.opened[d]
			}
			if one.Opened > 0 {
				h.Seen = w.dates[d]
			}
			h.Days = append(h.Days, one)
		}
		for d := range max(0, day-window) {
			if h.Before += p.opened[d]; p.opened[d] > 0 {
				h.Seen = max(h.Seen, w.dates[d])
			}
		}
		all = append(all, h)
	}
	return all
}

// In two years of a district under one alarm in ten years and point is false: through Tết, the summer of the schools and
// days on which a place is shut.
func TestSilenceFalseAlarms(t *testing.T) {
	t.Parallel()
	const days = 730
	w := newTown(1, days)
	alarms, silent := 0, make([]bool, len(w.points))
	byRate := map[float64]int{}
	for day := 20; day < days; day++ {
		for i, problem := range analytics.Diagnose(w.on(day)) {
			is := problem == analytics.PointSilent
			if is && !silent[i] {
				alarms++
				byRate[w.points[i].rate]++
			}
			silent[i] = is
		}
	}
	years := float64(len(w.points)) * days / 365
	t.Logf("%d false alarms in %.0f years of points: %.3f a year and point; by rate %v", alarms, years, float64(alarms)/years, byRate)
	if got := float64(alarms) / years; got >= 0.1 {
		t.Errorf("%.3f false alarms a year and point, want under 0.1", got)
	}
}

// A poster that ten people a day open is missed within three days that it is open.
func TestSilenceIsSeen(t *testing.T) {
	t.Parallel()
	for _, after := range []int{30, 200} {
		late, seen := map[float64][]int{}, 0
		w := newTown(uint64(after), 420)
		for i := range w.points {
			p := &w.points[i]
			if p.sector == "education" || p.bunched || p.weekend || p.rate < 3 {
				continue
			}
			p.covered = after + i%7
			took := -1
			for day := p.covered + 1; day < p.covered+20 && took < 0; day++ {
				if analytics.Diagnose(w.on(day))[i] == analytics.PointSilent {
					took = 0
					for d := p.covered; d < day; d++ {
						if wd := w.dates[d].Date().Weekday(); wd != time.Saturday && wd != time.Sunday {
							took++
						}
					}
				}
			}
			p.covered = 0
			late[p.rate] = append(late[p.rate], took)
			if p.rate >= 10 {
				seen++
				if took < 0 || took > 3 {
					t.Errorf("covered on %s: %v openings a day, seen after %d open days", w.dates[after+i%7], p.rate, took)
				}
			}
		}
		if seen == 0 {
			t.Fatal("nothing was covered")
		}
		t.Logf("covered after %d days: open days until it is said, by openings a day: %v", after, late)
	}
}

// history is a point of steady use: so many openings a day, and of ten so many sent.
func history(days int, opened, sent int64) analytics.PointHistory {
	h := analytics.PointHistory{
		At: surveys.PointAt{Facility: "f", Point: "p"}, Medium: surveys.OnPaper, Sector: "health", Last: "2026-03-10", Seen: "2026-03-10", Hung: "2025-01-01",
	}
	for range days {
		h.Days = append(h.Days, analytics.PointDay{Opened: opened, Begun: opened, Sent: opened * sent / 10})
	}
	return h
}

func TestDiagnose(t *testing.T) {
	t.Parallel()
	still := func(h analytics.PointHistory, days int) analytics.PointHistory {
		for i := len(h.Days) - days; i < len(h.Days); i++ {
			h.Days[i] = analytics.PointDay{}
		}
		if h.Seen = h.Last.Add(-days); days == len(h.Days) {
			h.Seen = ""
		}
		return h
	}
	others := history(window, 20, 6)
	others.At.Facility = "g"
	for name, c := range map[string]struct {
		change func() analytics.PointHistory
		alone  bool
		want   analytics.PointProblem
	}{
		"in use":                    {func() analytics.PointHistory { return history(window, 10, 5) }, false, ""},
		"covered":                   {func() analytics.PointHistory { return still(history(window, 10, 5), 4) }, false, analytics.PointSilent},
		"covered, and the only one": {func() analytics.PointHistory { return still(history(window, 10, 5), 4) }, true, analytics.PointSilent},
		"for two days":              {func() analytics.PointHistory { return still(history(window, 10, 5), 2) }, false, ""},
		"seldom used":               {func() analytics.PointHistory { return still(history(window, 1, 5), 7) }, false, ""},
		"seldom used, for long":     {func() analytics.PointHistory { return still(history(window, 1, 5), 14) }, false, analytics.PointSilent},
		"known too little":          {func() analytics.PointHistory { return still(history(17, 10, 5), 4) }, false, ""},
		"taken down": {func() analytics.PointHistory {
			h := still(history(window, 10, 5), 20)
			h.Gone = true
			return h
		}, false, ""},
		"silent for as long as is read": {func() analytics.PointHistory {
			h := still(history(window, 0, 0), window)
			h.Seen, h.Before = "2025-11-01", 200
			return h
		}, false, analytics.PointSilent},
		"hardly ever used": {func() analytics.PointHistory {
			h := still(history(window, 0, 0), window)
			h.Seen, h.Before = "2025-11-01", 5
			return h
		}, false, ""},
		"never opened": {func() analytics.PointHistory { return still(history(window, 0, 0), window) }, false, analytics.PointNever},
		"hung thirteen days ago": {func() analytics.PointHistory {
			h := still(history(window, 0, 0), window)
			h.Hung = "2026-02-26"
			return h
		}, false, ""},
		"hung fourteen days ago": {func() analytics.PointHistory {
			h := still(history(window, 0, 0), window)
			h.Hung = "2026-02-25"
			return h
		}, false, analytics.PointNever},
		"hung before it was moved": {func() analytics.PointHistory {
			h := still(history(window, 0, 0), window)
			h.Hung, h.Seen = "2026-02-01", "2026-01-20"
			return h
		}, false, analytics.PointNever},
		"nobody says that it hangs": {func() analytics.PointHistory {
			h := still(history(window, 0, 0), window)
			h.Hung = ""
			return h
		}, false, ""},
		"opened and not sent":           {func() analytics.PointHistory { return history(window, 10, 1) }, false, analytics.PointUnsent},
		"opened, by few, and not sent":  {func() analytics.PointHistory { return history(window, 1, 0) }, false, ""},
		"opened, and there is no other": {func() analytics.PointHistory { return history(window, 10, 1) }, true, ""},
		"sent as often as elsewhere":    {func() analytics.PointHistory { return history(window, 10, 4) }, false, ""},
		"sent by program, never opened": {func() analytics.PointHistory { h := history(window, 10, 100); return h }, false, ""},
		"a kiosk in use, opened once": {func() analytics.PointHistory {
			h := history(window, 0, 0)
			h.Medium = surveys.OnKiosk
			for i := range h.Days {
				h.Days[i].Sent = 10
			}
			h.Days[0].Opened = 1
			return h
		}, false, ""},
		"a kiosk that is off": {func() analytics.PointHistory {
			h := still(history(window, 10, 10), 4)
			h.Medium = surveys.OnKiosk
			return h
		}, false, analytics.PointSilent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := []analytics.PointHistory{c.change()}
			if !c.alone {
				all = append(all, others)
			}
			got := analytics.Diagnose(all)
			if got[0] != c.want {
				t.Errorf("got %q, want %q", got[0], c.want)
			}
			if !c.alone && got[1] != "" {
				t.Errorf("the other point is %q", got[1])
			}
		})
	}
	if got := analytics.Diagnose(nil); len(got) != 0 {
		t.Errorf("of no point: %v", got)
	}
	if got := analytics.Diagnose([]analytics.PointHistory{{Last: "2026-03-10"}}); got[0] != "" {
		t.Errorf("of a point without days: %q", got[0])
	}
}

// When the server stood still, or on a holiday, nobody is opened anywhere and no poster is to blame.
func TestSilenceOfAll(t *testing.T) {
	t.Parallel()
	var all []analytics.PointHistory
	for i := range 6 {
		h := history(window, 20, 5)
		h.At.Facility = surveys.FacilityID(fmt.Sprint("f", i))
		for d := window - 7; d < window; d++ {
			h.Days[d] = analytics.PointDay{}
		}
		all = append(all, h)
	}
	for i, got := range analytics.Diagnose(all) {
		if got != "" {
			t.Errorf("point %d is %q", i, got)
		}
	}
}

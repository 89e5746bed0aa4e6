package analytics

import (
	"cmp"
	"math"
	"slices"

	"hailong/surveys"
)

// PointDay is what a point saw on one civil day: forms opened, begun and sent by citizens themselves.
type PointDay struct{ Opened, Begun, Sent int64 }

func (d PointDay) add(o PointDay) PointDay {
	return PointDay{d.Opened + o.Opened, d.Begun + o.Begun, d.Sent + o.Sent}
}

// PointHistory is the use of one point on consecutive days, the last of which is the last midnight's.
type PointHistory struct {
	At     surveys.PointAt
	Medium surveys.Medium
	Sector surveys.Sector
	Days   []PointDay // oldest first
	Last   surveys.Day
	// Seen is the last day on which the point was opened, maybe before Days; "" never. Before is how often it was in the
	// months before Days that are read.
	Seen   surveys.Day
	Before int64
	// Hung is since when a code of it hangs and openings are counted; "" nobody says that it does.
	Hung surveys.Day
	// Gone says that all that was printed of it is taken down: that nobody opens it is no wonder.
	Gone bool
}

// alive is what tells that a point is in use. A kiosk is opened once and used by many.
func (h PointHistory) alive(i int) int64 {
	if h.Medium == surveys.OnKiosk {
		return h.Days[i].Sent
	}
	return h.Days[i].Opened
}

// Sum adds up the last n days.
func (h PointHistory) Sum(n int) PointDay {
	var all PointDay
	for _, d := range h.Days[max(0, len(h.Days)-n):] {
		all = all.add(d)
	}
	return all
}

// PointProblem is what seems to be wrong with a point.
type PointProblem string

// The problems.
const (
	PointSilent PointProblem = "silent" // it was used, and is not any more, for longer than chance allows
	PointNever  PointProblem = "never"  // it hangs and nobody has ever opened it
	PointUnsent PointProblem = "unsent" // many open it and few send
)

// What the rules ask for.
const (
	// silentChance is how improbable the silence must be by the point's own past.
	silentChance = 1e-4
	// silentLeast is the least use before, silentKnown the least days of it, silentDays the least days of silence on
	// which it is used as a rule.
	silentLeast, silentKnown, silentDays = 10, 14, 3
	// longBefore is the least use before of a point that has been silent all the time, longUsual the least usual days of it.
	longBefore, longUsual = 30, 28
	// neverDays is how long a code must have hung, neverUsual how many of these days must have been as usual elsewhere.
	neverDays, neverUsual = 14, 7
	// unsentDays is the window of the share sent, unsentLeast the least openings in it, unsentOthers of all others.
	unsentDays, unsentLeast, unsentOthers = 28, 50, 200
	// unsentUsual is the least usual share that a low one is held against; low is under half of it, by z = 3.
	unsentUsual, unsentZ = 0.1, 3
)

// Diagnose says what seems to be wrong with each point, by its own past and by what the other points of the installation
// see on the same days: on holidays, and when the server stood still, nobody is opened. "" is nothing.
func Diagnose(all []PointHistory) []PointProblem {
	peers := newPeers(all)
	problems := make([]PointProblem, len(all))
	for i, h := range all {
		usual := peers.without(h)
		switch {
		case h.silent(usual):
			problems[i] = PointSilent
		case h.never(usual):
			problems[i] = PointNever
		case h.unsent(peers):
			problems[i] = PointUnsent
		}
	}
	return problems
}

// silent says whether the silence of the last days is improbable. What the point saw before makes a rate for each day of
// the week; use comes in bunches, so that the chance of no use where N were seen and E expected, with the variance
// φ times that of chance, is (1 + E/N)^(−N/φ): that of a Poisson whose rate is itself only known from N.
func (h PointHistory) silent(usual []float64) bool {
	p := h.past(usual)
	switch {
	case h.Gone || p.end == len(h.Days):
		return false
	case p.end == 0:
		return h.Before >= longBefore && usualDays(usual) >= longUsual
	case p.seen < silentLeast || p.end-p.begin < silentKnown:
		return false
	}
	var expected float64
	days := 0
	for i := p.end; i < len(h.Days); i++ {
		expected += p.rate(i)
		if p.rate(i) > 0 && usual[i] >= 0.5 {
			days++
		}
	}
	return days >= silentDays && -p.seen/p.spread()*math.Log1p(expected/p.seen) < math.Log(silentChance)
}

// usualDays is how many usual days there were.
func usualDays(usual []float64) (days float64) {
	for _, d := range usual {
		days += d
	}
	return days
}

// past is what a point saw from its first day of use to its last.
type past struct {
	PointHistory
	usual      []float64
	begin, end int // the first day of use, and the day after the last
	last       int // weekday of the last day
	seen       float64
	rates      [7]float64
}

func (h PointHistory) past(usual []float64) past {
	p := past{PointHistory: h, usual: usual, end: len(h.Days), last: int(h.Last.Date().Weekday())}
	for p.end > 0 && h.alive(p.end-1) == 0 {
		p.end--
	}
	for p.begin < p.end && h.alive(p.begin) == 0 {
		p.begin++
	}
	var uses, days [7]float64
	for i := p.begin; i < p.end; i++ {
		uses[p.weekday(i)] += float64(h.alive(i))
		days[p.weekday(i)] += usual[i]
		p.seen += float64(h.alive(i))
	}
	// Pulled a day's weight towards the mean of all; none on a weekday that has never seen one.
	mean := p.seen / max(usualDays(usual[p.begin:p.end]), 1)
	for w := range p.rates {
		if uses[w] > 0 {
			p.rates[w] = (uses[w] + mean) / (days[w] + 1)
		}
	}
	return p
}

func (p *past) weekday(i int) int { return (p.last + 7 - (len(p.Days)-1-i)%7) % 7 }

// rate is how much use is expected on a day.
func (p *past) rate(i int) float64 { return p.rates[p.weekday(i)] * p.usual[i] }

// spread is how many times greater than that of chance the variance of the days was, 1 at least.
func (p *past) spread() float64 {
	var square, n float64
	for i := p.begin; i < p.end; i++ {
		if want := p.rate(i); want > 0 {
			off := float64(p.alive(i)) - want
			square += off * off / want
			n++
		}
	}
	if n <= 7 {
		return 1
	}
	return max(1, square/(n-7))
}

// never says whether a code hangs that nobody has opened since counting began.
func (h PointHistory) never(usual []float64) bool {
	if h.Hung == "" || h.Seen >= h.Hung || h.Hung.DaysTo(h.Last) < neverDays-1 {
		return false
	}
	hangs := min(h.Hung.DaysTo(h.Last)+1, len(usual))
	return usualDays(usual[len(usual)-hangs:]) >= neverUsual
}

// unsent says whether far fewer send the form than of the other points of the kind. A kiosk's openings say nothing.
func (h PointHistory) unsent(p *peers) bool {
	if h.Medium == surveys.OnKiosk {
		return false
	}
	own, all := h.Sum(unsentDays), p.sent[h.Medium]
	opened, sent := all.Opened-own.Opened, all.Sent-own.Sent
	if own.Opened < unsentLeast || opened < unsentOthers {
		return false
	}
	share := min(1, float64(sent)/float64(opened))
	return share >= unsentUsual && upperShare(float64(min(own.Sent, own.Opened)), float64(own.Opened), unsentZ) < share/2
}

// upperShare is the upper end of the Wilson interval of k of n.
func upperShare(k, n, z float64) float64 {
	p := k / n
	return (p + z*z/(2*n) + z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n))) / (1 + z*z/n)
}

// peers are the openings of all points by day, and of each sector's, from which one facility's own are taken out.
type peers struct {
	days     int
	last     surveys.Day
	sectors  map[surveys.Sector][]float64
	places   map[surveys.FacilityID][]float64
	whole    []float64
	sent     map[surveys.Medium]PointDay
	computed map[surveys.FacilityID][]float64
}

func newPeers(all []PointHistory) *peers {
	p := &peers{
		sectors: map[surveys.Sector][]float64{}, places: map[surveys.FacilityID][]float64{}, sent: map[surveys.Medium]PointDay{},
		computed: map[surveys.FacilityID][]float64{},
	}
	for _, h := range all {
		p.days, p.last = max(p.days, len(h.Days)), h.Last
	}
	p.whole = make([]float64, p.days)
	row := func(rows map[surveys.Sector][]float64, key surveys.Sector) []float64 {
		if rows[key] == nil {
			rows[key] = make([]float64, p.days)
		}
		return rows[key]
	}
	for _, h := range all {
		p.sent[h.Medium] = p.sent[h.Medium].add(h.Sum(unsentDays))
		sector := row(p.sectors, h.Sector)
		if p.places[h.At.Facility] == nil {
			p.places[h.At.Facility] = make([]float64, p.days)
		}
		for i := range h.Days {
			n, at := float64(h.alive(i)), i+p.days-len(h.Days)
			p.whole[at] += n
			sector[at] += n
			p.places[h.At.Facility][at] += n
		}
	}
	return p
}

// peersLeast is how many openings of others on a good day of the week make their absence mean something.
const peersLeast = 20

// without is how usual each day was, from 0 to 1, by what the others saw of what they see on a good such weekday: those
// of the sector, else all. Where there are too few others every day is usual.
func (p *peers) without(h PointHistory) []float64 {
	if usual := p.computed[h.At.Facility]; usual != nil {
		return usual[p.days-len(h.Days):]
	}
	own := p.places[h.At.Facility]
	sector, whole := p.share(p.sectors[h.Sector], own), p.share(p.whole, own)
	usual := make([]float64, p.days)
	for i := range usual {
		switch {
		case sector[i] >= 0:
			usual[i] = sector[i]
		case whole[i] >= 0:
			usual[i] = whole[i]
		default:
			usual[i] = 1
		}
	}
	p.computed[h.At.Facility] = usual
	return usual[p.days-len(h.Days):]
}

// share is what of a good day each day was for the others, −1 where a good one is not known. A good day is the second
// best of its weekday, so that long holidays do not count as good.
func (p *peers) share(all, own []float64) []float64 {
	share := make([]float64, p.days)
	for w := range min(7, p.days) {
		var seen []float64
		for i := w; i < p.days; i += 7 {
			seen = append(seen, all[i]-own[i])
		}
		slices.SortFunc(seen, func(a, b float64) int { return cmp.Compare(b, a) })
		good := seen[min(1, len(seen)-1)]
		for i := w; i < p.days; i += 7 {
			share[i] = -1
			if good >= peersLeast {
				share[i] = min(1, (all[i]-own[i])/good)
			}
		}
	}
	return share
}

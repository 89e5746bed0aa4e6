package analytics

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"hailong/surveys"
)

// PointUse is how one point in use was used up to the last midnight, and what seems to be wrong with it.
type PointUse struct {
	Facility surveys.Facility
	Point    surveys.Point
	Week     PointDay // the last 7 days
	Month    PointDay // the last 28
	// Seen is the last day on which it was opened, "" not within a year.
	Seen    surveys.Day
	Problem PointProblem
}

// ShareLeast is how many openings of 28 days make the share that is sent mean something.
const ShareLeast = 30

// Share is the share of the openings of 28 days that was sent, false where there are too few, or where one opening serves
// many. More may be sent than opened: a form is kept without network, and a program opens none.
func (u PointUse) Share() (share float64, known bool) {
	if u.Month.Opened < ShareLeast || u.Point.Kind.Medium() == surveys.OnKiosk {
		return 0, false
	}
	return min(1, float64(u.Month.Sent)/float64(u.Month.Opened)), true
}

// Coarse is what others than administrators may know: whole tens.
func (d PointDay) Coarse() PointDay {
	return PointDay{d.Opened / step * step, d.Begun / step * step, d.Sent / step * step}
}

const (
	pointWindow = 91  // days that the rules look at
	pointPast   = 365 // days within which the last opening is looked for
	// pointKeeps is how long what was read is used again: a server of the same store may still add to yesterday.
	pointKeeps = 5 * time.Minute
)

// PointDesk tells how points are used. It reads sums by day; it shows nothing of today.
type PointDesk struct {
	store surveys.Store
	clock surveys.Clock
	zone  *time.Location

	mu   sync.Mutex
	kept pointData
}

// pointData is what was read for a day.
type pointData struct {
	today surveys.Day
	until time.Time
	since surveys.Day // counting began
	use   map[surveys.PointAt]map[surveys.Day]surveys.Use
	sent  map[surveys.PointAt]map[surveys.Day]int64
}

// NewPointDesk makes a desk on a store.
func NewPointDesk(store surveys.Store, clock surveys.Clock, zone *time.Location) *PointDesk {
	return &PointDesk{store: store, clock: clock, zone: zone}
}

// Uses lists every point in use, in the order of its id.
func (d *PointDesk) Uses(ctx context.Context, org *surveys.Organisation) ([]PointUse, error) {
	data, err := d.data(ctx)
	if err != nil {
		return nil, fmt.Errorf("use of points: %w", err)
	}
	points, err := surveys.Points().All(ctx, d.store)
	if err != nil {
		return nil, err
	}
	prints, err := surveys.Prints().All(ctx, d.store)
	if err != nil {
		return nil, err
	}
	papers := map[surveys.PointID][]surveys.Print{}
	for _, p := range prints {
		papers[p.Value.Point] = append(papers[p.Value.Point], p.Value)
	}
	var uses []PointUse
	var histories []PointHistory
	for _, p := range points {
		f, known := org.Facility(p.Value.Facility)
		if !known || surveys.IsRetired(p.Value, f, data.today) || f.From > data.today {
			continue
		}
		h := data.history(p.Value, f, papers[p.Value.ID])
		histories = append(histories, h)
		uses = append(uses, PointUse{Facility: f, Point: p.Value, Week: h.Sum(7), Month: h.Sum(unsentDays), Seen: h.Seen})
	}
	for i, problem := range Diagnose(histories) {
		uses[i].Problem = problem
	}
	return uses, nil
}

// data reads the sums, or gives those that were read a moment ago.
func (d *PointDesk) data(ctx context.Context) (pointData, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.clock()
	today := surveys.DayOf(now, d.zone)
	if d.kept.today == today && now.Before(d.kept.until) {
		return d.kept, nil
	}
	fresh := pointData{today: today, until: now.Add(pointKeeps)}
	var err error
	if fresh.since, err = surveys.CountingSince(ctx, d.store, today); err != nil {
		return fresh, err
	}
	if fresh.use, err = surveys.UsageFrom(ctx, d.store, today.Add(-pointPast), today); err != nil {
		return fresh, err
	}
	if fresh.sent, err = sentByPoint(ctx, d.store, today); err != nil {
		return fresh, err
	}
	d.kept = fresh
	return fresh, nil
}

// history is a point's use through yesterday.
func (data pointData) history(p surveys.Point, f surveys.Facility, prints []surveys.Print) PointHistory {
	at := surveys.PointAt{Facility: f.ID, Point: p.ID}
	use, sent := data.use[at], data.sent[at]
	h := PointHistory{At: at, Medium: p.Kind.Medium(), Sector: f.Sector, Last: data.today.Add(-1), Days: make([]PointDay, pointWindow)}
	h.Hung, h.Gone = hangs(prints, f.ID)
	if h.Hung != "" {
		h.Hung = max(h.Hung, data.since)
	}
	first := data.today.Add(-pointWindow)
	for day, u := range use {
		switch i := first.DaysTo(day); {
		case day > h.Last || u.Opened == 0 && u.Begun == 0:
			continue
		case i >= 0:
			h.Days[i].Opened, h.Days[i].Begun = u.Opened, u.Begun
		default:
			h.Before += u.Opened
		}
		if u.Opened > 0 {
			h.Seen = max(h.Seen, day)
		}
	}
	for day, n := range sent {
		if i := first.DaysTo(day); i >= 0 && i < len(h.Days) {
			h.Days[i].Sent = n
		}
	}
	return h
}

// hangs is since when some code of a point hangs at a facility, and whether all that was printed is taken down.
func hangs(prints []surveys.Print, at surveys.FacilityID) (hung surveys.Day, gone bool) {
	for _, p := range prints {
		if p.State == surveys.PrintHung && p.Facility == at && (hung == "" || p.Hung < hung) {
			hung = p.Hung
		}
	}
	left := slices.ContainsFunc(prints, func(p surveys.Print) bool { return p.State != surveys.PrintDown })
	return hung, len(prints) > 0 && !left
}

// sentByPoint counts the forms that citizens themselves gave on the days of the window and that had come in by the last
// midnight, counted or set aside.
func sentByPoint(ctx context.Context, s surveys.DayStore, today surveys.Day) (map[surveys.PointAt]map[surveys.Day]int64, error) {
	sent := map[surveys.PointAt]map[surveys.Day]int64{}
	q := surveys.DayQuery{From: today.Add(-pointWindow), To: today.Add(-1)}
	err := s.EachDay(ctx, q, func(b surveys.DayBook) error {
		if b.Format != dayFormat {
			return nil // it is about to be counted again
		}
		parts, err := decodeParts[partForms](b)
		if err != nil {
			return err
		}
		for _, p := range parts {
			if p.Stream != Answers && p.Stream != Aside || p.Channel.Typed() || p.Arrived >= today {
				continue
			}
			at := surveys.PointAt{Facility: b.Facility, Point: p.Point}
			if sent[at] == nil {
				sent[at] = map[surveys.Day]int64{}
			}
			sent[at][b.Day] += p.Counters.Forms
		}
		return nil
	})
	return sent, err //nolint:wrapcheck // Uses says what was read
}

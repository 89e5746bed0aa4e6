package surveys

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Use is how often the form of a point was opened, and begun, on one civil day. It knows of no visitor: two openings
// may be one person's.
type Use struct {
	Opened int64 `json:"o,omitempty"`
	Begun  int64 `json:"b,omitempty"`
}

// Add adds two counts up.
func (u Use) Add(o Use) Use { return Use{Opened: u.Opened + o.Opened, Begun: u.Begun + o.Begun} }

// IsZero says that nothing is counted.
func (u Use) IsZero() bool { return u == Use{} }

// Usage counts the use of a facility's points, day by day, in one calendar month. There is nothing in it of a visitor,
// and nothing finer than the day. A point that moves to another facility begins there anew.
type Usage struct {
	Facility FacilityID              `json:"facility"`
	Month    Month                   `json:"month"`
	Points   map[PointID]map[int]Use `json:"points"` // by day of the month; a day without use is absent
	// Marks are of the last additions, so that one whose answer was lost is not made twice. They are random.
	Marks []string `json:"marks,omitempty"`
}

// Month is a calendar month as text, YYYY-MM.
type Month string

// Month is the calendar month of a day.
func (d Day) Month() Month { return Month(d[:min(len(d), len("2006-01"))]) }

// Day is a day of the month.
func (m Month) Day(n int) Day { return Day(fmt.Sprintf("%s-%02d", m, n)) }

// Usages is the collection of usages.
func Usages() Collection[Usage] {
	return Collection[Usage]{
		Kind: "usage",
		ID:   func(u Usage) string { return string(u.Facility) + "." + string(u.Month) },
		Keys: func(u Usage) map[string]string { return map[string]string{"month": string(u.Month)} },
	}
}

// usageMarks is how many additions a record remembers. Between an addition whose answer was lost and its repeat, a few
// minutes later, each of some servers makes one.
const usageMarks = 8

// AddUsage adds counts to what is stored, whoever else does so at the same moment. mark is a random name of this
// addition: the same mark again adds nothing.
func AddUsage(ctx context.Context, s RecordStore, add Usage, mark string) error {
	for {
		was, err := Usages().Find(ctx, s, Usages().ID(add))
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if slices.Contains(was.Value.Marks, mark) {
			return nil
		}
		sum := was.Value.plus(add)
		sum.Marks = append(sum.Marks, mark)
		sum.Marks = sum.Marks[max(0, len(sum.Marks)-usageMarks):]
		if _, err = Usages().Put(ctx, s, sum, was.Rev); !errors.Is(err, ErrConflict) {
			return err
		}
	}
}

func (u Usage) plus(add Usage) Usage {
	sum := Usage{Facility: add.Facility, Month: add.Month, Marks: u.Marks, Points: map[PointID]map[int]Use{}}
	for _, part := range []Usage{u, add} {
		for point, days := range part.Points {
			if sum.Points[point] == nil {
				sum.Points[point] = map[int]Use{}
			}
			for day, use := range days {
				sum.Points[point][day] = sum.Points[point][day].Add(use)
			}
		}
	}
	return sum
}

// DropUsage deletes the usage of the months that ended before a day: it is kept as long as single responses are.
func DropUsage(ctx context.Context, s RecordStore, before Day) error {
	stored, err := Usages().All(ctx, s)
	if err != nil {
		return err
	}
	for _, u := range stored {
		if u.Value.Month >= before.Month() {
			continue
		}
		err := Usages().Delete(ctx, s, Usages().ID(u.Value), u.Rev)
		if err != nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrConflict) {
			return err
		}
	}
	return nil
}

// PointAt is a point while it belongs to a facility.
type PointAt struct {
	Facility FacilityID
	Point    PointID
}

// UsageFrom reads the use of every point by day, from the month of a day on.
func UsageFrom(ctx context.Context, s RecordStore, from, today Day) (map[PointAt]map[Day]Use, error) {
	all := map[PointAt]map[Day]Use{}
	for month := from.Month(); month <= today.Month(); month = month.Day(1).Add(31).Month() {
		stored, err := Usages().By(ctx, s, "month", string(month))
		if err != nil {
			return nil, err
		}
		for _, u := range stored {
			u.Value.fill(all)
		}
	}
	return all, nil
}

func (u Usage) fill(all map[PointAt]map[Day]Use) {
	for point, days := range u.Points {
		at := PointAt{Facility: u.Facility, Point: point}
		if all[at] == nil {
			all[at] = map[Day]Use{}
		}
		for n, use := range days {
			all[at][u.Month.Day(n)] = use
		}
	}
}

// countingSince notes since when openings are counted: of what hung before, nothing is known of the time before.
type countingSince struct {
	Day Day `json:"day"`
}

func countings() Collection[countingSince] {
	return Collection[countingSince]{Kind: "stamp", ID: func(countingSince) string { return "usage" }}
}

// CountingSince is the first day of which openings are counted; it is today where there is none yet.
func CountingSince(ctx context.Context, s RecordStore, today Day) (Day, error) {
	_, err := countings().Put(ctx, s, countingSince{Day: today}, 0)
	if err == nil {
		return today, nil
	}
	if !errors.Is(err, ErrConflict) {
		return "", err
	}
	since, err := countings().Find(ctx, s, "usage")
	return since.Value.Day, err
}

package surveys

import (
	"fmt"
	"time"
)

// Moment is a civil day and the hour on it, 0–23, or -1 where that is not known. The zero Moment has no day.
type Moment struct {
	Day  Day
	Hour int
}

const momentLayout = "2006-01-02T15"

// MomentOf is the moment of an instant in zone.
func MomentOf(t time.Time, zone *time.Location) Moment {
	t = t.In(zone)
	return Moment{Day: DayOf(t, zone), Hour: t.Hour()}
}

// ParseMoment reads YYYY-MM-DDTHH, as a phone says when an answer was given; "" is the zero Moment.
func ParseMoment(s string) (Moment, error) {
	if s == "" {
		return Moment{}, nil
	}
	t, err := time.Parse(momentLayout, s)
	if err != nil || t.Format(momentLayout) != s { // Parse takes a single digit for an hour
		return Moment{}, fmt.Errorf("%q is not a moment of the form YYYY-MM-DDTHH", s)
	}
	return Moment{Day: DayOf(t, time.UTC), Hour: t.Hour()}, nil
}

// MostLate is how many days an answer may wait on a phone without network and still count on the day it was given.
const MostLate = 14

// Late says whether an answer given at m and arriving at now has come on a later day, and not too late to count on
// its own: whether that day still takes answers has to be looked up.
func (m Moment) Late(now Moment) bool { return m.Day < now.Day && m.Day >= now.Day.Add(-MostLate) }

// CountedAt is when an answer counts of which a phone says that it was given at m (zero: just now), and which
// arrives at now. It counts on its own day when that is Late and open, that is, still takes answers. What is too old,
// or is from a day to come, counts on the day it arrives and is marked by an unknown hour: the hour of another day
// says nothing about this one. An hour to come, of today, is a clock a little ahead: the answer counts as of now.
func (m Moment) CountedAt(now Moment, open bool) Moment {
	switch {
	case m == Moment{} || m.Day == now.Day && m.Hour > now.Hour:
		return now
	case m.Day == now.Day || m.Late(now) && open:
		return m
	default:
		return Moment{Day: now.Day, Hour: -1}
	}
}

package surveys

import (
	"fmt"
	"time"
)

// Zone is where every civil day of the product is counted.
const Zone = "Asia/Ho_Chi_Minh"

// Clock tells the time. Only cmd passes time.Now.
type Clock func() time.Time

// Day is a civil day as text, YYYY-MM-DD, so that days compare as strings; "" is no day,
// which as an end means open.
type Day string

const dayLayout = "2006-01-02"

// lastDay is the last of four digits: as text a fifth would sort before them.
const lastDay Day = "9999-12-31"

// ParseDay reads YYYY-MM-DD and refuses days that do not exist.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(dayLayout, s)
	if err != nil {
		return "", fmt.Errorf("%q is not a day of the form YYYY-MM-DD", s)
	}
	return Day(t.Format(dayLayout)), nil
}

// DayOf is the civil day of an instant in zone.
func DayOf(t time.Time, zone *time.Location) Day {
	return Day(t.In(zone).Format(dayLayout))
}

// DateDay builds a day; month and day overflow as in time.Date.
func DateDay(year int, month time.Month, day int) Day {
	return Day(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Format(dayLayout))
}

// Date is midnight UTC of the day, for arithmetic only.
func (d Day) Date() time.Time {
	t, err := time.Parse(dayLayout, string(d))
	if err != nil {
		return time.Time{}
	}
	return t
}

// Add moves the day by n days, no further than the end of the year 9999.
func (d Day) Add(n int) Day {
	moved := Day(d.Date().AddDate(0, 0, n).Format(dayLayout))
	if len(moved) > len(lastDay) {
		return lastDay
	}
	return moved
}

// DaysTo is how many days later another day is.
func (d Day) DaysTo(later Day) int { return int(later.Date().Sub(d.Date()).Hours() / 24) }

// monthsBefore is the same day n months before, or the last of that month where it has none.
func (d Day) monthsBefore(n int) Day {
	year, month, day := d.Date().Date()
	return min(DateDay(year, month-time.Month(n), day), DateDay(year, month-time.Month(n)+1, 0))
}

// Within says whether from ≤ d ≤ to, where an empty from or to is open.
func (d Day) Within(from, to Day) bool {
	return d >= from && (to == "" || d <= to)
}

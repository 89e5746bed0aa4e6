package surveys

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// KioskSetting is how a tablet asks at a point of the kind kiosk. Which questions it asks is the point's instrument.
type KioskSetting struct {
	Point    PointID `json:"point"`
	Interval int     `json:"interval"` // least seconds between two answers
	Idle     int     `json:"idle"`     // seconds without a touch after which the screen begins anew
	Hours    Week    `json:"hours"`
	Since    Day     `json:"since"` // from which Hours and Interval hold: no earlier answer is judged by them
	PIN      string  `json:"pin"`   // argon2id, of server/account
	Term     string  `json:"term"`  // random; it changes with the PIN, and ends what was started with the one before
}

// Week is when a kiosk is open, Monday first. A day without spans is closed.
type Week [7][]Span

// Span is a time of a civil day, in minutes after midnight; To is not in it.
type Span struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// What a setting may be, in seconds, and what it is at first.
const (
	KioskIntervalLeast = 3
	KioskIntervalMost  = 300
	KioskIntervalUsual = 5
	KioskIdleLeast     = 10
	KioskIdleMost      = 300
	KioskIdleUsual     = 30
)

const (
	dayMinutes  = 24 * 60
	hourMinutes = 60
	mostSpans   = 4 // a day
	// kioskGrace is how long before and after its hours an answer is still taken for one of them: it was begun in time,
	// or clocks differ.
	kioskGrace = 15
	// kioskSpare is by how many more answers an hour may be ahead of what the interval permits: the last of the hour
	// before may count in it.
	kioskSpare = 2
)

// KioskSettings is the collection of kiosk settings, by point.
func KioskSettings() Collection[KioskSetting] {
	return Collection[KioskSetting]{Kind: "kiosk", ID: func(k KioskSetting) string { return string(k.Point) }}
}

// FindKiosk is the setting of a point, with its revision; nil where there is none yet.
func FindKiosk(ctx context.Context, s RecordStore, point PointID) (*KioskSetting, int64, error) {
	found, err := KioskSettings().Find(ctx, s, string(point))
	if errors.Is(err, ErrNotFound) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	return &found.Value, found.Rev, nil
}

// Check says what is wrong with a setting; its fields are interval, idle and hours.
func (k KioskSetting) Check() error {
	bad := &InvalidError{}
	if k.Interval < KioskIntervalLeast || k.Interval > KioskIntervalMost {
		bad.Add("interval", "error.malformed", "interval")
	}
	if k.Idle < KioskIdleLeast || k.Idle > KioskIdleMost {
		bad.Add("idle", "error.malformed", "idle")
	}
	if !k.Hours.any() {
		bad.Add("hours", "error.required", "hours")
	}
	return bad.OrNil()
}

// String is the week on one line.
func (w Week) String() string {
	texts := make([]string, len(w))
	for i, spans := range w {
		texts[i] = SpansText(spans)
	}
	return strings.Join(texts, " | ")
}

func (w Week) any() bool {
	return slices.ContainsFunc(w[:], func(spans []Span) bool { return len(spans) > 0 })
}

// UsualWeek is office hours, as a new setting has them.
func UsualWeek() Week {
	var w Week
	for d := range 5 {
		w[d] = []Span{{7*hourMinutes + 30, 11*hourMinutes + 30}, {13*hourMinutes + 30, 17 * hourMinutes}}
	}
	return w
}

var spanPattern = regexp.MustCompile(`^(\d{1,2})(?:[:hg](\d{2})?)?[-–—](\d{1,2})(?:[:hg](\d{2})?)?$`)

// ErrHours says that a text is not the hours of a day.
var ErrHours = errors.New("hours of a day read like 7:30-11:30, 13:30-17:00")

// ParseSpans reads the hours of one day, such as "7:30-11:30, 13h30 – 17h"; "" is closed. Spans must not overlap.
func ParseSpans(s string) ([]Span, error) {
	var spans []Span
	for part := range strings.FieldsFuncSeq(strings.ToLower(s), func(r rune) bool { return r == ',' || r == ';' }) {
		part = strings.Join(strings.Fields(part), "")
		if part == "" {
			continue
		}
		m := spanPattern.FindStringSubmatch(part)
		if m == nil {
			return nil, ErrHours
		}
		span := Span{minuteOf(m[1], m[2]), minuteOf(m[3], m[4])}
		if span.From < 0 || span.To > dayMinutes || span.From >= span.To {
			return nil, ErrHours
		}
		spans = append(spans, span)
	}
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Compare(a.From, b.From) })
	for i := 1; i < len(spans); i++ {
		if spans[i].From < spans[i-1].To {
			return nil, ErrHours
		}
	}
	if len(spans) > mostSpans {
		return nil, ErrHours
	}
	return spans, nil
}

// minuteOf is a time in minutes after midnight, beyond the day where it is none.
func minuteOf(hour, minute string) int {
	h, _ := strconv.Atoi(hour)   //nolint:errcheck // the pattern lets digits pass
	m, _ := strconv.Atoi(minute) //nolint:errcheck // digits or nothing
	if m >= hourMinutes {
		return 2 * dayMinutes
	}
	return h*hourMinutes + m
}

// String is a span as it is written: 7:30–11:30.
func (s Span) String() string {
	return fmt.Sprintf("%d:%02d–%d:%02d", s.From/hourMinutes, s.From%hourMinutes, s.To/hourMinutes, s.To%hourMinutes)
}

// SpansText is the hours of a day as ParseSpans reads them.
func SpansText(spans []Span) string {
	texts := make([]string, len(spans))
	for i, s := range spans {
		texts[i] = s.String()
	}
	return strings.Join(texts, ", ")
}

// Open says whether an answer of an hour, of which no finer time is known, may have been given while the kiosk was open.
func (k KioskSetting) Open(at Moment) bool {
	if at.Hour < 0 || at.Day < k.Since {
		return true
	}
	for days := -1; days <= 1; days++ { // a span's grace may reach past midnight
		weekday := (int(at.Day.Add(days).Date().Weekday()) + 6) % 7
		from := at.Hour*hourMinutes - days*dayMinutes
		for _, s := range k.Hours[weekday] {
			if s.From-kioskGrace < from+hourMinutes && s.To+kioskGrace > from {
				return true
			}
		}
	}
	return false
}

// Permits is how many answers there can be in the first part of an hour.
func (k KioskSetting) Permits(part time.Duration) int {
	return int(part/(time.Duration(max(1, k.Interval))*time.Second)) + kioskSpare
}

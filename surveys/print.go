package surveys

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// PrintState is how far a print has come.
type PrintState string

// The states, in their order. A print that is down stays on record: it tells what hung where, and until when.
const (
	PrintQueued  PrintState = "queued"
	PrintPrinted PrintState = "printed"
	PrintHung    PrintState = "hung"
	PrintDown    PrintState = "down"
)

// PrintStates lists the states in their order.
func PrintStates() []PrintState {
	return []PrintState{PrintQueued, PrintPrinted, PrintHung, PrintDown}
}

// Print is one paper with the code of one point: ordered, printed, hung, taken down.
type Print struct {
	ID       string     `json:"id"`
	Point    PointID    `json:"point"`
	Facility FacilityID `json:"facility"` // where the point was then
	Paper    string     `json:"paper"`    // a4, a5, a6 or slips
	State    PrintState `json:"state"`
	URL      string     `json:"url,omitempty"`   // what the printed code leads to; "" until it is printed
	Says     string     `json:"says,omitempty"`  // the names on it
	Place    string     `json:"place,omitempty"` // where it hangs, in words
	Queued   Day        `json:"queued"`
	Printed  Day        `json:"printed,omitempty"`
	Hung     Day        `json:"hung,omitempty"`
	Down     Day        `json:"down,omitempty"`
}

// Prints is the collection of prints.
func Prints() Collection[Print] {
	return Collection[Print]{
		Kind: "print",
		ID:   func(p Print) string { return p.ID },
		Keys: func(p Print) map[string]string {
			return map[string]string{"facility": string(p.Facility), "point": string(p.Point), "state": string(p.State)}
		},
	}
}

// Since is the day on which the print came into its state.
func (p Print) Since() Day {
	switch p.State {
	case PrintPrinted:
		return p.Printed
	case PrintHung:
		return p.Hung
	case PrintDown:
		return p.Down
	case PrintQueued:
	}
	return p.Queued
}

// Stale is why a paper that was printed no longer says what is so, "" while it does.
type Stale string

// The reasons, the gravest first.
const (
	StaleRetired Stale = "retired" // the point takes no answers any more
	StaleAddress Stale = "address" // its code leads to an address that is no longer ours
	StaleMoved   Stale = "moved"   // the point belongs to another facility now
	StaleNamed   Stale = "named"   // the facility or the point has another name now
)

// PrintSubject is what a print is of, as it is now.
type PrintSubject struct {
	Point    Point
	Facility Facility
	URL      string // what the point's code leads to
}

// says is the names as a poster prints them.
func (s PrintSubject) says() string { return s.Facility.Name + "\n" + s.Point.Name }

// Stale says why a print must be replaced; only one that is on paper and not taken down must be.
func (p Print) Stale(now PrintSubject, today Day) Stale {
	if p.State != PrintPrinted && p.State != PrintHung {
		return ""
	}
	switch {
	case IsRetired(now.Point, now.Facility, today):
		return StaleRetired
	case p.URL != now.URL:
		return StaleAddress
	case p.Facility != now.Facility.ID:
		return StaleMoved
	case p.Says != now.says():
		return StaleNamed
	}
	return ""
}

// PrintMove is a step of a print to another state.
type PrintMove struct {
	To    PrintState
	Place string // where it hangs, for PrintHung
	Now   PrintSubject
	Today Day
}

const mostPlace = 200 // runes

// oneLine is a short text as it is kept: composed, on one line, without invisible marks.
func oneLine(s string) string {
	visible := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, norm.NFC.String(strings.ToValidUTF8(s, "")))
	return strings.Join(strings.Fields(visible), " ")
}

// Move gives the print in its next state. To be where it is already is no mistake, so that a form sent twice is none;
// ErrConflict for a step that there is not, an InvalidError for a place that is too long.
func (p Print) Move(m PrintMove) (Print, error) {
	place := oneLine(m.Place)
	switch {
	case p.State == m.To:
		return p, nil
	case utf8.RuneCountInString(place) > mostPlace:
		bad := &InvalidError{}
		bad.Add("place", "error.malformed", "place")
		return p, bad
	case p.State == PrintQueued && m.To == PrintPrinted:
		p.Printed, p.URL, p.Says, p.Facility = m.Today, m.Now.URL, m.Now.says(), m.Now.Facility.ID
	case p.State == PrintPrinted && m.To == PrintHung:
		p.Hung, p.Place = m.Today, place
	case p.State != PrintDown && m.To == PrintDown:
		p.Down = m.Today
	default:
		return p, fmt.Errorf("print %s: %w: from %s to %q", p.ID, ErrConflict, p.State, m.To)
	}
	p.State = m.To
	return p, nil
}

// MovePrint moves a stored print one step.
func MovePrint(ctx context.Context, s RecordStore, id string, m PrintMove) (Print, error) {
	was, err := Prints().Find(ctx, s, id)
	if err != nil {
		return Print{}, err
	}
	moved, err := was.Value.Move(m)
	if err != nil || moved == was.Value {
		return moved, err
	}
	_, err = Prints().Put(ctx, s, moved, was.Rev)
	return moved, err
}

// orderTries bounds how often an order begins again because somebody else ordered at the same moment.
const orderTries = 5

// OrderPrint puts a paper of a point in the queue, or on record as printed. An order that waits already, or a paper that
// is printed and does not hang yet, is not doubled: ordering again changes nothing, printing again dates it anew.
func OrderPrint(ctx context.Context, s RecordStore, paper string, m PrintMove) (Print, error) {
	var err error
	for range orderTries {
		var p Print
		if p, err = orderOnce(ctx, s, paper, m); err == nil || !errors.Is(err, ErrConflict) {
			return p, err
		}
	}
	return Print{}, err
}

func orderOnce(ctx context.Context, s RecordStore, paper string, m PrintMove) (Print, error) {
	all, err := Prints().By(ctx, s, "point", string(m.Now.Point.ID))
	if err != nil {
		return Print{}, err
	}
	open := Stored[Print]{Value: Print{
		ID:    fmt.Sprintf("%s.%s.%04d", m.Now.Point.ID, paper, len(all)+1),
		Point: m.Now.Point.ID, Facility: m.Now.Facility.ID, Paper: paper, State: PrintQueued, Queued: m.Today,
	}}
	for _, p := range all {
		waits := p.Value.State == PrintQueued || p.Value.State == PrintPrinted && m.To == PrintPrinted
		if p.Value.Paper == paper && waits {
			open = p
		}
	}
	p := open.Value
	if m.To == PrintPrinted {
		p.State = PrintQueued // the newest paper counts
		if p, err = p.Move(m); err != nil {
			return p, err
		}
	}
	if open.Rev > 0 && p == open.Value {
		return p, nil
	}
	_, err = Prints().Put(ctx, s, p, open.Rev)
	return p, err
}

package analytics

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"hailong/surveys"
)

// dayFormat is the version of a book's encoding. A book of another format is counted again.
const dayFormat = 1

// Group is what is released together: one stream of one instrument version at one facility.
type Group struct {
	Facility   surveys.FacilityID
	Instrument string
	Version    int
	Stream     Stream
}

// Part is the finest count: the forms of one group given on one day at one point, on one form, by one
// channel, that reached the store on one day.
type Part struct {
	Instrument string          `json:"i"`
	Version    int             `json:"v"`
	Stream     Stream          `json:"t"`
	Point      surveys.PointID `json:"p"`
	Form       surveys.Form    `json:"f"`
	Channel    surveys.Channel `json:"c"`
	Arrived    surveys.Day     `json:"a"`
	Counters   Counters        `json:"k"`
}

// partKey is a Part without its counters; Day tells the parts of a release apart.
type partKey struct {
	instrument string
	version    int
	stream     Stream
	point      surveys.PointID
	form       surveys.Form
	channel    surveys.Channel
	day        surveys.Day
	arrived    surveys.Day
}

func (p Part) key(day surveys.Day) partKey {
	return partKey{p.Instrument, p.Version, p.Stream, p.Point, p.Form, p.Channel, day, p.Arrived}
}

func (k partKey) part(c Counters) Part {
	return Part{
		Instrument: k.instrument, Version: k.version, Stream: k.stream, Point: k.point,
		Form: k.form, Channel: k.channel, Arrived: k.arrived, Counters: c,
	}
}

func comparePartKeys(a, b partKey) int {
	return cmp.Or(
		cmp.Compare(a.day, b.day), cmp.Compare(a.instrument, b.instrument), cmp.Compare(a.version, b.version),
		cmp.Compare(a.stream, b.stream), cmp.Compare(a.point, b.point), cmp.Compare(a.form, b.form),
		cmp.Compare(a.channel, b.channel), cmp.Compare(a.arrived, b.arrived),
	)
}

// Parts reads the parts of a book.
func Parts(b surveys.DayBook) ([]Part, error) { return decodeParts[Part](b) }

// partForms is of a Part what tells how many forms there are. Reading no more of it takes a fraction of the time, where
// every book is read.
type partForms struct {
	Instrument string          `json:"i"`
	Stream     Stream          `json:"t"`
	Point      surveys.PointID `json:"p"`
	Channel    surveys.Channel `json:"c"`
	Arrived    surveys.Day     `json:"a"`
	Counters   struct {
		Forms int64 `json:"n"`
	} `json:"k"`
}

func decodeParts[T Part | partForms](b surveys.DayBook) ([]T, error) {
	if b.Format != dayFormat {
		return nil, fmt.Errorf("day %s of %s has format %d, not %d: run rebuild", b.Day, b.Facility, b.Format, dayFormat)
	}
	var parts []T
	if err := json.Unmarshal(b.Body, &parts); err != nil {
		return nil, fmt.Errorf("decode day %s of %s: %w", b.Day, b.Facility, err)
	}
	return parts, nil
}

// newBook encodes the counts of one facility-day, in a stated order, so that equal counts are equal bytes.
func newBook(facility surveys.FacilityID, day surveys.Day, counts map[partKey]*Counters) (surveys.DayBook, error) {
	keys := make([]partKey, 0, len(counts))
	for k := range counts {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, comparePartKeys)
	b := surveys.DayBook{Facility: facility, Day: day, Format: dayFormat}
	parts := make([]Part, 0, len(keys))
	for _, k := range keys {
		parts = append(parts, k.part(*counts[k]))
		if k.stream == Answers || k.stream == Aside {
			b.Forms += counts[k].Forms
		}
	}
	body, err := json.Marshal(parts)
	if err != nil {
		return b, fmt.Errorf("encode day %s of %s: %w", day, facility, err)
	}
	b.Body = body
	return b, nil
}

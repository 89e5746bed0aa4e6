package analytics

import (
	"slices"

	"hailong/surveys"
)

// Stream is a body of content that is released by itself, so that no content stands in two.
type Stream string

// The streams.
const (
	Answers    Stream = "answers"    // core items and Z of the forms that count
	Aside      Stream = "aside"      // the same of the forms that were set aside
	Detail     Stream = "detail"     // detail and context items of full forms that count
	Restricted Stream = "restricted" // restricted items of the forms that count
)

// Counters are the exact counts of a set of forms in one stream. They merge by addition; what was taken
// out is negative. Averages never stand here.
type Counters struct {
	// Forms with an answered core item (detail: with an answered detail item; restricted: with an
	// answered restricted item). Other forms are in no figure.
	Forms int64 `json:"n"`
	Sums  Sums  `json:"sums,omitzero"` // of core items; answers and aside only
	// Items holds the answers of each item: scale5 by value 0–5; single by option; multiple by option
	// and last the forms that answered; percent in tens (0–9, …, 90–99, 100) and last their sum;
	// text the forms that answered.
	Items map[string][]int64 `json:"items,omitempty"`
	// Drivers sets each core item against Z: neither satisfied, only Z, only the item, both.
	Drivers map[string][]int64 `json:"z,omitempty"`
	Hours   []int64            `json:"h,omitempty"` // forms by hour 0–23; unknown hours nowhere
}

// Add merges two counts.
func (c Counters) Add(o Counters) Counters { return c.merge(o, 1) }

// Sub takes a count out of another.
func (c Counters) Sub(o Counters) Counters { return c.merge(o, -1) }

func (c Counters) merge(o Counters, sign int64) Counters {
	out := Counters{Forms: c.Forms + sign*o.Forms}
	if sign > 0 {
		out.Sums = c.Sums.Add(o.Sums)
	} else {
		out.Sums = c.Sums.Sub(o.Sums)
	}
	out.Items = mergeTables(c.Items, o.Items, sign)
	out.Drivers = mergeTables(c.Drivers, o.Drivers, sign)
	out.Hours = mergeRow(c.Hours, o.Hours, sign)
	return out
}

// IsZero says that nothing at all is counted.
func (c Counters) IsZero() bool {
	return c.Forms == 0 && c.Sums == Sums{} && len(c.Items) == 0 && len(c.Drivers) == 0 && len(c.Hours) == 0
}

// isNegative says that some count is below zero.
func (c Counters) isNegative() bool {
	negative := func(row []int64) bool { return slices.ContainsFunc(row, func(n int64) bool { return n < 0 }) }
	for _, row := range c.Items {
		if negative(row) {
			return true
		}
	}
	return negative([]int64{c.Forms, c.Sums.Satisfied, c.Sums.Answered}) || negative(c.Hours)
}

// mergeTables adds row by row; rows of zeros only are left out, so that equal counts are equal values.
func mergeTables(a, b map[string][]int64, sign int64) map[string][]int64 {
	out := make(map[string][]int64, len(a))
	for code, row := range a {
		if merged := mergeRow(row, b[code], sign); merged != nil {
			out[code] = merged
		}
	}
	for code, row := range b {
		if _, done := a[code]; done {
			continue
		}
		if merged := mergeRow(nil, row, sign); merged != nil {
			out[code] = merged
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func mergeRow(a, b []int64, sign int64) []int64 {
	out := make([]int64, max(len(a), len(b)))
	copy(out, a)
	for i, n := range b {
		out[i] += sign * n
	}
	if !slices.ContainsFunc(out, func(n int64) bool { return n != 0 }) {
		return nil
	}
	return out
}

// answered is how many forms answered a scale5 item, from its row: 0 and blank count nowhere.
func answered(row []int64) int64 {
	var n int64
	for v := 1; v < len(row); v++ {
		n += row[v]
	}
	return n
}

// satisfied is how many forms answered 4 or 5.
func satisfied(row []int64) int64 {
	if len(row) < 6 {
		return 0
	}
	return row[4] + row[5]
}

// Tally counts single responses of one instrument version.
type Tally struct {
	instrument *surveys.Instrument
	items      map[string]*surveys.Item
}

// NewTally prepares the counting of a version.
func NewTally(in *surveys.Instrument) *Tally {
	t := &Tally{instrument: in, items: make(map[string]*surveys.Item, len(in.Items))}
	for i := range in.Items {
		t.items[in.Items[i].Code] = &in.Items[i]
	}
	return t
}

// Count adds a response to the counters of its streams, which count hands out. A withdrawn response and
// one without an answered core item add nothing to answers; the others follow Counters.Forms.
func (t *Tally) Count(r surveys.Response, count func(Stream) *Counters) {
	switch r.Standing {
	case surveys.Counted:
		t.countCore(r, Answers, count)
		if r.Form == surveys.FullForm {
			t.countItems(r, Detail, count, surveys.Item.Scored, surveys.Detail, surveys.Context)
		}
		t.countItems(r, Restricted, count, func(surveys.Item) bool { return true }, surveys.Restricted)
	case surveys.Aside:
		t.countCore(r, Aside, count)
	case surveys.Withdrawn:
	}
}

func (t *Tally) countCore(r surveys.Response, stream Stream, count func(Stream) *Counters) {
	var buffer [16]int
	values := buffer[:0]
	for code, a := range r.Answers {
		if it := t.items[code]; it != nil && it.Role == surveys.Core {
			values = append(values, a.Number)
		}
	}
	sums := FormSums(values)
	if sums.Forms == 0 {
		return
	}
	c := count(stream)
	c.Forms++
	c.Sums = c.Sums.Add(sums)
	if r.Hour >= 0 && r.Hour < 24 {
		if c.Hours == nil {
			c.Hours = make([]int64, 24)
		}
		c.Hours[r.Hour]++
	}
	if c.Items == nil {
		c.Items = map[string][]int64{}
	}
	for code, a := range r.Answers {
		if it := t.items[code]; it != nil && it.Short() {
			add(c.Items, it, a)
		}
	}
	t.countDrivers(r, c)
}

// countDrivers counts every core item against the overall one, where both were answered.
func (t *Tally) countDrivers(r surveys.Response, c *Counters) {
	z := r.Answers["Z"].Number
	if z == 0 {
		return
	}
	for code, a := range r.Answers {
		if it := t.items[code]; it == nil || it.Role != surveys.Core || a.Number == 0 {
			continue
		}
		if c.Drivers == nil {
			c.Drivers = map[string][]int64{}
		}
		row(c.Drivers, code, 4)[cell(a.Number, z)]++
	}
}

// cell is the place in a driver's 2×2 table.
func cell(item, z int) int {
	at := 0
	if item >= 4 {
		at += 2
	}
	if z >= 4 {
		at++
	}
	return at
}

// countItems counts the items of some roles of a form that answered at least one that matters.
func (t *Tally) countItems(r surveys.Response, stream Stream, count func(Stream) *Counters,
	matters func(surveys.Item) bool, roles ...surveys.Role,
) {
	belongs := func(code string) (*surveys.Item, bool) {
		it, ok := t.items[code]
		return it, ok && slices.Contains(roles, it.Role)
	}
	some := false
	for code, a := range r.Answers {
		it, ok := belongs(code)
		some = some || ok && matters(*it) && (it.Kind != surveys.Scale5 || a.Number > 0)
	}
	if !some {
		return
	}
	c := count(stream)
	c.Forms++
	if c.Items == nil {
		c.Items = map[string][]int64{}
	}
	for code, a := range r.Answers {
		if it, ok := belongs(code); ok {
			add(c.Items, it, a)
		}
	}
}

// add counts one answer in the row of its item.
func add(items map[string][]int64, it *surveys.Item, a surveys.Answer) {
	switch it.Kind {
	case surveys.Scale5:
		row(items, it.Code, 6)[a.Number]++
	case surveys.Percent:
		r := row(items, it.Code, 12)
		r[a.Number/10]++
		r[11] += int64(a.Number)
	case surveys.Single:
		i := slices.IndexFunc(it.Options, func(o surveys.Option) bool { return o.Code == a.Text })
		if i >= 0 {
			row(items, it.Code, len(it.Options))[i]++
		}
	case surveys.Multiple:
		r := row(items, it.Code, len(it.Options)+1)
		for i, o := range it.Options {
			if slices.Contains(a.List, o.Code) {
				r[i]++
			}
		}
		r[len(it.Options)]++
	case surveys.TextItem:
		row(items, it.Code, 1)[0]++
	}
}

func row(table map[string][]int64, code string, length int) []int64 {
	r, ok := table[code]
	if !ok {
		r = make([]int64, length)
		table[code] = r
	}
	return r
}

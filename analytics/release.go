package analytics

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"hailong/surveys"
)

const (
	releaseFormat = 1
	// leastAnswers is the fewest answers with which an item's table is shown.
	leastAnswers = 10
	// leastRestricted is the fewest forms of a release of restricted items, at every level.
	leastRestricted = 30
)

// Least is the fewest forms of a release (design: day and half-month 30, month 20, quarter and year 10;
// restricted 30 everywhere). A minimum may be raised, never lowered.
func Least(stream Stream, level Level) int64 {
	if stream == Restricted {
		return leastRestricted
	}
	switch level {
	case DayLevel, HalfMonth:
		return 30
	case Month:
		return 20
	case Quarter, Year:
	}
	return 10
}

// Release is the counters of one group over one node: the atom of all that is shown. It never changes.
type Release struct {
	ID         string                `json:"-"`
	Facility   surveys.FacilityID    `json:"-"`
	Released   surveys.Day           `json:"-"`
	Instrument string                `json:"instrument"`
	Version    int                   `json:"version"`
	Stream     Stream                `json:"stream"`
	Node       Node                  `json:"node"`
	Seq        int                   `json:"seq"`
	Correction bool                  `json:"correction,omitempty"` // takes out what was released; all counts negative
	Forms      int64                 `json:"forms"`
	Sums       Sums                  `json:"sums,omitzero"`
	Items      map[string][]int64    `json:"items,omitempty"`
	Withheld   []string              `json:"withheld,omitempty"` // items asked of whom too few answered
	Days       map[surveys.Day]int64 `json:"days"`               // forms by day, for what still waits; never shown
}

// Group is the group the release belongs to.
func (r *Release) Group() Group {
	return Group{Facility: r.Facility, Instrument: r.Instrument, Version: r.Version, Stream: r.Stream}
}

// ReadRelease decodes what may be shown of a stored release.
func ReadRelease(rec surveys.ReleaseRecord) (*Release, error) {
	if rec.Format != releaseFormat {
		return nil, fmt.Errorf("release %s has format %d, not %d", rec.ID, rec.Format, releaseFormat)
	}
	r := &Release{ID: rec.ID, Facility: rec.Facility, Released: rec.Released}
	if err := json.Unmarshal(rec.Head, r); err != nil {
		return nil, fmt.Errorf("decode release %s: %w", rec.ID, err)
	}
	return r, nil
}

// dayPart is what a release took from one part of one day.
type dayPart struct {
	Day surveys.Day `json:"d"`
	Part
}

func readParts(rec surveys.ReleaseRecord) ([]dayPart, error) {
	var parts []dayPart
	if err := json.Unmarshal(rec.Parts, &parts); err != nil {
		return nil, fmt.Errorf("decode parts of release %s: %w", rec.ID, err)
	}
	return parts, nil
}

// releaseID is deterministic, so that two releasers at once collide and one of them stands back.
func releaseID(g Group, n Node, seq int) string {
	return string(g.Facility) + ":" + surveys.InstrumentID(g.Instrument, g.Version) + ":" + string(g.Stream) +
		":" + n.Level.letter() + string(n.From) + ":" + strconv.Itoa(seq)
}

// openPart is a part of a day with what of it is not yet released (negative: released and since taken out).
type openPart struct {
	key  partKey
	open Counters
}

// draft makes the release of some open parts over a node.
func draft(g Group, n Node, seq int, on surveys.Day, picked []openPart) (*Release, surveys.ReleaseRecord, error) {
	total, days := Counters{}, map[surveys.Day]int64{}
	parts := make([]dayPart, 0, len(picked))
	for _, p := range picked {
		total = total.Add(p.open)
		days[p.key.day] += p.open.Forms
		parts = append(parts, dayPart{Day: p.key.day, Part: p.key.part(p.open)})
	}
	r := &Release{
		ID: releaseID(g, n, seq), Facility: g.Facility, Released: on,
		Instrument: g.Instrument, Version: g.Version, Stream: g.Stream, Node: n, Seq: seq,
		Correction: total.Forms < 0, Forms: total.Forms, Sums: total.Sums, Items: total.Items, Days: days,
	}
	rec := surveys.ReleaseRecord{
		ID: r.ID, Facility: g.Facility, From: n.From, To: n.To, Released: on, Format: releaseFormat,
	}
	var err error
	if rec.Parts, err = json.Marshal(parts); err != nil {
		return nil, rec, fmt.Errorf("encode parts of release %s: %w", r.ID, err)
	}
	return r, rec, nil
}

// encodeHead stores in the record what may be shown.
func encodeHead(r *Release, rec surveys.ReleaseRecord) (surveys.ReleaseRecord, error) {
	head, err := json.Marshal(r)
	if err != nil {
		return rec, fmt.Errorf("encode release %s: %w", r.ID, err)
	}
	rec.Head = head
	return rec, nil
}

// withhold takes out of a release the tables of items with too few answers. Since the sums of the score
// tell all core items together, core items go on being withheld, the next smallest first and ties in the
// instrument's order, until those withheld hold 0 or at least ten answers: else subtracting what is shown
// would tell the rest. keep says whether a table may stand for another reason (corrections).
func (r *Release) withhold(in *surveys.Instrument, keep func(code string, row []int64) bool) {
	var core []string
	held := map[string]bool{}
	for _, it := range in.Items {
		row := r.Items[it.Code]
		if it.Role == surveys.Core {
			core = append(core, it.Code)
		}
		if !r.asks(it) {
			continue
		}
		n := shownAnswers(it, row)
		if max(n, -n) < leastAnswers || !keep(it.Code, row) {
			held[it.Code] = true
		}
	}
	if r.Stream == Answers || r.Stream == Aside {
		r.withholdTogether(core, held)
	}
	for _, it := range in.Items {
		if held[it.Code] {
			r.Withheld = append(r.Withheld, it.Code)
			delete(r.Items, it.Code)
		}
	}
}

// withholdTogether widens the held core items until they hold 0 or at least ten answers.
func (r *Release) withholdTogether(core []string, held map[string]bool) {
	size := func(code string) int64 { n := answered(r.Items[code]); return max(n, -n) }
	rest := slices.DeleteFunc(slices.Clone(core), func(code string) bool { return held[code] })
	slices.SortStableFunc(rest, func(a, b string) int { return int(size(a) - size(b)) })
	var total int64
	for _, code := range core {
		if held[code] {
			total += size(code)
		}
	}
	for total > 0 && total < leastAnswers && len(rest) > 0 {
		held[rest[0]] = true
		total += size(rest[0])
		rest = rest[1:]
	}
}

// asks says whether an item belongs to the release's stream.
func (r *Release) asks(it surveys.Item) bool {
	switch r.Stream {
	case Answers, Aside:
		return it.Short()
	case Detail:
		return it.Role == surveys.Detail || it.Role == surveys.Context
	case Restricted:
		return it.Role == surveys.Restricted
	default:
		return false
	}
}

// shownAnswers is how many answers an item's row holds: what is counted against leastAnswers.
func shownAnswers(it surveys.Item, row []int64) int64 {
	if len(row) == 0 {
		return 0
	}
	switch it.Kind {
	case surveys.Scale5:
		return answered(row)
	case surveys.Multiple, surveys.TextItem:
		return row[len(row)-1]
	case surveys.Percent:
		return sum(row[:len(row)-1])
	case surveys.Single:
	}
	return sum(row)
}

func sum(row []int64) int64 {
	var n int64
	for _, v := range row {
		n += v
	}
	return n
}

// TakenPart is what a release took from one part of one day.
type TakenPart = dayPart

// TakenParts reads which parts of which days a release took: whose answers it holds.
func TakenParts(rec surveys.ReleaseRecord) ([]TakenPart, error) { return readParts(rec) }

package transfer

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"hailong/analytics"
	"hailong/surveys"
)

// Kind is what an export holds.
type Kind string

// The kinds of exports.
const (
	Responses  Kind = "responses"
	Comments   Kind = "comments"
	Days       Kind = "days"
	Releases   Kind = "releases"
	Facilities Kind = "facilities" // as ImportFacilities reads them
	Units      Kind = "units"      // as ImportUnits reads them
)

// Kinds lists the kinds of exports.
func Kinds() []Kind { return []Kind{Responses, Comments, Days, Releases, Facilities, Units} }

// Dated says whether an export can be cut to some days.
func (k Kind) Dated() bool { return k != Facilities && k != Units }

// ExportOptions say what of a kind is exported, and how.
type ExportOptions struct {
	// From and To are inclusive; empty is open. Of releases and comments they pick nodes that lie wholly inside.
	From, To surveys.Day
	XLSX     bool
	// Today tells which comments have waited long enough.
	Today surveys.Day
	// TempDir is where what cannot be held in memory waits, readable by nobody else; "" is the system's.
	TempDir string
	// Progress, if wanted, is told how many rows are written; of is 0.
	Progress func(done, of int)
}

// Exported says what was written.
type Exported struct {
	Rows   int
	Digest string // SHA-256 of the rows as CSV, as in the last line
}

// Export writes one kind as CSV or XLSX, a row at a time.
func Export(ctx context.Context, store surveys.Store, w io.Writer, kind Kind, opt ExportOptions) (Exported, error) {
	x := &export{store: store, kind: kind, opt: opt}
	done, err := x.run(ctx, w)
	if err != nil {
		return done, fmt.Errorf("export %s: %w", kind, err)
	}
	return done, nil
}

// export is one export under way.
type export struct {
	store surveys.Store
	kind  Kind
	opt   ExportOptions
	items itemColumns
	out   *sheet
}

func (x *export) run(ctx context.Context, w io.Writer) (Exported, error) {
	var err error
	if x.items, err = exportItems(ctx, x.store); err != nil {
		return Exported{}, err
	}
	if x.out, err = newSheet(w, x.kind, x.columns(), x.opt); err != nil {
		return Exported{}, err
	}
	defer x.out.abandon()
	rows := map[Kind]func(context.Context) error{
		Responses: x.responses, Comments: x.comments, Days: x.days, Releases: x.releases,
		Facilities: x.facilities, Units: x.units,
	}[x.kind]
	if rows == nil {
		return Exported{}, fmt.Errorf("there is no kind %q", x.kind)
	}
	if err = rows(ctx); err != nil {
		return Exported{Rows: x.out.rows}, err
	}
	return x.out.close()
}

// responses writes the responses given on the days, ordered by facility and day. Those withdrawn are left out,
// and of all of them what could lead to a person or a receipt: id, comment and free text.
func (x *export) responses(ctx context.Context) error {
	line := make([]string, 0, 11+len(x.items.codes))
	q := surveys.ResponseQuery{From: x.opt.From, To: x.opt.To}
	return x.store.EachResponse(ctx, q, func(r surveys.Response) error {
		if r.Standing == surveys.Withdrawn {
			return nil
		}
		line = append(line[:0], string(r.Facility), string(r.Point), r.Instrument, strconv.Itoa(r.Version), string(r.Form),
			string(r.Channel), string(r.Standing), r.Lang, string(r.Day), hourOf(r), string(r.Arrived))
		asked := x.items.asked[instrumentVersion{r.Instrument, r.Version}]
		for i, code := range x.items.codes {
			cell := ""
			if i < len(asked) && asked[i] {
				cell = answerCell(r.Answers[code])
			}
			line = append(line, cell)
		}
		return x.out.write(line)
	})
}

func answerCell(a surveys.Answer) string {
	switch {
	case a.Kind == surveys.Number && a.Number >= 0 && a.Number < 10:
		return "0123456789"[a.Number : a.Number+1] // most cells are so
	case a.Kind == surveys.Number:
		return strconv.Itoa(a.Number)
	default:
		return strings.Join(a.Strings(), ";")
	}
}

func hourOf(r surveys.Response) string {
	if r.Hour < 0 {
		return ""
	}
	return strconv.Itoa(r.Hour)
}

// instrumentVersion is one version of an instrument.
type instrumentVersion struct {
	key     string
	version int
}

// itemColumns are the codes of all published items but free texts, in the order of first appearance, OnBehalf last, and
// which version asks which: a code that is a free text in one version is left out there.
type itemColumns struct {
	instruments []surveys.Instrument
	codes       []string
	asked       map[instrumentVersion][]bool
	texts       map[instrumentVersion][]surveys.Item // the free texts
}

func exportItems(ctx context.Context, store surveys.RecordStore) (itemColumns, error) {
	instruments, err := surveys.Instruments(ctx, store)
	if err != nil {
		return itemColumns{}, err
	}
	c := itemColumns{
		instruments: instruments, asked: map[instrumentVersion][]bool{}, texts: map[instrumentVersion][]surveys.Item{},
	}
	at := map[string]int{}
	for _, in := range instruments {
		for _, it := range in.Items {
			if _, seen := at[it.Code]; !seen && it.Kind != surveys.TextItem {
				at[it.Code] = len(c.codes)
				c.codes = append(c.codes, it.Code)
			}
		}
	}
	at[surveys.OnBehalf] = len(c.codes)
	c.codes = append(c.codes, surveys.OnBehalf)
	for _, in := range instruments {
		version := instrumentVersion{in.Key, in.Version}
		asked := make([]bool, len(c.codes))
		for it := range in.Accepted() {
			if it.Kind == surveys.TextItem {
				c.texts[version] = append(c.texts[version], it)
			} else {
				asked[at[it.Code]] = true
			}
		}
		c.asked[version] = asked
	}
	return c, nil
}

// days writes the counted days, one row for each part of a day's book. The column forms adds up to the forms of
// the days: it is 0 in the streams detail and restricted, whose forms stand in answers already. Days that are
// not counted yet are missing or stale: count them first (analytics.Roller).
func (x *export) days(ctx context.Context) error {
	q := surveys.DayQuery{From: x.opt.From, To: x.opt.To}
	return x.store.EachDay(ctx, q, func(b surveys.DayBook) error {
		parts, err := analytics.Parts(b)
		if err != nil {
			return err
		}
		for _, p := range parts {
			if err := x.writePart(b, p); err != nil {
				return err
			}
		}
		return nil
	})
}

func (x *export) writePart(b surveys.DayBook, p analytics.Part) error {
	items := p.Counters.Items
	if items == nil {
		items = map[string][]int64{}
	}
	tables, err := json.Marshal(items)
	if err != nil {
		return fmt.Errorf("encode the items of %s on %s: %w", b.Facility, b.Day, err)
	}
	forms := p.Counters.Forms
	if p.Stream != analytics.Answers && p.Stream != analytics.Aside {
		forms = 0
	}
	line := []string{
		string(b.Facility), string(b.Day), string(p.Point), p.Instrument, strconv.Itoa(p.Version),
		string(p.Stream), string(p.Form), string(p.Channel), string(p.Arrived),
	}
	line = append(line, numbers(forms, p.Counters.Forms)...)
	line = append(line, sumCells(p.Counters.Sums)...)
	return x.out.write(append(line, string(tables)))
}

func numbers(list ...int64) []string {
	cells := make([]string, len(list))
	for i, n := range list {
		cells[i] = strconv.FormatInt(n, 10)
	}
	return cells
}

func sumCells(s analytics.Sums) []string {
	return numbers(s.Satisfied, s.Answered, s.SatisfiedSq, s.Cross, s.AnsweredSq, s.Points, s.Complete)
}

// releases writes what may be shown of each release: a row with its forms and sums, and a row for each item.
func (x *export) releases(ctx context.Context) error {
	q := surveys.ReleaseQuery{From: x.opt.From, To: x.opt.To, WithoutParts: true}
	return x.store.EachRelease(ctx, q, func(rec surveys.ReleaseRecord) error {
		r, err := analytics.ReadRelease(rec)
		if err != nil {
			return err
		}
		head := []string{
			r.ID, string(r.Facility), r.Instrument, strconv.Itoa(r.Version), string(r.Stream), levelWord(r.Node.Level),
			string(r.Node.From), string(r.Node.To), strconv.Itoa(r.Seq), string(r.Released), yes(r.Correction),
		}
		whole := slices.Concat(head, []string{"", "", strconv.FormatInt(r.Forms, 10)}, sumCells(r.Sums), make([]string, 7))
		if r.Stream != analytics.Answers && r.Stream != analytics.Aside {
			clear(whole[14:21]) // they have no core items
		}
		if err := x.out.write(whole); err != nil {
			return err
		}
		return x.releaseItems(r, head)
	})
}

func (x *export) releaseItems(r *analytics.Release, head []string) error {
	i := slices.IndexFunc(x.items.instruments, func(in surveys.Instrument) bool {
		return in.Key == r.Instrument && in.Version == r.Version
	})
	if i < 0 {
		return fmt.Errorf("release %s: no instrument %s", r.ID, surveys.InstrumentID(r.Instrument, r.Version))
	}
	for _, it := range x.items.instruments[i].Items {
		table, shown := r.Items[it.Code]
		withheld := slices.Contains(r.Withheld, it.Code)
		if !shown && !withheld {
			continue
		}
		line := slices.Concat(head, []string{it.Code, yes(withheld), ""}, make([]string, 7))
		if err := x.out.write(append(line, tableCells(it, table)...)); err != nil {
			return err
		}
	}
	return nil
}

// tableCells are the counts of an item: of a scale by answer 0–5, of another as code=count.
func tableCells(it surveys.Item, table []int64) []string {
	if it.Kind == surveys.Scale5 && len(table) == 6 {
		return append(numbers(table...), "")
	}
	var names []string
	switch it.Kind {
	case surveys.Single, surveys.Multiple:
		for _, o := range it.Options {
			names = append(names, o.Code)
		}
	case surveys.Percent:
		names = []string{"0-9", "10-19", "20-29", "30-39", "40-49", "50-59", "60-69", "70-79", "80-89", "90-99", "100", "sum"}
	case surveys.TextItem, surveys.Scale5:
	}
	pairs := make([]string, 0, len(table))
	for i, n := range table {
		name := "forms"
		if i < len(names) {
			name = names[i]
		}
		pairs = append(pairs, name+"="+strconv.FormatInt(n, 10))
	}
	return append(make([]string, 6), strings.Join(pairs, ";"))
}

func levelWord(l analytics.Level) string {
	return map[analytics.Level]string{
		analytics.DayLevel: "day", analytics.HalfMonth: "half_month", analytics.Month: "month",
		analytics.Quarter: "quarter", analytics.Year: "year",
	}[l]
}

func yes(is bool) string {
	if is {
		return "1"
	}
	return "0"
}

package transfer

import (
	"context"
	"errors"
	"hash/maphash"
	"slices"
	"strconv"
	"unicode/utf8"

	"hailong/surveys"
)

// responseRows turns the rows of a file into responses. What it found of a token it keeps, for both readings
// of the file.
type responseRows struct {
	batch       string
	today       surveys.Day
	published   map[string]bool // the item codes of all instruments
	doorway     *surveys.Doorway
	places      map[string]*rowPlace // by the token's cell
	instruments map[string]*surveys.Instrument
	seals       *seals

	table   *table
	columns []string // of items
	seed    maphash.Seed
	seen    map[uint64]int // row ids of this reading, hashed, with their lines
	line    int            // of the last row

	// light rows are only checked: they come out without content, which saves a third of the time.
	light bool
	spare surveys.Answers
}

// rowPlace is where a token leads; reason names what is wrong with it, if anything.
type rowPlace struct {
	surveys.Place
	items  []surveys.Item // one for each column of items; without a code the instrument lacks it
	reason string
}

const mostPlaces = 10_000

func rowColumns() []string { return []string{"id", "channel", "form", "lang", "comment"} }

func rowForms() []surveys.Form { return []surveys.Form{surveys.ShortForm, surveys.FullForm} }

// open reads the header.
func (r *responseRows) open(file rows, bad *complaints) (ok bool, err error) {
	needed := []string{"token", "date"}
	r.table, ok, err = openTable(file, bad, needed, func(column string) bool {
		return slices.Contains(rowColumns(), column) || r.published[column]
	})
	if err != nil || !ok {
		return false, err
	}
	columns := slices.DeleteFunc(slices.Clone(r.table.columns), func(c string) bool { return !r.published[c] })
	if !slices.Equal(columns, r.columns) {
		clear(r.places)
	}
	r.columns = columns
	r.seed, r.seen = maphash.MakeSeed(), map[uint64]int{}
	return true, nil
}

// next gives the response of the next row, and adds the row to the mark; one without an id is a row that was
// complained about.
func (r *responseRows) next(ctx context.Context, mark *maphash.Hash) (resp surveys.Response, more bool, err error) {
	read, more, err := r.table.next()
	if err != nil || !more {
		return surveys.Response{}, false, err
	}
	r.line = read.line
	r.mark(read, mark)
	c := &cells{table: r.table, row: read}
	place, err := r.place(ctx, c.raw("token"))
	if err != nil {
		return surveys.Response{}, false, err
	}
	if place.reason != "" {
		c.complain("token", place.reason)
	}
	day, err := r.day(ctx, c, place)
	if err != nil {
		return surveys.Response{}, false, err
	}
	id := r.id(c)
	s := surveys.Submission{
		Form:    oneOf(c, "form", rowForms(), surveys.FullForm),
		Channel: oneOf(c, "channel", surveys.Channels(), surveys.Paper),
		Lang:    c.code("lang", langCode, false),
		Comment: c.raw("comment"),
	}
	if s.Lang == "" {
		s.Lang = "vi"
	}
	if place.reason == "" {
		s.Answers = r.answers(c, place)
		check(c, &s, place.Instrument)
	}
	switch {
	case c.wrong:
		return surveys.Response{}, true, nil
	case r.light:
		return surveys.Response{ID: "right"}, true, nil
	}
	s.ID = surveys.RowSubmissionID(r.batch, id)
	return place.Response(s, day, -1, r.today), true, nil
}

// mark adds to a mark where a row stands and what its cells say.
func (r *responseRows) mark(row row, mark *maphash.Hash) {
	maphash.WriteComparable(mark, row.number)
	for i, cell := range row.cells {
		if cell != "" {
			maphash.WriteComparable(mark, r.table.columns[i])
			maphash.WriteComparable(mark, cell)
		}
	}
}

// place finds where a token leads.
func (r *responseRows) place(ctx context.Context, cell string) (*rowPlace, error) {
	if p, ok := r.places[cell]; ok {
		return p, nil
	}
	p := &rowPlace{}
	token, ok := surveys.ParseToken(cell)
	switch {
	case cell == "":
		p.reason = "import.blank"
	case !ok:
		p.reason = "import.token"
	default:
		found, err := r.doorway.Find(ctx, token)
		if err != nil && !errors.Is(err, surveys.ErrNotFound) {
			return nil, err
		}
		if err != nil {
			p.reason = "import.unknown"
		} else {
			r.settle(p, *found)
		}
	}
	if len(r.places) >= mostPlaces {
		clear(r.places)
	}
	r.places[cell] = p
	return p, nil
}

// settle keeps a place, with one copy of each instrument for all places, and its items by column.
func (r *responseRows) settle(p *rowPlace, found surveys.Place) {
	id := found.Instrument.ID()
	if r.instruments[id] == nil {
		r.instruments[id] = found.Instrument
	}
	found.Instrument = r.instruments[id]
	p.Place = found
	p.items = make([]surveys.Item, len(r.columns))
	for i, code := range r.columns {
		p.items[i], _ = found.Instrument.Item(code)
	}
}

// day is the day of a row: past, not sealed, and one on which the facility was open. The point may be younger, or
// retired since.
func (r *responseRows) day(ctx context.Context, c *cells, p *rowPlace) (surveys.Day, error) {
	day := c.day("date", true)
	switch {
	case day == "":
	case day > r.today:
		c.complain("date", "import.future", string(day))
	case p.reason == "" && !day.Within(p.Facility.From, p.Facility.To):
		c.complain("date", "import.closed", string(day))
	case p.reason == "":
		sealed, err := r.seals.of(ctx, p.Facility.ID, day)
		if err != nil {
			return "", err
		}
		if sealed {
			c.complain("date", "import.sealed", string(day))
		}
	}
	return day, nil
}

// id is what the row is known by: its own id, or its number in the file, which no id can spell.
func (r *responseRows) id(c *cells) string {
	id := cleanName(c.raw("id"))
	if id == "" {
		return "\x00" + strconv.Itoa(c.row.number)
	}
	if utf8.RuneCountInString(id) > mostMark {
		c.complain("id", "import.long", strconv.Itoa(mostMark))
	}
	hash := maphash.String(r.seed, id)
	if line, twice := r.seen[hash]; twice {
		c.complain("id", "import.again", strconv.Itoa(line))
	} else {
		r.seen[hash] = c.row.line
	}
	return id
}

// answers reads the cells of items; what is blank was not answered.
func (r *responseRows) answers(c *cells, p *rowPlace) surveys.Answers {
	answers := r.spare
	if r.light && answers != nil {
		clear(answers)
	} else {
		answers = make(surveys.Answers, len(r.columns))
		r.spare = answers
	}
	for i, column := range r.columns {
		cell := c.raw(column)
		if cell == "" {
			continue
		}
		switch it := p.items[i]; it.Kind {
		case surveys.Scale5, surveys.Percent:
			n, err := strconv.Atoi(cell)
			if err != nil {
				c.complain(column, "error.unknown_value", column, brief(cell))
				continue
			}
			answers[column] = surveys.NumberAnswer(n)
		case surveys.Single, surveys.TextItem:
			answers[column] = surveys.TextAnswer(cell)
		case surveys.Multiple:
			answers[column] = surveys.ListAnswer(pieces(cell)...)
		default:
			c.complain(column, "error.unknown_item", column)
		}
	}
	return answers
}

// check holds the row against the instrument and tells what is wrong by column.
func check(c *cells, s *surveys.Submission, in *surveys.Instrument) {
	some := c.wrong && len(s.Answers) == 0 // what was answered is wrong in itself and was told
	var invalid *surveys.InvalidError
	if !errors.As(s.Check(in), &invalid) {
		return
	}
	for _, f := range invalid.Fields {
		switch {
		case f.Field != "answers":
			c.complain(f.Field, f.Key, f.Args...)
		case !some:
			c.complain("", f.Key, f.Args...)
		}
	}
}

package poster

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"hailong/surveys"
)

// Sheet is a paper form of one point: what somebody fills in with a pen and somebody else types by the digits in its
// circles.
type Sheet struct {
	Facility, Point string
	Token           surveys.Token
	Batch           string // its number as it is printed, "" on a preview
	Instrument      *surveys.Instrument
	Form            surveys.Form
	Asks            surveys.Audience
	Office, Contact string // who answers for the survey, "" unknown
	Lang            string // vi or en
}

// The measures of a form: millimetres, and points where it is of type. Nothing is set under 11 points.
const (
	sheetWidth, sheetHeight = 210.0, 297.0
	sheetMargin             = 15.0
	sheetInner              = sheetWidth - 2*sheetMargin
	sheetTop, sheetFoot     = 12.0, 13.0

	circle       = 8.4  // across
	pitch        = 13.1 // from circle to circle
	circleStroke = 0.35
	hairline     = 0.15
	codeWidth    = 13.5

	typeText, typeSmall, typeDigit = 12.5, 11.0, 12.0
	typeTitle, typeFactor          = 18.0, 13.0
)

// grades are the circles of an item of the scale, from the left.
func grades() []int { return []int{5, 4, 3, 2, 1, 0} }

// scaleLeft is where the circles of the scale begin.
func scaleLeft() float64 { return sheetWidth - sheetMargin - float64(len(grades()))*pitch }

// piece is what is never split: a question, or what stands between questions.
type piece struct {
	height float64
	item   string // its code, "" for none
	scale  bool   // a row under the head of the scale
	paint  func(c *canvas, top float64)
}

// group is pieces that stay on one page: a heading and the first question under it.
type group []piece

func (g group) height() float64 {
	h := 0.0
	for _, p := range g {
		h += p.height
	}
	return h
}

// leaf is one page that is laid out.
type leaf struct {
	drawing
	codes []string // of the items on it, in order
}

// sheet is a form at work.
type sheet struct {
	*Press
	Sheet
	spacing
	w    sheetWords
	head piece // the words of the scale, on every page and after every other question again
}

// ErrInstrument is a form without questions.
var ErrInstrument = errors.New("no questionnaire")

// Leaves lists the codes of the items on each page of a form, in printed order.
func (p *Press) Leaves(s Sheet) ([][]string, error) {
	leaves, err := p.leaves(s)
	if err != nil {
		return nil, err
	}
	pages := make([][]string, len(leaves))
	for i, l := range leaves {
		pages[i] = l.codes
	}
	return pages, nil
}

// AddSheet draws all pages of a form, as often as there are copies, one copy after the other.
func (b *Book) AddSheet(s Sheet, copies int) error {
	leaves, err := b.press.leaves(s)
	if err != nil {
		return err
	}
	for range copies {
		for _, l := range leaves {
			if err := b.add(l.drawing); err != nil {
				return fmt.Errorf("draw form of %s: %w", s.Token, err)
			}
		}
	}
	return nil
}

// ErrPage is a page that there is not.
var ErrPage = errors.New("no such page")

// PreviewSheet draws a page of a form as an SVG for the screen, the first being 1.
func (p *Press) PreviewSheet(s Sheet, page int) ([]byte, error) {
	leaves, err := p.leaves(s)
	if err != nil {
		return nil, err
	}
	if page < 1 || page > len(leaves) {
		return nil, fmt.Errorf("%w: %d of %d", ErrPage, page, len(leaves))
	}
	return p.drawn(leaves[page-1].drawing, s.Instrument.Title.In(s.Lang)+" "+strconv.Itoa(page)+"/"+strconv.Itoa(len(leaves))), nil
}

// leaves lays out a form.
func (p *Press) leaves(form Sheet) ([]leaf, error) {
	if form.Instrument == nil || len(form.Instrument.Items) == 0 {
		return nil, ErrInstrument
	}
	s := &sheet{Press: p, Sheet: form, w: sheetWordsIn(form.Lang)}
	s.head = s.scaleHead()
	var pages [][]piece
	for _, apart := range spacings() {
		s.spacing = apart
		if closer := s.paginate(s.groups()); pages == nil || len(closer) < len(pages) {
			pages = closer
		}
	}
	leaves := make([]leaf, 0, len(pages))
	for i, page := range pages {
		c := &canvas{Press: p}
		y := s.paintTop(c, i+1, len(pages))
		l := leaf{}
		for _, one := range page {
			one.paint(c, y)
			y += one.height
			if one.item != "" {
				l.codes = append(l.codes, one.item)
			}
		}
		s.paintFoot(c, i+1, len(pages))
		l.drawing = drawing{width: sheetWidth, height: sheetHeight, items: c.items, places: []point{{}}}
		leaves = append(leaves, l)
	}
	return leaves, nil
}

// paginate fills pages from the top. What does not fit as a whole begins the next one.
func (s *sheet) paginate(groups []group) [][]piece {
	var pages [][]piece
	room := 0.0
	underHead := false
	for _, g := range groups {
		with := s.headed(g, underHead)
		if len(pages) == 0 || with.height() > room {
			with = s.headed(g, false)
			pages = append(pages, nil)
			room = sheetHeight - sheetFoot - s.topHeight(len(pages)) - typeSmall/millimetre
		}
		last := len(pages) - 1
		pages[last] = append(pages[last], with...)
		room -= with.height()
		underHead = with[len(with)-1].scale
	}
	return pages
}

// headed puts the words of the scale over the first row that is under none.
func (s *sheet) headed(g group, underHead bool) group {
	if underHead || !g[len(g)-1].scale {
		return g
	}
	out := append(group{}, g[:len(g)-1]...)
	return append(out, s.head, g[len(g)-1])
}

// groups cuts the form into what stays together.
func (s *sheet) groups() []group {
	var list []group
	factor := ""
	for _, it := range s.Instrument.Asked(s.Form) {
		var g group
		if it.Factor != factor {
			factor = it.Factor
			if title := s.factorTitle(factor); title != "" {
				g = append(g, s.heading(title))
			}
		}
		list = append(list, append(g, s.question(it)))
	}
	return append(list, group{s.comment()})
}

// factorTitle is the title over the items of a factor. A short form has about one of each: they need none.
func (s *sheet) factorTitle(code string) string {
	if s.Form == surveys.ShortForm || s.Instrument.Key == surveys.Pulse {
		return ""
	}
	for _, f := range s.Instrument.Factors {
		if f.Code == code {
			return f.Title.In(s.Lang)
		}
	}
	return ""
}

func (s *sheet) question(it surveys.Item) piece {
	switch it.Kind {
	case surveys.Scale5:
		return s.scaleRow(it)
	case surveys.Percent:
		return s.percentRow(it)
	case surveys.Single, surveys.Multiple:
		return s.choices(it)
	case surveys.TextItem:
	}
	return s.lines(it.Code, s.text(it), 2)
}

// text is a question with what must be known to answer it.
func (s *sheet) text(it surveys.Item) []run {
	runs := []run{{text: s.clean(it.Text.In(s.Lang))}}
	if it.None != nil {
		runs = append(runs, run{text: " (" + fmt.Sprintf(s.w.noneOf, s.clean(it.None.In(s.Lang))) + ")"})
	}
	if it.Kind == surveys.Multiple && !strings.Contains(it.Text.In(s.Lang), strconv.Itoa(it.Max)) {
		runs = append(runs, run{text: " " + fmt.Sprintf(s.w.choose, it.Max)})
	}
	if when := s.w.condition(s.Instrument, it, s.Lang); when != "" {
		runs = append(runs, run{" " + s.clean(when), true})
	}
	return runs
}

// plainText sets running text at one size.
func (s *sheet) plainText(runs []run, size, width float64) block {
	const most = 12
	return s.fit(runs, measure{width: width, size: size, least: size, leading: 1.22, lines: most, most: most})
}

// SheetOf is the form of a batch as it is printed.
func SheetOf(b surveys.PaperBatch, place *surveys.Place, office, contact string) Sheet {
	return Sheet{
		Facility: place.Facility.Name, Point: place.Point.Name, Token: place.Point.Token, Batch: b.Number.String(),
		Instrument: place.Instrument, Form: b.Form, Asks: place.Audience(), Office: office, Contact: contact, Lang: b.Lang,
	}
}

// BatchBook is the forms of a batch, as many as were ordered.
func (p *Press) BatchBook(b surveys.PaperBatch, place *surveys.Place, office, contact string) (*Book, error) {
	book := p.Book(place.Facility.Name+" "+b.Number.String(), b.Lang, b.Printed)
	return book, book.AddSheet(SheetOf(b, place, office, contact), b.Copies)
}

// PaperName is a name for the file of a batch's forms.
func PaperName(b surveys.PaperBatch) string {
	return fold(b.Number.String()+"-"+string(b.Form)) + ".pdf"
}

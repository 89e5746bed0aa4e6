package poster

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"strconv"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"hailong/surveys"
)

const (
	// fpdf writes the fonts' names as "utf8" and the family's. The first letters give way to the tag that a subset must
	// have by ISO 32000-1 §9.6.4, lest a printer take two subsets for one font.
	family   = "tagLiberationSans"
	untagged = "utf8tag"
	producer = "Hailong"
)

// Book is a PDF of many posters. It keeps some 10 KB a poster until it is written (80 KB a sheet of slips).
type Book struct {
	press *Press
	pdf   *fpdf.Fpdf
	pages int
}

// Book begins a PDF, dated with a day and nothing finer, so that the same posters give the same bytes.
func (p *Press) Book(title, lang string, made surveys.Day) *Book {
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetCreationDate(stamp(made))
	pdf.SetModificationDate(stamp(made))
	pdf.SetCatalogSort(true)
	pdf.SetProducer(producer, true)
	pdf.SetTitle(p.clean(title), true)
	pdf.SetLang(lang)
	pdf.SetMargins(0, 0, 0)
	pdf.SetAutoPageBreak(false, 0)
	pdf.AddUTF8FontFromBytes(family, "", regularFont())
	pdf.AddUTF8FontFromBytes(family, "B", boldFont())
	return &Book{press: p, pdf: pdf}
}

// stamp is the day's midnight; without a day it is that of a day long ago, as fpdf takes zero for now.
func stamp(day surveys.Day) time.Time {
	if day == "" {
		day = "2025-07-01"
	}
	return day.Date()
}

// Add draws one more page.
func (b *Book) Add(paper Paper, poster Poster) error {
	d, err := b.press.draw(paper, poster)
	if err != nil {
		return err
	}
	if err = b.add(d); err != nil {
		return fmt.Errorf("draw poster of %s: %w", poster.Token, err)
	}
	return nil
}

// add draws a page.
func (b *Book) add(d drawing) error {
	b.pdf.AddPageFormat("P", fpdf.SizeType{Wd: d.width, Ht: d.height})
	for _, it := range d.items {
		b.paint(d, it)
	}
	b.cut(d)
	b.pages++
	return b.pdf.Error() //nolint:wrapcheck // whoever adds says what of
}

// Pages is how many there are.
func (b *Book) Pages() int { return b.pages }

// Write ends the PDF and writes it.
func (b *Book) Write(w io.Writer) error {
	var out bytes.Buffer
	if err := b.pdf.Output(&out); err != nil {
		return fmt.Errorf("write PDF: %w", err)
	}
	tagged := bytes.ReplaceAll(out.Bytes(), []byte("/"+untagged), []byte("/"+tag(out.Bytes())))
	if _, err := w.Write(tagged); err != nil {
		return fmt.Errorf("write PDF: %w", err)
	}
	return nil
}

// tag is six letters and a plus, other ones for other letters in the subset.
func tag(document []byte) string {
	sum := sha256.Sum256(document)
	name := make([]byte, len(untagged)-1)
	for i := range name {
		name[i] = 'A' + sum[i]%26
	}
	return string(name) + "+"
}

// paint puts one item, and its copies, on the page.
func (b *Book) paint(d drawing, it item) {
	if it.text != "" {
		style := ""
		if it.bold {
			style = "B"
		}
		b.pdf.SetFont(family, style, it.size)
		for _, by := range d.places {
			b.pdf.Text(it.at.x+by.x, it.at.y+by.y, it.text)
		}
		return
	}
	head, end := "q 0 g ", "f Q"
	if it.white {
		head = "q 1 g "
	}
	if it.stroke > 0 {
		head += "0 G 1 J 1 j " + number(it.stroke/it.scale) + " w "
		end = "S Q"
	}
	k := it.scale * millimetre
	head += number(k) + " 0 0 " + number(-k) + " "
	body := string(operators(nil, it.shape)) + end
	for _, by := range d.places {
		x, y := it.at.x+by.x, it.at.y+by.y
		b.pdf.RawWriteStr(head + number(x*millimetre) + " " + number((d.height-y)*millimetre) + " cm\n" + body)
	}
}

// cut draws the dashed lines along which a sheet is cut.
func (b *Book) cut(d drawing) {
	if len(d.cuts) == 0 {
		return
	}
	k := number(millimetre)
	head := "q 0 G " + number(cutStroke) + " w [1 1.5] 0 d " + k + " 0 0 -" + k + " 0 " + number(d.height*millimetre) + " cm\n"
	b.pdf.RawWriteStr(string(operators([]byte(head), d.cuts)) + "S Q")
}

// operators writes a path in PDF's words.
func operators(out []byte, p path) []byte {
	for _, s := range p {
		n := 1
		switch s.op {
		case 'C':
			n = 3
		case 'Z':
			out = append(out, "h\n"...)
			continue
		}
		for _, at := range s.p[:n] {
			out = append(appendNumber(out, at.x), ' ')
			out = append(appendNumber(out, at.y), ' ')
		}
		out = append(out, s.op|0x20, '\n') // PDF's m, l, c
	}
	return out
}

// number is short and the same on every machine.
func number(v float64) string { return string(appendNumber(nil, v)) }

func appendNumber(out []byte, v float64) []byte {
	start := len(out)
	out = strconv.AppendFloat(out, v, 'f', 4, 64)
	out = bytes.TrimSuffix(bytes.TrimRight(out, "0"), []byte("."))
	if string(out[start:]) == "-0" || len(out) == start {
		return append(out[:start], '0')
	}
	return out
}

package transfer

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// XLSX is read by the standard library's zip and xml, in a stream: the kept libraries tell in a stream neither
// formulas nor number formats nor merged cells, all of which must be told here.

// Most bytes of the parts of a workbook when unpacked: a small file may unpack to anything.
const (
	mostSheet   = 4 << 30
	mostStrings = 64 << 20
	mostPart    = 8 << 20
	mostMerges  = 1000
)

// workbookXML is xl/workbook.xml.
type workbookXML struct {
	Properties struct {
		Date1904 string `xml:"date1904,attr"`
	} `xml:"workbookPr"`
	Sheets []struct {
		Name  string `xml:"name,attr"`
		State string `xml:"state,attr"`
		ID    string `xml:"id,attr"`
	} `xml:"sheets>sheet"`
}

// relationsXML is xl/_rels/workbook.xml.rels.
type relationsXML struct {
	List []struct {
		ID     string `xml:"Id,attr"`
		Type   string `xml:"Type,attr"`
		Target string `xml:"Target,attr"`
	} `xml:"Relationship"`
}

// workbook is an open XLSX file.
type workbook struct {
	parts   map[string]*zip.File
	targets map[string]string // part by relation
	byType  map[string]string // part by the last word of the relation's type
}

// brokenBook is a workbook that cannot be read, for a reason that is told.
func brokenBook(key string) error {
	return unreadable{RowError{Key: key}}
}

// newXLSXRows opens the first sheet that is not hidden.
func newXLSXRows(r io.ReaderAt, size int64) rows {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return failedRows{brokenBook("import.xlsx_broken")}
	}
	b := &workbook{parts: map[string]*zip.File{}, targets: map[string]string{}, byType: map[string]string{}}
	for _, f := range archive.File {
		b.parts[strings.TrimPrefix(f.Name, "/")] = f
	}
	x, err := b.open()
	if err != nil {
		return failedRows{err}
	}
	return x
}

func (b *workbook) open() (*xlsxRows, error) {
	if b.parts["xl/workbook.xml"] == nil {
		return nil, brokenBook("import.not_xlsx")
	}
	var book workbookXML
	var relations relationsXML
	if err := errors.Join(b.decode("xl/workbook.xml", &book), b.decode("xl/_rels/workbook.xml.rels", &relations)); err != nil {
		return nil, brokenBook("import.xlsx_broken")
	}
	for _, r := range relations.List {
		target := r.Target
		if !strings.HasPrefix(target, "/") {
			target = path.Join("xl", target)
		}
		b.targets[r.ID] = strings.TrimPrefix(target, "/")
		b.byType[path.Base(r.Type)] = b.targets[r.ID]
	}
	x := &xlsxRows{epoch1904: book.Properties.Date1904 == "1" || book.Properties.Date1904 == "true"}
	sheet := ""
	for _, s := range book.Sheets {
		part := b.targets[s.ID]
		switch {
		case !strings.HasPrefix(part, "xl/worksheets/"):
		case sheet == "" && (s.State == "" || s.State == "visible"):
			sheet, x.sheet = part, s.Name
		case s.Name != indexSheet && b.holdsData(part):
			x.others = append(x.others, s.Name)
		}
	}
	if b.parts[sheet] == nil {
		return nil, brokenBook("import.no_sheet")
	}
	return x, b.load(x, sheet)
}

// load reads what the cells of the sheet refer to.
func (b *workbook) load(x *xlsxRows, sheet string) (err error) {
	if x.styles, err = b.readStyles(); err != nil {
		return err
	}
	if x.strings, err = b.readStrings(); err != nil {
		return err
	}
	if x.merged, err = b.readMerges(sheet); err != nil {
		return err
	}
	part, err := b.reader(sheet, mostSheet)
	if err != nil {
		return err
	}
	x.meter = &meter{r: part, left: mostRow}
	x.xml = xml.NewDecoder(bufio.NewReaderSize(x.meter, 1<<15))
	return nil
}

// reader unpacks a part, but no more of it than most bytes.
func (b *workbook) reader(name string, most int) (*meter, error) {
	f := b.parts[name]
	if f == nil {
		return nil, brokenBook("import.xlsx_broken")
	}
	r, err := f.Open()
	if err != nil {
		return nil, brokenBook("import.xlsx_broken")
	}
	return &meter{r: r, left: most}, nil
}

// decode reads a small part whole.
func (b *workbook) decode(name string, into any) error {
	r, err := b.reader(name, mostPart)
	if err != nil {
		return err
	}
	if err := xml.NewDecoder(r).Decode(into); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

// scan calls f with every token of a part; one that is longer than most, or whose text is endless, is too big.
func (b *workbook) scan(name string, most int, f func(xml.Token)) error {
	r, err := b.reader(name, most)
	if err != nil {
		return err
	}
	each := &meter{r: r}
	d := xml.NewDecoder(bufio.NewReaderSize(each, 1<<15))
	for {
		each.left = mostRow
		token, err := d.RawToken()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, errLongRow):
			return brokenBook("import.xlsx_big")
		case err != nil:
			return brokenBook("import.xlsx_broken")
		}
		f(token)
	}
}

// readStrings reads the texts that cells share.
func (b *workbook) readStrings() ([]string, error) {
	name := b.byType["sharedStrings"]
	if b.parts[name] == nil {
		return nil, nil
	}
	var list []string
	var text richText
	err := b.scan(name, mostStrings, func(token xml.Token) {
		if text.take(token); text.ended("si", token) {
			list = append(list, text.String())
			text = richText{}
		}
	})
	return list, err
}

// richText puts a text together from its runs, without the reading aids of East Asian scripts.
type richText struct {
	strings.Builder
	inText, aside bool
}

func (t *richText) take(token xml.Token) {
	switch e := token.(type) {
	case xml.StartElement:
		t.inText = e.Name.Local == "t" && !t.aside
		t.aside = t.aside || e.Name.Local == "rPh"
	case xml.EndElement:
		t.inText = false
		t.aside = t.aside && e.Name.Local != "rPh"
	case xml.CharData:
		if t.inText {
			t.Write(e)
		}
	}
}

// String is the text with what Excel writes as _x000D_ for characters that XML lacks.
func (t *richText) String() string { return unescape(t.Builder.String()) }

func (t *richText) ended(name string, token xml.Token) bool {
	e, ok := token.(xml.EndElement)
	return ok && e.Name.Local == name
}

// readMerges finds the merged cells, which stand behind all rows, by their first row.
func (b *workbook) readMerges(sheet string) (map[int][]string, error) {
	r, err := b.reader(sheet, mostSheet)
	if err != nil {
		return nil, err
	}
	merged, n := map[int][]string{}, 0
	err = eachMatch(r, []byte("mergeCell "), func(rest []byte) bool {
		_, ref, _ := strings.Cut(string(rest), `ref="`)
		ref, _, _ = strings.Cut(ref, `"`)
		first, _, _ := strings.Cut(ref, ":")
		if _, line, ok := parseRef(first); ok {
			merged[line] = append(merged[line], ref)
		}
		n++
		return n < mostMerges
	})
	if errors.Is(err, errLongRow) {
		return nil, brokenBook("import.xlsx_big")
	}
	if err != nil {
		return nil, brokenBook("import.xlsx_broken")
	}
	return merged, nil
}

// eachMatch looks for a word in a stream, which is quicker than to read it as XML, and calls f with what
// follows it, up to 100 bytes, until f has enough.
func eachMatch(r io.Reader, word []byte, f func(rest []byte) bool) error {
	buffer := bufio.NewReaderSize(r, 1<<16)
	for {
		window, err := buffer.Peek(1 << 15)
		if len(window) == 0 || err != nil && !errors.Is(err, io.EOF) {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err //nolint:wrapcheck // the caller tells what it means
		}
		at := bytes.Index(window, word)
		skip := len(window)
		switch rest := at + len(word); {
		case at < 0 && err == nil:
			skip -= len(word) - 1 // the word may begin at the end
		case at < 0:
		case len(window)-rest < 100 && err == nil:
			skip = at // look again with all that follows it
		default:
			if !f(window[rest:min(len(window), rest+100)]) {
				return nil
			}
			skip = rest
		}
		buffer.Discard(skip) //nolint:errcheck // these bytes have just been peeked
	}
}

// holdsData says whether there is a value near the start of a sheet.
func (b *workbook) holdsData(sheet string) bool {
	r, err := b.reader(sheet, 1<<20)
	if err != nil {
		return false
	}
	for _, word := range []string{"v>", "is>"} {
		found := false
		err = eachMatch(r, []byte(word), func([]byte) bool { found = true; return false })
		if found {
			return true
		}
		if err != nil && !errors.Is(err, errLongRow) {
			return false
		}
		if r, err = b.reader(sheet, 1<<20); err != nil {
			return false
		}
	}
	return false
}

package transfer

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzCells: whatever a cell holds, it never begins a formula, and it reads back as itself.
func FuzzCells(f *testing.F) {
	for _, cell := range []string{"", "=1+1", "+84", "-5", "@sum", "\t=1", "\r=1", "'=1", "''+1", "＝1", "\u200b@1", "\n=1", "a,\"b\"\nc", "Nghĩa Hưng", "# rows=1", " =1"} {
		f.Add(cell)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		var out bytes.Buffer
		s, err := newSheet(&out, "fuzz", []column{{name: "a"}, {name: "b"}}, ExportOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if err = s.write([]string{"x", cell}); err != nil {
			t.Fatal(err)
		}
		if _, err = s.close(); err != nil {
			t.Fatal(err)
		}
		r := csv.NewReader(&out)
		r.Comment = '#'
		lines, err := r.ReadAll()
		if err != nil || len(lines) != 2 {
			t.Fatalf("%q reads back as %q, %v", cell, lines, err)
		}
		got := lines[1][1]
		if trimmed := strings.TrimSpace(got); trimmed != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(trimmed)[0]) ||
			got != "" && strings.IndexByte("\t\r\n", got[0]) >= 0 {
			t.Errorf("%q begins a formula", got)
		}
		if back := unguarded(guarded(cell)); back != cell {
			t.Errorf("%q comes back as %q", cell, back)
		}
		want := strings.ReplaceAll(cell, "\r\n", "\n") // encoding/csv reads line ends so
		if got != want && got != "'"+want {
			t.Errorf("%q reads back as %q", cell, got)
		}
	})
}

// FuzzTable: whatever the bytes, reading ends, gives rows as wide as the header, of valid text, with lines and
// numbers that grow, or complains.
func FuzzTable(f *testing.F) {
	for _, file := range []string{
		"", "a,b\n1,2\n", "\ufeffa,b\r\n\r\n1,\"2\r\n3\"\r\n,\n4,5", "a;b", "a,b\n\"", "a,b\n\xff,1\n", "a,a,,c\n",
		"a;b\n1;\"2;3\"\n", "a\tb\n1\t2\n", "\xff\xfea\x00,\x00b\x00\n\x001\x00", "\x00a\x00,\x00b", "a,b\r1,2\r", "PK\x03\x04", "# rows=1 sha256=",
	} {
		f.Add([]byte(file))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		bad := &complaints{}
		table, ok, err := openTable(openRows(bytes.NewReader(file)), bad, nil, func(string) bool { return true })
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case ok:
			lines := bytes.Count(file, []byte("\n")) + 1
			if bytes.HasPrefix(file, []byte("PK")) {
				lines = mostLine
			}
			readRows(t, table, lines)
		case bad.orNil() == nil:
			t.Error("refused without a reason")
		}
	})
}

// FuzzSheet: whatever the parts of a workbook hold, reading it ends likewise.
func FuzzSheet(f *testing.F) {
	f.Add(`<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="inlineStr"><is><t>b</t></is></c></row><row r="3"><c s="1"><v>45000.5</v></c></row>`,
		`<si><r><t>a</t></r><rPh><t>x</t></rPh></si>`, `<numFmts><numFmt numFmtId="170" formatCode="d/m/yy"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="170"/></cellXfs>`)
	f.Add(`<row><c t="inlineStr"><is><t>a</t></is></c></row><row r="2"><c><f>1+1</f><v>2</v></c><c t="e"><v>#N/A</v></c></row></sheetData><mergeCells><mergeCell ref="A2:B2"/></mergeCells>`, "", "")
	f.Add(`<row r="9"/><row r="2"/>`, `<si>`, `<cellXfs>`)
	f.Add(`<row><c r="ZZZ9"/><c r=""/><c t="b"><v>1</v></c></row>`, `<si><t>_x000D__xFFFF_</t></si>`, `<cellXfs><xf numFmtId="x"/></cellXfs>`)
	f.Fuzz(func(t *testing.T, sheet, shared, styles string) {
		file := zipped(t, map[string]string{
			"xl/workbook.xml": `<workbook><sheets><sheet name="S" id="r1"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="r1" Type="/worksheet" Target="worksheets/s.xml"/>` +
				`<Relationship Id="r2" Type="/sharedStrings" Target="t.xml"/><Relationship Id="r3" Type="/styles" Target="y.xml"/></Relationships>`,
			"xl/worksheets/s.xml": "<worksheet><sheetData>" + sheet + "</sheetData></worksheet>",
			"xl/t.xml":            "<sst>" + shared + "</sst>",
			"xl/y.xml":            "<styleSheet>" + styles + "</styleSheet>",
		})
		bad := &complaints{}
		table, ok, err := openTable(openRows(bytes.NewReader(file)), bad, nil, func(string) bool { return true })
		switch {
		case err != nil:
			t.Fatal(err)
		case ok:
			readRows(t, table, mostLine)
		case bad.orNil() == nil:
			t.Error("refused without a reason")
		}
	})
}

func zipped(t *testing.T, parts map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for name, text := range parts {
		part, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = io.WriteString(part, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func readRows(t *testing.T, table *table, lines int) {
	t.Helper()
	line, number := 1, 0
	for {
		r, more, err := table.next()
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			return
		}
		if len(r.cells) != len(table.columns) || r.line <= line || r.number <= number || r.line > lines {
			t.Errorf("row %+v after line %d of %d, number %d, with columns %q", r, line, lines, number, table.columns)
		}
		if !readable(r.cells) || !utf8.ValidString(cleanName(strings.Join(r.cells, ","))) {
			t.Errorf("cells %q are not text", r.cells)
		}
		line, number = r.line, r.number
	}
}

func TestReadingErrorsAreGivenBack(t *testing.T) {
	t.Parallel()
	_, _, err := openTable(openRows(io.MultiReader(strings.NewReader("a,b"), failing{})), &complaints{}, nil, nil)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got error %v", err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

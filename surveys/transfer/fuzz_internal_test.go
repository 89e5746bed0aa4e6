package transfer

import (
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
	for _, file := range []string{"", "a,b\n1,2\n", "\ufeffa,b\r\n\r\n1,\"2\r\n3\"\r\n,\n4,5", "a;b", "a,b\n\"", "a,b\n\xff,1\n", "a,a,,c\n"} {
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
			readRows(t, table, bytes.Count(file, []byte("\n"))+1)
		case bad.orNil() == nil:
			t.Error("refused without a reason")
		}
	})
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

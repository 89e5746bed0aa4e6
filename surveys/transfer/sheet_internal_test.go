package transfer

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

func TestFurtherSheets(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s, err := newSheet(&out, "days", []column{{name: "a"}, {name: "b", number: true}}, ExportOptions{XLSX: true, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.abandon()
	s.book.most = 3
	for i := range 7 {
		if err = s.write([]string{"=" + strconv.Itoa(i), strconv.Itoa(-i)}); err != nil {
			t.Fatal(err)
		}
	}
	done, err := s.close()
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	got := map[string][][]string{}
	for _, name := range f.GetSheetList() {
		if got[name], err = f.GetRows(name); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string][][]string{
		"days":   {{"a", "b"}, {"=0", "0"}, {"=1", "-1"}, {"=2", "-2"}},
		"days 2": {{"a", "b"}, {"=3", "-3"}, {"=4", "-4"}, {"=5", "-5"}},
		"days 3": {{"a", "b"}, {"=6", "-6"}, {"# rows=7 sha256=" + done.Digest}},
		"#index": {{"export", "days"}, {"rows", "7"}, {"sha256", done.Digest}, {"sheet", "rows"}, {"days", "3"}, {"days 2", "3"}, {"days 3", "1"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sheets (-want +got):\n%s", diff)
	}
}

// A text that a cell of a workbook cannot hold is told, and never cut.
func TestLongCells(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cell string
		ok   bool
	}{
		{strings.Repeat("a", 32_767), true},
		{strings.Repeat("ệ", 32_767), true},
		{strings.Repeat("a", 32_768), false},
		{strings.Repeat("𠄼", 16_384), false},
	} {
		if got, err := bookCell(c.cell, false); c.ok != (err == nil && got == c.cell) {
			t.Errorf("%d bytes: got error %v", len(c.cell), err)
		}
	}
}

package transfer

import (
	"archive/zip"
	"bufio"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
)

const (
	// mostRows is how many rows a sheet of a workbook holds beside its header and the last line.
	mostRows = mostLine - 2
	// mostSize is about how many bytes: beyond 4 GB Excel takes a sheet of the zip library's making for damaged.
	mostSize = 2 << 30
	// cellSize is about what stands around each cell.
	cellSize = 45
)

// sheet writes rows that end with their count and the digest of all bytes before, as CSV or into a workbook: then
// the digest is that of the bytes that the CSV would have.
type sheet struct {
	columns  []column
	csv      *csv.Writer
	out      *bufio.Writer // of CSV
	book     *book         // of XLSX
	sum      hash.Hash
	rows     int
	progress func(done, of int)
	line     []string
}

func newSheet(w io.Writer, kind Kind, columns []column, opt ExportOptions) (*sheet, error) {
	s := &sheet{columns: columns, sum: sha256.New(), progress: opt.Progress}
	if opt.XLSX {
		s.csv = csv.NewWriter(s.sum)
		s.book = &book{out: w, name: string(kind), columns: columns, most: mostRows, temp: opt.TempDir}
		if err := s.book.open(); err != nil {
			return nil, err
		}
	} else {
		s.out = bufio.NewWriterSize(w, 1<<16)
		s.csv = csv.NewWriter(io.MultiWriter(s.out, s.sum))
	}
	header := make([]string, len(columns))
	for i, c := range columns {
		header[i] = c.name
	}
	if err := s.csv.Write(header); err != nil {
		return nil, fmt.Errorf("write header: %w", err)
	}
	return s, nil
}

// write takes a row; what is no number of ours is kept from being taken for a formula.
func (s *sheet) write(line []string) error {
	s.line = s.line[:0]
	for i, cell := range line {
		if !s.columns[i].number || !isNumber(cell) {
			cell = guarded(cell)
		}
		s.line = append(s.line, cell)
	}
	if err := s.csv.Write(s.line); err != nil {
		return fmt.Errorf("write row: %w", err)
	}
	if s.book != nil {
		if err := s.book.write(line); err != nil {
			return err
		}
	}
	s.rows++
	if s.progress != nil && s.rows%1000 == 0 {
		s.progress(s.rows, 0)
	}
	return nil
}

// isNumber says whether a cell is a whole number of ours.
func isNumber(cell string) bool {
	digits := strings.TrimPrefix(cell, "-")
	return digits != "" && len(digits) <= 15 && strings.Trim(digits, "0123456789") == ""
}

func (s *sheet) close() (Exported, error) {
	done := Exported{Rows: s.rows}
	s.csv.Flush()
	if err := s.csv.Error(); err != nil {
		return done, fmt.Errorf("write rows: %w", err)
	}
	done.Digest = hex.EncodeToString(s.sum.Sum(nil))
	last := fmt.Sprintf("# rows=%d sha256=%s", s.rows, done.Digest)
	if s.book != nil {
		return done, s.book.close(last, done)
	}
	if _, err := s.out.WriteString(last + "\n"); err != nil {
		return done, fmt.Errorf("write last line: %w", err)
	}
	if err := s.out.Flush(); err != nil {
		return done, fmt.Errorf("write last line: %w", err)
	}
	return done, nil
}

// abandon lets go of what a workbook holds on disk.
func (s *sheet) abandon() {
	if s.book != nil {
		s.book.file.Close() //nolint:errcheck // what it wrote is written, and its temporary files are gone with it
	}
}

// book writes rows into a workbook: into further sheets when one is full, with an index of them at the end.
type book struct {
	out     io.Writer
	name    string
	columns []column
	most    int
	temp    string

	file   *excelize.File
	stream *excelize.StreamWriter
	style  int
	sheets []bookSheet
	size   int // of the sheet so far
	cells  []any
}

// bookSheet is one sheet of a workbook.
type bookSheet struct {
	name string
	rows int
}

func (b *book) open() error {
	b.file = excelize.NewFile(excelize.Options{TmpDir: b.temp})
	style, err := b.file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return fmt.Errorf("make workbook: %w", err)
	}
	b.style = style
	return b.nextSheet()
}

// nextSheet begins a sheet with its header, which stays in sight.
func (b *book) nextSheet() error {
	name := b.name
	if n := len(b.sheets); n > 0 {
		name += " " + strconv.Itoa(n+1)
	}
	var err error
	if len(b.sheets) == 0 {
		err = b.file.SetSheetName("Sheet1", name)
	} else {
		_, err = b.file.NewSheet(name)
	}
	if err == nil {
		b.stream, err = b.file.NewStreamWriter(name)
	}
	if err != nil {
		return fmt.Errorf("make sheet: %w", err)
	}
	b.sheets = append(b.sheets, bookSheet{name: name})
	b.size = 0
	header := make([]any, len(b.columns))
	for i, c := range b.columns {
		header[i] = excelize.Cell{StyleID: b.style, Value: c.name}
	}
	err = errors.Join(
		b.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}),
		b.stream.SetRow("A1", header),
	)
	if err != nil {
		return fmt.Errorf("write header: %w", err)
	}
	return nil
}

func (b *book) write(line []string) error {
	if b.sheets[len(b.sheets)-1].rows >= b.most || b.size > mostSize {
		if err := b.stream.Flush(); err != nil {
			return fmt.Errorf("write sheet: %w", err)
		}
		if err := b.nextSheet(); err != nil {
			return err
		}
	}
	b.cells = b.cells[:0]
	for i, cell := range line {
		value, err := bookCell(cell, b.columns[i].number)
		if err != nil {
			return fmt.Errorf("column %s: %w", b.columns[i].name, err)
		}
		b.cells = append(b.cells, value)
		if value != nil {
			b.size += len(cell) + cellSize
		}
	}
	last := &b.sheets[len(b.sheets)-1]
	last.rows++
	if err := b.stream.SetRow("A"+strconv.Itoa(last.rows+1), b.cells); err != nil {
		return fmt.Errorf("write row: %w", err)
	}
	return nil
}

var errLongCell = errors.New("a cell of a workbook holds at most 32,767 characters; export as CSV")

// bookCell is a number, nothing or a text, which is never a formula. One that looks guarded is guarded once more,
// as an import takes one apostrophe away.
func bookCell(cell string, number bool) (any, error) {
	switch {
	case cell == "":
		return nil, nil
	case number && isNumber(cell):
		n, err := strconv.ParseInt(cell, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("read a number: %w", err)
		}
		return n, nil
	case len(cell) > excelize.TotalCellChars && len(utf16.Encode([]rune(cell))) > excelize.TotalCellChars:
		return nil, errLongCell
	case strings.HasPrefix(cell, "'"):
		return guarded(cell), nil
	}
	return cell, nil
}

// close writes the last line under the rows and the index, and then the whole workbook.
func (b *book) close(last string, done Exported) error {
	end := b.sheets[len(b.sheets)-1]
	err := errors.Join(b.stream.SetRow("A"+strconv.Itoa(end.rows+2), []any{last}), b.stream.Flush())
	if err == nil {
		err = b.index(done)
	}
	if err == nil {
		// By itself it would hold the whole file in memory before it writes the first byte.
		b.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return zip.NewWriter(b.out) })
		_, err = b.file.WriteToBuffer()
	}
	if err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	return nil
}

func (b *book) index(done Exported) error {
	if _, err := b.file.NewSheet(indexSheet); err != nil {
		return err //nolint:wrapcheck // close says what failed
	}
	w, err := b.file.NewStreamWriter(indexSheet)
	if err != nil {
		return err //nolint:wrapcheck // close says what failed
	}
	rows := [][]any{{"export", b.name}, {"rows", done.Rows}, {"sha256", done.Digest}, {"sheet", "rows"}}
	for _, s := range b.sheets {
		rows = append(rows, []any{s.name, s.rows})
	}
	err = w.SetColWidth(1, 1, 20)
	for i, r := range rows {
		err = errors.Join(err, w.SetRow("A"+strconv.Itoa(i+1), r))
	}
	return errors.Join(err, w.Flush())
}

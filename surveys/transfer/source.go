package transfer

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

const (
	sniffed  = 1 << 16 // bytes in which a header must end to be looked at
	mostHeld = 64 << 20
)

// fileStart is how a kind of file begins.
type fileStart struct{ magic, key string }

// foreign are files that are neither CSV nor XLSX, with what is said of them.
func foreign() []fileStart {
	return []fileStart{
		{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "import.xls"}, // an old .xls, or an XLSX behind a password
		{"%PDF", "import.foreign"}, {"<", "import.foreign"}, {"{", "import.foreign"}, {"\x1f\x8b", "import.foreign"},
	}
}

// openRows gives the rows of a file. What the file is its content tells, not its name: XLSX, or CSV as UTF-8
// or UTF-16. What cannot be read at all is told by the first row.
func openRows(r io.Reader) rows {
	m := &meter{r: r, left: mostRow}
	buffer := bufio.NewReaderSize(m, sniffed)
	start, err := buffer.Peek(8)
	if err != nil && !errors.Is(err, io.EOF) {
		return failedRows{fmt.Errorf("read the file: %w", err)}
	}
	if bytes.HasPrefix(start, []byte("PK\x03\x04")) {
		return openWorkbook(r, buffer, m)
	}
	for _, f := range foreign() {
		if bytes.HasPrefix(start, []byte(f.magic)) {
			return failedRows{unreadable{RowError{Key: f.key}}}
		}
	}
	if order, wide := utf16Order(start); wide {
		decoder := unicode.UTF16(order, unicode.UseBOM).NewDecoder()
		buffer = bufio.NewReaderSize(transform.NewReader(buffer, decoder), sniffed)
	}
	return newCSVRows(buffer, m)
}

// utf16Order tells UTF-16 by its mark, or without one by the zeros beside two letters of the header.
func utf16Order(start []byte) (order unicode.Endianness, wide bool) {
	if len(start) < 4 {
		return unicode.LittleEndian, false
	}
	zeros := [4]bool{start[0] == 0, start[1] == 0, start[2] == 0, start[3] == 0}
	switch {
	case bytes.HasPrefix(start, []byte{0xff, 0xfe}), zeros == [4]bool{false, true, false, true}:
		return unicode.LittleEndian, true
	case bytes.HasPrefix(start, []byte{0xfe, 0xff}), zeros == [4]bool{true, false, true, false}:
		return unicode.BigEndian, true
	}
	return unicode.LittleEndian, false
}

// separatorOf tells from the header, whose column names hold no separator, how the cells are separated: by
// commas, or if it has none by the semicolons that Excel writes in Vietnamese, or by tabs.
func separatorOf(header []byte) rune {
	counts := map[byte]int{}
	quoted := false
	for _, b := range header {
		if b == '"' {
			quoted = !quoted
		} else if !quoted {
			counts[b]++
		}
	}
	switch {
	case counts[','] == 0 && counts[';'] > 0:
		return ';'
	case counts[','] == 0 && counts['\t'] > 0:
		return '\t'
	default:
		return ','
	}
}

// firstLine is the header as far as it lies in the buffer; lone says that its end is a lone CR.
func firstLine(buffer *bufio.Reader) (line []byte, lone bool) {
	line, _ = buffer.Peek(sniffed / 2) //nolint:errcheck // what cannot be read is told when it is read
	if end := bytes.IndexByte(line, '\n'); end >= 0 {
		line = line[:end]
	}
	cr := bytes.IndexByte(line, '\r')
	return line, cr >= 0 && cr < len(line)-1 && !bytes.Contains(line[:cr], []byte(`"`))
}

// failedRows is a file that cannot be read.
type failedRows struct{ err error }

func (f failedRows) next() (row, error) { return row{}, f.err }

// openWorkbook opens an XLSX file. One that cannot be read at any place, as from a pipe, is held in memory.
func openWorkbook(r io.Reader, buffer *bufio.Reader, m *meter) rows {
	at, isFile := r.(interface {
		io.ReaderAt
		io.Seeker
	})
	if isFile {
		if size, err := at.Seek(0, io.SeekEnd); err == nil {
			return newXLSXRows(at, size)
		}
	}
	m.left = mostHeld
	whole, err := io.ReadAll(buffer)
	if errors.Is(err, errLongRow) {
		return failedRows{unreadable{RowError{Key: "import.xlsx_big"}}}
	}
	if err != nil {
		return failedRows{fmt.Errorf("read the file: %w", err)}
	}
	return newXLSXRows(bytes.NewReader(whole), int64(len(whole)))
}

// digest is the SHA-256 of a file, which is left at its start; "" for one that cannot be read twice.
func digest(r io.Reader) (string, error) {
	file, ok := r.(io.ReadSeeker)
	if !ok {
		return "", nil
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", nil //nolint:nilerr // a pipe has no start to go back to
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", fmt.Errorf("read the file: %w", err)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", fmt.Errorf("go to the start of the file: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// digest is the SHA-256 of a file, which must be the one that was expected.
func (opt RecordOptions) digest(r io.Reader) (string, error) {
	sum, err := digest(r)
	if err == nil && !strings.HasPrefix(sum, strings.ToLower(opt.Expect)) {
		err = &FileError{Rows: []RowError{{Key: "import.other_file", Args: []string{opt.Expect, sum}}}}
	}
	return sum, err
}

// about puts into the report which sheet of a workbook was read, and which others hold something.
func (r *Report) about(source rows) {
	if x, ok := source.(*xlsxRows); ok {
		r.Sheet, r.OtherSheets = x.sheet, x.others
	}
}

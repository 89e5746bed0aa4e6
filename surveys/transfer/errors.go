package transfer

import (
	"strconv"
	"strings"
)

// mostErrors is how many mistakes of a file are told; the others are counted.
const mostErrors = 1000

// FileError lists what is wrong with a file. Nothing of the file was stored.
type FileError struct {
	Rows []RowError
	More int // further mistakes that are not listed
}

// RowError is one mistake. Line counts from 1 as a text editor does, 0 is the file as a whole; Column is
// the header's name, "" the whole row; Cell is the place in a sheet, as B7. Key names a sentence of this package,
// Args fill its placeholders.
type RowError struct {
	Line   int
	Column string
	Cell   string
	Key    string
	Args   []string
}

// Error lists the mistakes in English.
func (e *FileError) Error() string { return e.Text("en") }

// Text lists the mistakes, one a line, in Vietnamese (vi) or else English.
func (e *FileError) Text(lang string) string {
	lines := make([]string, 0, len(e.Rows)+1)
	for _, r := range e.Rows {
		lines = append(lines, r.Text(lang))
	}
	if e.More > 0 {
		lines = append(lines, sentence(lang, "import.more", strconv.Itoa(e.More)))
	}
	return strings.Join(lines, "\n")
}

// Text is where the mistake stands and its reason, in Vietnamese (vi) or else English.
func (e RowError) Text(lang string) string {
	switch {
	case e.Line == 0:
		return e.Reason(lang)
	case e.Column == "" && e.Cell != "":
		return sentence(lang, "import.place", strconv.Itoa(e.Line), e.Cell, e.Reason(lang))
	case e.Cell != "":
		return sentence(lang, "import.cell", strconv.Itoa(e.Line), e.Column+" ("+e.Cell+")", e.Reason(lang))
	case e.Column == "":
		return sentence(lang, "import.line", strconv.Itoa(e.Line), e.Reason(lang))
	default:
		return sentence(lang, "import.cell", strconv.Itoa(e.Line), e.Column, e.Reason(lang))
	}
}

// Reason is what is wrong, without the place.
func (e RowError) Reason(lang string) string { return sentence(lang, e.Key, e.Args...) }

// complaints gathers the mistakes of a file.
type complaints struct {
	file    FileError
	columns map[string]int // of a sheet, by the header
}

func (c *complaints) add(line int, column, key string, args ...string) {
	e := RowError{Line: line, Column: column, Key: key, Args: args}
	if at, ok := c.columns[column]; ok {
		e.Cell = letters(at) + strconv.Itoa(line)
	}
	c.put(e)
}

func (c *complaints) put(e RowError) {
	if len(c.file.Rows) >= mostErrors {
		c.file.More++
		return
	}
	c.file.Rows = append(c.file.Rows, e)
}

func (c *complaints) count() int { return len(c.file.Rows) + c.file.More }

func (c *complaints) orNil() error {
	if c.count() == 0 {
		return nil
	}
	return &c.file
}

// sentence is a message with its placeholders {0}, {1}, … filled.
func sentence(lang, key string, args ...string) string {
	words, known := sentences()[key]
	text := words.en
	if lang == "vi" {
		text = words.vi
	}
	if !known {
		return strings.Join(append([]string{key}, args...), " ")
	}
	pairs := make([]string, 0, 2*len(args))
	for i, arg := range args {
		pairs = append(pairs, "{"+strconv.Itoa(i)+"}", arg)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

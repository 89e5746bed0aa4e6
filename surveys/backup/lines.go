package backup

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"

	"hailong/surveys"
)

// format is that of the lines. A program reads its own and older ones. Since 2 a day has its seal, and may come a
// second time, at the end, when it was sealed meanwhile.
const format = 2

// Counts says how many of each a backup holds.
type Counts struct {
	Records   int `json:"records"`
	Releases  int `json:"releases"`
	Days      int `json:"days"`
	Responses int `json:"responses"`
}

// line is one line of a file; one of its parts is there.
type line struct {
	Backup   *header       `json:"hailong_backup,omitempty"`
	Record   *recordLine   `json:"record,omitempty"`
	Release  *releaseLine  `json:"release,omitempty"`
	Day      *dayLine      `json:"day,omitempty"`
	Response *responseLine `json:"response,omitempty"`
	End      *end          `json:"end,omitempty"`
}

type header struct {
	Format int         `json:"format"`
	Made   surveys.Day `json:"made"`
}

type recordLine struct {
	Kind   string            `json:"kind"`
	ID     string            `json:"id"`
	Keys   map[string]string `json:"keys,omitempty"`
	Body   []byte            `json:"body"`
	Frozen bool              `json:"frozen,omitempty"`
}

type releaseLine struct {
	ID       string             `json:"id"`
	Facility surveys.FacilityID `json:"facility"`
	From     surveys.Day        `json:"from"`
	To       surveys.Day        `json:"to"`
	Released surveys.Day        `json:"released"`
	Format   int                `json:"format"`
	Head     []byte             `json:"head"`
	Parts    []byte             `json:"parts"`
}

type dayLine struct {
	Facility surveys.FacilityID `json:"facility"`
	Day      surveys.Day        `json:"day"`
	Format   int                `json:"format"`
	Forms    int64              `json:"forms"`
	Sealed   bool               `json:"sealed,omitempty"`
	Seal     string             `json:"seal,omitempty"`
	Body     []byte             `json:"body"`
}

func (l dayLine) counted() surveys.CountedDay {
	return surveys.CountedDay{
		Book: surveys.DayBook{Facility: l.Facility, Day: l.Day, Format: l.Format, Forms: l.Forms, Sealed: l.Sealed, Seal: l.Seal, Body: l.Body},
		Seen: surveys.DirtyDay{Facility: l.Facility, Day: l.Day},
	}
}

// responseLine leaves out the receipt, which follows from the id.
type responseLine struct {
	ID         surveys.SubmissionID `json:"id"`
	Facility   surveys.FacilityID   `json:"facility"`
	Point      surveys.PointID      `json:"point"`
	Instrument string               `json:"instrument"`
	Version    int                  `json:"version"`
	Form       surveys.Form         `json:"form"`
	Channel    surveys.Channel      `json:"channel"`
	Standing   surveys.Standing     `json:"standing"`
	Reason     string               `json:"reason,omitempty"`
	Pace       surveys.Pace         `json:"pace,omitempty"`
	Lang       string               `json:"lang"`
	Day        surveys.Day          `json:"day"`
	Hour       int                  `json:"hour"`
	Arrived    surveys.Day          `json:"arrived"`
	Answers    surveys.Answers      `json:"answers"`
	Comment    string               `json:"comment,omitempty"`
}

func (l responseLine) response() surveys.Response {
	return surveys.Response{
		ID: l.ID, Receipt: l.ID.Receipt(), Facility: l.Facility, Point: l.Point, Instrument: l.Instrument, Version: l.Version,
		Form: l.Form, Channel: l.Channel, Standing: l.Standing, Reason: l.Reason, Pace: l.Pace, Lang: l.Lang, Day: l.Day,
		Hour: l.Hour, Arrived: l.Arrived, Answers: l.Answers, Comment: l.Comment,
	}
}

// end closes a file.
type end struct {
	Counts

	SHA256 string `json:"sha256"` // of all bytes before this line
}

// lineWriter writes lines and keeps their sum.
type lineWriter struct {
	out    *bufio.Writer
	sum    hash.Hash
	counts Counts
}

func newLineWriter(w io.Writer) *lineWriter {
	sum := sha256.New()
	return &lineWriter{out: bufio.NewWriterSize(io.MultiWriter(w, sum), 1<<16), sum: sum}
}

func (w *lineWriter) write(l line) error {
	text, err := json.Marshal(l)
	if err == nil {
		_, err = w.out.Write(append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("write the backup: %w", err)
	}
	w.counts.add(l)
	return nil
}

func (w *lineWriter) close() error {
	if err := w.out.Flush(); err != nil {
		return fmt.Errorf("write the backup: %w", err)
	}
	last := line{End: &end{Counts: w.counts, SHA256: hex.EncodeToString(w.sum.Sum(nil))}}
	if err := w.write(last); err != nil {
		return err
	}
	if err := w.out.Flush(); err != nil {
		return fmt.Errorf("write the backup: %w", err)
	}
	return nil
}

func (c *Counts) add(l line) {
	switch {
	case l.Record != nil:
		c.Records++
	case l.Release != nil:
		c.Releases++
	case l.Day != nil:
		c.Days++
	case l.Response != nil:
		c.Responses++
	}
}

var (
	errNoBackup = errors.New("the file is no backup of Hailong, or damaged")
	errCut      = errors.New("the backup is cut short: its last line is missing")
	errDamaged  = errors.New("the backup is damaged: its content does not fit its sum")
)

// maxLine bounds a line; the largest are a year's release with its parts.
const maxLine = 64 << 20

// lineReader reads the lines of a file.
type lineReader struct {
	in     *bufio.Scanner
	sum    hash.Hash
	counts Counts
	number int
}

// readLines calls f for every line between the first and the last, and gives the last. Errors say what is wrong with
// the file; those of f are handed on.
func readLines(from io.Reader, f func(line) error) (end, error) {
	r := &lineReader{in: bufio.NewScanner(from), sum: sha256.New()}
	r.in.Buffer(make([]byte, 1<<16), maxLine)
	first, err := r.next()
	if err == nil {
		err = begins(first)
	}
	for err == nil {
		var l line
		if l, err = r.next(); err != nil {
			break
		}
		if l.End != nil {
			return *l.End, r.closes(*l.End)
		}
		r.counts.add(l)
		err = f(l)
	}
	return end{}, err
}

// next reads a line into the sum, unless it is the last. A file that ends before is cut short.
func (r *lineReader) next() (l line, err error) {
	if !r.in.Scan() {
		if err = r.in.Err(); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return l, fmt.Errorf("%w: %w", errDamaged, err)
		}
		return l, errCut
	}
	r.number++
	if err = json.Unmarshal(r.in.Bytes(), &l); err != nil {
		if !r.in.Scan() && r.in.Err() != nil {
			return l, errCut // the rest of a line
		}
		return l, fmt.Errorf("%w: line %d", errNoBackup, r.number)
	}
	if l.End == nil {
		r.sum.Write(r.in.Bytes())
		r.sum.Write([]byte{'\n'})
	}
	return l, nil
}

func begins(l line) error {
	switch {
	case l.Backup == nil:
		return errNoBackup
	case l.Backup.Format > format:
		return fmt.Errorf("%w: the backup has format %d, this program knows %d", surveys.ErrNewer, l.Backup.Format, format)
	}
	return nil
}

// closes holds the last line against what came before, and reads the stream to its own end, where it has a check.
func (r *lineReader) closes(last end) error {
	if last.SHA256 != hex.EncodeToString(r.sum.Sum(nil)) || last.Counts != r.counts {
		return errDamaged
	}
	if r.in.Scan() {
		return fmt.Errorf("%w: something follows its last line", errDamaged)
	}
	if err := r.in.Err(); err != nil {
		return fmt.Errorf("%w: %w", errCut, err)
	}
	return nil
}

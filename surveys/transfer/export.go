package transfer

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"

	"hailong/analytics"
	"hailong/surveys"
)

// ExportResponses writes the responses given on the days from–to (inclusive, empty is open) and says how
// many, ordered by facility and day. Those withdrawn are left out, and of all of them what could lead to
// a person or a receipt: id, comment and free text. An hour that is not known is blank.
func ExportResponses(ctx context.Context, store surveys.Store, w io.Writer, from, to surveys.Day) (rows int, err error) {
	items, kinds, err := exportItems(ctx, store)
	if err != nil {
		return 0, fmt.Errorf("export responses: %w", err)
	}
	out, err := newSheet(w, append([]string{
		"facility", "point", "instrument", "version", "form", "channel", "standing", "lang", "date", "hour", "arrived",
	}, items...))
	if err != nil {
		return 0, fmt.Errorf("export responses: %w", err)
	}
	line := make([]string, 0, 11+len(items))
	err = store.EachResponse(ctx, surveys.ResponseQuery{From: from, To: to}, func(r surveys.Response) error {
		if r.Standing == surveys.Withdrawn {
			return nil
		}
		line = append(line[:0], safe(string(r.Facility)), safe(string(r.Point)), safe(r.Instrument),
			strconv.Itoa(r.Version), safe(string(r.Form)), safe(string(r.Channel)), safe(string(r.Standing)),
			safe(r.Lang), string(r.Day), hourOf(r), string(r.Arrived))
		for _, code := range items {
			cell := ""
			if kinds[itemOf{r.Instrument, r.Version, code}] {
				cell = safe(strings.Join(r.Answers[code].Strings(), ";"))
			}
			line = append(line, cell)
		}
		return out.write(line)
	})
	if err != nil {
		return out.rows, fmt.Errorf("export responses: %w", err)
	}
	return out.rows, out.close()
}

func hourOf(r surveys.Response) string {
	if r.Hour < 0 {
		return ""
	}
	return strconv.Itoa(r.Hour)
}

// itemOf is an item of one version.
type itemOf struct {
	instrument string
	version    int
	code       string
}

// exportItems lists the codes of all published items but free texts, in the order of first appearance, and
// which version has which: a code that is a free text in one version is left out there.
func exportItems(ctx context.Context, store surveys.RecordStore) (codes []string, kinds map[itemOf]bool, err error) {
	instruments, err := surveys.Instruments(ctx, store)
	if err != nil {
		return nil, nil, err
	}
	kinds = map[itemOf]bool{}
	seen := map[string]bool{}
	for _, in := range instruments {
		for _, it := range in.Items {
			if it.Kind == surveys.TextItem {
				continue
			}
			kinds[itemOf{in.Key, in.Version, it.Code}] = true
			if !seen[it.Code] {
				seen[it.Code] = true
				codes = append(codes, it.Code)
			}
		}
	}
	return codes, kinds, nil
}

// ExportDays writes the counted days from–to (inclusive, empty is open) and says how many rows, one for each
// part of a day's book. Its columns satisfied … complete are the sums of analytics.Sums, items is JSON as in
// analytics.Counters. The column forms adds up to the forms of the days: it is 0 in the streams detail and
// restricted, whose forms stand in answers already; stream_forms counts the forms of each stream. Days that
// are not counted yet are missing or stale: count them first (analytics.Roller).
func ExportDays(ctx context.Context, store surveys.DayStore, w io.Writer, from, to surveys.Day) (rows int, err error) {
	out, err := newSheet(w, []string{
		"facility", "date", "point", "instrument", "version", "stream", "form", "channel", "arrived", "forms", "stream_forms",
		"satisfied", "answered", "satisfied_sq", "cross", "answered_sq", "points", "complete", "items",
	})
	if err != nil {
		return 0, fmt.Errorf("export days: %w", err)
	}
	err = store.EachDay(ctx, surveys.DayQuery{From: from, To: to}, func(b surveys.DayBook) error {
		parts, perr := analytics.Parts(b)
		if perr != nil {
			return perr
		}
		for _, p := range parts {
			line, perr := partLine(b, p)
			if perr != nil {
				return perr
			}
			if perr = out.write(line); perr != nil {
				return perr
			}
		}
		return nil
	})
	if err != nil {
		return out.rows, fmt.Errorf("export days: %w", err)
	}
	return out.rows, out.close()
}

func partLine(b surveys.DayBook, p analytics.Part) ([]string, error) {
	items := p.Counters.Items
	if items == nil {
		items = map[string][]int64{}
	}
	tables, err := json.Marshal(items)
	if err != nil {
		return nil, fmt.Errorf("encode the items of %s on %s: %w", b.Facility, b.Day, err)
	}
	forms := p.Counters.Forms
	if p.Stream != analytics.Answers && p.Stream != analytics.Aside {
		forms = 0
	}
	line := []string{
		safe(string(b.Facility)), string(b.Day), safe(string(p.Point)), safe(p.Instrument), strconv.Itoa(p.Version),
		safe(string(p.Stream)), safe(string(p.Form)), safe(string(p.Channel)), string(p.Arrived),
	}
	s := p.Counters.Sums
	for _, n := range []int64{
		forms, p.Counters.Forms, s.Satisfied, s.Answered, s.SatisfiedSq, s.Cross, s.AnsweredSq, s.Points, s.Complete,
	} {
		line = append(line, strconv.FormatInt(n, 10))
	}
	return append(line, string(tables)), nil
}

// sheet writes CSV that ends with the count of its rows and the digest of all bytes before that line.
type sheet struct {
	csv  *csv.Writer
	out  *bufio.Writer
	sum  hash.Hash
	rows int
}

func newSheet(w io.Writer, header []string) (*sheet, error) {
	s := &sheet{out: bufio.NewWriterSize(w, 1<<16), sum: sha256.New()}
	s.csv = csv.NewWriter(io.MultiWriter(s.out, s.sum))
	if err := s.csv.Write(header); err != nil {
		return nil, fmt.Errorf("write header: %w", err)
	}
	return s, nil
}

func (s *sheet) write(line []string) error {
	if err := s.csv.Write(line); err != nil {
		return fmt.Errorf("write row: %w", err)
	}
	s.rows++
	return nil
}

func (s *sheet) close() error {
	s.csv.Flush()
	if err := s.csv.Error(); err != nil {
		return fmt.Errorf("write rows: %w", err)
	}
	last := fmt.Sprintf("# rows=%d sha256=%s\n", s.rows, hex.EncodeToString(s.sum.Sum(nil)))
	if _, err := s.out.WriteString(last); err != nil {
		return fmt.Errorf("write last line: %w", err)
	}
	if err := s.out.Flush(); err != nil {
		return fmt.Errorf("write last line: %w", err)
	}
	return nil
}

// safe keeps a spreadsheet from taking a cell for a formula: such a cell gets an apostrophe in front.
func safe(cell string) string {
	if cell != "" && strings.IndexByte("=+-@\t\r", cell[0]) >= 0 {
		return "'" + cell
	}
	return cell
}

package surveys

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// BatchNumber names one printing of a paper form, by digits alone: two of the year, four or more that count, and a check
// digit. It tells who types a form all else that he needs: point, questionnaire, version and form.
type BatchNumber string

const leastCounted = 4 // digits

// NewBatchNumber is the n-th number of a year.
func NewBatchNumber(year, n int) BatchNumber {
	digits := fmt.Sprintf("%02d%0*d", year%100, leastCounted, n)
	return BatchNumber(digits + strconv.Itoa(damm(digits)))
}

// ParseBatchNumber reads what was typed: hyphens, dots and spaces do not matter, any other letter and a wrong digit do.
func ParseBatchNumber(s string) (BatchNumber, bool) {
	const most = 12
	if len(s) > 4*most {
		return "", false
	}
	digits := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' || r == '.' || r == '–' {
			return -1
		}
		return r
	}, s)
	odd := strings.ContainsFunc(digits, func(r rune) bool { return r < '0' || r > '9' })
	if odd || len(digits) < 2+leastCounted+1 || len(digits) > most || damm(digits) != 0 {
		return "", false
	}
	return BatchNumber(digits), true
}

// String is the number as it is printed: 260001-7.
func (n BatchNumber) String() string {
	if len(n) == 0 {
		return ""
	}
	return string(n[:len(n)-1] + "-" + n[len(n)-1:])
}

// damm is the check digit of digits (H. M. Damm 2004): it finds every wrong digit and every two that changed places. Over a
// number with its check digit it is 0.
func damm(digits string) int {
	table := [10]string{
		"0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
		"3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
	}
	check := 0
	for _, r := range []byte(digits) {
		check = int(table[check][r-'0'] - '0')
	}
	return check
}

// BatchState is how far a batch has come.
type BatchState string

// The states in their order. A batch that is open takes forms; one that is checking is typed, and a sample of it is typed
// once more; a closed one is done and holds no trail to its forms.
const (
	BatchOpen     BatchState = "open"
	BatchChecking BatchState = "checking"
	BatchClosed   BatchState = "closed"
)

// PaperBatch is one printing of a point's paper form, and what became of its sheets. While forms are typed it leads from
// the number that is written on a sheet to the stored form, so that a slip can be taken back and a sample be typed again.
// Closing deletes that trail for good: a form on a shelf then leads to no stored form, whoever reads the store.
type PaperBatch struct {
	Number     BatchNumber `json:"number"`
	Point      PointID     `json:"point"`
	Facility   FacilityID  `json:"facility"` // where the point was then
	Instrument string      `json:"instrument"`
	Version    int         `json:"version"`
	Form       Form        `json:"form"`
	Lang       string      `json:"lang"`
	Copies     int         `json:"copies"`
	Printed    Day         `json:"printed"`
	State      BatchState  `json:"state"`

	Channel  Channel `json:"channel,omitempty"`   // paper or assisted
	HandedIn int     `json:"handed_in,omitempty"` // sheets that came back
	Filled   Day     `json:"filled,omitempty"`    // when the sheets that are typed next were filled in
	// TypedBy and CheckedBy are the accounts that typed and typed again; a citizen never is among them.
	TypedBy   []string   `json:"typed_by,omitempty"`
	CheckedBy []string   `json:"checked_by,omitempty"`
	Typed     int        `json:"typed"`
	Undone    int        `json:"undone,omitempty"` // sheets that were taken back, typed again or not
	Check     PaperCheck `json:"check"`
	Closed    Day        `json:"closed,omitempty"`

	// Gone when the batch is closed.
	Seed   string       `json:"seed,omitempty"` // settles which sheets are typed again
	Sheets []TypedSheet `json:"sheets,omitempty"`
}

// TypedSheet is one sheet of an open batch; its number is its place in the list, from 1. The id of a sheet that is in no
// store is that under which it is still to be typed.
type TypedSheet struct {
	ID      SubmissionID `json:"id"`
	Seat    string       `json:"seat,omitempty"`    // of whoever typed it: only there is it taken back
	Checked bool         `json:"checked,omitempty"` // typed a second time and compared
	Open    bool         `json:"open,omitempty"`    // what differed is still to be settled
}

// PaperCheck is what came of the second keying: counts only.
type PaperCheck struct {
	Sheets    int `json:"sheets"`
	Compared  int `json:"compared"`  // items
	Differing int `json:"differing"` // of these
	Corrected int `json:"corrected"` // answers that were changed
	Late      int `json:"late"`      // answers that were wrong and published already
}

// Rate is the share of items that differed, 0 where none was compared.
func (c PaperCheck) Rate() float64 {
	if c.Compared == 0 {
		return 0
	}
	return float64(c.Differing) / float64(c.Compared)
}

// MostCopies is how many sheets one printing makes, MostSheets how many forms one batch takes.
const (
	MostCopies = 100
	MostSheets = 999
)

// PaperBatches is the collection of batches.
func PaperBatches() Collection[PaperBatch] {
	return Collection[PaperBatch]{
		Kind: "paper",
		ID:   func(b PaperBatch) string { return string(b.Number) },
		Keys: func(b PaperBatch) map[string]string {
			return map[string]string{"year": string(b.Number)[:2], "point": string(b.Point), "state": string(b.State)}
		},
	}
}

// DraftBatch is a printing of a point's form that has no number yet, and the place it is of.
func DraftBatch(ctx context.Context, s RecordStore, p Point, f Facility, b PaperBatch) (PaperBatch, *Place, error) {
	in, err := LatestInstrument(ctx, s, InForce(p, f))
	if err != nil {
		return b, nil, err
	}
	b.Point, b.Facility, b.Instrument, b.Version = p.ID, f.ID, in.Key, in.Version
	return b, &Place{Point: p, Facility: f, Instrument: in}, nil
}

// IssueBatch gives a printing the next number of its year and puts it on record.
func IssueBatch(ctx context.Context, s RecordStore, b PaperBatch) (PaperBatch, error) {
	if b.Copies < 1 || b.Copies > MostCopies {
		bad := &InvalidError{}
		bad.Add("copies", "error.malformed", "copies")
		return b, bad
	}
	year := b.Printed.Date().Year()
	b.State, b.Seed = BatchOpen, randomCode(idLength)
	for {
		issued, err := PaperBatches().By(ctx, s, "year", fmt.Sprintf("%02d", year%100))
		if err != nil {
			return b, err
		}
		last := 0
		for _, one := range issued {
			last = max(last, one.Value.Number.count())
		}
		b.Number = NewBatchNumber(year, last+1)
		_, err = PaperBatches().Put(ctx, s, b, 0)
		if !errors.Is(err, ErrConflict) {
			return b, err
		}
		if err = ctx.Err(); err != nil {
			return b, fmt.Errorf("issue a batch: %w", err)
		}
	}
}

// count is which of its year the number is.
func (n BatchNumber) count() int {
	if len(n) < 2+leastCounted+1 {
		return 0
	}
	count, err := strconv.Atoi(string(n[2 : len(n)-1]))
	if err != nil {
		return 0
	}
	return count
}

// CompareBatches puts those in work first, then the newest first.
func CompareBatches(a, b PaperBatch) int {
	order := []BatchState{BatchChecking, BatchOpen, BatchClosed}
	return cmp.Or(
		cmp.Compare(slices.Index(order, a.State), slices.Index(order, b.State)),
		cmp.Compare(b.Number[:2], a.Number[:2]), cmp.Compare(b.Number.count(), a.Number.count()),
	)
}

// SampleShare is one in how many sheets is typed a second time.
const SampleShare = 10

// Sample lists the sheets that are typed a second time, in order: a tenth, at least one. The batch's own seed picks them,
// which nobody chose and no page shows.
func (b PaperBatch) Sample() []int {
	sheets := make([]int, len(b.Sheets))
	for i := range sheets {
		sheets[i] = i + 1
	}
	lot := func(sheet int) string {
		sum := sha256.Sum256(fmt.Appendf(nil, "hailong sample\x00%s\x00%d", b.Seed, sheet))
		return hex.EncodeToString(sum[:])
	}
	slices.SortFunc(sheets, func(x, y int) int { return cmp.Compare(lot(x), lot(y)) })
	chosen := sheets[:(len(sheets)+SampleShare-1)/SampleShare]
	slices.Sort(chosen)
	return chosen
}

// sheet is one by its number.
func (b *PaperBatch) sheet(n int) (*TypedSheet, bool) {
	if n < 1 || n > len(b.Sheets) {
		return nil, false
	}
	return &b.Sheets[n-1], true
}

// find is the number of the sheet of an id, 0 if there is none.
func (b *PaperBatch) find(id SubmissionID) int {
	return 1 + slices.IndexFunc(b.Sheets, func(s TypedSheet) bool { return s.ID == id })
}

// LastOf is the sheet that was typed last at a seat, 0 if none was.
func (b *PaperBatch) LastOf(seat string) int {
	for i, s := range slices.Backward(b.Sheets) {
		if s.Seat == seat {
			return i + 1
		}
	}
	return 0
}

// credit adds an account to those that did something.
func credit(names []string, name string) []string {
	if name == "" || slices.Contains(names, name) {
		return names
	}
	return append(names, name)
}

package transfer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"hailong/surveys"
)

// ResponseOptions say how a file of responses is imported.
type ResponseOptions struct {
	// Batch names the file for good: with it and a row's id or number the row is known again.
	Batch string
	Clock surveys.Clock
	Zone  *time.Location
	RecordOptions
	// Progress, if wanted, is told how many rows are done. While the file is checked, of is 0.
	Progress func(done, of int)
}

const (
	// chunk is how many rows are stored at a time: many, since each batch costs the store its pages, but so
	// few that a citizen who waits behind one does not notice.
	chunk    = 10_000
	mostMark = 100 // characters of a batch or a row's id
)

var (
	// ErrBatch is a batch without a name, or with one that is too long.
	ErrBatch = errors.New("a batch needs a name of 1 to 100 characters")
	// ErrChanged is a file that reads otherwise than when it was checked. Of what differs nothing is stored; the
	// parts before it may be, and importing the file again completes them.
	ErrChanged = errors.New("the file has changed since it was checked")
)

// ImportResponses stores the rows of a CSV or XLSX file as responses. It reads the file twice: once to check every
// row, when nothing is stored, and once to store, when no part is stored that does not read as it did before. A
// row that is known already stays as it was. It keeps nothing of the file in memory but the mistakes, a mark for
// each part and, where rows have ids, a few bytes for each id.
func ImportResponses(
	ctx context.Context, store surveys.Store, ingest *surveys.Ingest, file io.ReadSeeker, opt ResponseOptions,
) (Report, error) {
	opt.Batch = cleanName(opt.Batch)
	if n := utf8.RuneCountInString(opt.Batch); n == 0 || n > mostMark {
		return Report{}, ErrBatch
	}
	im := &responseImport{opt: opt, file: file, records: store, stored: store, seed: maphash.MakeSeed()}
	im.keep = func(ctx context.Context, batch []surveys.Response) ([]bool, error) { return ingest.AddAll(ctx, batch) }
	if opt.DryRun {
		im.keep = func(ctx context.Context, batch []surveys.Response) ([]bool, error) { return unknown(ctx, store, batch) }
	}
	if err := im.open(ctx, store); err != nil {
		return Report{}, err
	}
	if err := im.check(ctx); err != nil {
		return Report{}, err
	}
	if opt.DryRun {
		return im.report, nil
	}
	if err := im.remember(ctx, false); err != nil {
		return Report{}, err
	}
	if err := im.store(ctx); err != nil {
		return im.report, err
	}
	return im.report, im.remember(ctx, true)
}

// open learns what the rows are held against.
func (im *responseImport) open(ctx context.Context, store surveys.Store) error {
	var err error
	if im.report.Digest, err = im.opt.digest(im.file); err != nil {
		return fmt.Errorf("import responses: %w", err)
	}
	items, err := publishedItems(ctx, store)
	if err != nil {
		return fmt.Errorf("import responses: %w", err)
	}
	in, err := surveys.Installed(ctx, store)
	if err != nil && !errors.Is(err, surveys.ErrNotFound) {
		return fmt.Errorf("import responses: %w", err)
	}
	today := surveys.DayOf(im.opt.Clock(), im.opt.Zone)
	im.rows = &responseRows{
		seals: newSeals(store, in, today), batch: im.opt.Batch, today: today, published: items,
		doorway: surveys.NewDoorway(store, im.opt.Clock, im.opt.Zone), places: map[string]*rowPlace{},
		instruments: map[string]*surveys.Instrument{},
	}
	return im.earlier(ctx)
}

// unknown says which of the responses are not stored yet.
func unknown(ctx context.Context, store surveys.ResponseStore, batch []surveys.Response) ([]bool, error) {
	news := make([]bool, len(batch))
	for i, r := range batch {
		_, err := store.Response(ctx, r.ID)
		if news[i] = errors.Is(err, surveys.ErrNotFound); err != nil && !news[i] {
			return nil, fmt.Errorf("look for a row: %w", err)
		}
	}
	return news, nil
}

// publishedItems are the item codes of all published instruments.
func publishedItems(ctx context.Context, store surveys.RecordStore) (map[string]bool, error) {
	instruments, err := surveys.Instruments(ctx, store)
	if err != nil {
		return nil, err
	}
	codes := map[string]bool{}
	for _, in := range instruments {
		for it := range in.Accepted() {
			codes[it.Code] = true
		}
	}
	return codes, nil
}

// responseImport is the state of one import of responses.
type responseImport struct {
	opt       ResponseOptions
	file      io.ReadSeeker
	records   surveys.RecordStore
	stored    surveys.ResponseStore
	rows      *responseRows
	keep      func(context.Context, []surveys.Response) ([]bool, error)
	seed      maphash.Seed
	marks     []uint64 // of the parts of the file as they were checked
	counting  sync.Mutex
	differing *complaints
	report    Report
}

// part is some rows of the file that are right, and a mark of all that was read for them.
type part struct {
	rows  []surveys.Response
	lines []int
	mark  uint64
}

// each reads the file from its start and calls f with one part after the other; the last may be empty.
func (im *responseImport) each(ctx context.Context, f func(part) error) (*complaints, error) {
	if _, err := im.file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("go to the start of the file: %w", err)
	}
	bad := &complaints{}
	source := openRows(im.file)
	im.report.about(source)
	ahead, stop := readAhead(source)
	defer stop()
	ok, err := im.rows.open(ahead, bad)
	if err != nil || !ok {
		return bad, err
	}
	for {
		if err := ctx.Err(); err != nil {
			return bad, err //nolint:wrapcheck // the callers wrap it
		}
		p, more, err := im.readPart(ctx)
		if err == nil {
			err = f(p)
		}
		if err != nil || !more {
			return bad, err
		}
	}
}

// readPart reads as many rows as are stored at a time.
func (im *responseImport) readPart(ctx context.Context) (p part, more bool, err error) {
	p = part{rows: make([]surveys.Response, 0, chunk), lines: make([]int, 0, chunk)}
	var mark maphash.Hash
	mark.SetSeed(im.seed)
	for range chunk {
		var r surveys.Response
		r, more, err = im.rows.next(ctx, &mark)
		if err != nil || !more {
			break
		}
		if r.ID != "" { // else complained about
			p.rows, p.lines = append(p.rows, r), append(p.lines, im.rows.line)
		}
	}
	p.mark = mark.Sum64()
	return p, more, err
}

// check reads the file without storing anything. A dry run looks up what is new meanwhile.
func (im *responseImport) check(ctx context.Context) error {
	im.rows.light = !im.opt.DryRun && im.report.Earlier == nil
	defer func() { im.rows.light = false }()
	bad, err := im.each(ctx, func(p part) error { return im.checked(ctx, p) })
	if err != nil {
		return fmt.Errorf("check the responses: %w", err)
	}
	if im.differing != nil {
		im.report.Differing = &im.differing.file
	}
	if bad.count() > 0 {
		return bad.orNil()
	}
	if again, err := digest(im.file); err != nil || again != im.report.Digest {
		return fmt.Errorf("check the responses: %w", cmp.Or(err, ErrChanged))
	}
	return nil
}

// checked takes note of a part whose rows were held against the store.
func (im *responseImport) checked(ctx context.Context, p part) error {
	im.marks = append(im.marks, p.mark)
	for i, r := range p.rows {
		if err := im.compare(ctx, p.lines[i], r); err != nil {
			return err
		}
	}
	im.report.Rows += len(p.rows)
	tell := func() { im.progress(im.report.Rows, 0) }
	if im.opt.DryRun {
		return im.count(ctx, p.rows, tell)
	}
	tell()
	return nil
}

// store reads the file again and stores it part by part; while one is written the next is made ready, and one more read.
func (im *responseImport) store(ctx context.Context) error {
	keep, ctx := errgroup.WithContext(ctx)
	keep.SetLimit(2)
	parts := make(chan []surveys.Response)
	read := make(chan error, 1)
	go func() {
		defer close(parts)
		read <- im.read(ctx, parts)
	}()
	for batch := range parts { // until the reader has left: the file is the caller's again
		keep.Go(func() error { return im.keepPart(ctx, batch) })
	}
	err := keep.Wait()
	if readErr := <-read; err == nil { // else it was stopped
		err = readErr
	}
	if err != nil {
		return fmt.Errorf("import responses: %w", err)
	}
	return nil
}

// read hands on the parts that read as they did when they were checked.
func (im *responseImport) read(ctx context.Context, parts chan<- []surveys.Response) error {
	n := 0
	_, err := im.each(ctx, func(p part) error {
		if n >= len(im.marks) || p.mark != im.marks[n] {
			return ErrChanged
		}
		n++
		select {
		case parts <- p.rows:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	if err == nil && n < len(im.marks) {
		return ErrChanged
	}
	return err
}

func (im *responseImport) keepPart(ctx context.Context, batch []surveys.Response) error {
	if len(batch) == 0 {
		return nil
	}
	return im.count(ctx, batch, func() { im.progress(im.report.New+im.report.Known, im.report.Rows) })
}

// count stores some rows, or in a dry run looks for them, counts which are new, and then tells.
func (im *responseImport) count(ctx context.Context, batch []surveys.Response, tell func()) error {
	added, err := im.keep(ctx, batch)
	if err != nil {
		return err
	}
	im.counting.Lock()
	defer im.counting.Unlock()
	for _, isNew := range added {
		if isNew {
			im.report.New++
		} else {
			im.report.Known++
		}
	}
	tell()
	return nil
}

func (im *responseImport) progress(done, of int) {
	if im.opt.Progress != nil {
		im.opt.Progress(done, of)
	}
}

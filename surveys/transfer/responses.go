package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"hailong/surveys"
)

// ResponseOptions say how a file of responses is imported.
type ResponseOptions struct {
	// Batch names the file for good: with it and a row's id or number the row is known again.
	Batch  string
	Clock  surveys.Clock
	Zone   *time.Location
	DryRun bool
	// Progress, if wanted, is told how many rows are done. While the file is checked, of is 0.
	Progress func(done, of int)
}

const (
	// chunk is how many rows are stored at a time: many, since each batch costs the store its pages, but so
	// few that a citizen who waits behind one does not notice.
	chunk    = 2000
	mostMark = 100 // characters of a batch or a row's id
)

// ErrBatch is a batch without a name, or with one that is too long.
var ErrBatch = errors.New("a batch needs a name of 1 to 100 characters")

var errChanged = errors.New("the file has changed since it was checked")

// ImportResponses stores the rows of a CSV file as responses. It reads the file twice: once to check every
// row, when nothing is stored, and once to store. A row that is known already stays as it was. It keeps
// nothing of the file in memory but the mistakes and, where rows have ids, a few bytes for each id.
func ImportResponses(
	ctx context.Context, store surveys.Store, ingest *surveys.Ingest, file io.ReadSeeker, opt ResponseOptions,
) (Report, error) {
	opt.Batch = cleanName(opt.Batch)
	if n := utf8.RuneCountInString(opt.Batch); n == 0 || n > mostMark {
		return Report{}, ErrBatch
	}
	im := &responseImport{opt: opt, file: file}
	im.keep = func(ctx context.Context, batch []surveys.Response) ([]bool, error) { return ingest.AddAll(ctx, batch) }
	if opt.DryRun {
		im.keep = func(ctx context.Context, batch []surveys.Response) ([]bool, error) { return unknown(ctx, store, batch) }
	}
	items, err := publishedItems(ctx, store)
	if err != nil {
		return Report{}, fmt.Errorf("import responses: %w", err)
	}
	in, err := surveys.Installed(ctx, store)
	if err != nil && !errors.Is(err, surveys.ErrNotFound) {
		return Report{}, fmt.Errorf("import responses: %w", err)
	}
	today := surveys.DayOf(opt.Clock(), opt.Zone)
	im.rows = &responseRows{
		seals: &seals{store: store, in: in, today: today, known: map[facilityDay]bool{}},
		batch: opt.Batch, today: today, published: items,
		doorway: surveys.NewDoorway(store, opt.Clock, opt.Zone), places: map[string]*rowPlace{},
		instruments: map[string]*surveys.Instrument{},
	}
	if err := im.check(ctx); err != nil {
		return Report{}, err
	}
	if err := im.store(ctx); err != nil {
		return im.report, err
	}
	return im.report, nil
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
		for _, it := range in.Items {
			codes[it.Code] = true
		}
	}
	return codes, nil
}

// responseImport is the state of one import of responses.
type responseImport struct {
	opt    ResponseOptions
	file   io.ReadSeeker
	rows   *responseRows
	keep   func(context.Context, []surveys.Response) ([]bool, error)
	report Report
}

// each reads the file from its start and calls f for every row that is right.
func (im *responseImport) each(ctx context.Context, f func(surveys.Response) error) (*complaints, error) {
	if _, err := im.file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("go to the start of the file: %w", err)
	}
	bad := &complaints{}
	ok, err := im.rows.open(newCSVRows(im.file), bad)
	if err != nil || !ok {
		return bad, err
	}
	for n := 0; ; n++ {
		if n%chunk == 0 && ctx.Err() != nil {
			return bad, ctx.Err() //nolint:wrapcheck // the callers wrap it
		}
		r, more, err := im.rows.next(ctx)
		if err != nil || !more {
			return bad, err
		}
		if r.ID == "" {
			continue // complained about
		}
		if err := f(r); err != nil {
			return bad, err
		}
	}
}

func (im *responseImport) check(ctx context.Context) error {
	bad, err := im.each(ctx, func(surveys.Response) error {
		if im.report.Rows++; im.report.Rows%chunk == 0 {
			im.progress(im.report.Rows, 0)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("check the responses: %w", err)
	}
	return bad.orNil()
}

// store reads the file again and stores it in chunks; while one is being stored the next is read.
func (im *responseImport) store(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	chunks := make(chan []surveys.Response, 1)
	read := make(chan error, 1)
	go func() {
		defer close(chunks)
		read <- im.read(ctx, chunks)
	}()
	for batch := range chunks {
		if err := im.keepChunk(ctx, batch); err != nil {
			cancel()
			for range chunks { // the reader stops: the file is the caller's again
			}
			return fmt.Errorf("import responses: %w", err)
		}
	}
	if err := <-read; err != nil {
		return fmt.Errorf("import responses: %w", err)
	}
	if im.report.New+im.report.Known < im.report.Rows {
		return fmt.Errorf("import responses: %w", errChanged)
	}
	return nil
}

func (im *responseImport) read(ctx context.Context, chunks chan<- []surveys.Response) error {
	batch := make([]surveys.Response, 0, chunk)
	send := func() error {
		select {
		case chunks <- batch:
			batch = make([]surveys.Response, 0, chunk)
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	n := 0
	bad, err := im.each(ctx, func(r surveys.Response) error {
		if n++; n > im.report.Rows {
			return errChanged
		}
		if batch = append(batch, r); len(batch) < chunk {
			return nil
		}
		return send()
	})
	if err == nil && bad.count() > 0 {
		err = fmt.Errorf("%w: %w", errChanged, bad.orNil())
	}
	if err != nil || len(batch) == 0 {
		return err
	}
	return send()
}

func (im *responseImport) keepChunk(ctx context.Context, batch []surveys.Response) error {
	added, err := im.keep(ctx, batch)
	if err != nil {
		return err
	}
	for _, isNew := range added {
		if isNew {
			im.report.New++
		} else {
			im.report.Known++
		}
	}
	im.progress(im.report.New+im.report.Known, im.report.Rows)
	return nil
}

func (im *responseImport) progress(done, of int) {
	if im.opt.Progress != nil {
		im.opt.Progress(done, of)
	}
}

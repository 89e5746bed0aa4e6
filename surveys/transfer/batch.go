package transfer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"hailong/surveys"
)

// batch is what is remembered of a batch: the files it came from. Its rows are known without it; it is there so
// that somebody who gives another file under a name that is taken is told.
type batch struct {
	Name  string      `json:"name"`
	Files []BatchFile `json:"files"`
}

// BatchFile is a file that a batch was imported from.
type BatchFile struct {
	Digest string      `json:"sha256"`
	Rows   int         `json:"rows"`
	Day    surveys.Day `json:"day"`
	Whole  bool        `json:"whole"` // all of it was stored
}

const mostBatchFiles = 50

func batches() surveys.Collection[batch] {
	return surveys.Collection[batch]{Kind: "batch", ID: func(b batch) string { return b.Name }}
}

// earlier finds the file that the batch was last imported from, if it never was from this one.
func (im *responseImport) earlier(ctx context.Context) error {
	stored, err := batches().Find(ctx, im.records, im.opt.Batch)
	if errors.Is(err, surveys.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("import responses: %w", err)
	}
	files := stored.Value.Files
	if len(files) > 0 && !slices.ContainsFunc(files, im.isThis) {
		im.report.Earlier = &files[len(files)-1]
	}
	return nil
}

func (im *responseImport) isThis(f BatchFile) bool { return f.Digest == im.report.Digest }

// remember notes the file: before the first row is stored, and again when all are.
func (im *responseImport) remember(ctx context.Context, whole bool) error {
	stored, err := batches().Find(ctx, im.records, im.opt.Batch)
	if err != nil && !errors.Is(err, surveys.ErrNotFound) {
		return fmt.Errorf("import responses: %w", err)
	}
	b := stored.Value
	b.Name = im.opt.Batch
	i := slices.IndexFunc(b.Files, im.isThis)
	switch {
	case i < 0:
		b.Files = append(b.Files, BatchFile{Digest: im.report.Digest, Rows: im.report.Rows, Day: im.rows.today, Whole: whole})
	case b.Files[i].Whole || !whole:
		return nil
	default:
		b.Files[i].Whole = true
	}
	b.Files = b.Files[max(0, len(b.Files)-mostBatchFiles):]
	// Whoever imports the same batch at the same time notes as much, and the rows are safe either way.
	if _, err = batches().Put(ctx, im.records, b, stored.Rev); err != nil && !errors.Is(err, surveys.ErrConflict) {
		return fmt.Errorf("import responses: %w", err)
	}
	return nil
}

// compare looks for rows that the batch holds already with another content. It costs a reading for each row, so
// it is done only when the batch was imported from another file before.
func (im *responseImport) compare(ctx context.Context, line int, r surveys.Response) error {
	if im.report.Earlier == nil {
		return nil
	}
	was, err := im.stored.Response(ctx, r.ID)
	if errors.Is(err, surveys.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for a row: %w", err)
	}
	if was.Standing == surveys.Withdrawn || sameRow(was, r) {
		return nil
	}
	if im.differing == nil {
		im.differing = &complaints{}
	}
	im.differing.add(line, "", "import.differs")
	return nil
}

// sameRow holds a stored response against a row: where its point leads, and what the instrument made of it, may
// have changed since.
func sameRow(was, r surveys.Response) bool {
	return was.Point == r.Point && was.Day == r.Day && was.Channel == r.Channel && was.Lang == r.Lang && was.Comment == r.Comment &&
		maps.EqualFunc(was.Answers, r.Answers, func(a, b surveys.Answer) bool { return slices.Equal(a.Strings(), b.Strings()) })
}

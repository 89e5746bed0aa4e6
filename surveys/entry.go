package surveys

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// EntryDesk is where paper forms are typed, checked and done with. A form goes the way of every other (Submission.Check,
// Ingest); what the desk adds is the batch: it notes the id of a sheet before it stores the form, so that whatever is cut
// off in between can be sent again, or typed again, and is stored once.
type EntryDesk struct {
	store  Store
	ingest *Ingest
	today  func() Day
	// published says whether a response is in a figure that has come out.
	published func(context.Context, Response) (bool, error)
}

// NewEntryDesk makes a desk on a store.
func NewEntryDesk(s Store, ingest *Ingest, today func() Day, published func(context.Context, Response) (bool, error)) *EntryDesk {
	return &EntryDesk{store: s, ingest: ingest, today: today, published: published}
}

// Keyed is a form as somebody typed it.
type Keyed struct {
	Submission
	Batch BatchNumber
	Sheet int // 0: one more
	Day   Day // on which the citizen filled it in
	Seat  string
	By    string
}

// Errors of the desk, beside ErrNotFound and ErrConflict (somebody else was there first).
var (
	// ErrBatchDone: the batch takes no such act in its state.
	ErrBatchDone = errors.New("batch is not open for this")
	// ErrSheetMissing: a sheet was begun and is not stored; it must be typed again.
	ErrSheetMissing = errors.New("a sheet is not stored")
	// ErrPublished: the form is in a figure that has come out and cannot be taken back any more.
	ErrPublished = errors.New("published already")
	// ErrUnchecked: sheets of the sample are not typed a second time yet.
	ErrUnchecked = errors.New("sample not checked")
	// ErrHandedIn: not as many sheets are typed as were handed in.
	ErrHandedIn = errors.New("sheets are not as many as handed in")
)

// errSame ends a change that changes nothing.
var errSame = errors.New("nothing to change")

// PlacedBatch is a batch with what its forms are of.
type PlacedBatch struct {
	PaperBatch
	Place *Place
}

// Find reads a batch with its place as it was printed: the point may lead elsewhere by now, or ask a later version.
func (d *EntryDesk) Find(ctx context.Context, number BatchNumber) (PlacedBatch, error) {
	b, err := PaperBatches().Find(ctx, d.store, string(number))
	if err != nil {
		return PlacedBatch{}, err
	}
	place, err := PlaceOfBatch(ctx, d.store, b.Value)
	return PlacedBatch{PaperBatch: b.Value, Place: place}, err
}

// PlaceOfBatch is where a batch's forms belong.
func PlaceOfBatch(ctx context.Context, s RecordStore, b PaperBatch) (*Place, error) {
	point, err := Points().Find(ctx, s, string(b.Point))
	if err != nil {
		return nil, err
	}
	facility, err := Facilities().Find(ctx, s, string(b.Facility))
	if err != nil {
		return nil, err
	}
	in, err := FindInstrument(ctx, s, b.Instrument, b.Version)
	if err != nil {
		return nil, err
	}
	return &Place{Point: point.Value, Facility: facility.Value, Instrument: in}, nil
}

// change changes a batch as it is now.
func (d *EntryDesk) change(ctx context.Context, number BatchNumber, change func(*PaperBatch) error) (PaperBatch, error) {
	for {
		b, err := PaperBatches().Find(ctx, d.store, string(number))
		if err != nil {
			return PaperBatch{}, err
		}
		if err = change(&b.Value); err != nil {
			if errors.Is(err, errSame) {
				err = nil
			}
			return b.Value, err
		}
		_, err = PaperBatches().Put(ctx, d.store, b.Value, b.Rev)
		if !errors.Is(err, ErrConflict) {
			return b.Value, err
		}
		if err = ctx.Err(); err != nil {
			return b.Value, fmt.Errorf("change batch %s: %w", number, err)
		}
	}
}

// Begin says how a batch is to be typed: by which channel, how many sheets came back, and when they were filled in.
func (d *EntryDesk) Begin(ctx context.Context, number BatchNumber, channel Channel, handedIn int, filled Day) error {
	paper, err := d.Find(ctx, number)
	if err != nil {
		return err
	}
	bad := &InvalidError{}
	if !channel.Typed() {
		bad.Add("channel", "error.malformed", "channel")
	}
	if handedIn < 1 || handedIn > MostSheets {
		bad.Add("handed_in", "error.malformed", "handed_in")
	}
	if err = d.checkDay(ctx, paper, filled, bad); err != nil {
		return err
	}
	if err = bad.OrNil(); err != nil {
		return err
	}
	_, err = d.change(ctx, number, func(b *PaperBatch) error {
		if b.State != BatchOpen || len(b.Sheets) > 0 && b.Channel != channel {
			return ErrBatchDone
		}
		b.Channel, b.HandedIn, b.Filled = channel, handedIn, filled
		return nil
	})
	return err
}

// checkDay notes what is wrong with the day on which forms were filled in: it is past, the forms were printed by then, the
// facility was open, and the day still takes answers.
func (d *EntryDesk) checkDay(ctx context.Context, paper PlacedBatch, day Day, bad *InvalidError) error {
	today := d.today()
	switch f := paper.Place.Facility; {
	case day == "":
		bad.Add("day", "entry.day.none")
	case day > today:
		bad.Add("day", "entry.day.future")
	case day < paper.Printed:
		bad.Add("day", "entry.day.unprinted")
	case !day.Within(f.From, f.To):
		bad.Add("day", "entry.day.closed")
	default:
		in, err := Installed(ctx, d.store)
		if err != nil {
			return err
		}
		sealed, err := DayClosed(ctx, d.store, in, today, f.ID, day)
		if err != nil {
			return err
		}
		if sealed {
			bad.Add("day", "entry.day.sealed")
		}
	}
	return nil
}

// Save stores a typed form and gives the number of its sheet. The same id again changes nothing, whatever was typed. An
// InvalidError says what is wrong with the answers or the day.
func (d *EntryDesk) Save(ctx context.Context, k Keyed) (sheet int, err error) {
	paper, err := d.Find(ctx, k.Batch)
	if err != nil {
		return 0, err
	}
	if sheet = paper.find(k.ID); sheet > 0 {
		if _, err = d.store.Response(ctx, k.ID); !errors.Is(err, ErrNotFound) {
			return sheet, err // it is stored
		}
	}
	response, err := d.response(ctx, paper, k)
	if err != nil {
		return 0, err
	}
	if sheet, err = d.claim(ctx, k); err != nil {
		return 0, err
	}
	_, err = d.ingest.Add(ctx, response)
	return sheet, err
}

// response checks a typed form and makes what is stored of it.
func (d *EntryDesk) response(ctx context.Context, paper PlacedBatch, k Keyed) (Response, error) {
	bad := &InvalidError{}
	if err := d.checkDay(ctx, paper, k.Day, bad); err != nil {
		return Response{}, err
	}
	k.Form, k.Channel, k.Lang = paper.Form, paper.Channel, paper.Lang
	var invalid *InvalidError
	if err := k.Check(paper.Place.Instrument); errors.As(err, &invalid) {
		bad.Fields = append(bad.Fields, invalid.Fields...)
	}
	return paper.Place.Response(k.Submission, k.Day, -1, d.today()), bad.OrNil()
}

// claim notes the id of a form in its batch and gives the number of its sheet.
func (d *EntryDesk) claim(ctx context.Context, k Keyed) (sheet int, err error) {
	_, err = d.change(ctx, k.Batch, func(b *PaperBatch) error {
		if sheet = b.find(k.ID); sheet > 0 { // it was begun before; the batch may be checking by now
			b.Sheets[sheet-1].Seat = k.Seat
			b.TypedBy = credit(b.TypedBy, k.By)
			return nil
		}
		switch {
		case b.State != BatchOpen || b.Channel == "":
			return ErrBatchDone
		case k.Sheet > 0:
			return fmt.Errorf("sheet %d of batch %s: %w", k.Sheet, b.Number, ErrConflict)
		case len(b.Sheets) >= MostSheets:
			return fmt.Errorf("batch %s is full: %w", b.Number, ErrBatchDone)
		}
		// An id that is stored and in no sheet was taken back: a browser sent an old page again.
		if _, stored := d.store.Response(ctx, k.ID); !errors.Is(stored, ErrNotFound) {
			return errors.Join(stored, fmt.Errorf("batch %s: %w", b.Number, ErrConflict))
		}
		b.Sheets = append(b.Sheets, TypedSheet{ID: k.ID, Seat: k.Seat})
		b.Typed, b.TypedBy = len(b.Sheets), credit(b.TypedBy, k.By)
		sheet = len(b.Sheets)
		return nil
	})
	return sheet, err
}

// Undo takes back the form that was saved last at a seat, and gives it as it was, so that it can be put right and saved
// under the sheet's new id. ErrPublished once it is in a figure.
func (d *EntryDesk) Undo(ctx context.Context, number BatchNumber, sheet int, seat string) (Response, error) {
	b, err := PaperBatches().Find(ctx, d.store, string(number))
	if err != nil {
		return Response{}, err
	}
	if b.Value.State != BatchOpen {
		return Response{}, ErrBatchDone
	}
	s, ok := b.Value.sheet(sheet)
	if !ok || b.Value.LastOf(seat) != sheet {
		return Response{}, fmt.Errorf("sheet %d of batch %s: %w", sheet, number, ErrConflict)
	}
	was, err := d.takeBack(ctx, s.ID)
	if err != nil {
		return was, err
	}
	_, err = d.change(ctx, number, func(b *PaperBatch) error { return b.renew(sheet, s.ID) })
	return was, err
}

// takeBack withdraws a response, and gives it as it was before. One that is withdrawn or not there is none.
func (d *EntryDesk) takeBack(ctx context.Context, id SubmissionID) (Response, error) {
	was, err := d.store.Response(ctx, id)
	if errors.Is(err, ErrNotFound) || err == nil && was.Standing == Withdrawn {
		return Response{}, nil
	}
	if err != nil {
		return was, fmt.Errorf("take back: %w", err)
	}
	out, err := d.published(ctx, was)
	if err != nil {
		return was, err
	}
	if out {
		return was, ErrPublished
	}
	if err = d.store.Move(ctx, id, was.Standing, Withdrawn, ""); err != nil {
		return was, fmt.Errorf("take back: %w", err)
	}
	return was, nil
}

// renew gives a sheet whose form was taken back the id of the next one.
func (b *PaperBatch) renew(sheet int, was SubmissionID) error {
	s, ok := b.sheet(sheet)
	if !ok || s.ID != was {
		return errSame // it was renewed already
	}
	s.ID = NewSubmissionID()
	b.Undone++
	return nil
}

// Stored reads the forms of an open batch by sheet; one that is not there, or was taken back, has no id. A form that was
// taken back and whose sheet kept its id, as after a crash, gets a new one.
func (d *EntryDesk) Stored(ctx context.Context, number BatchNumber) (PaperBatch, []Response, error) {
	stored, err := PaperBatches().Find(ctx, d.store, string(number))
	if err != nil {
		return PaperBatch{}, nil, err
	}
	b := stored.Value
	forms := make([]Response, len(b.Sheets))
	for i, s := range b.Sheets {
		r, err := d.store.Response(ctx, s.ID)
		switch {
		case errors.Is(err, ErrNotFound):
		case err != nil:
			return b, nil, fmt.Errorf("forms of batch %s: %w", number, err)
		case r.Standing == Withdrawn:
			if b, err = d.change(ctx, number, func(b *PaperBatch) error { return b.renew(i+1, s.ID) }); err != nil {
				return b, nil, err
			}
		default:
			forms[i] = r
		}
	}
	return b, forms, nil
}

// Missing lists the sheets whose forms are not stored.
func Missing(forms []Response) []int {
	var missing []int
	for i, r := range forms {
		if r.ID == "" {
			missing = append(missing, i+1)
		}
	}
	return missing
}

// complete is how many sheets a batch has, ErrSheetMissing where one is not stored.
func (d *EntryDesk) complete(ctx context.Context, number BatchNumber) (sheets int, err error) {
	_, forms, err := d.Stored(ctx, number)
	if err == nil && len(Missing(forms)) > 0 {
		err = ErrSheetMissing
	}
	return len(forms), err
}

// Finish ends the typing of a batch; a sample is to be typed again then. anyway says that the sheets are not as many as
// were handed in, and that this is right.
func (d *EntryDesk) Finish(ctx context.Context, number BatchNumber, anyway bool) error {
	sheets, err := d.complete(ctx, number)
	if err != nil {
		return err
	}
	_, err = d.change(ctx, number, func(b *PaperBatch) error {
		switch {
		case b.State == BatchChecking:
			return errSame
		case b.State != BatchOpen || len(b.Sheets) == 0:
			return ErrBatchDone
		case len(b.Sheets) != sheets:
			return ErrConflict // somebody went on typing
		case len(b.Sheets) != b.HandedIn && !anyway:
			return ErrHandedIn
		}
		b.State, b.Typed = BatchChecking, len(b.Sheets)
		return nil
	})
	return err
}

// Reopen lets a sheet more be typed, as long as nothing was compared.
func (d *EntryDesk) Reopen(ctx context.Context, number BatchNumber) error {
	_, err := d.change(ctx, number, func(b *PaperBatch) error {
		switch {
		case b.State == BatchOpen:
			return errSame
		case b.State != BatchChecking || b.Check.Sheets > 0:
			return ErrBatchDone
		}
		b.State = BatchOpen
		return nil
	})
	return err
}

// Close ends a batch for good and deletes what leads from its sheets to stored forms. One of which nothing was typed may be
// closed at any time.
func (d *EntryDesk) Close(ctx context.Context, number BatchNumber) error {
	if _, err := d.complete(ctx, number); err != nil {
		return err
	}
	_, err := d.change(ctx, number, func(b *PaperBatch) error {
		switch {
		case b.State == BatchClosed:
			return errSame
		case b.State == BatchOpen && len(b.Sheets) > 0:
			return ErrBatchDone
		case slices.ContainsFunc(b.Sample(), func(n int) bool { return !b.Sheets[n-1].Checked || b.Sheets[n-1].Open }):
			return ErrUnchecked
		}
		b.State, b.Closed, b.Seed, b.Sheets = BatchClosed, d.today(), "", nil
		return nil
	})
	return err
}

// sameAnswers says whether two forms say the same.
func sameAnswers(a, b Answers) bool {
	return maps.EqualFunc(a, b, func(x, y Answer) bool { return slices.Equal(x.Strings(), y.Strings()) })
}

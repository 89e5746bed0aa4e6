package mongo

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"hailong/surveys"
)

// Why a mark is open before and closed after a change
//
// There are no transactions, so a mark and the responses it stands for are written one after the other.
// Marking after would lose the mark in a crash. Marking before is crash-safe but not race-safe: a roller
// could see the mark, count a day without the responses that are still on their way, and clear the mark.
// So the mark is written first and open, the change follows, and then the mark is closed. The day of an
// open mark is dirty as of any other, but DirtyDays does not hand the mark out to be cleared: it stays,
// and the day is counted again, until the mark is closed. A writer that died leaves its mark open; as no
// change takes longer than writerLife, an open mark older than deadWriter (the difference is for clocks
// that disagree, and for the mark's time being cut to the hour) has nobody behind it and is handed out too.
//
// Every step that a crash leaves out only makes a day counted once more. The mark of a change that found
// nothing to change is removed at once; this relies on the answer being about this very attempt, which is one
// reason why the driver does not retry writes (see harden).
const (
	writerLife = 5 * time.Minute
	deadWriter = time.Hour + 10*time.Minute
)

// clearChunk bounds one delete, so that its command fits into a message.
const clearChunk = 10_000

type facilityDay struct {
	Facility surveys.FacilityID `bson:"facility"`
	Day      surveys.Day        `bson:"day"`
}

type markDoc struct {
	ID   string      `bson:"_id"` // random: an ObjectID would hold the time
	At   facilityDay `bson:",inline"`
	Open bool        `bson:"open"`
	// Hour is when an open mark was made, Unix ms cut to the hour, as nothing here keeps a finer time. Closing
	// removes it.
	Hour int64 `bson:"hour,omitempty"`
}

func newMark(at facilityDay) markDoc {
	var b [16]byte
	rand.Read(b[:])
	return markDoc{ID: hex.EncodeToString(b[:]), At: at}
}

// whileMarked makes the days dirty and runs the change, in the order told above. The change says which of
// the days it changed; the marks of the others are taken back. A change that failed may still have happened,
// or happen: its marks stay open.
func (s *Store) whileMarked(ctx context.Context, days []facilityDay,
	change func(context.Context) (changed map[facilityDay]bool, err error),
) error {
	limit := opTimeout
	if _, ok := ctx.Deadline(); ok {
		limit = writerLife
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	marks := make([]markDoc, 0, len(days))
	hour := s.clock().Truncate(time.Hour).UnixMilli()
	for _, at := range days {
		m := newMark(at)
		m.Open, m.Hour = true, hour
		marks = append(marks, m)
	}
	if _, err := s.marks.InsertMany(ctx, marks); err != nil {
		return failed("mark days", err)
	}
	changed, err := change(ctx)
	if err != nil {
		return err
	}
	s.settle(ctx, marks, changed)
	return nil
}

// settle closes the marks of changed days and removes the others. It gives no error: the change is durable
// and its days are dirty, which is all that was promised, and a mark that stays open is cleared later.
func (s *Store) settle(ctx context.Context, marks []markDoc, changed map[facilityDay]bool) {
	var keep, drop []string
	for _, m := range marks {
		if changed[m.At] {
			keep = append(keep, m.ID)
		} else {
			drop = append(drop, m.ID)
		}
	}
	if len(keep) > 0 {
		s.marks.UpdateMany(ctx, idIn(keep), bson.D{ //nolint:errcheck // see above
			{Key: "$set", Value: bson.D{{Key: "open", Value: false}}},
			{Key: "$unset", Value: bson.D{{Key: "hour", Value: ""}}},
		})
	}
	if len(drop) > 0 {
		s.marks.DeleteMany(ctx, idIn(drop)) //nolint:errcheck // see above
	}
}

// clearMarks removes marks that DirtyDays handed out.
func (s *Store) clearMarks(ctx context.Context, ids []string) error {
	for chunk := range slices.Chunk(ids, clearChunk) {
		if _, err := s.marks.DeleteMany(ctx, idIn(chunk)); err != nil {
			return failed("clear marks", err)
		}
	}
	return nil
}

func idIn(ids []string) bson.D {
	return bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}}
}

// MarkDirty makes one facility-day dirty.
func (s *Store) MarkDirty(ctx context.Context, facility surveys.FacilityID, day surveys.Day) error {
	if _, err := s.marks.InsertOne(ctx, newMark(facilityDay{facility, day})); err != nil {
		return failed("mark day", err)
	}
	return nil
}

// errEnough ends a search.
var errEnough = errors.New("enough")

// DirtyDays lists the facility-days with a mark, open or closed, by facility and day. Marks holds those that
// PutDays may clear; it is empty while all are open.
func (s *Store) DirtyDays(ctx context.Context, q surveys.DirtyQuery) ([]surveys.DirtyDay, error) {
	dead := s.clock().Add(-deadWriter).UnixMilli()
	var days []surveys.DirtyDay
	opts := options.Find().SetSort(ascending("facility", "day", "_id"))
	err := each(ctx, "list dirty days", s.marks, ofFacility(q.Facility), opts, func(m markDoc) error {
		last := len(days) - 1
		if last < 0 || days[last].Facility != m.At.Facility || days[last].Day != m.At.Day {
			if q.Limit > 0 && len(days) == q.Limit {
				return errEnough
			}
			days = append(days, surveys.DirtyDay{Facility: m.At.Facility, Day: m.At.Day})
			last++
		}
		if !m.Open || m.Hour <= dead {
			days[last].Marks = append(days[last].Marks, m.ID)
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	return days, nil
}

// MarkAllDirty makes every facility-day that has a response or a book dirty, except sealed ones. It may be
// repeated after an error.
func (s *Store) MarkAllDirty(ctx context.Context) error {
	batch := markBatch{marks: s.marks}
	booked := make(map[facilityDay]struct{})
	type book struct {
		At     facilityDay `bson:",inline"`
		Sealed bool        `bson:"sealed"`
	}
	opts := options.Find().SetProjection(ascending("facility", "day", "sealed"))
	err := each(ctx, "list books", s.days, bson.D{}, opts, func(b book) error {
		booked[b.At] = struct{}{}
		if b.Sealed {
			return nil
		}
		return batch.add(ctx, b.At)
	})
	if err != nil {
		return err
	}
	var last facilityDay
	// The index holds all that is asked for, in this order.
	opts = options.Find().SetSort(ascending("facility", "day", "_id")).
		SetProjection(bson.D{{Key: "_id", Value: 0}, {Key: "facility", Value: 1}, {Key: "day", Value: 1}})
	err = each(ctx, "list days of responses", s.responses, bson.D{}, opts, func(at facilityDay) error {
		if _, ok := booked[at]; ok || at == last {
			return nil
		}
		last = at
		return batch.add(ctx, at)
	})
	if err != nil {
		return err
	}
	return batch.flush(ctx)
}

// markBatch inserts closed marks a page at a time.
type markBatch struct {
	marks *mongo.Collection
	docs  []markDoc
}

func (b *markBatch) add(ctx context.Context, at facilityDay) error {
	b.docs = append(b.docs, newMark(at))
	if len(b.docs) < pageSize {
		return nil
	}
	return b.flush(ctx)
}

func (b *markBatch) flush(ctx context.Context) error {
	if len(b.docs) == 0 {
		return nil
	}
	if _, err := b.marks.InsertMany(ctx, b.docs); err != nil {
		return failed("mark days", err)
	}
	b.docs = b.docs[:0]
	return nil
}

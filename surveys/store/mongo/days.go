package mongo

import (
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"hailong/surveys"
)

type dayDoc struct {
	ID     string      `bson:"_id"`
	At     facilityDay `bson:",inline"`
	Rev    int64       `bson:"rev"`
	Format int         `bson:"format"`
	Forms  int64       `bson:"forms"`
	Sealed bool        `bson:"sealed"`
	Seal   string      `bson:"seal,omitempty"`
	Body   []byte      `bson:"body"`
}

func (d dayDoc) book() surveys.DayBook {
	return surveys.DayBook{
		Facility: d.At.Facility, Day: d.At.Day, Rev: d.Rev, Format: d.Format,
		Forms: d.Forms, Sealed: d.Sealed, Seal: d.Seal, Body: d.Body,
	}
}

func dayID(facility surveys.FacilityID, day surveys.Day) string {
	return path(string(facility), string(day))
}

// Day finds a book.
func (s *Store) Day(ctx context.Context, facility surveys.FacilityID, day surveys.Day) (surveys.DayBook, error) {
	var doc dayDoc
	if err := s.days.FindOne(ctx, byID(dayID(facility, day))).Decode(&doc); err != nil {
		return surveys.DayBook{}, failed(fmt.Sprintf("find day %s of %s", day, facility), err)
	}
	return doc.book(), nil
}

// putMost is how many books one command takes: few commands, and little to be counted again when a batch is cut off.
const putMost = 100

// PutDays stores books in bulk, each under its revision, and then clears the marks seen of those that it stored. A
// crash between the two makes days be counted once more.
func (s *Store) PutDays(ctx context.Context, counted []surveys.CountedDay) ([]bool, error) {
	stored := make([]bool, 0, len(counted))
	for chunk := range slices.Chunk(counted, putMost) {
		done, err := s.putBooks(ctx, chunk)
		if err != nil {
			return nil, failed("put days", err)
		}
		stored = append(stored, done...)
		var marks []string
		for i, c := range chunk {
			if done[i] {
				marks = append(marks, c.Seen.Marks...)
			}
		}
		if err := s.clearMarks(ctx, marks); err != nil {
			return nil, err
		}
	}
	return stored, nil
}

// putBooks says of each whether its revision was still the same.
//
// The answer to a bulk of replacements tells how many met their revision, not which. So each is an upsert: one that
// meets another revision would insert a second book with the same id, and the error about that names it; those behind it
// are sent again. A book that is not there at all must not be inserted, so those are looked for first; none is ever
// removed.
func (s *Store) putBooks(ctx context.Context, counted []surveys.CountedDay) ([]bool, error) {
	there, err := s.booksThere(ctx, counted)
	if err != nil {
		return nil, err
	}
	stored := make([]bool, len(counted))
	var positions []int
	var changes []mongo.WriteModel
	for i, c := range counted {
		id := dayID(c.Book.Facility, c.Book.Day)
		if c.Book.Rev == 0 || there[id] {
			positions, changes = append(positions, i), append(changes, change(id, c.Book))
			there[id] = true // by now, or by then
		}
	}
	for len(changes) > 0 {
		_, err := s.days.BulkWrite(ctx, changes)
		met, err := conflict(err, len(changes))
		if err != nil {
			return nil, err
		}
		for _, position := range positions[:met] {
			stored[position] = true
		}
		sent := min(met+1, len(changes))
		positions, changes = positions[sent:], changes[sent:]
	}
	return stored, nil
}

// conflict tells how many of an ordered bulk of n were done before one met a known id; n if none did.
func conflict(err error, n int) (int, error) {
	known, err := duplicates(err)
	for i := range known {
		n = i // an ordered bulk ends with its first error
	}
	return n, err
}

// booksThere says which of the books to be replaced are there, under any revision.
func (s *Store) booksThere(ctx context.Context, counted []surveys.CountedDay) (map[string]bool, error) {
	there := map[string]bool{}
	var ids []string
	for _, c := range counted {
		if c.Book.Rev != 0 {
			ids = append(ids, dayID(c.Book.Facility, c.Book.Day))
		}
	}
	if len(ids) == 0 {
		return there, nil
	}
	type found struct {
		ID string `bson:"_id"`
	}
	opts := options.Find().SetProjection(ascending("_id"))
	return there, each(ctx, "look for days", s.days, idIn(ids), opts, func(book found) error {
		there[book.ID] = true
		return nil
	})
}

func change(id string, b surveys.DayBook) mongo.WriteModel {
	doc := dayDoc{
		ID: id, At: facilityDay{b.Facility, b.Day}, Rev: b.Rev + 1,
		Format: b.Format, Forms: b.Forms, Sealed: b.Sealed, Seal: b.Seal, Body: b.Body,
	}
	if b.Rev == 0 {
		return mongo.NewInsertOneModel().SetDocument(doc)
	}
	filter := append(byID(id), bson.E{Key: "rev", Value: b.Rev})
	return mongo.NewReplaceOneModel().SetFilter(filter).SetReplacement(doc).SetUpsert(true)
}

// EachDay calls f for every book of the query, ordered by facility and day.
func (s *Store) EachDay(ctx context.Context, q surveys.DayQuery, f func(surveys.DayBook) error) error {
	filter := between(ofFacility(q.Facility), "day", q.From, q.To)
	opts := options.Find().SetSort(ascending("facility", "day"))
	return each(ctx, "list days", s.days, filter, opts, func(doc dayDoc) error { return f(doc.book()) })
}

// replace stores doc if what the filter finds is still at revision rev (0: there is none yet). It says false
// otherwise.
func replace(ctx context.Context, c *mongo.Collection, filter bson.D, rev int64, doc any) (stored bool, err error) {
	if rev == 0 {
		_, err = c.InsertOne(ctx, doc)
		if mongo.IsDuplicateKeyError(err) {
			return false, nil
		}
		return err == nil, err //nolint:wrapcheck // the caller says what was being done
	}
	result, err := c.ReplaceOne(ctx, append(filter, bson.E{Key: "rev", Value: rev}), doc)
	if err != nil {
		return false, err //nolint:wrapcheck // the caller says what was being done
	}
	return result.MatchedCount > 0, nil
}

func byID(id string) bson.D { return bson.D{{Key: "_id", Value: id}} }

// ofFacility filters by facility; an empty one picks all.
func ofFacility(facility surveys.FacilityID) bson.D {
	if facility == "" {
		return bson.D{}
	}
	return bson.D{{Key: "facility", Value: facility}}
}

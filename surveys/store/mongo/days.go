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

// clearEvery is after how many books their marks are cleared, all with one command: few commands, and little to
// be counted again when a batch is cut off.
const clearEvery = 20

// PutDays replaces one book after the other, each under its revision, and then clears the marks seen of those
// that it replaced. A crash between the two makes days be counted once more. There is no bulk of replacements
// here: its answer tells how many met their revision, not which.
func (s *Store) PutDays(ctx context.Context, counted []surveys.CountedDay) ([]bool, error) {
	stored := make([]bool, 0, len(counted))
	for chunk := range slices.Chunk(counted, clearEvery) {
		var marks []string
		for _, c := range chunk {
			done, err := s.putDay(ctx, c.Book)
			if err != nil {
				return nil, err
			}
			stored = append(stored, done)
			if done {
				marks = append(marks, c.Seen.Marks...)
			}
		}
		if err := s.clearMarks(ctx, marks); err != nil {
			return nil, err
		}
	}
	return stored, nil
}

// putDay says false where the revision is another.
func (s *Store) putDay(ctx context.Context, book surveys.DayBook) (stored bool, err error) {
	doc := dayDoc{
		ID: dayID(book.Facility, book.Day), At: facilityDay{book.Facility, book.Day}, Rev: book.Rev + 1,
		Format: book.Format, Forms: book.Forms, Sealed: book.Sealed, Seal: book.Seal, Body: book.Body,
	}
	stored, err = replace(ctx, s.days, byID(doc.ID), book.Rev, doc)
	if err != nil {
		return false, failed(fmt.Sprintf("put day %s of %s", book.Day, book.Facility), err)
	}
	return stored, nil
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

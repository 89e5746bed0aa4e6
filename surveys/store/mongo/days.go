package mongo

import (
	"context"
	"fmt"

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
	Rolled int64       `bson:"rolled"`
	Sealed bool        `bson:"sealed"`
	Body   []byte      `bson:"body"`
}

func (d dayDoc) book() surveys.DayBook {
	return surveys.DayBook{
		Facility: d.At.Facility, Day: d.At.Day, Rev: d.Rev, Format: d.Format,
		Forms: d.Forms, Rolled: d.Rolled, Sealed: d.Sealed, Body: d.Body,
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

// PutDay replaces the book under its revision and then clears the marks seen. A crash between the two makes
// the day be counted once more.
func (s *Store) PutDay(ctx context.Context, book surveys.DayBook, seen surveys.DirtyDay) error {
	action := fmt.Sprintf("put day %s of %s", book.Day, book.Facility)
	doc := dayDoc{
		ID: dayID(book.Facility, book.Day), At: facilityDay{book.Facility, book.Day}, Rev: book.Rev + 1,
		Format: book.Format, Forms: book.Forms, Rolled: book.Rolled, Sealed: book.Sealed, Body: book.Body,
	}
	if err := replace(ctx, action, s.days, doc.ID, book.Rev, doc); err != nil {
		return err
	}
	return s.clearMarks(ctx, seen.Marks)
}

// EachDay calls f for every book of the query, ordered by facility and day.
func (s *Store) EachDay(ctx context.Context, q surveys.DayQuery, f func(surveys.DayBook) error) error {
	filter := between(ofFacility(q.Facility), "day", q.From, q.To)
	if q.RolledFrom != 0 {
		filter = append(filter, bson.E{Key: "rolled", Value: bson.D{{Key: "$gte", Value: q.RolledFrom}}})
	}
	opts := options.Find().SetSort(ascending("facility", "day"))
	return each(ctx, "list days", s.days, filter, opts, func(doc dayDoc) error { return f(doc.book()) })
}

// replace stores doc if the stored revision is still rev (0: there is none yet); ErrConflict otherwise.
func replace(ctx context.Context, action string, c *mongo.Collection, id string, rev int64, doc any) error {
	if rev == 0 {
		_, err := c.InsertOne(ctx, doc)
		if mongo.IsDuplicateKeyError(err) {
			return fmt.Errorf("%s: there is one already: %w", action, surveys.ErrConflict)
		}
		if err != nil {
			return failed(action, err)
		}
		return nil
	}
	result, err := c.ReplaceOne(ctx, append(byID(id), bson.E{Key: "rev", Value: rev}), doc)
	if err != nil {
		return failed(action, err)
	}
	if result.MatchedCount == 0 {
		return fmt.Errorf("%s at revision %d: %w", action, rev, surveys.ErrConflict)
	}
	return nil
}

func byID(id string) bson.D { return bson.D{{Key: "_id", Value: id}} }

// ofFacility filters by facility; an empty one picks all.
func ofFacility(facility surveys.FacilityID) bson.D {
	if facility == "" {
		return bson.D{}
	}
	return bson.D{{Key: "facility", Value: facility}}
}

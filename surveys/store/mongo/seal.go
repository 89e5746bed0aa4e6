package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"hailong/surveys"
)

// DeleteResponses removes day by day.
func (s *Store) DeleteResponses(ctx context.Context, facility surveys.FacilityID, days []surveys.Day) error {
	for _, day := range days {
		if err := s.deleteDay(ctx, facility, day); err != nil {
			return err
		}
	}
	return nil
}

// deleteDay lists the responses of a day before it looks for marks: one that is stored later is not on the list, and
// bears a mark that was made before it.
func (s *Store) deleteDay(ctx context.Context, facility surveys.FacilityID, day surveys.Day) error {
	book, err := s.Day(ctx, facility, day)
	if err != nil && !errors.Is(err, surveys.ErrNotFound) {
		return err
	}
	if err != nil || book.Seal == "" {
		return fmt.Errorf("day %s of %s is not sealed: %w", day, facility, surveys.ErrConflict)
	}
	ids, err := s.idsOf(ctx, s.responses, facility, day)
	if err != nil {
		return err
	}
	marks, err := s.idsOf(ctx, s.marks, facility, day)
	if err != nil {
		return err
	}
	if len(marks) > 0 {
		return fmt.Errorf("day %s of %s is dirty: %w", day, facility, surveys.ErrConflict)
	}
	for chunk := range slices.Chunk(ids, clearChunk) {
		if _, err = s.responses.DeleteMany(ctx, idIn(chunk)); err != nil {
			return failed("delete responses", err)
		}
	}
	return nil
}

// idsOf lists the documents of a facility's day.
func (s *Store) idsOf(ctx context.Context, c *mongo.Collection, facility surveys.FacilityID, day surveys.Day) ([]string, error) {
	var ids []string
	type found struct {
		ID string `bson:"_id"`
	}
	filter := append(ofFacility(facility), bson.E{Key: "day", Value: day})
	opts := options.Find().SetProjection(ascending("_id"))
	err := each(ctx, "list a day", c, filter, opts, func(d found) error { ids = append(ids, d.ID); return nil })
	return ids, err
}

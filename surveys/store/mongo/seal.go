package mongo

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"hailong/surveys"
)

// DeleteResponses looks at the seal first. A sealed day is opened again only if an answer came
// to it meanwhile, and answers to days so old are refused (surveys.DayClosed).
func (s *Store) DeleteResponses(ctx context.Context, facility surveys.FacilityID, days []surveys.Day) error {
	for _, day := range days {
		book, err := s.Day(ctx, facility, day)
		if err != nil && !errors.Is(err, surveys.ErrNotFound) {
			return err
		}
		if err != nil || !book.Sealed {
			return fmt.Errorf("day %s of %s is not sealed: %w", day, facility, surveys.ErrConflict)
		}
		filter := append(ofFacility(facility), bson.E{Key: "day", Value: day})
		if _, err = s.responses.DeleteMany(ctx, filter); err != nil {
			return failed("delete responses", err)
		}
	}
	return nil
}

package mongo

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"hailong/surveys"
)

type releaseDoc struct {
	ID       string             `bson:"_id"`
	Facility surveys.FacilityID `bson:"facility"`
	From     surveys.Day        `bson:"from"`
	To       surveys.Day        `bson:"to"`
	Released surveys.Day        `bson:"released"`
	Format   int                `bson:"format"`
	Head     []byte             `bson:"head"`
	Parts    []byte             `bson:"parts"`
}

// AddRelease stores a new release, or ErrConflict if its id is taken.
func (s *Store) AddRelease(ctx context.Context, r surveys.ReleaseRecord) error {
	_, err := s.releases.InsertOne(ctx, releaseDoc(r))
	if mongo.IsDuplicateKeyError(err) {
		return fmt.Errorf("add release %s: %w", r.ID, surveys.ErrConflict)
	}
	if err != nil {
		return failed("add release "+r.ID, err)
	}
	return nil
}

// EachRelease calls f for every release of the query, ordered by facility, node start and id.
func (s *Store) EachRelease(ctx context.Context, q surveys.ReleaseQuery, f func(surveys.ReleaseRecord) error) error {
	filter := between(ofFacility(q.Facility), "from", q.From, "")
	filter = between(filter, "to", "", q.To)
	filter = between(filter, "released", q.ReleasedFrom, "")
	opts := options.Find().SetSort(ascending("facility", "from", "_id"))
	if q.WithoutParts {
		opts.SetProjection(bson.D{{Key: "parts", Value: 0}})
	}
	return each(ctx, "list releases", s.releases, filter, opts, func(doc releaseDoc) error {
		return f(surveys.ReleaseRecord(doc))
	})
}

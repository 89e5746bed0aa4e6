package mongo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"hailong/surveys"
)

const (
	schemaVersion = 1
	schemaID      = "schema"
	indexTimeout  = 10 * time.Minute // a new index of a full collection takes its time
)

type schemaDoc struct {
	ID      string `bson:"_id"`
	Version int    `bson:"version"`
	Pings   int64  `bson:"pings"`
}

func (s *Store) prepare(ctx context.Context) error {
	version, err := s.version(ctx)
	if err != nil {
		return err
	}
	if version > schemaVersion {
		return fmt.Errorf("schema %d, this program knows %d: %w", version, schemaVersion, surveys.ErrNewer)
	}
	return s.createIndexes(ctx)
}

// version reads the schema version, and writes it into an empty database.
func (s *Store) version(ctx context.Context) (int, error) {
	var stored schemaDoc
	find := func() error {
		return s.meta.FindOne(ctx, bson.D{{Key: "_id", Value: schemaID}}).Decode(&stored)
	}
	err := find()
	if errors.Is(err, mongo.ErrNoDocuments) {
		_, err = s.meta.InsertOne(ctx, schemaDoc{ID: schemaID, Version: schemaVersion})
		if err == nil || mongo.IsDuplicateKeyError(err) { // another process may have been first
			err = find()
		}
	}
	if err != nil {
		return 0, failed("read schema version", err)
	}
	return stored.Version, nil
}

// index is one that the queries need. None is unique but _id: a sharded collection could not have it.
type index struct {
	collection *mongo.Collection
	keys       bson.D
}

func (s *Store) indexes() []index {
	return []index{
		{s.responses, ascending("facility", "day", "_id")},
		{s.responses, ascending("receipt")},
		{s.marks, ascending("facility", "day", "_id")},
		{s.days, ascending("facility", "day")},
		{s.releases, ascending("facility", "from", "_id")},
		{s.releases, ascending("released")},
		{s.records, ascending("keys", "_id")},
	}
}

func (s *Store) createIndexes(ctx context.Context) error {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, indexTimeout)
		defer cancel()
	}
	for _, index := range s.indexes() {
		if _, err := index.collection.Indexes().CreateOne(ctx, mongo.IndexModel{Keys: index.keys}); err != nil {
			return failed("index "+index.collection.Name(), err)
		}
	}
	return nil
}

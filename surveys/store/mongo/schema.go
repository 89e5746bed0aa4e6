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
	schemaVersion = 2
	schemaID      = "schema"
	indexTimeout  = 10 * time.Minute // a new index of a full collection takes its time
)

// steps are the changes of the schema. All so far add what an older program does not miss, so that nothing is
// rewritten, no copy is needed before, and servers may be replaced one after the other.
func steps() []surveys.SchemaStep {
	return []surveys.SchemaStep{
		{Number: 1, Name: "start", About: "The collections and their indexes."},
		{Number: 2, Name: "seal", About: "A sealed day holds the digest of its count."},
	}
}

// Plan says what Open would do with the database that a URI names, and changes nothing.
func Plan(ctx context.Context, uri string) (plan surveys.Migration, err error) {
	opts, database, err := parseURI(uri)
	if err != nil {
		return plan, err
	}
	client, err := mongo.Connect(opts)
	if err != nil {
		return plan, fmt.Errorf("set up MongoDB: %w", err)
	}
	s := newStore(client, database, nil)
	defer func() { err = errors.Join(err, s.Close()) }()
	plan.To = schemaVersion
	if plan.From, err = s.peek(ctx); err != nil {
		return plan, err
	}
	for _, step := range steps() {
		if step.Number > plan.From {
			plan.Steps = append(plan.Steps, step)
		}
	}
	plan.Copy = "none is made: the steps only add, and rewrite no document; make one by hailong backup if you like"
	return plan, nil
}

// peek is the schema of a database, 0 if it has none.
func (s *Store) peek(ctx context.Context) (int, error) {
	var stored schemaDoc
	err := s.meta.FindOne(ctx, byID(schemaID)).Decode(&stored)
	if err != nil && !errors.Is(err, mongo.ErrNoDocuments) {
		return 0, failed("read schema version", err)
	}
	return stored.Version, known(stored.Version)
}

// known refuses the schema of a newer program.
func known(version int) error {
	if version > schemaVersion {
		return fmt.Errorf("%w: it has schema %d, this program knows %d; use the newer hailong that wrote it",
			surveys.ErrNewer, version, schemaVersion)
	}
	return nil
}

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
	if err = known(version); err != nil {
		return err
	}
	if err = s.createIndexes(ctx); err != nil || version == schemaVersion {
		return err
	}
	// Last, so that what was cut off is done again. Another process may have been quicker, or be newer.
	filter := append(byID(schemaID), bson.E{Key: "version", Value: version})
	set := bson.D{{Key: "$set", Value: bson.D{{Key: "version", Value: schemaVersion}}}}
	if _, err = s.meta.UpdateOne(ctx, filter, set); err != nil {
		return failed("write schema version", err)
	}
	return nil
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

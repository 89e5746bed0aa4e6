package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"hailong/surveys"
)

// Inspect looks at the database that a URI names and changes nothing of it. The store that it gives is to be read,
// and may be pinged, which writes as a running server does every second; it is nil unless the schema is this program's.
func Inspect(ctx context.Context, uri string, clock surveys.Clock) (surveys.Inspection, *Store, error) {
	found := surveys.Inspection{Known: schemaVersion}
	opts, database, err := parseURI(uri)
	if err != nil {
		return found, nil, err
	}
	client, err := mongo.Connect(opts)
	if err != nil {
		return found, nil, fmt.Errorf("set up MongoDB: %w", err)
	}
	s := newStore(client, database, clock)
	if err = s.inspect(ctx, &found); err != nil || found.Schema != found.Known {
		return found, nil, errors.Join(err, s.Close())
	}
	return found, s, nil
}

func (s *Store) inspect(ctx context.Context, found *surveys.Inspection) error {
	var hello struct {
		SetName   string    `bson:"setName"`
		Message   string    `bson:"msg"`
		LocalTime time.Time `bson:"localTime"`
	}
	if err := s.meta.Database().RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&hello); err != nil {
		return failed("ask the server", err)
	}
	found.Clock = hello.LocalTime
	switch {
	case hello.Message == "isdbgrid":
		found.Topology = "sharded"
	case hello.SetName != "":
		found.Topology = "replica set " + hello.SetName
	default:
		found.Topology = "standalone"
	}
	var err error
	if found.Schema, err = s.peek(ctx); err != nil || found.Schema == 0 {
		return err
	}
	found.Missing, err = s.missingIndexes(ctx)
	return err
}

// missingIndexes names those that createIndexes would make.
func (s *Store) missingIndexes(ctx context.Context) (missing []string, err error) {
	for _, want := range s.indexes() {
		specifications, err := want.collection.Indexes().ListSpecifications(ctx)
		if err != nil {
			return nil, failed("list indexes of "+want.collection.Name(), err)
		}
		raw, err := bson.Marshal(want.keys)
		if err != nil {
			return nil, failed("index", err)
		}
		has := slices.ContainsFunc(specifications, func(have mongo.IndexSpecification) bool {
			return sameKeys(have.KeysDocument, raw)
		})
		if !has {
			missing = append(missing, want.collection.Name()+" "+bson.Raw(raw).String())
		}
	}
	return missing, nil
}

// sameKeys compares names in order: servers give the directions back as different kinds of numbers.
func sameKeys(a, b bson.Raw) bool {
	one, err := a.Elements()
	other, wrong := b.Elements()
	return err == nil && wrong == nil && slices.EqualFunc(one, other, func(x, y bson.RawElement) bool { return x.Key() == y.Key() })
}

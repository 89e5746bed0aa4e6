package mongo

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"hailong/surveys"
)

type recordDoc struct {
	ID    string            `bson:"_id"` // path(kind, id), so that the _id index lists a kind in order
	Kind  string            `bson:"kind"`
	Name  string            `bson:"id"`
	Rev   int64             `bson:"rev"`
	Keys  []string          `bson:"keys"` // path(kind, index, value), for the multikey index
	Index map[string]string `bson:"index"`
	Body  []byte            `bson:"body"`
}

func (d recordDoc) record() surveys.Record {
	return surveys.Record{Kind: d.Kind, ID: d.Name, Rev: d.Rev, Keys: d.Index, Body: d.Body}
}

// Record finds one.
func (s *Store) Record(ctx context.Context, kind, id string) (surveys.Record, error) {
	var doc recordDoc
	if err := s.records.FindOne(ctx, byID(path(kind, id))).Decode(&doc); err != nil {
		return surveys.Record{}, failed("find record", err)
	}
	return doc.record(), nil
}

// PutRecord stores the record under its revision.
func (s *Store) PutRecord(ctx context.Context, r surveys.Record) (int64, error) {
	doc := recordDoc{
		ID: path(r.Kind, r.ID), Kind: r.Kind, Name: r.ID, Rev: r.Rev + 1,
		Keys: []string{}, Index: r.Keys, Body: r.Body,
	}
	for index, value := range r.Keys {
		if value != "" {
			doc.Keys = append(doc.Keys, path(r.Kind, index, value))
		}
	}
	if err := replace(ctx, "put record", s.records, doc.ID, r.Rev, doc); err != nil {
		return 0, err
	}
	return doc.Rev, nil
}

// DeleteRecord removes a record if its revision is still rev.
func (s *Store) DeleteRecord(ctx context.Context, kind, id string, rev int64) error {
	filter := byID(path(kind, id))
	result, err := s.records.DeleteOne(ctx, append(filter, bson.E{Key: "rev", Value: rev}))
	if err != nil {
		return failed("delete record", err)
	}
	if result.DeletedCount > 0 {
		return nil
	}
	if err := s.records.FindOne(ctx, filter, options.FindOne().SetProjection(ascending("_id"))).Err(); err != nil {
		return failed("delete record", err)
	}
	return fmt.Errorf("delete record at revision %d: %w", rev, surveys.ErrConflict)
}

// Records lists those of the query, ordered by id.
func (s *Store) Records(ctx context.Context, q surveys.RecordQuery) ([]surveys.Record, error) {
	if q.Index != "" && q.Value == "" {
		return nil, nil // an empty value is not indexed
	}
	// All ids of a kind begin with it and a slash; the zero is the next character.
	prefix := path(q.Kind, "")
	ids := bson.D{{Key: "$gte", Value: prefix}, {Key: "$lt", Value: prefix[:len(prefix)-1] + "0"}}
	if q.After != "" {
		ids[0] = bson.E{Key: "$gt", Value: path(q.Kind, q.After)}
	}
	filter := bson.D{{Key: "_id", Value: ids}}
	if q.Index != "" {
		filter = append(filter, bson.E{Key: "keys", Value: path(q.Kind, q.Index, q.Value)})
	}
	opts := options.Find().SetSort(ascending("_id"))
	if q.Limit > 0 {
		opts.SetLimit(int64(q.Limit))
	}
	var found []surveys.Record
	err := each(ctx, "list records", s.records, filter, opts, func(doc recordDoc) error {
		found = append(found, doc.record())
		return nil
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

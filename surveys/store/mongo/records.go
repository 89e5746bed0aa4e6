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

type recordDoc struct {
	ID    string            `bson:"_id"` // path(kind, id), so that the _id index lists a kind in order
	Kind  string            `bson:"kind"`
	Name  string            `bson:"id"`
	Rev   int64             `bson:"rev"`
	Keys  []string          `bson:"keys"` // path(kind, index, value), for the multikey index
	Index map[string]string `bson:"index"`
	Body  []byte            `bson:"body"`
	// Frozen stands in the filter of every change, so that the server itself refuses.
	Frozen bool `bson:"frozen"`
}

func (d recordDoc) record() surveys.Record {
	return surveys.Record{Kind: d.Kind, ID: d.Name, Rev: d.Rev, Keys: d.Index, Body: d.Body, Frozen: d.Frozen}
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
		Keys: []string{}, Index: r.Keys, Body: r.Body, Frozen: r.Frozen,
	}
	for index, value := range r.Keys {
		if value != "" {
			doc.Keys = append(doc.Keys, path(r.Kind, index, value))
		}
	}
	stored, err := replace(ctx, s.records, notFrozen(doc.ID), r.Rev, doc)
	switch {
	case err != nil:
		return 0, failed("put record", err)
	case stored:
		return doc.Rev, nil
	case r.Rev == 0:
		return 0, fmt.Errorf("put record: there is one already: %w", surveys.ErrConflict)
	}
	err = s.whyUnchanged(ctx, doc.ID)
	if errors.Is(err, mongo.ErrNoDocuments) { // no predecessor
		err = surveys.ErrConflict
	}
	return 0, failed(fmt.Sprintf("put record at revision %d", r.Rev), err)
}

// DeleteRecord removes a record if its revision is still rev.
func (s *Store) DeleteRecord(ctx context.Context, kind, id string, rev int64) error {
	filter := append(notFrozen(path(kind, id)), bson.E{Key: "rev", Value: rev})
	result, err := s.records.DeleteOne(ctx, filter)
	if err != nil {
		return failed("delete record", err)
	}
	if result.DeletedCount > 0 {
		return nil
	}
	return failed(fmt.Sprintf("delete record at revision %d", rev), s.whyUnchanged(ctx, path(kind, id)))
}

func notFrozen(id string) bson.D {
	return append(byID(id), bson.E{Key: "frozen", Value: bson.D{{Key: "$ne", Value: true}}})
}

// whyUnchanged tells why a change of a record under a condition found nothing to change. It looks after the
// change was refused; as what is frozen stays so, the answer is right all the same.
func (s *Store) whyUnchanged(ctx context.Context, id string) error {
	var doc struct {
		Frozen bool `bson:"frozen"`
	}
	if err := s.records.FindOne(ctx, byID(id), options.FindOne().SetProjection(ascending("frozen"))).Decode(&doc); err != nil {
		return err //nolint:wrapcheck // the caller says what was being done
	}
	if doc.Frozen {
		return surveys.ErrFrozen
	}
	return surveys.ErrConflict
}

// Kinds goes from the first record of each kind to that of the next.
func (s *Store) Kinds(ctx context.Context) ([]string, error) {
	var kinds []string
	from := ""
	for {
		var doc recordDoc
		opts := options.FindOne().SetSort(ascending("_id")).SetProjection(ascending("kind"))
		err := s.records.FindOne(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$gte", Value: from}}}}, opts).Decode(&doc)
		if errors.Is(err, mongo.ErrNoDocuments) {
			slices.Sort(kinds) // "a-b/" stands before "a/"
			return kinds, nil
		}
		if err != nil {
			return nil, failed("list kinds", err)
		}
		kinds = append(kinds, doc.Kind)
		from = behind(doc.Kind)
	}
}

// behind is what follows all ids of a kind: they begin with it and a slash, and the zero is the next character.
func behind(kind string) string {
	prefix := path(kind, "")
	return prefix[:len(prefix)-1] + "0"
}

// Records lists those of the query, ordered by id.
func (s *Store) Records(ctx context.Context, q surveys.RecordQuery) ([]surveys.Record, error) {
	if q.Index != "" && q.Value == "" {
		return nil, nil // an empty value is not indexed
	}
	ids := bson.D{{Key: "$gte", Value: path(q.Kind, "")}, {Key: "$lt", Value: behind(q.Kind)}}
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

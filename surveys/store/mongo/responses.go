package mongo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"hailong/surveys"
)

// AddResponses stores a batch; see surveys.ResponseStore.
func (s *Store) AddResponses(ctx context.Context, batch []surveys.Response) ([]bool, error) {
	added := make([]bool, len(batch))
	if len(batch) == 0 {
		return added, nil
	}
	firsts, docs, days, err := encodeBatch(batch)
	if err != nil {
		return nil, fmt.Errorf("add responses: %w", err)
	}
	ctx, cancel := patiently(ctx, len(batch))
	defer cancel()
	if err := s.whileMarked(ctx, days, func(ctx context.Context) (map[facilityDay]bool, error) {
		_, err := s.responses.InsertMany(ctx, docs, options.InsertMany().SetOrdered(false))
		known, err := duplicates(err)
		if err != nil {
			return nil, failed("add responses", err)
		}
		changed := make(map[facilityDay]bool)
		for i, position := range firsts {
			if !known[i] {
				added[position] = true
				changed[docs[i].At] = true
			}
		}
		return changed, nil
	}); err != nil {
		return nil, err
	}
	return added, nil
}

// patiently bounds the storing of n responses where the caller has not: a large batch takes longer than one operation.
func patiently(ctx context.Context, n int) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, min(writerLife, opTimeout*time.Duration(1+n/pageSize)))
}

// encodeBatch gives the documents of the first response of each id, where these are in the batch, and their
// days. (The server would find repeats within a batch too, but may do the inserts of a batch in any order.)
func encodeBatch(batch []surveys.Response) (firsts []int, docs []responseDoc, days []facilityDay, err error) {
	seen := make(map[surveys.SubmissionID]struct{}, len(batch))
	seenDays := make(map[facilityDay]struct{})
	for i, r := range batch {
		if _, ok := seen[r.ID]; ok {
			continue
		}
		seen[r.ID] = struct{}{}
		doc, err := encodeResponse(r)
		if err != nil {
			return nil, nil, nil, err
		}
		firsts, docs = append(firsts, i), append(docs, doc)
		at := facilityDay{r.Facility, r.Day}
		if _, ok := seenDays[at]; !ok {
			seenDays[at] = struct{}{}
			days = append(days, at)
		}
	}
	return firsts, docs, days, nil
}

// duplicates tells, by position, the inserts that met a known id; any other failure stays an error.
func duplicates(err error) (map[int]bool, error) {
	if err == nil {
		return nil, nil
	}
	var many mongo.BulkWriteException
	if !errors.As(err, &many) || many.WriteConcernError != nil || len(many.WriteErrors) == 0 {
		return nil, err
	}
	known := make(map[int]bool, len(many.WriteErrors))
	for _, e := range many.WriteErrors {
		if e.Code != duplicateKey {
			return nil, e.WriteError // alone, since those of duplicates hold submission ids
		}
		known[e.Index] = true
	}
	return known, nil
}

// Response finds one by its id.
func (s *Store) Response(ctx context.Context, id surveys.SubmissionID) (surveys.Response, error) {
	var doc responseDoc
	if err := s.responses.FindOne(ctx, byID(string(id))).Decode(&doc); err != nil {
		return surveys.Response{}, failed("find response", err)
	}
	return doc.decode()
}

// ResponsesByReceipt finds those with the receipt, ordered by id.
func (s *Store) ResponsesByReceipt(ctx context.Context, receipt surveys.Receipt) ([]surveys.Response, error) {
	var found []surveys.Response
	filter := bson.D{{Key: "receipt", Value: receipt}}
	err := each(ctx, "find receipt", s.responses, filter, options.Find().SetSort(ascending("_id")), func(doc responseDoc) error {
		r, err := doc.decode()
		found = append(found, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// Move changes the standing of a response and makes its day dirty.
func (s *Store) Move(ctx context.Context, id surveys.SubmissionID, from, to surveys.Standing, reason string) error {
	var doc struct {
		At       facilityDay      `bson:",inline"`
		Standing surveys.Standing `bson:"standing"`
	}
	fields := options.FindOne().SetProjection(ascending("facility", "day", "standing"))
	if err := s.responses.FindOne(ctx, byID(string(id)), fields).Decode(&doc); err != nil {
		return failed("move response", err)
	}
	if doc.Standing != from {
		return fmt.Errorf("move response: it is %s, not %s: %w", doc.Standing, from, surveys.ErrConflict)
	}
	set := bson.D{{Key: "standing", Value: to}, {Key: "reason", Value: reason}}
	if to == surveys.Withdrawn {
		set = append(set, bson.E{Key: "answers", Value: bson.D{}}, bson.E{Key: "comment", Value: ""})
	}
	filter := append(byID(string(id)), bson.E{Key: "standing", Value: from})
	moved := false
	err := s.whileMarked(ctx, []facilityDay{doc.At}, func(ctx context.Context) (map[facilityDay]bool, error) {
		result, err := s.responses.UpdateOne(ctx, filter, bson.D{{Key: "$set", Value: set}})
		if err != nil {
			return nil, failed("move response", err)
		}
		moved = result.MatchedCount == 1
		return map[facilityDay]bool{doc.At: moved}, nil
	})
	if err == nil && !moved {
		return fmt.Errorf("move response: %w", surveys.ErrConflict)
	}
	return err
}

// EachResponse calls f for every response of the query, ordered by facility, day and id.
func (s *Store) EachResponse(ctx context.Context, q surveys.ResponseQuery, f func(surveys.Response) error) error {
	filter := between(ofFacility(q.Facility), "day", q.From, q.To)
	opts := options.Find().SetSort(ascending("facility", "day", "_id"))
	return each(ctx, "list responses", s.responses, filter, opts, func(doc responseDoc) error {
		r, err := doc.decode()
		if err != nil {
			return err
		}
		return f(r)
	})
}

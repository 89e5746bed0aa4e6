package surveys

import (
	"context"
	"encoding/json"
	"fmt"
)

// Collection is a kind of record with its Go type: a new kind of thing is a declaration
//
//	Collection[Unit]{Kind: "unit", ID: …, Keys: …, Frozen: …}
//
// and no new code in the stores.
type Collection[T any] struct {
	Kind   string
	ID     func(T) string
	Keys   func(T) map[string]string // nil: found by id only
	Frozen func(T) bool              // nil: never; see Record.Frozen
}

// Stored is a thing with the revision it was read at.
type Stored[T any] struct {
	Value T
	Rev   int64
}

// Find reads one, or ErrNotFound.
func (c Collection[T]) Find(ctx context.Context, s RecordStore, id string) (Stored[T], error) {
	r, err := s.Record(ctx, c.Kind, id)
	if err != nil {
		return Stored[T]{}, fmt.Errorf("%s %s: %w", c.Kind, id, err)
	}
	return c.decode(r)
}

// Put stores the thing if its stored revision is still rev (0: there is none yet); ErrConflict otherwise,
// and ErrFrozen if it was stored frozen.
func (c Collection[T]) Put(ctx context.Context, s RecordStore, value T, rev int64) (Stored[T], error) {
	id := c.ID(value)
	body, err := json.Marshal(value)
	if err != nil {
		return Stored[T]{}, fmt.Errorf("encode %s %s: %w", c.Kind, id, err)
	}
	r := Record{Kind: c.Kind, ID: id, Rev: rev, Body: body}
	if c.Keys != nil {
		r.Keys = c.Keys(value)
	}
	r.Frozen = c.Frozen != nil && c.Frozen(value)
	rev, err = s.PutRecord(ctx, r)
	if err != nil {
		return Stored[T]{}, fmt.Errorf("put %s %s: %w", c.Kind, id, err)
	}
	return Stored[T]{Value: value, Rev: rev}, nil
}

// Delete removes it if its revision is still rev and it is not frozen.
func (c Collection[T]) Delete(ctx context.Context, s RecordStore, id string, rev int64) error {
	if err := s.DeleteRecord(ctx, c.Kind, id, rev); err != nil {
		return fmt.Errorf("delete %s %s: %w", c.Kind, id, err)
	}
	return nil
}

// All lists every one, ordered by id.
func (c Collection[T]) All(ctx context.Context, s RecordStore) ([]Stored[T], error) {
	return c.list(ctx, s, RecordQuery{Kind: c.Kind})
}

// By lists those whose key index has the value, ordered by id.
func (c Collection[T]) By(ctx context.Context, s RecordStore, index, value string) ([]Stored[T], error) {
	return c.list(ctx, s, RecordQuery{Kind: c.Kind, Index: index, Value: value})
}

func (c Collection[T]) list(ctx context.Context, s RecordStore, q RecordQuery) ([]Stored[T], error) {
	records, err := s.Records(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", c.Kind, err)
	}
	things := make([]Stored[T], 0, len(records))
	for _, r := range records {
		thing, err := c.decode(r)
		if err != nil {
			return nil, err
		}
		things = append(things, thing)
	}
	return things, nil
}

func (c Collection[T]) decode(r Record) (Stored[T], error) {
	thing := Stored[T]{Rev: r.Rev}
	if err := json.Unmarshal(r.Body, &thing.Value); err != nil {
		return thing, fmt.Errorf("decode %s %s: %w", r.Kind, r.ID, err)
	}
	return thing, nil
}

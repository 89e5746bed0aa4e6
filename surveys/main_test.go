package surveys_test

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"hailong/surveys"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// memory is a store of records and responses without a file.
type memory struct {
	mu        sync.Mutex
	records   map[string]surveys.Record
	reads     int
	err       error
	responses map[surveys.SubmissionID]surveys.Response
	batches   []int
	before    func() error // before a batch is stored
	surveys.ResponseStore
}

func newMemory() *memory {
	return &memory{records: map[string]surveys.Record{}, responses: map[surveys.SubmissionID]surveys.Response{}}
}

func (m *memory) Record(_ context.Context, kind, id string) (surveys.Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reads++
	r, ok := m.records[kind+"/"+id]
	if m.err != nil {
		return r, m.err
	}
	if !ok {
		return r, surveys.ErrNotFound
	}
	return r, nil
}

func (m *memory) PutRecord(_ context.Context, r surveys.Record) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.records[r.Kind+"/"+r.ID].Rev != r.Rev {
		return 0, surveys.ErrConflict
	}
	r.Rev++
	m.records[r.Kind+"/"+r.ID] = r
	return r.Rev, m.err
}

func (m *memory) DeleteRecord(_ context.Context, kind, id string, rev int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	was, ok := m.records[kind+"/"+id]
	switch {
	case !ok:
		return surveys.ErrNotFound
	case was.Rev != rev:
		return surveys.ErrConflict
	}
	delete(m.records, kind+"/"+id)
	return nil
}

func (m *memory) Records(_ context.Context, q surveys.RecordQuery) ([]surveys.Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reads++
	var list []surveys.Record
	for r := range maps.Values(m.records) {
		if r.Kind == q.Kind && (q.Index == "" || r.Keys[q.Index] == q.Value) {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b surveys.Record) int { return cmp.Compare(a.ID, b.ID) })
	return list, m.err
}

func (m *memory) Kinds(context.Context) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var kinds []string
	for r := range maps.Values(m.records) {
		kinds = append(kinds, r.Kind)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds), m.err
}

func (m *memory) AddResponses(_ context.Context, batch []surveys.Response) ([]bool, error) {
	m.mu.Lock()
	before := m.before
	m.mu.Unlock()
	if before != nil {
		if err := before(); err != nil {
			return nil, err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.batches = append(m.batches, len(batch))
	added := make([]bool, len(batch))
	for i, r := range batch {
		if _, known := m.responses[r.ID]; !known {
			m.responses[r.ID], added[i] = r, true
		}
	}
	return added, nil
}

package analytics_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"testing"

	"hailong/surveys"
	"hailong/surveys/store/storetest"
)

// TestMemStoreContract holds the store of the heavy tests to the same contract as the real ones.
func TestMemStoreContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) surveys.Store { return newMemStore() })
	storetest.RunShared(t, func(*testing.T) func() surveys.Store {
		data := newMemData()
		return func() surveys.Store { return &memStore{memData: data} }
	})
}

// memStore is a surveys.Store in memory, for tests that need thousands of passes. Several may share one memData,
// as several processes share a database.
type memStore struct {
	*memData

	life   sync.Mutex
	closed bool
}

type memDay struct {
	facility surveys.FacilityID
	day      surveys.Day
}

type memData struct {
	mu        sync.Mutex
	responses map[surveys.SubmissionID]surveys.Response
	byDay     map[memDay][]surveys.SubmissionID
	books     map[memDay]surveys.DayBook
	marks     map[memDay]string
	lastMark  int
	releases  map[surveys.FacilityID][]surveys.ReleaseRecord // sorted by node start and id
	records   map[string]map[string]surveys.Record
}

func newMemData() *memData {
	return &memData{
		responses: map[surveys.SubmissionID]surveys.Response{},
		byDay:     map[memDay][]surveys.SubmissionID{},
		books:     map[memDay]surveys.DayBook{},
		marks:     map[memDay]string{},
		releases:  map[surveys.FacilityID][]surveys.ReleaseRecord{},
		records:   map[string]map[string]surveys.Record{},
	}
}

func newMemStore() *memStore { return &memStore{memData: newMemData()} }

var _ surveys.Store = (*memStore)(nil)

func (s *memStore) usable(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", surveys.ErrUnavailable, err)
	}
	s.life.Lock()
	defer s.life.Unlock()
	if s.closed {
		return fmt.Errorf("closed: %w", surveys.ErrUnavailable)
	}
	return nil
}

// write carries out f, which changes something or gives an error.
func (s *memStore) write(ctx context.Context, f func() error) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return f()
}

func (s *memStore) Ping(ctx context.Context) error { return s.usable(ctx) }

func (s *memStore) Close() error {
	s.life.Lock()
	defer s.life.Unlock()
	s.closed = true
	return nil
}

func (d *memData) mark(at memDay) {
	d.lastMark++
	d.marks[at] = strconv.Itoa(d.lastMark)
}

func copyResponse(r surveys.Response) surveys.Response {
	r.Answers = maps.Clone(r.Answers)
	for code, a := range r.Answers {
		a.List = slices.Clone(a.List)
		r.Answers[code] = a
	}
	return r
}

func (s *memStore) AddResponses(ctx context.Context, batch []surveys.Response) ([]bool, error) {
	added := make([]bool, len(batch))
	err := s.write(ctx, func() error {
		for i, r := range batch {
			if _, known := s.responses[r.ID]; known {
				continue
			}
			added[i] = true
			at := memDay{r.Facility, r.Day}
			s.responses[r.ID] = copyResponse(r)
			ids := s.byDay[at]
			place, _ := slices.BinarySearch(ids, r.ID)
			s.byDay[at] = slices.Insert(slices.Clone(ids), place, r.ID) // readers hold the old list
			s.mark(at)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return added, nil
}

func (s *memStore) DeleteResponses(ctx context.Context, facility surveys.FacilityID, days []surveys.Day) error {
	return s.write(ctx, func() error {
		for _, day := range days {
			at := memDay{facility, day}
			if s.books[at].Seal == "" || s.marks[at] != "" {
				return surveys.ErrConflict
			}
			for _, id := range s.byDay[at] {
				delete(s.responses, id)
			}
			delete(s.byDay, at)
		}
		return nil
	})
}

func (s *memStore) Response(ctx context.Context, id surveys.SubmissionID) (surveys.Response, error) {
	if err := s.usable(ctx); err != nil {
		return surveys.Response{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.responses[id]
	if !ok {
		return r, surveys.ErrNotFound
	}
	return copyResponse(r), nil
}

func (s *memStore) ResponsesByReceipt(ctx context.Context, receipt surveys.Receipt) ([]surveys.Response, error) {
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []surveys.Response
	for _, r := range s.responses {
		if r.Receipt == receipt {
			found = append(found, copyResponse(r))
		}
	}
	slices.SortFunc(found, func(a, b surveys.Response) int { return cmp.Compare(a.ID, b.ID) })
	return found, nil
}

func (s *memStore) Move(ctx context.Context, id surveys.SubmissionID, from, to surveys.Standing, reason string) error {
	return s.write(ctx, func() error {
		r, ok := s.responses[id]
		switch {
		case !ok:
			return surveys.ErrNotFound
		case r.Standing != from:
			return surveys.ErrConflict
		}
		r.Standing, r.Reason = to, reason
		if to == surveys.Withdrawn {
			r.Answers, r.Comment = nil, ""
		}
		s.responses[id] = r
		s.mark(memDay{r.Facility, r.Day})
		return nil
	})
}

func sortedDays[V any](m map[memDay]V, keep func(memDay) bool) []memDay {
	var days []memDay
	for at := range m {
		if keep(at) {
			days = append(days, at)
		}
	}
	slices.SortFunc(days, func(a, b memDay) int {
		return cmp.Or(cmp.Compare(a.facility, b.facility), cmp.Compare(a.day, b.day))
	})
	return days
}

func inside(at memDay, facility surveys.FacilityID, from, to surveys.Day) bool {
	return (facility == "" || at.facility == facility) && at.day.Within(from, to)
}

func (s *memStore) EachResponse(ctx context.Context, q surveys.ResponseQuery, f func(surveys.Response) error) error {
	s.mu.Lock()
	days := sortedDays(s.byDay, func(at memDay) bool { return inside(at, q.Facility, q.From, q.To) })
	s.mu.Unlock()
	for _, at := range days {
		if err := s.usable(ctx); err != nil {
			return err
		}
		s.mu.Lock()
		ids := s.byDay[at]
		s.mu.Unlock()
		for _, id := range ids {
			if err := s.usable(ctx); err != nil {
				return err
			}
			s.mu.Lock()
			r := copyResponse(s.responses[id])
			s.mu.Unlock()
			if err := f(r); err != nil {
				return err
			}
		}
	}
	return s.usable(ctx)
}

func (s *memStore) DirtyDays(ctx context.Context, q surveys.DirtyQuery) ([]surveys.DirtyDay, error) {
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	days := sortedDays(s.marks, func(at memDay) bool { return inside(at, q.Facility, "", "") })
	if q.Limit > 0 && len(days) > q.Limit {
		days = days[:q.Limit]
	}
	var dirty []surveys.DirtyDay
	for _, at := range days {
		dirty = append(dirty, surveys.DirtyDay{Facility: at.facility, Day: at.day, Marks: []string{s.marks[at]}})
	}
	return dirty, nil
}

func (s *memStore) MarkDirty(ctx context.Context, facility surveys.FacilityID, day surveys.Day) error {
	return s.write(ctx, func() error {
		s.mark(memDay{facility, day})
		return nil
	})
}

func (s *memStore) MarkAllDirty(ctx context.Context) error {
	return s.write(ctx, func() error {
		all := map[memDay]bool{}
		for at := range s.byDay {
			all[at] = true
		}
		for at := range s.books {
			all[at] = true
		}
		for at := range all {
			if !s.books[at].Sealed {
				s.mark(at)
			}
		}
		return nil
	})
}

func copyBook(b surveys.DayBook) surveys.DayBook {
	b.Body = slices.Clone(b.Body)
	return b
}

func (s *memStore) Day(ctx context.Context, facility surveys.FacilityID, day surveys.Day) (surveys.DayBook, error) {
	if err := s.usable(ctx); err != nil {
		return surveys.DayBook{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.books[memDay{facility, day}]
	if !ok {
		return b, surveys.ErrNotFound
	}
	return copyBook(b), nil
}

func (s *memStore) PutDays(ctx context.Context, counted []surveys.CountedDay) ([]bool, error) {
	stored := make([]bool, len(counted))
	err := s.write(ctx, func() error {
		for i, c := range counted {
			at := memDay{c.Book.Facility, c.Book.Day}
			if s.books[at].Rev != c.Book.Rev {
				continue
			}
			stored[i] = true
			book := copyBook(c.Book)
			book.Rev++
			s.books[at] = book
			if marked := (memDay{c.Seen.Facility, c.Seen.Day}); slices.Contains(c.Seen.Marks, s.marks[marked]) {
				delete(s.marks, marked)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return stored, nil
}

func (s *memStore) EachDay(ctx context.Context, q surveys.DayQuery, f func(surveys.DayBook) error) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	days := sortedDays(s.books, func(at memDay) bool { return inside(at, q.Facility, q.From, q.To) })
	s.mu.Unlock()
	for _, at := range days {
		b, err := s.Day(ctx, at.facility, at.day)
		if err != nil {
			return err
		}
		if err := f(b); err != nil {
			return err
		}
	}
	return nil
}

func compareReleases(a, b surveys.ReleaseRecord) int {
	return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.ID, b.ID))
}

func (s *memStore) AddRelease(ctx context.Context, r surveys.ReleaseRecord) error {
	return s.write(ctx, func() error {
		for _, list := range s.releases {
			if slices.ContainsFunc(list, func(have surveys.ReleaseRecord) bool { return have.ID == r.ID }) {
				return surveys.ErrConflict
			}
		}
		r.Head, r.Parts = slices.Clone(r.Head), slices.Clone(r.Parts)
		list := s.releases[r.Facility]
		place, _ := slices.BinarySearchFunc(list, r, compareReleases)
		s.releases[r.Facility] = slices.Insert(slices.Clone(list), place, r) // readers hold the old list
		return nil
	})
}

func (s *memStore) EachRelease(ctx context.Context, q surveys.ReleaseQuery, f func(surveys.ReleaseRecord) error) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	var list []surveys.ReleaseRecord
	for _, id := range slices.Sorted(maps.Keys(s.releases)) {
		if q.Facility == "" || q.Facility == id {
			list = append(list, s.releases[id]...)
		}
	}
	s.mu.Unlock()
	for _, r := range list {
		if r.From < q.From || q.To != "" && r.To > q.To || r.Released < q.ReleasedFrom {
			continue
		}
		r.Head, r.Parts = slices.Clone(r.Head), slices.Clone(r.Parts)
		if q.WithoutParts {
			r.Parts = nil
		}
		if err := f(r); err != nil {
			return err
		}
	}
	return nil
}

func copyRecord(r surveys.Record) surveys.Record {
	r.Keys, r.Body = maps.Clone(r.Keys), slices.Clone(r.Body)
	return r
}

func (s *memStore) Record(ctx context.Context, kind, id string) (surveys.Record, error) {
	if err := s.usable(ctx); err != nil {
		return surveys.Record{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.records[kind][id]
	if !ok {
		return r, surveys.ErrNotFound
	}
	return copyRecord(r), nil
}

func (s *memStore) PutRecord(ctx context.Context, r surveys.Record) (int64, error) {
	rev := r.Rev + 1
	err := s.write(ctx, func() error {
		switch was := s.records[r.Kind][r.ID]; {
		case was.Frozen && r.Rev > 0:
			return surveys.ErrFrozen
		case was.Rev != r.Rev:
			return surveys.ErrConflict
		}
		if s.records[r.Kind] == nil {
			s.records[r.Kind] = map[string]surveys.Record{}
		}
		kept := copyRecord(r)
		kept.Rev = rev
		s.records[r.Kind][r.ID] = kept
		return nil
	})
	if err != nil {
		return 0, err
	}
	return rev, nil
}

func (s *memStore) DeleteRecord(ctx context.Context, kind, id string, rev int64) error {
	return s.write(ctx, func() error {
		r, ok := s.records[kind][id]
		switch {
		case !ok:
			return surveys.ErrNotFound
		case r.Frozen:
			return surveys.ErrFrozen
		case r.Rev != rev:
			return surveys.ErrConflict
		}
		delete(s.records[kind], id)
		return nil
	})
}

func (s *memStore) Records(ctx context.Context, q surveys.RecordQuery) ([]surveys.Record, error) {
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []surveys.Record
	for _, id := range slices.Sorted(maps.Keys(s.records[q.Kind])) {
		r := s.records[q.Kind][id]
		if id <= q.After || q.Index != "" && (q.Value == "" || r.Keys[q.Index] != q.Value) {
			continue
		}
		if found = append(found, copyRecord(r)); len(found) == q.Limit {
			break
		}
	}
	return found, nil
}

func (s *memStore) Kinds(ctx context.Context) ([]string, error) {
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	kinds := slices.Sorted(maps.Keys(s.records))
	return slices.DeleteFunc(kinds, func(kind string) bool { return len(s.records[kind]) == 0 }), nil
}

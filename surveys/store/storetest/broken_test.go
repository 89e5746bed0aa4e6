package storetest_test

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"hailong/surveys"
	"hailong/surveys/store/sqlite"
	"hailong/surveys/store/storetest"
)

// defect is a store that breaks the rule of one check; the check must notice.
type defect struct {
	check string
	what  string
	build func(s surveys.Store) surveys.Store
}

func defects() []defect {
	return slices.Concat(addDefects(), responseDefects(), listingDefects(), dirtyDefects(), putDaysDefects(), batchDefects(),
		bookDefects(), sealDefects(), releaseDefects(), recordDefects(), frozenDefects(), recordListDefects(), sharedDefects())
}

// recorder plays the *testing.T of a check that is to fail.
type recorder struct {
	ctx      context.Context
	mu       sync.Mutex
	failures []string
}

func (r *recorder) Helper()                  {}
func (r *recorder) Context() context.Context { return r.ctx }

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

// failuresOf runs a check as a test would, in a goroutine of its own.
func failuresOf(ctx context.Context, check storetest.Check, open func() surveys.Store) []string {
	r := &recorder{ctx: ctx}
	var wg sync.WaitGroup
	wg.Go(func() { check.Run(r, open) })
	wg.Wait()
	return r.failures
}

func fresh(t *testing.T) func() surveys.Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hailong.db")
	return func() surveys.Store {
		s, err := sqlite.Open(t.Context(), path, time.Now) //nolint:forbidigo // a test has no other clock
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		return s
	}
}

func allChecks() []storetest.Check {
	return slices.Concat(storetest.Checks(), storetest.SharedChecks())
}

func TestEveryDefectIsNoticed(t *testing.T) {
	t.Parallel()
	for _, d := range defects() {
		t.Run(d.check+"/"+d.what, func(t *testing.T) {
			t.Parallel()
			i := slices.IndexFunc(allChecks(), func(c storetest.Check) bool { return c.Name == d.check })
			if i < 0 {
				t.Fatalf("there is no check %s", d.check)
			}
			open := fresh(t)
			if got := failuresOf(t.Context(), allChecks()[i], func() surveys.Store { return d.build(open()) }); len(got) == 0 {
				t.Errorf("a store that %s passed %s", d.what, d.check)
			}
		})
	}
}

func TestEveryCheckHasADefect(t *testing.T) {
	t.Parallel()
	for _, c := range allChecks() {
		if !slices.ContainsFunc(defects(), func(d defect) bool { return d.check == c.Name }) {
			t.Errorf("no broken store shows that %s can fail", c.Name)
		}
	}
}

// A sound store behind the same mechanism passes, so that it is the defect that fails above.
func TestSoundStorePasses(t *testing.T) {
	t.Parallel()
	for _, c := range allChecks() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			open := fresh(t)
			for _, failure := range failuresOf(t.Context(), c, func() surveys.Store { return &broken{Store: open()} }) {
				t.Error(failure)
			}
		})
	}
}

// broken is a sound store with some methods put otherwise; nil leaves a method as it is. hidden are dirty
// days that it fails to show, which is how it forgets a mark.
type broken struct {
	surveys.Store
	mu     sync.Mutex
	hidden map[pair]bool

	addResponses    func(ctx context.Context, batch []surveys.Response) ([]bool, error)
	response        func(ctx context.Context, id surveys.SubmissionID) (surveys.Response, error)
	byReceipt       func(ctx context.Context, receipt surveys.Receipt) ([]surveys.Response, error)
	move            func(ctx context.Context, id surveys.SubmissionID, from, to surveys.Standing, reason string) error
	eachResponse    func(ctx context.Context, q surveys.ResponseQuery, f func(surveys.Response) error) error
	dirtyDays       func(ctx context.Context, q surveys.DirtyQuery) ([]surveys.DirtyDay, error)
	markDirty       func(ctx context.Context, facility surveys.FacilityID, day surveys.Day) error
	markAllDirty    func(ctx context.Context) error
	day             func(ctx context.Context, facility surveys.FacilityID, day surveys.Day) (surveys.DayBook, error)
	putDays         func(ctx context.Context, counted []surveys.CountedDay) ([]bool, error)
	eachDay         func(ctx context.Context, q surveys.DayQuery, f func(surveys.DayBook) error) error
	addRelease      func(ctx context.Context, r surveys.ReleaseRecord) error
	eachRelease     func(ctx context.Context, q surveys.ReleaseQuery, f func(surveys.ReleaseRecord) error) error
	record          func(ctx context.Context, kind, id string) (surveys.Record, error)
	putRecord       func(ctx context.Context, r surveys.Record) (int64, error)
	deleteRecord    func(ctx context.Context, kind, id string, rev int64) error
	records         func(ctx context.Context, q surveys.RecordQuery) ([]surveys.Record, error)
	kinds           func(ctx context.Context) ([]string, error)
	ping            func(ctx context.Context) error
	deleteResponses func(ctx context.Context, facility surveys.FacilityID, days []surveys.Day) error
	closed          func() error
}

type pair struct {
	facility surveys.FacilityID
	day      surveys.Day
}

// breaking makes the build function of a defect out of one that puts methods otherwise.
func breaking(set func(s surveys.Store, b *broken)) func(surveys.Store) surveys.Store {
	return func(s surveys.Store) surveys.Store {
		b := &broken{Store: s, hidden: map[pair]bool{}}
		set(s, b)
		return b
	}
}

// forget hides the marks of a day.
func (b *broken) forget(facility surveys.FacilityID, day surveys.Day) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hidden[pair{facility, day}] = true
}

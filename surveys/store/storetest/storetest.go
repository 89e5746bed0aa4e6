// Package storetest holds the contract of surveys.Store as tests. Every adapter runs it:
//
//	storetest.Run(t, func(t *testing.T) surveys.Store { … an empty store … })
//	storetest.RunShared(t, func(t *testing.T) func() surveys.Store { … handles on one empty store … })
//
// The suite itself is tested: for each check there is a store that breaks its rule and must fail it
// (broken_test.go). Checks wait on nothing but the store and may all run at once.
package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"hailong/surveys"
)

// TB is what a check needs of a *testing.T, small enough to be played by a recorder.
type TB interface {
	Helper()
	Context() context.Context
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Check is one rule of the contract. Run gets an opener of handles on one empty store; only the checks of
// SharedChecks call it more than once.
type Check struct {
	Name string
	Run  func(t TB, open func() surveys.Store)
}

// patience bounds a check, so that a store that hangs fails instead.
const patience = 2 * time.Minute

// Checks lists the rules that one handle can show.
func Checks() []Check {
	var all []Check
	for _, group := range [][]Check{
		addChecks(), responseChecks(), moveChecks(), eachResponseChecks(), dirtyChecks(), putDaysChecks(),
		eachDayChecks(), sealChecks(), releaseChecks(), recordChecks(), recordListChecks(), lifeChecks(),
	} {
		all = append(all, group...)
	}
	return all
}

// Run tests the contract on stores that open gives, one for each check; each must be empty. Closing them
// is up to open (t.Cleanup).
func Run(t *testing.T, open func(t *testing.T) surveys.Store) {
	t.Helper()
	for _, check := range Checks() {
		t.Run(check.Name, func(t *testing.T) {
			t.Parallel()
			check.Run(t, func() surveys.Store { return open(t) })
		})
	}
}

// RunShared tests what must hold between handles on one store, as several processes have, and across
// closing and opening again. For each check fresh names a new empty store and gives an opener of handles
// on it. Closing them is up to the opener; the suite may have closed one already.
func RunShared(t *testing.T, fresh func(t *testing.T) (open func() surveys.Store)) {
	t.Helper()
	for _, check := range SharedChecks() {
		t.Run(check.Name, func(t *testing.T) {
			t.Parallel()
			check.Run(t, fresh(t))
		})
	}
}

// trial is a check under way: the store, a bounded context, and assertions that name what they saw.
type trial struct {
	TB
	surveys.Store
	ctx context.Context
}

// rule makes a check that needs one handle.
func rule(name string, run func(t trial)) Check {
	return Check{Name: name, Run: func(tb TB, open func() surveys.Store) {
		tb.Helper()
		ctx, cancel := context.WithTimeout(tb.Context(), patience)
		defer cancel()
		run(trial{TB: tb, Store: open(), ctx: ctx})
	}}
}

// noError stops the check when the store failed.
func (t trial) noError(err error, doing string) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", doing, err)
	}
}

// equal compares; an empty list, map or body equals a nil one.
func (t trial) equal(got, want any, what string) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// mustEqual compares and stops the check if what follows would make no sense.
func (t trial) mustEqual(got, want any, what string) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

// isError wants an error of the kind.
func (t trial) isError(err, want error, doing string) {
	t.Helper()
	if !isOf(err, want) {
		t.Errorf("%s: got error %v, want %v", doing, err, want)
	}
}

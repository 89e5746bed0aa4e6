package sqlite_test

import (
	"path/filepath"
	"testing"
	"time"

	"hailong/surveys"
	"hailong/surveys/store/sqlite"
	"hailong/surveys/store/storetest"
)

func clock() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }

func open(t testing.TB, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, clock)
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

func TestContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) surveys.Store {
		t.Helper()
		return open(t, filepath.Join(t.TempDir(), "hailong.db"))
	})
}

func TestContractBetweenHandles(t *testing.T) {
	t.Parallel()
	storetest.RunShared(t, func(t *testing.T) func() surveys.Store {
		t.Helper()
		path := filepath.Join(t.TempDir(), "hailong.db")
		return func() surveys.Store { return open(t, path) }
	})
}

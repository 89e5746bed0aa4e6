package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"hailong/surveys"
	"hailong/surveys/store"
)

// A server that was killed leaves its lease: after its time a restore must find the store vacant, and empty.
func TestVacant(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s surveys.Store) {
		put := func(id string, age time.Duration) {
			t.Helper()
			body := fmt.Appendf(nil, `{"id":%q,"beat":%d}`, id, clock().Add(-age).UnixMilli())
			if _, err := s.PutRecord(t.Context(), surveys.Record{Kind: store.LeaseKind, ID: id, Body: body}); err != nil {
				t.Fatal(err)
			}
		}
		ids := func() (all []string) {
			t.Helper()
			list, err := s.Records(t.Context(), surveys.RecordQuery{Kind: store.LeaseKind})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range list {
				all = append(all, r.ID)
			}
			return all
		}
		put("killed", time.Hour)
		put("living", time.Second)
		if err := store.Vacant(t.Context(), s, clock); !errors.Is(err, store.ErrServed) {
			t.Errorf("beside a living server: %v, want ErrServed", err)
		}
		if got := ids(); len(got) != 1 || got[0] != "living" {
			t.Errorf("leases are %q, want that of the living server alone", got)
		}
		if err := s.DeleteRecord(t.Context(), store.LeaseKind, "living", 1); err != nil {
			t.Fatal(err)
		}
		put("killed", 3*time.Minute)
		if err := store.Vacant(t.Context(), s, clock); err != nil {
			t.Errorf("of a killed server only: %v", err)
		}
		if kinds, err := s.Kinds(t.Context()); err != nil || len(kinds) != 0 {
			t.Errorf("the store still holds %q, %v: a restore would refuse it", kinds, err)
		}
	})
}

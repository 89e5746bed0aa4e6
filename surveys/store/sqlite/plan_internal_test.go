package sqlite

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func openStore(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "hailong.db"), time.Now) //nolint:forbidigo // no clock here
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

// plan is what SQLite means to do for a query.
func plan(ctx context.Context, s *Store, query string) ([]string, error) {
	args := slices.Repeat([]any{1}, strings.Count(query, "?"))
	rows, err := s.reader.QueryContext(ctx, "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		return nil, err
	}
	return collect(rows, func(row scanner) (step string, err error) {
		var id, parent, unused int
		err = row.Scan(&id, &parent, &unused, &step)
		return step, err
	})
}

// The listings go along an index; none sorts or reads a whole table.
func TestListingsUseIndexes(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	const throughReceipt = "SEARCH k USING PRIMARY KEY (receipt=?); SEARCH p USING INTEGER PRIMARY KEY (rowid=?); SEARCH "
	for query, want := range map[string]string{
		responseByID:       throughReceipt + "r USING PRIMARY KEY (facility=? AND day=? AND id=?)",
		placeOfResponse:    throughReceipt + "r USING PRIMARY KEY (facility=? AND day=? AND id=?)",
		responsesOfReceipt: throughReceipt + "r USING PRIMARY KEY (facility=? AND day=?)",
		knownIDs(2): "CO-ROUTINE asked; SCAN 2 CONSTANT ROWS; SCAN a; " + throughReceipt +
			"r USING PRIMARY KEY (facility=? AND day=? AND id=?)",
		placeOf:                 "SEARCH places USING COVERING INDEX sqlite_autoindex_places_1 (facility=?)",
		pageOfResponses:         "SEARCH responses USING PRIMARY KEY (facility=? AND (day,id)>(?,?) AND day<?)",
		nextFacilityOfResponses: "SEARCH responses USING PRIMARY KEY (facility>?)",
		dirtyDays:               "SCAN dirty",
		dirtyOfFacility:         "SEARCH dirty USING PRIMARY KEY (facility=?)",
		pageOfDays:              "SEARCH days USING INDEX sqlite_autoindex_days_1 (facility=? AND day>? AND day<?)",
		nextFacilityOfDays:      "SEARCH days USING COVERING INDEX sqlite_autoindex_days_1 (facility>?)",
		pageOfReleases:          "SEARCH releases USING INDEX releases_by_node (facility=? AND (node,id)>(?,?))",
		pageOfReleaseHeads:      "SEARCH releases USING INDEX releases_by_node (facility=? AND (node,id)>(?,?))",
		nextFacilityOfReleases:  "SEARCH releases USING COVERING INDEX releases_by_node (facility>?)",
		recordByID:              "SEARCH r USING INDEX sqlite_autoindex_records_1 (kind=? AND id=?)",
		recordsOfKind:           "SEARCH r USING INDEX sqlite_autoindex_records_1 (kind=? AND id>?)",
		recordsOfKey: "SEARCH k USING PRIMARY KEY (kind=? AND name=? AND value=? AND id>?); " +
			"SEARCH r USING INDEX sqlite_autoindex_records_1 (kind=? AND id=?)",
	} {
		steps, err := plan(t.Context(), s, query)
		if got := strings.Join(steps, "; "); err != nil || got != want {
			t.Errorf("%s\n got plan %s, %v\nwant plan %s", query, got, err, want)
		}
	}
}

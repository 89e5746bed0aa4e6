package server_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"hailong/server/account"
	"hailong/surveys"
	"hailong/surveys/backup"
	"hailong/surveys/mask"
	mongostore "hailong/surveys/store/mongo"
	"hailong/surveys/transfer"
)

// What was written into a comment and is masked, and what was withdrawn, is in no table or collection, export,
// backup, metric or line of the log, on either store.
func TestMaskedAndWithdrawnIsNowhere(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		nowhere(t, s, func() string {
			var all strings.Builder
			files, err := filepath.Glob(filepath.Join(filepath.Dir(s.path), "*"))
			s.ok(err)
			for _, file := range files {
				raw, err := os.ReadFile(file)
				s.ok(err)
				all.Write(raw)
			}
			return all.String()
		})
	})
	t.Run("mongo", func(t *testing.T) {
		t.Parallel()
		db, address := testDatabase(t)
		s := newSiteOn(t, func(clock surveys.Clock) (surveys.Store, error) { return mongostore.Open(t.Context(), address, clock) })
		nowhere(t, s, func() string { return dump(t, db) })
	})
}

// nowhere sends what must not be kept, withdraws what may not stay, and looks for both; raw is what the store holds.
func nowhere(t *testing.T, s *site, raw func() string) {
	t.Helper()
	secret := s.token(account.Admin, "all")
	form := s.form(clinicToken, "?form=full")
	form.Set("Z", "4")
	form.Set("G4", "MARK-kept-item "+markNumber)
	form.Set("comment", "MARK-kept-form "+markSpelled+" lan@mark.example")
	s.post("/s/"+string(clinicToken), form).want(http.StatusSeeOther)
	s.api(with(submission(clinicToken, map[string]any{"Z": 4}), "comment", "MARK-kept-api "+markNumber)).want(http.StatusCreated)
	rows := fmt.Sprintf("token,date,Z,G4,comment\n%s,2026-03-09,4,MARK-kept-row %s,MARK-kept-import %s\n", clinicToken, markNumber, markSpelled)
	done, err := transfer.ImportResponses(t.Context(), transfer.Import{
		Store: s.store, Ingest: importer(t, s), Batch: "b1", Today: "2026-03-10", Zone: zone(t),
	}, strings.NewReader(rows))
	_ = done
	s.ok(err)
	gone := s.answered("MARK-gone")
	if !strings.Contains(raw(), "MARK-gone") {
		t.Fatal("the store does not hold a comment before it is withdrawn: the search finds nothing")
	}
	s.withdraw(gone).want(http.StatusSeeOther)
	s.ok(s.Count(t.Context()))

	var out bytes.Buffer
	for _, kind := range transfer.Kinds() {
		_, err := transfer.Export(t.Context(), s.store, &out, kind, transfer.ExportOptions{Today: "2026-06-01", TempDir: t.TempDir()})
		s.ok(err)
	}
	var file bytes.Buffer
	_, err = backup.Write(t.Context(), s.store, &file, backup.Options{Made: "2026-03-10"})
	s.ok(err)
	places := map[string]string{
		"store": raw(), "exports": out.String(), "backup": unzipped(t, &file), "log": s.log.String(),
		"metrics": s.get("/metrics", bearer(secret)...).want(http.StatusOK).body,
	}
	for place, text := range places {
		for _, mark := range []string{markNumber, strings.ReplaceAll(markNumber, " ", ""), markSpelled, "lan@mark", "MARK-gone"} {
			if strings.Contains(text, mark) {
				t.Errorf("the %s holds %q", place, mark)
			}
		}
		kept := place == "store" || place == "exports" || place == "backup"
		for _, mark := range []string{"MARK-kept-item " + mask.Phone, "MARK-kept-form " + mask.Paper + " " + mask.Mail, "MARK-kept-api " + mask.Phone, "MARK-kept-row " + mask.Phone, "MARK-kept-import " + mask.Paper} {
			if strings.Contains(text, mark) != kept {
				t.Errorf("the %s holds %q: %v, want %v", place, mark, !kept, kept)
			}
		}
	}
}

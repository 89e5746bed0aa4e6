package server_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
	form.Set("Z", "1")
	form.Set("G4", "MARK-kept-item "+markNumber)
	form.Set("comment", "MARK-kept-form "+markSpelled+" lan@mark.example")
	s.post("/s/"+string(clinicToken), form).want(http.StatusSeeOther)
	s.api(with(submission(clinicToken, map[string]any{"Z": 4}), "comment", "MARK-kept-api "+markNumber)).want(http.StatusCreated)
	rows := fmt.Sprintf("token,date,Z,G4,comment\n%s,2026-03-09,1,MARK-kept-row %s,MARK-kept-import %s\n", clinicToken, markNumber, markSpelled)
	ingest := surveys.NewIngest(s.store, slog.New(slog.DiscardHandler))
	report, err := transfer.ImportResponses(t.Context(), s.store, ingest, strings.NewReader(rows),
		transfer.ResponseOptions{Batch: "b1", Clock: s.clock.Now, Zone: zone(t)})
	ingest.Close()
	s.ok(err)
	t.Logf("the import says %+v", report)
	gone := s.answered("MARK-gone")
	if !strings.Contains(raw(), "MARK-gone") {
		t.Fatal("the store does not hold a comment before it is withdrawn: the search finds nothing")
	}
	s.withdraw(gone).want(http.StatusSeeOther)
	s.ok(s.Count(t.Context()))

	var out bytes.Buffer
	for _, kind := range transfer.Kinds() {
		_, err = transfer.Export(t.Context(), s.store, &out, kind, transfer.ExportOptions{Today: "2026-06-01", TempDir: t.TempDir()})
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

func unzipped(t *testing.T, file io.Reader) string {
	t.Helper()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// testDatabase is a database of its own on the server at MONGODB_TEST_URI, as the driver sees it, and its address.
func testDatabase(t *testing.T) (*mongo.Database, string) {
	t.Helper()
	server := os.Getenv("MONGODB_TEST_URI")
	if server == "" {
		if os.Getenv("HAILONG_REQUIRE_MONGODB") == "1" {
			t.Fatal("MONGODB_TEST_URI is empty and HAILONG_REQUIRE_MONGODB=1")
		}
		fmt.Fprintf(os.Stderr, "SKIPPED %s: MONGODB_TEST_URI is empty, MongoDB is NOT tested\n", t.Name())
		t.Skip("MONGODB_TEST_URI is empty")
	}
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	name := surveys.NewID("hailong_test")
	u.Path = "/" + name
	client, err := mongo.Connect(options.Client().ApplyURI(u.String()))
	if err != nil {
		t.Fatal(err)
	}
	db := client.Database(name)
	t.Cleanup(func() {
		if err := db.Drop(context.Background()); err != nil {
			t.Errorf("drop the test database: %v", err)
		}
		if err := client.Disconnect(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return db, u.String()
}

// dump is every document of every collection as text.
func dump(t *testing.T, db *mongo.Database) string {
	t.Helper()
	names, err := db.ListCollectionNames(t.Context(), bson.D{})
	if err != nil || len(names) < 4 {
		t.Fatal(names, err)
	}
	var all strings.Builder
	for _, name := range names {
		found, err := db.Collection(name).Find(t.Context(), bson.D{})
		if err != nil {
			t.Fatal(err)
		}
		var documents []bson.Raw
		if err := found.All(t.Context(), &documents); err != nil {
			t.Fatal(err)
		}
		for _, d := range documents {
			all.Write(d)
		}
	}
	return all.String()
}

package mongo_test

import (
	"errors"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"hailong/surveys"
	store "hailong/surveys/store/mongo"
)

func TestInspect(t *testing.T) {
	t.Parallel()
	uri := databaseURI(t, serverURI(t))
	db := rawDatabase(t, uri)
	collections := func() int {
		t.Helper()
		all, err := db.ListCollectionNames(t.Context(), bson.D{})
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	inspect := func() (surveys.Inspection, *store.Store) {
		t.Helper()
		found, s, err := store.Inspect(t.Context(), uri, noon)
		if err != nil {
			t.Fatal(err)
		}
		return found, s
	}
	found, s := inspect()
	if found.Schema != 0 || found.Known == 0 || s != nil || found.Clock.IsZero() || found.Topology == "" {
		t.Errorf("of an empty database: %+v, %v", found, s)
	}
	if n := collections(); n != 0 {
		t.Fatalf("it made %d collections", n)
	}
	openStore(t, uri)
	found, s = inspect()
	if s == nil || found.Schema != found.Known || len(found.Missing) > 0 {
		t.Fatalf("of a whole one: %+v", found)
	}
	if err := errors.Join(s.Ping(t.Context()), s.Close()); err != nil {
		t.Error(err)
	}
	if err := db.Collection("responses").Indexes().DropAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := collections()
	found, s = inspect()
	if len(found.Missing) != 2 || !strings.Contains(found.Missing[0], "responses") {
		t.Errorf("missing are %q, want the two of responses", found.Missing)
	}
	if n := collections(); n != before {
		t.Errorf("%d collections became %d", before, n)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := db.Collection("meta").UpdateOne(t.Context(), bson.D{{Key: "_id", Value: "schema"}}, bson.D{{Key: "$set", Value: bson.D{{Key: "version", Value: 99}}}}); err != nil {
		t.Fatal(err)
	}
	if found, s, err := store.Inspect(t.Context(), uri, noon); !errors.Is(err, surveys.ErrNewer) || s != nil || found.Schema != 99 {
		t.Errorf("of a newer one: %+v, %v, %v", found, s, err)
	}
}

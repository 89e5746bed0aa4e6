package store_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"hailong/surveys"
	"hailong/surveys/instruments"
	"hailong/surveys/store"
)

// onBothStores runs a test on an empty store of each kind.
func onBothStores(t *testing.T, run func(t *testing.T, s surveys.Store)) {
	t.Helper()
	for name, address := range map[string]func(*testing.T) string{
		"sqlite": func(t *testing.T) string { t.Helper(); return "file:" + filepath.Join(t.TempDir(), "hailong.db") },
		"mongo":  mongoAddress,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := store.Open(t.Context(), address(t), clock)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
			run(t, s)
		})
	}
}

// mongoAddress names a fresh database, dropped after the test. Without a server the test is skipped, loudly, or
// fails where it counts.
func mongoAddress(t *testing.T) string {
	t.Helper()
	server := os.Getenv("MONGODB_TEST_URI")
	if server == "" {
		if os.Getenv("HAILONG_REQUIRE_MONGODB") == "1" {
			t.Fatal("MONGODB_TEST_URI is empty and HAILONG_REQUIRE_MONGODB=1: the MongoDB store must be tested")
		}
		fmt.Fprintf(os.Stderr, "SKIPPED %s: MONGODB_TEST_URI is empty, the MongoDB store is NOT tested\n", t.Name())
		t.Skip("MONGODB_TEST_URI is empty: set it to mongodb://HOST:PORT to test the MongoDB store")
	}
	u, err := url.Parse(server)
	if err != nil {
		t.Fatalf("MONGODB_TEST_URI: %v", err)
	}
	var b [6]byte
	rand.Read(b[:])
	name := "hailong_test_" + hex.EncodeToString(b[:])
	client, err := mongo.Connect(options.Client().ApplyURI(server))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx := context.Background() // t's own has ended by now
		if err := errors.Join(client.Database(name).Drop(ctx), client.Disconnect(ctx)); err != nil {
			t.Errorf("drop the test database: %v", err)
		}
	})
	u.Path = "/" + name
	return u.String()
}

// A published instrument never changes: not by the domain, not by a collection of the same kind, and not at the
// store itself.
func TestPublishedInstrumentIsFrozen(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s surveys.Store) {
		t.Helper()
		if err := instruments.Publish(t.Context(), s, "2026-01-01"); err != nil {
			t.Fatal(err)
		}
		want, err := surveys.Instruments(t.Context(), s)
		if err != nil || len(want) != len(instruments.Keys()) {
			t.Fatalf("%d instruments, %v", len(want), err)
		}
		for _, in := range want {
			changeByDomain(t, s, in)
			changeByCollection(t, s, in)
			changeAtStore(t, s, in.ID())
		}
		got, err := surveys.Instruments(t.Context(), s)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("instruments after all that: %v (-want +got):\n%s", err, diff)
		}
	})
}

func mustBeFrozen(t *testing.T, err error, doing string) {
	t.Helper()
	if !errors.Is(err, surveys.ErrFrozen) {
		t.Errorf("%s: got error %v, want ErrFrozen", doing, err)
	}
}

func changeByDomain(t *testing.T, s surveys.Store, in surveys.Instrument) {
	t.Helper()
	if err := surveys.PublishInstrument(t.Context(), s, in, "2026-02-01"); err != nil {
		t.Errorf("publish the same again: %v", err)
	}
	in.Title = surveys.Words{"vi": "Khác", "en": "Other"}
	mustBeFrozen(t, surveys.PublishInstrument(t.Context(), s, in, "2026-02-01"), "publish another under the same version")
}

func changeByCollection(t *testing.T, s surveys.Store, in surveys.Instrument) {
	t.Helper()
	// Careless: it says neither that it is frozen nor by what it is found.
	careless := surveys.Collection[surveys.Instrument]{
		Kind: "instrument", ID: func(in surveys.Instrument) string { return in.ID() },
	}
	was, err := careless.Find(t.Context(), s, in.ID())
	if err != nil {
		t.Fatal(err)
	}
	was.Value.Published = ""
	_, err = careless.Put(t.Context(), s, was.Value, was.Rev)
	mustBeFrozen(t, err, "Put of a collection")
	mustBeFrozen(t, careless.Delete(t.Context(), s, in.ID(), was.Rev), "Delete of a collection")
}

func changeAtStore(t *testing.T, s surveys.Store, id string) {
	t.Helper()
	r, err := s.Record(t.Context(), "instrument", id)
	if err != nil || !r.Frozen {
		t.Fatalf("the record of %s is frozen: %v, %v", id, r.Frozen, err)
	}
	r.Body, r.Frozen = []byte("{}"), false
	_, err = s.PutRecord(t.Context(), r)
	mustBeFrozen(t, err, "PutRecord")
	mustBeFrozen(t, s.DeleteRecord(t.Context(), "instrument", id, r.Rev), "DeleteRecord")
}

// A version without the day it comes into force would not be frozen.
func TestPublishNeedsADay(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s surveys.Store) {
		t.Helper()
		all, err := instruments.All()
		if err != nil {
			t.Fatal(err)
		}
		if err := surveys.PublishInstrument(t.Context(), s, all[0], ""); err == nil {
			t.Error("an instrument was published without a day")
		}
		if got, err := surveys.Instruments(t.Context(), s); err != nil || len(got) != 0 {
			t.Errorf("%d instruments, %v; want none", len(got), err)
		}
	})
}

package mongo_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.uber.org/goleak"

	"hailong/surveys"
	store "hailong/surveys/store/mongo"
	"hailong/surveys/store/storetest"
)

const (
	hall    surveys.FacilityID = "f_hall"
	clinic  surveys.FacilityID = "f_clinic"
	monday  surveys.Day        = "2026-03-02"
	tuesday surveys.Day        = "2026-03-03"
)

// noon is what the clock of the tests shows.
func noon() time.Time { return time.Date(2026, 3, 2, 5, 0, 42, 0, time.UTC) }

// TestMain finds connections and cursors that nobody closed.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestContract(t *testing.T) {
	server := serverURI(t)
	storetest.Run(t, func(t *testing.T) surveys.Store { return openStore(t, databaseURI(t, server)) })
}

func TestSharedContract(t *testing.T) {
	server := serverURI(t)
	storetest.RunShared(t, func(t *testing.T) func() surveys.Store {
		uri := databaseURI(t, server)
		return func() surveys.Store { return openStore(t, uri) }
	})
}

// serverURI names the server to test on. Without one the test is skipped, loudly, or fails where it counts.
func serverURI(t *testing.T) string {
	t.Helper()
	uri := os.Getenv("MONGODB_TEST_URI")
	if uri != "" {
		return uri
	}
	if os.Getenv("HAILONG_REQUIRE_MONGODB") == "1" {
		t.Fatal("MONGODB_TEST_URI is empty and HAILONG_REQUIRE_MONGODB=1: the MongoDB store must be tested")
	}
	fmt.Fprintf(os.Stderr, "SKIPPED %s: MONGODB_TEST_URI is empty, the MongoDB store is NOT tested\n", t.Name())
	t.Skip("MONGODB_TEST_URI is empty: set it to mongodb://HOST:PORT to test the MongoDB store")
	return ""
}

// databaseURI names a fresh database, dropped after the test.
func databaseURI(t *testing.T, server string) string {
	t.Helper()
	var b [6]byte
	rand.Read(b[:])
	name := "hailong_test_" + hex.EncodeToString(b[:])
	u, err := url.Parse(server)
	if err != nil {
		t.Fatalf("MONGODB_TEST_URI: %v", err)
	}
	u.Path = "/" + name
	t.Cleanup(func() {
		if err := rawDatabase(t, u.String()).Drop(context.Background()); err != nil {
			t.Errorf("drop the test database: %v", err)
		}
	})
	return u.String()
}

// rawDatabase is the database as the driver sees it, to look behind the store.
func rawDatabase(t *testing.T, uri string) *mongo.Database {
	t.Helper()
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(func() {
		if closeErr := client.Disconnect(context.Background()); closeErr != nil {
			t.Errorf("disconnect: %v", closeErr)
		}
	})
	u, err := url.Parse(uri)
	if err != nil {
		t.Fatalf("parse URI: %v", err)
	}
	return client.Database(u.Path[1:])
}

func openStore(t *testing.T, uri string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), uri, noon)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func answered(facility surveys.FacilityID, day surveys.Day) surveys.Response {
	id := surveys.NewSubmissionID()
	return surveys.Response{
		ID: id, Receipt: id.Receipt(), Facility: facility, Point: "p_1", Instrument: "one_stop", Version: 1,
		Form: surveys.ShortForm, Channel: surveys.QR, Standing: surveys.Counted, Lang: "vi", Day: day, Hour: 9, Arrived: day,
		Answers: surveys.Answers{
			"A1": surveys.NumberAnswer(4), "B2": surveys.TextAnswer("maybe"), "C3": surveys.ListAnswer("x", "y"),
		},
		Comment: "nhanh",
	}
}

func answeredMany(n int, facility surveys.FacilityID, day surveys.Day) []surveys.Response {
	batch := make([]surveys.Response, n)
	for i := range batch {
		batch[i] = answered(facility, day)
	}
	return batch
}

func dirtyDays(t *testing.T, s surveys.Store) []surveys.DirtyDay {
	t.Helper()
	days, err := s.DirtyDays(t.Context(), surveys.DirtyQuery{})
	if err != nil {
		t.Fatalf("DirtyDays: %v", err)
	}
	return days
}

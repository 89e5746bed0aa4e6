package mongo_test

import (
	"errors"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"hailong/surveys"
	store "hailong/surveys/store/mongo"
)

func TestOpenRefusesURI(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		uri, want string
	}{
		"empty":                    {"", "not a MongoDB URI"},
		"another scheme":           {"postgres://host/db", "not a MongoDB URI"},
		"no database":              {"mongodb://127.0.0.1:1", "names no database"},
		"no database but a slash":  {"mongodb://127.0.0.1:1/?w=1", "names no database"},
		"database with a dot":      {"mongodb://127.0.0.1:1/a.b", "not usable"},
		"database with an escape":  {"mongodb://127.0.0.1:1/a%2Fb", "not usable"},
		"bad port":                 {"mongodb://127.0.0.1:x/db", "malformed"},
		"bad option":               {"mongodb://127.0.0.1:1/db?connectTimeoutMS=soon", "malformed"},
		"bad escape in a password": {"mongodb://clerk:s3cr%zzet@127.0.0.1:1/db", "details withheld"},
		"bad port and a password":  {"mongodb://clerk:s3cret@127.0.0.1:x/db", "details withheld"},
		"password with a slash":    {"mongodb://clerk:s3c/ret@127.0.0.1:1/db", "not usable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := store.Open(t.Context(), tt.uri, noon)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("Open: got error %v, want one with %q", err, tt.want)
			}
			mustNotTell(t, err, "clerk", "s3c", "ret@", "%zz")
		})
	}
}

func TestOpenUnreachable(t *testing.T) {
	t.Parallel()
	address := freeAddress(t)
	_, err := store.Open(t.Context(), "mongodb://clerk:s3cret@"+address+"/db", noon)
	if !errors.Is(err, surveys.ErrUnavailable) {
		t.Fatalf("Open: got error %v, want ErrUnavailable", err)
	}
	if !strings.Contains(err.Error(), address) {
		t.Errorf("Open: error %q does not name the address %s", err, address)
	}
	mustNotTell(t, err, "clerk", "s3cret")
}

func mustNotTell(t *testing.T, err error, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error tells %q: %v", secret, err)
		}
	}
}

func TestOpenSchemaVersion(t *testing.T) {
	t.Parallel()
	server := serverURI(t)
	for name, tt := range map[string]struct {
		version int
		want    error
	}{
		"known": {2, nil},
		"older": {1, nil},
		"newer": {3, surveys.ErrNewer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			uri := databaseURI(t, server)
			meta := rawDatabase(t, uri).Collection("meta")
			if _, err := meta.InsertOne(t.Context(), bson.D{{Key: "_id", Value: "schema"}, {Key: "version", Value: tt.version}}); err != nil {
				t.Fatalf("insert: %v", err)
			}
			plan, err := store.Plan(t.Context(), uri)
			if !errors.Is(err, tt.want) {
				t.Fatalf("Plan: got error %v, want %v", err, tt.want)
			}
			if tt.want == nil && (plan.From != tt.version || len(plan.Steps) != 2-tt.version) {
				t.Errorf("Plan gave %+v", plan)
			}
			// Only Open changes anything.
			names, err := rawDatabase(t, uri).ListCollectionNames(t.Context(), bson.D{})
			if err != nil || len(names) != 1 {
				t.Errorf("collections after Plan: %v, %v", names, err)
			}
			s, err := store.Open(t.Context(), uri, noon)
			if !errors.Is(err, tt.want) {
				t.Fatalf("Open: got error %v, want %v", err, tt.want)
			}
			if err == nil {
				if plan, err = store.Plan(t.Context(), uri); err != nil || plan.From != 2 || plan.Steps != nil {
					t.Errorf("Plan after Open: %+v, %v", plan, err)
				}
			}
			if s != nil {
				if err := s.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			}
		})
	}
}

func TestOpenStopsWithoutIndex(t *testing.T) {
	t.Parallel()
	uri := databaseURI(t, serverURI(t))
	// An index of the same name but another kind, as a careless operator might have made.
	other := mongo.IndexModel{Keys: bson.D{{Key: "receipt", Value: 1}}, Options: options.Index().SetUnique(true)}
	if _, err := rawDatabase(t, uri).Collection("responses").Indexes().CreateOne(t.Context(), other); err != nil {
		t.Fatalf("create index: %v", err)
	}
	_, err := store.Open(t.Context(), uri, noon)
	if err == nil || !strings.Contains(err.Error(), "index responses") {
		t.Fatalf("Open: got error %v, want one about the index of responses", err)
	}
}

func TestCloseTwice(t *testing.T) {
	t.Parallel()
	s := openStore(t, databaseURI(t, serverURI(t)))
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	if err := s.Ping(t.Context()); !errors.Is(err, surveys.ErrUnavailable) {
		t.Errorf("Ping after Close: got error %v, want ErrUnavailable", err)
	}
}

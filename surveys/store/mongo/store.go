package mongo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"hailong/surveys"
)

const (
	selectTimeout = 3 * time.Second  // to find a server that can take the operation
	opTimeout     = 10 * time.Second // for an operation whose context has no deadline
	closeTimeout  = 10 * time.Second
	pageSize      = 500 // documents of one page of a cursor
)

// Store is a surveys.Store in one MongoDB database.
type Store struct {
	client *mongo.Client
	clock  surveys.Clock

	meta, responses, marks, days, releases, records *mongo.Collection
}

var _ surveys.Store = (*Store)(nil)

// Open connects to the database that the path of the URI names, refuses one written by a newer version of
// the program, and makes the indexes. A server that does not answer within seconds gives an error that Is
// surveys.ErrUnavailable; no error holds the user or password of the URI.
func Open(ctx context.Context, uri string, clock surveys.Clock) (*Store, error) {
	opts, database, err := parseURI(uri)
	if err != nil {
		return nil, err
	}
	addresses := strings.Join(opts.Hosts, ",")
	client, err := mongo.Connect(opts)
	if err != nil {
		return nil, fmt.Errorf("set up MongoDB at %s: %w", addresses, err)
	}
	s := newStore(client, database, clock)
	if err := s.prepare(ctx); err != nil {
		return nil, fmt.Errorf("open MongoDB at %s: %w", addresses, errors.Join(err, s.Close()))
	}
	return s, nil
}

func newStore(client *mongo.Client, database string, clock surveys.Clock) *Store {
	db := client.Database(database)
	return &Store{
		client:    client,
		clock:     clock,
		meta:      db.Collection("meta"),
		responses: db.Collection("responses"),
		marks:     db.Collection("marks"),
		days:      db.Collection("days"),
		releases:  db.Collection("releases"),
		records:   db.Collection("records"),
	}
}

// harden sets what the contract needs, whatever the URI says, and the time-outs that it leaves open.
func harden(opts *options.ClientOptions) *options.ClientOptions {
	journal := true
	opts.SetWriteConcern(&writeconcern.WriteConcern{W: writeconcern.WCMajority, Journal: &journal})
	// A retried write is exact only where the server keeps track of it, which standalone and some compatible
	// servers do not: the second attempt would meet the first as a duplicate, or as a newer revision. So a write
	// is tried once, and one with an unknown outcome is an error; the caller may send the same again.
	opts.SetRetryWrites(false)
	opts.SetReadConcern(readconcern.Majority())
	opts.SetReadPreference(readpref.Primary())
	if opts.AppName == nil {
		opts.SetAppName("hailong")
	}
	if opts.ServerSelectionTimeout == nil {
		opts.SetServerSelectionTimeout(selectTimeout)
	}
	if opts.ConnectTimeout == nil {
		opts.SetConnectTimeout(selectTimeout)
	}
	// The driver puts this on every single operation, also each page of a cursor, whose context has no deadline.
	if opts.Timeout == nil || *opts.Timeout <= 0 {
		opts.SetTimeout(opTimeout)
	}
	return opts
}

// Ping writes: a server that answers may still be unable to (a full disk, a lost majority).
func (s *Store) Ping(ctx context.Context) error {
	filter, change := bson.D{{Key: "_id", Value: schemaID}}, bson.D{{Key: "$inc", Value: bson.D{{Key: "pings", Value: int64(1)}}}}
	result, err := s.meta.UpdateOne(ctx, filter, change)
	if err != nil {
		return failed("ping", err)
	}
	if result.MatchedCount == 0 {
		return fmt.Errorf("ping: the database was emptied: %w", surveys.ErrUnavailable)
	}
	return nil
}

// Close waits for what the server is doing for us, ten seconds at most, and lets go of the connections. A
// method that has steps left gives ErrUnavailable, with what was acknowledged safe.
func (s *Store) Close() error {
	// The driver waits for operations under way only if there is a deadline.
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	if err := s.client.Disconnect(ctx); err != nil && !errors.Is(err, mongo.ErrClientDisconnected) {
		return fmt.Errorf("close MongoDB: %w", err)
	}
	return nil
}

// each calls f for every document found. Store errors tell the action; f's error comes back as it is.
func each[D any](ctx context.Context, action string, c *mongo.Collection, filter bson.D, opts *options.FindOptionsBuilder,
	f func(D) error,
) error {
	cursor, err := c.Find(ctx, filter, opts.SetBatchSize(pageSize))
	if err != nil {
		return failed(action, err)
	}
	// Without the caller's cancellation, so that the server is told even then.
	defer cursor.Close(context.WithoutCancel(ctx)) //nolint:errcheck // at worst the server drops the cursor later
	for cursor.Next(ctx) {
		var d D
		if err := cursor.Decode(&d); err != nil {
			return failed(action, err)
		}
		if err := f(d); err != nil {
			return err
		}
	}
	if err := cursor.Err(); err != nil {
		return failed(action, err)
	}
	return nil
}

// path glues parts to one id, unambiguously: only the last part can hold a slash.
func path(parts ...string) string {
	last := len(parts) - 1
	var b strings.Builder
	for _, part := range parts[:last] {
		b.WriteString(pathEscaper.Replace(part))
		b.WriteByte('/')
	}
	b.WriteString(parts[last])
	return b.String()
}

var pathEscaper = strings.NewReplacer("%", "%25", "/", "%2F") //nolint:gochecknoglobals // never changed

// between filters a field of civil days; empty ends are open. The end is given as "before the next day",
// since SecantusDB loses the last day of a $lte on a field that other fields follow in the index.
func between(filter bson.D, field string, from, to surveys.Day) bson.D {
	var limits bson.D
	if from != "" {
		limits = append(limits, bson.E{Key: "$gte", Value: from})
	}
	if to != "" {
		limits = append(limits, bson.E{Key: "$lt", Value: to.Add(1)})
	}
	if limits == nil {
		return filter
	}
	return append(filter, bson.E{Key: field, Value: limits})
}

func ascending(fields ...string) bson.D {
	keys := make(bson.D, 0, len(fields))
	for _, field := range fields {
		keys = append(keys, bson.E{Key: field, Value: 1})
	}
	return keys
}

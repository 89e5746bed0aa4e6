package mongo

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"hailong/surveys"
)

const uriShape = "mongodb://HOST[:PORT]/DATABASE"

// parseURI reads the options and the database name. Its errors repeat nothing of a URI with a password.
func parseURI(uri string) (opts *options.ClientOptions, database string, err error) {
	rest, ok := strings.CutPrefix(uri, "mongodb://")
	if !ok {
		rest, ok = strings.CutPrefix(uri, "mongodb+srv://")
	}
	if !ok {
		return nil, "", fmt.Errorf("not a MongoDB URI: want %s", uriShape)
	}
	rest, _, _ = strings.Cut(rest, "?")
	hosts, name, _ := strings.Cut(rest, "/")
	database, err = url.PathUnescape(name)
	if err != nil || strings.ContainsAny(database, "/\\. \"$\x00") || len(database) > 63 {
		return nil, "", fmt.Errorf("the database name of the MongoDB URI is not usable: want %s", uriShape)
	}
	if database == "" {
		return nil, "", fmt.Errorf("the MongoDB URI names no database: want %s", uriShape)
	}
	opts = options.Client().ApplyURI(uri)
	if err := opts.Validate(); err != nil {
		return nil, "", uriError(err, strings.Contains(hosts, "@"))
	}
	return harden(opts), database, nil
}

func uriError(err error, secret bool) error {
	var lookup *net.DNSError // of mongodb+srv: it names the host only
	switch {
	case errors.As(err, &lookup):
		return fmt.Errorf("find the MongoDB servers: %w: %w", surveys.ErrUnavailable, lookup)
	case secret:
		return fmt.Errorf("the MongoDB URI is malformed (details withheld: it holds a password): want %s", uriShape)
	default:
		return fmt.Errorf("the MongoDB URI is malformed: %w", err)
	}
}

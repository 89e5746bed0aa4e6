// Package store opens the store that an address names. It is the only place that knows them all.
package store

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"hailong/surveys"
	"hailong/surveys/store/mongo"
	"hailong/surveys/store/sqlite"
)

// errAddress names what is understood. It never repeats the address, which may hold a password.
var errAddress = errors.New("the store must be file:PATH.db or mongodb://HOST/DATABASE")

var scheme = regexp.MustCompile(`^[a-z][a-z+]{0,15}://`)

// Open opens file:PATH (SQLite) or mongodb://… and mongodb+srv://… (MongoDB). No error of it holds the
// password of an address.
func Open(ctx context.Context, address string, clock surveys.Clock) (surveys.Store, error) {
	path, isFile := strings.CutPrefix(address, "file:")
	switch {
	case isFile:
		return openFile(ctx, path, clock)
	case strings.HasPrefix(address, "mongodb://"), strings.HasPrefix(address, "mongodb+srv://"):
		s, err := mongo.Open(ctx, address, clock)
		if err != nil {
			return nil, err
		}
		return s, nil
	case address == "":
		return nil, fmt.Errorf("no store is named: %w", errAddress)
	case scheme.MatchString(address):
		return nil, fmt.Errorf("%s is not known: %w", scheme.FindString(address), errAddress)
	default:
		return nil, errAddress
	}
}

// openFile takes the path as it is written: spaces and per cent signs are part of a name.
func openFile(ctx context.Context, path string, clock surveys.Clock) (surveys.Store, error) {
	path = strings.TrimPrefix(path, "//") // file:///srv/hailong.db is /srv/hailong.db
	switch {
	case path == "", strings.HasPrefix(path, ":memory:"):
		return nil, errors.New("file: must be followed by the path of a file, as in file:hailong.db")
	case strings.Contains(path, "?"):
		return nil, errors.New("file:PATH takes no options after a question mark")
	}
	s, err := sqlite.Open(ctx, path, clock)
	if err != nil {
		return nil, err
	}
	return s, nil
}

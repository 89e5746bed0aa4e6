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
	path, err := parse(address)
	if err != nil {
		return nil, err
	}
	if path != "" {
		s, openErr := sqlite.Open(ctx, path, clock)
		if openErr != nil {
			return nil, openErr
		}
		return s, nil
	}
	s, err := mongo.Open(ctx, address, clock)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Plan says what opening the store would change of its schema, and changes nothing.
func Plan(ctx context.Context, address string) (surveys.Migration, error) {
	path, err := parse(address)
	switch {
	case err != nil:
		return surveys.Migration{}, err
	case path != "":
		return sqlite.Plan(ctx, path)
	default:
		return mongo.Plan(ctx, address)
	}
}

// Migrate brings a store that is there to the present schema and gives the path of the copy of before that it made in
// the folder, by default beside the store; "" if there was nothing to do, or nothing to copy.
func Migrate(ctx context.Context, address string, clock surveys.Clock, folder string) (copied string, err error) {
	path, err := parse(address)
	switch {
	case err != nil:
		return "", err
	case path != "":
		var done sqlite.Migrated
		done, err = sqlite.Migrate(ctx, path, clock, folder)
		return done.Copy, err
	}
	s, err := mongo.Open(ctx, address, clock)
	if err != nil {
		return "", err
	}
	return "", s.Close()
}

// File is the path of the file that an address names; ok is false for a MongoDB, and for what Open refuses.
func File(address string) (path string, ok bool) {
	path, err := parse(address)
	return path, err == nil && path != ""
}

// parse gives the path of a file, or "" for the address of a MongoDB.
func parse(address string) (path string, err error) {
	path, isFile := strings.CutPrefix(address, "file:")
	switch {
	case isFile:
		return filePath(path)
	case strings.HasPrefix(address, "mongodb://"), strings.HasPrefix(address, "mongodb+srv://"):
		return "", nil
	case address == "":
		return "", fmt.Errorf("no store is named: %w", errAddress)
	case scheme.MatchString(address):
		return "", fmt.Errorf("%s is not known: %w", scheme.FindString(address), errAddress)
	default:
		return "", errAddress
	}
}

// filePath takes the path as it is written: spaces and per cent signs are part of a name.
func filePath(path string) (string, error) {
	path = strings.TrimPrefix(path, "//") // file:///srv/hailong.db is /srv/hailong.db
	switch {
	case path == "", strings.HasPrefix(path, ":memory:"):
		return "", errors.New("file: must be followed by the path of a file, as in file:hailong.db")
	case strings.Contains(path, "?"):
		return "", errors.New("file:PATH takes no options after a question mark")
	}
	return path, nil
}

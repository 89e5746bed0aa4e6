package store

import (
	"context"

	"hailong/surveys"
	"hailong/surveys/store/mongo"
	"hailong/surveys/store/sqlite"
)

// Inspect looks at the store that an address names and changes nothing: it makes none, brings none to another schema
// and repairs nothing. Where the schema is this program's, the store comes back open, to be read only; else it is nil.
func Inspect(ctx context.Context, address string, clock surveys.Clock) (surveys.Inspection, surveys.Store, error) {
	path, err := parse(address)
	switch {
	case err != nil:
		return surveys.Inspection{}, nil, err
	case path != "":
		return opened(sqlite.Inspect(ctx, path))
	default:
		return opened(mongo.Inspect(ctx, address, clock))
	}
}

// opened gives a store that is none as nil.
func opened[S interface {
	comparable
	surveys.Store
}](found surveys.Inspection, s S, err error) (surveys.Inspection, surveys.Store, error) {
	var none S
	if s == none {
		return found, nil, err
	}
	return found, s, err
}

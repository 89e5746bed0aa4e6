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
	if err != nil {
		return surveys.Inspection{}, nil, err
	}
	if path != "" {
		found, s, err := sqlite.Inspect(ctx, path)
		if s == nil {
			return found, nil, err
		}
		return found, s, err
	}
	found, s, err := mongo.Inspect(ctx, address, clock)
	if s == nil {
		return found, nil, err
	}
	return found, s, err
}

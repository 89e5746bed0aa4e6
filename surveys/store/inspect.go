package store

import (
	"context"
	"strings"

	"hailong/surveys"
	"hailong/surveys/store/mongo"
	"hailong/surveys/store/sqlite"
)

// Inspect looks at the store that an address names and changes nothing: it makes none, brings none to another schema
// and repairs nothing. Where the schema is this program's, the store comes back open, to be read only; else it is nil.
func Inspect(ctx context.Context, address string, clock surveys.Clock) (surveys.Inspection, surveys.Store, error) {
	path, isFile := strings.CutPrefix(address, "file:")
	if isFile {
		found, s, err := sqlite.Inspect(ctx, strings.TrimPrefix(path, "//"))
		if s == nil {
			return found, nil, err
		}
		return found, s, err
	}
	if !strings.HasPrefix(address, "mongodb") {
		return surveys.Inspection{}, nil, errAddress
	}
	found, s, err := mongo.Inspect(ctx, address, clock)
	if s == nil {
		return found, nil, err
	}
	return found, s, err
}

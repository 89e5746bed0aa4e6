// Package instruments holds the default questionnaires as data files, each with its source and scoring rule.
package instruments

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"fmt"

	"hailong/surveys"
)

//go:embed *.json
var files embed.FS

// Keys lists the default instruments.
func Keys() []string {
	return []string{"one_stop", "outpatient", "station", "inpatient", "school", "policy", surveys.Pulse, surveys.Pupils}
}

// All reads the default instruments, as drafts.
func All() ([]surveys.Instrument, error) {
	all := make([]surveys.Instrument, 0, len(Keys()))
	for _, key := range Keys() {
		data, err := files.ReadFile(key + ".json")
		if err != nil {
			return nil, fmt.Errorf("read instrument %s: %w", key, err)
		}
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.DisallowUnknownFields()
		var in surveys.Instrument
		if err := decoder.Decode(&in); err != nil {
			return nil, fmt.Errorf("decode instrument %s: %w", key, err)
		}
		all = append(all, in)
	}
	return all, nil
}

// Publish publishes the default instruments from day and seeds the default targets; what a store has
// already stays as it is.
func Publish(ctx context.Context, s surveys.RecordStore, day surveys.Day) error {
	all, err := All()
	if err != nil {
		return err
	}
	for _, in := range all {
		if err := surveys.PublishInstrument(ctx, s, in, day); err != nil {
			return fmt.Errorf("publish defaults: %w", err)
		}
	}
	return surveys.SeedTargets(ctx, s)
}

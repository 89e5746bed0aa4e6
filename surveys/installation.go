package surveys

import (
	"context"
	"errors"
	"fmt"
)

// Installation is what is settled once for a store.
type Installation struct {
	MonthStart int    `json:"month_start"` // 1 calendar months, 15 reporting months
	FormKey    []byte `json:"form_key"`    // signs form tokens, 32 random bytes
	Demo       bool   `json:"demo,omitempty"`
}

func installations() Collection[Installation] {
	return Collection[Installation]{Kind: "setting", ID: func(Installation) string { return "installation" }}
}

// Installed reads the installation, or ErrNotFound on a new store.
func Installed(ctx context.Context, s RecordStore) (Installation, error) {
	in, err := installations().Find(ctx, s, "installation")
	return in.Value, err
}

// Install settles a new store. When it is settled already, by this program or another at the same moment,
// what stands there is returned.
func Install(ctx context.Context, s RecordStore, in Installation) (Installation, error) {
	if _, err := installations().Put(ctx, s, in, 0); err != nil && !errors.Is(err, ErrConflict) {
		return Installation{}, fmt.Errorf("settle installation: %w", err)
	}
	return Installed(ctx, s)
}

// stamp is a record whose revision says that a body of things changed.
type stamp struct {
	Name string `json:"name"`
}

func stamps() Collection[stamp] {
	return Collection[stamp]{Kind: "stamp", ID: func(s stamp) string { return s.Name }}
}

const organisationStamp = "organisation"

// stampRevision is how often the named body of things has changed, 0 if never.
func stampRevision(ctx context.Context, s RecordStore, name string) (int64, error) {
	at, err := stamps().Find(ctx, s, name)
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	return at.Rev, err
}

// OrganisationChanged tells every server that units, facilities or targets have changed.
// Call it after the change.
func OrganisationChanged(ctx context.Context, s RecordStore) error {
	for {
		rev, err := stampRevision(ctx, s, organisationStamp)
		if err != nil {
			return err
		}
		_, err = stamps().Put(ctx, s, stamp{Name: organisationStamp}, rev)
		if !errors.Is(err, ErrConflict) {
			return err
		}
	}
}

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
	KeepRaw    int    `json:"keep_raw,omitempty"` // months that single responses are kept; 0 for ever
}

// LeastKeepRaw is the shortest time in months that single responses may be kept: an answer from a phone without
// network comes up to two weeks late, and a figure of a quarter can still be recounted when it closes.
const LeastKeepRaw = 3

// CheckKeepRaw says whether single responses may be kept for so many months.
func CheckKeepRaw(months int) error {
	if months != 0 && months < LeastKeepRaw || months > 1200 {
		return fmt.Errorf("single forms are kept for %d months or more, or for ever (0)", LeastKeepRaw)
	}
	return nil
}

// KeptFrom is the first day whose single responses are still kept today, "" where all are.
func (in Installation) KeptFrom(today Day) Day {
	if in.KeepRaw == 0 {
		return ""
	}
	return today.monthsBefore(in.KeepRaw)
}

// SetKeepRaw settles for how many months single responses are kept from now on.
func SetKeepRaw(ctx context.Context, s RecordStore, months int) error {
	if err := CheckKeepRaw(months); err != nil {
		return err
	}
	for {
		in, err := installations().Find(ctx, s, "installation")
		if err != nil {
			return err
		}
		in.Value.KeepRaw = months
		if _, err = installations().Put(ctx, s, in.Value, in.Rev); !errors.Is(err, ErrConflict) {
			return err
		}
	}
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

// DayClosed says whether a facility's day is sealed, or is to be by tomorrow: no answer may come to it any more.
func DayClosed(ctx context.Context, s DayStore, in Installation, today Day, facility FacilityID, day Day) (bool, error) {
	if day < in.KeptFrom(today.Add(1)) { // tomorrow's too, since a long import goes on after midnight
		return true, nil
	}
	book, err := s.Day(ctx, facility, day)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return book.Sealed, err
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

package transfer

import (
	"context"
	"fmt"

	"hailong/surveys"
)

// seals knows to which days no answer may come any more. It asks the store of each facility-day once.
type seals struct {
	store surveys.DayStore
	in    surveys.Installation
	today surveys.Day
	known map[facilityDay]bool
}

type facilityDay struct {
	facility surveys.FacilityID
	day      surveys.Day
}

// mostSeals bounds what is remembered.
const mostSeals = 100_000

func (s *seals) of(ctx context.Context, facility surveys.FacilityID, day surveys.Day) (bool, error) {
	shortest := surveys.Installation{KeepRaw: surveys.LeastKeepRaw}
	if day >= shortest.KeptFrom(s.today.Add(1)) {
		return false, nil // no setting has ever sealed it
	}
	at := facilityDay{facility, day}
	if sealed, ok := s.known[at]; ok {
		return sealed, nil
	}
	sealed, err := surveys.DayClosed(ctx, s.store, s.in, s.today, facility, day)
	if err != nil {
		return false, fmt.Errorf("look for a seal: %w", err)
	}
	if len(s.known) >= mostSeals {
		clear(s.known)
	}
	s.known[at] = sealed
	return sealed, nil
}

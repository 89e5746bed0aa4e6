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
	open  surveys.Day // from this day on no setting has ever sealed
	known map[facilityDay]bool
}

func newSeals(store surveys.DayStore, in surveys.Installation, today surveys.Day) *seals {
	shortest := surveys.Installation{KeepRaw: surveys.LeastKeepRaw}
	return &seals{store: store, in: in, today: today, open: shortest.KeptFrom(today.Add(1)), known: map[facilityDay]bool{}}
}

type facilityDay struct {
	facility surveys.FacilityID
	day      surveys.Day
}

// mostSeals bounds what is remembered.
const mostSeals = 100_000

func (s *seals) of(ctx context.Context, facility surveys.FacilityID, day surveys.Day) (bool, error) {
	if day >= s.open {
		return false, nil
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

package surveys

import (
	"context"
	"fmt"
)

// RetirePoint takes a point out of use from a day on. Its code goes on to explain itself with the notice.
func RetirePoint(ctx context.Context, s RecordStore, id PointID, day Day, notice string) error {
	return changePoint(ctx, s, id, func(p *Point) { p.Retired, p.Notice = day, notice })
}

// RepointPoint lets a printed code lead to another facility, or ask another instrument ("": the facility's).
// Answers given before stay with the facility and version they were given for.
func RepointPoint(ctx context.Context, s RecordStore, id PointID, facility FacilityID, instrument string) error {
	f, err := Facilities().Find(ctx, s, string(facility))
	if err != nil {
		return fmt.Errorf("repoint %s: %w", id, err)
	}
	key := instrument
	if key == "" {
		key = f.Value.Instrument
	}
	if _, err := LatestInstrument(ctx, s, key); err != nil {
		return fmt.Errorf("repoint %s: %w", id, err)
	}
	return changePoint(ctx, s, id, func(p *Point) { p.Facility, p.Instrument = facility, instrument })
}

func changePoint(ctx context.Context, s RecordStore, id PointID, change func(*Point)) error {
	p, err := Points().Find(ctx, s, string(id))
	if err != nil {
		return err
	}
	change(&p.Value)
	_, err = Points().Put(ctx, s, p.Value, p.Rev)
	return err
}

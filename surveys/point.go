package surveys

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// mostPointName is the length of a point's name, in runes.
const mostPointName = 200

// Same says whether another point of the same facility is known again as this one.
func (p Point) Same(o Point) bool { return o.Kind == p.Kind && o.Name == p.Name }

// OpenPoint makes a point of a facility that is open. To ask for the same again, of the same kind and name, gives the one
// that is there: a form sent twice, or by two at once, makes one. One that is retired stays so, and another is made.
func OpenPoint(ctx context.Context, s RecordStore, facility FacilityID, kind PointKind, name string, today Day) (Point, error) {
	f, err := Facilities().Find(ctx, s, string(facility))
	if err != nil {
		return Point{}, fmt.Errorf("open a point: %w", err)
	}
	p := Point{Facility: facility, Kind: kind, Name: oneLine(name)}
	bad := &InvalidError{}
	if !slices.Contains(PointKinds(), kind) {
		bad.Add("kind", "error.malformed", "kind")
	}
	switch n := utf8.RuneCountInString(p.Name); {
	case n == 0:
		bad.Add("name", "error.required", "name")
	case n > mostPointName:
		bad.Add("name", "error.malformed", "name")
	}
	if err = bad.OrNil(); err != nil {
		return Point{}, err
	}
	if IsRetired(p, f.Value, today) {
		return Point{}, fmt.Errorf("open a point: %w", ErrRetired)
	}
	stored, err := Points().By(ctx, s, "facility", string(facility))
	if err != nil {
		return Point{}, err
	}
	for _, old := range stored {
		if p.Same(old.Value) && !IsRetired(old.Value, f.Value, today) {
			return old.Value, nil
		}
	}
	return p.open(ctx, s)
}

// open stores a new point. Its id follows from what it is, so that of two who store it at once one finds the other's.
func (p Point) open(ctx context.Context, s RecordStore) (Point, error) {
	token, err := freeToken(ctx, s)
	if err != nil {
		return Point{}, err
	}
	p.Token = token
	for n := 1; ; n++ {
		sum := sha256.Sum256(fmt.Appendf(nil, "hailong point\x00%s\x00%s\x00%s\x00%d", p.Facility, p.Kind, p.Name, n))
		p.ID = PointID("p_" + strings.ToLower(crockford(binary.BigEndian.Uint64(sum[:]), idLength)))
		_, err := Points().Put(ctx, s, p, 0)
		switch {
		case err == nil:
			return p, OrganisationChanged(ctx, s)
		case !errors.Is(err, ErrConflict):
			return Point{}, err
		}
		old, err := Points().Find(ctx, s, string(p.ID))
		if err != nil {
			return Point{}, err
		}
		if old.Value.Facility == p.Facility && p.Same(old.Value) && old.Value.Retired == "" {
			return old.Value, nil
		}
	}
}

// freeToken makes a token that no point carries.
func freeToken(ctx context.Context, s RecordStore) (Token, error) {
	for {
		token := NewToken()
		taken, err := Points().By(ctx, s, "token", string(token))
		if err != nil {
			return "", err
		}
		if len(taken) == 0 {
			return token, nil
		}
	}
}

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

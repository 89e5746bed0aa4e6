package surveys

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// Place is where a token leads: the point, its facility and the instrument in force.
type Place struct {
	Point      Point
	Facility   Facility
	Instrument *Instrument
	Retired    bool // the point is retired or its facility is not open
	// Pupils is the pupils' copy of Instrument where there are pupils who are old enough to be asked, else nil.
	Pupils *Instrument
	// AsPupil says that Instrument is the pupils' copy because a pupil asked for it.
	AsPupil bool
	// Kiosk is how a tablet asks here, nil where none was set up.
	Kiosk *KioskSetting
	// Revision changes whenever the point, its facility, its instrument or its kiosk does.
	Revision string
}

// Doorway finds the place behind a token. What it found it keeps for a moment, so that a busy code costs
// no reading; a change made elsewhere shows after that moment.
type Doorway struct {
	store RecordStore
	clock Clock
	zone  *time.Location

	reading singleflight.Group
	mu      sync.Mutex
	seen    map[Token]seenPlace
}

type seenPlace struct {
	place *Place
	until time.Time
}

const (
	doorwayKeeps = time.Second
	doorwayMost  = 10_000
)

// NewDoorway makes a doorway on a store.
func NewDoorway(store RecordStore, clock Clock, zone *time.Location) *Doorway {
	return &Doorway{store: store, clock: clock, zone: zone, seen: map[Token]seenPlace{}}
}

// Find resolves a token, or ErrNotFound. A retired place is found, with Retired set. The place is shared
// and must not be changed.
func (d *Doorway) Find(ctx context.Context, token Token) (*Place, error) {
	now := d.clock()
	d.mu.Lock()
	kept, ok := d.seen[token]
	d.mu.Unlock()
	if ok && now.Before(kept.until) {
		return kept.place, nil
	}
	// Of the many who come at once when the moment is over, one reads.
	found, err, _ := d.reading.Do(string(token), func() (any, error) {
		place, err := d.read(ctx, token, DayOf(now, d.zone))
		if err == nil {
			d.keep(token, seenPlace{place: place, until: now.Add(doorwayKeeps)})
		}
		return place, err
	})
	if err != nil {
		return nil, err //nolint:wrapcheck // read says what was looked for
	}
	place, ok := found.(*Place)
	if !ok {
		return nil, fmt.Errorf("token: %w", ErrNotFound)
	}
	return place, nil
}

func (d *Doorway) keep(token Token, p seenPlace) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.seen) >= doorwayMost {
		clear(d.seen)
	}
	d.seen[token] = p
}

func (d *Doorway) read(ctx context.Context, token Token, today Day) (*Place, error) {
	points, err := Points().By(ctx, d.store, "token", string(token))
	if err != nil {
		return nil, err
	}
	if len(points) == 0 {
		return nil, fmt.Errorf("token: %w", ErrNotFound)
	}
	point := points[0].Value
	facility, err := Facilities().Find(ctx, d.store, string(point.Facility))
	if err != nil {
		return nil, err
	}
	place := &Place{Point: point, Facility: facility.Value}
	place.Retired = !place.OpenOn(today)
	if err = d.ask(ctx, place); err != nil {
		return nil, err
	}
	var kiosk int64
	if point.Kind == KioskPoint {
		if place.Kiosk, kiosk, err = FindKiosk(ctx, d.store, point.ID); err != nil {
			return nil, err
		}
	}
	place.Revision = fmt.Sprintf("%d %d %s %d", points[0].Rev, facility.Rev, place.Instrument.ID(), kiosk)
	if place.Pupils != nil {
		place.Revision += " " + place.Pupils.ID()
	}
	return place, nil
}

// ask finds what a place asks, and of whom.
func (d *Doorway) ask(ctx context.Context, place *Place) (err error) {
	place.Instrument, err = LatestInstrument(ctx, d.store, InForce(place.Point, place.Facility))
	if err != nil || place.Facility.Sector != "education" {
		return err
	}
	asksPupils := place.Facility.Kind.AsksPupils()
	switch original := place.Instrument.CopyOf; {
	case original != "" && !asksPupils: // young children are never asked, whatever a point was set to
		place.Instrument, err = LatestInstrument(ctx, d.store, original)
		return err
	case original != "" || !asksPupils:
		return nil
	}
	copied, err := LatestInstrument(ctx, d.store, Pupils)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err == nil && copied.CopyOf == place.Instrument.Key {
		place.Pupils = copied
	}
	return err
}

// PupilsOnly is what somebody says who answers as a pupil.
const PupilsOnly = "pupil"

// As is the place as it asks whoever says that he is who: itself for "", with the pupils' copy for PupilsOnly. ok is
// false where it has nothing for them.
func (p *Place) As(who string) (place *Place, ok bool) {
	switch {
	case who == "":
		return p, true
	case who != PupilsOnly || p.Pupils == nil:
		return p, false
	}
	pupils := *p
	pupils.Instrument, pupils.AsPupil = p.Pupils, true
	return &pupils, true
}

// Audience is whom a form asks: at schools parents, or pupils where they are asked apart; "" is anybody.
type Audience string

// The audiences of schools. Young children are never asked.
const (
	AskParents Audience = "parents"
	AskPupils  Audience = "pupils" // from grade 10, in their own words
)

// Audience is whom the place's instrument asks.
func (p *Place) Audience() Audience {
	switch {
	case p.Facility.Sector != "education":
		return ""
	case p.Instrument.CopyOf != "":
		return AskPupils
	}
	return AskParents
}

// Shared says that the point's form stands on a device which people use one after the other. Once its kiosk is set up,
// they use that, and whoever opens the form has a phone of their own.
func (p *Place) Shared() bool { return p.Point.Kind == KioskPoint && p.Kiosk == nil }

// InForce is the key of the instrument a point asks: its own, else its facility's.
func InForce(p Point, f Facility) string {
	if p.Instrument != "" {
		return p.Instrument
	}
	return f.Instrument
}

// IsRetired says whether a point takes no answers any more on a day: it is retired, or its facility has closed.
func IsRetired(p Point, f Facility, day Day) bool {
	return p.Retired != "" && p.Retired <= day || f.To != "" && f.To < day
}

// OpenOn says whether the place took answers on a day: a late one may have been given when a place was open that is
// retired now.
func (p *Place) OpenOn(day Day) bool {
	return !IsRetired(p.Point, p.Facility, day) && day >= p.Facility.From
}

// Response builds what is stored of a checked submission given at this place on day at hour
// (-1: unknown) and received on arrived.
func (p *Place) Response(s Submission, day Day, hour int, arrived Day) Response {
	return Response{
		ID: s.ID, Receipt: s.ID.Receipt(), Facility: p.Facility.ID, Point: p.Point.ID,
		Instrument: p.Instrument.Key, Version: p.Instrument.Version,
		Form: s.Form, Channel: s.Channel, Standing: Counted, Lang: s.Lang,
		Day: day, Hour: hour, Arrived: arrived, Answers: s.Answers, Comment: s.Comment,
	}
}

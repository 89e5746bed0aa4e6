package surveys

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// Organisation is the tree of units, the facilities and the targets as they stood when it was read.
// It is not changed afterwards and may be shared.
type Organisation struct {
	units      map[string][]Unit // by code, oldest first
	facilities []Facility        // by name
	byID       map[FacilityID]Facility
	Targets    []Target
}

// LoadOrganisation reads the whole organisation from the store.
func LoadOrganisation(ctx context.Context, s RecordStore) (*Organisation, error) {
	units, err := Units().All(ctx, s)
	if err != nil {
		return nil, err
	}
	facilities, err := Facilities().All(ctx, s)
	if err != nil {
		return nil, err
	}
	targets, err := Targets().All(ctx, s)
	if err != nil {
		return nil, err
	}
	return NewOrganisation(values(units), values(facilities), values(targets)), nil
}

func values[T any](stored []Stored[T]) []T {
	out := make([]T, len(stored))
	for i, s := range stored {
		out[i] = s.Value
	}
	return out
}

// NewOrganisation builds an organisation from its parts.
func NewOrganisation(units []Unit, facilities []Facility, targets []Target) *Organisation {
	o := &Organisation{
		units:      map[string][]Unit{},
		facilities: slices.Clone(facilities),
		byID:       map[FacilityID]Facility{},
		Targets:    targets,
	}
	for _, u := range units {
		o.units[u.Code] = append(o.units[u.Code], u)
	}
	for _, spans := range o.units {
		slices.SortFunc(spans, func(a, b Unit) int { return cmp.Compare(a.From, b.From) })
	}
	sortByName(o.facilities)
	for _, f := range facilities {
		o.byID[f.ID] = f
	}
	return o
}

// sortByName sorts as a Vietnamese dictionary does: Đ after D, tones last.
func sortByName(facilities []Facility) {
	dictionary := collate.New(language.Vietnamese, collate.Numeric)
	slices.SortFunc(facilities, func(a, b Facility) int {
		return cmp.Or(dictionary.CompareString(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
}

// Facilities lists the facilities by name.
func (o *Organisation) Facilities() []Facility { return slices.Clone(o.facilities) }

// Facility finds a facility.
func (o *Organisation) Facility(id FacilityID) (Facility, bool) {
	f, ok := o.byID[id]
	return f, ok
}

// Unit finds the unit that carried a code on a day.
func (o *Organisation) Unit(code string, day Day) (Unit, bool) {
	for _, u := range o.units[code] {
		if day.Within(u.From, u.To) {
			return u, true
		}
	}
	return Unit{}, false
}

// UnitsOn lists the units valid on a day, by code.
func (o *Organisation) UnitsOn(day Day) []Unit {
	var on []Unit
	for code := range o.units {
		if u, ok := o.Unit(code, day); ok {
			on = append(on, u)
		}
	}
	slices.SortFunc(on, func(a, b Unit) int { return strings.Compare(a.Code, b.Code) })
	return on
}

// UnitOf is the unit a facility belonged to on a day: its latest placement by then, passed on to the only
// successor for as long as the unit in between has ended. A day before the first placement counts as the first.
func (o *Organisation) UnitOf(f Facility, day Day) (Unit, bool) {
	if len(f.Placements) == 0 {
		return Unit{}, false
	}
	at := f.Placements[0]
	for _, p := range f.Placements[1:] {
		if p.From <= day {
			at = p
		}
	}
	day = max(day, at.From)
	u, ok := o.Unit(at.Unit, at.From)
	for ok && u.To != "" && u.To < day {
		if len(u.Successors) != 1 {
			return Unit{}, false
		}
		u, ok = o.Unit(u.Successors[0], u.To.Add(1))
	}
	return u, ok
}

// Turns are the days on which a unit begins or has ended.
func (o *Organisation) Turns() []Day {
	var turns []Day
	for _, spans := range o.units {
		for _, u := range spans {
			turns = append(turns, u.From)
			if u.To != "" {
				turns = append(turns, u.To.Add(1))
			}
		}
	}
	return turns
}

// Within says whether a facility belonged, on a day, to the unit or to one below it.
func (o *Organisation) Within(f Facility, unit Unit, day Day) bool {
	u, ok := o.UnitOf(f, day)
	for depth := 0; ok && depth < maxDepth; depth++ {
		if u.Code == unit.Code && u.From == unit.From {
			return true
		}
		if u.Parent == "" {
			return false
		}
		u, ok = o.Unit(u.Parent, max(day, u.From))
	}
	return false
}

// maxDepth bounds the walk up the tree, should imported data ever hold a cycle.
const maxDepth = 16

// Directory hands out the organisation, read again when its stamp says that it changed.
type Directory struct {
	store RecordStore

	mu  sync.Mutex
	rev int64
	org *Organisation
}

// NewDirectory makes a directory on a store.
func NewDirectory(store RecordStore) *Directory { return &Directory{store: store} }

// Organisation is the organisation as it stands.
func (d *Directory) Organisation(ctx context.Context) (*Organisation, error) {
	rev, err := stampRevision(ctx, d.store, organisationStamp)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.org != nil && d.rev == rev {
		return d.org, nil
	}
	org, err := LoadOrganisation(ctx, d.store)
	if err != nil {
		return nil, err
	}
	d.org, d.rev = org, rev
	return org, nil
}

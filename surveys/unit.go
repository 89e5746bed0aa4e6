package surveys

import (
	"context"
	"errors"
	"slices"
)

// UnitKind is the kind of an administrative unit.
type UnitKind string

// UnitKinds lists the kinds, from the top of the tree.
func UnitKinds() []UnitKind { return []UnitKind{"province", "district", "town", "ward", "commune"} }

// Unit is a node of the administrative tree over a span of days. A code may come back with another
// extent (13891 was a town and is a commune), so a unit is known by code and day, never by name.
type Unit struct {
	Code       string   `json:"code"`
	Name       string   `json:"name"`
	Kind       UnitKind `json:"kind"`
	Parent     string   `json:"parent,omitempty"` // a code, valid over the same days
	From       Day      `json:"from"`
	To         Day      `json:"to,omitempty"` // last day, "" open
	Successors []string `json:"successors,omitempty"`
}

// ID is the unit's key: its code and first day.
func (u Unit) ID() string { return u.Code + "@" + string(u.From) }

// Units is the collection of units.
func Units() Collection[Unit] {
	return Collection[Unit]{Kind: "unit", ID: Unit.ID}
}

// Sector is what a facility serves; it decides the target.
type Sector string

// Sectors lists the sectors in the order of the screens.
func Sectors() []Sector { return []Sector{"health", "education", "one_stop", "policy"} }

// FacilityKind is the kind of a facility.
type FacilityKind string

// FacilityKinds lists the kinds.
func FacilityKinds() []FacilityKind {
	return []FacilityKind{
		"one_stop_hall", "hospital", "station", "station_branch", "kindergarten", "primary",
		"lower_secondary", "upper_secondary", "mixed_school", "office",
	}
}

// AsksPupils says that a facility of this kind teaches pupils from grade 10, who may answer for themselves.
func (k FacilityKind) AsksPupils() bool { return k == "upper_secondary" || k == "mixed_school" }

// Facility is a place that serves people. The unit it belongs to is dated.
type Facility struct {
	ID         FacilityID   `json:"id"`
	Name       string       `json:"name"`
	Sector     Sector       `json:"sector"`
	Kind       FacilityKind `json:"kind"`
	Address    string       `json:"address,omitempty"`
	Instrument string       `json:"instrument"`
	From       Day          `json:"from"`
	To         Day          `json:"to,omitempty"` // last day, "" open
	Placements []Placement  `json:"placements"`   // by From, oldest first
}

// Placement says that a facility belongs to a unit (a code) from a day on. When that unit ends, its only
// successor takes over; of several, a further placement must name one.
type Placement struct {
	Unit string `json:"unit"`
	From Day    `json:"from"`
}

// Facilities is the collection of facilities.
func Facilities() Collection[Facility] {
	return Collection[Facility]{Kind: "facility", ID: func(f Facility) string { return string(f.ID) }}
}

// PointKind is where a code hangs or how it reaches people.
type PointKind string

// PointKinds lists the kinds.
func PointKinds() []PointKind {
	return []PointKind{"waiting", "counter", "result", "refusal", "slip", "gate", "office", KioskPoint, "online"}
}

// KioskPoint is a tablet that people use one after the other.
const KioskPoint PointKind = "kiosk"

// Point is one printed code, kiosk or link.
type Point struct {
	ID         PointID    `json:"id"`
	Token      Token      `json:"token"`
	Facility   FacilityID `json:"facility"`
	Kind       PointKind  `json:"kind"`
	Name       string     `json:"name"`
	Instrument string     `json:"instrument,omitempty"` // "": the facility's
	Retired    Day        `json:"retired,omitempty"`    // first day out of use
	Notice     string     `json:"notice,omitempty"`     // what a retired point says to whoever still scans it
}

// Points is the collection of points.
func Points() Collection[Point] {
	return Collection[Point]{
		Kind: "point",
		ID:   func(p Point) string { return string(p.ID) },
		Keys: func(p Point) map[string]string {
			return map[string]string{"token": string(p.Token), "facility": string(p.Facility)}
		},
	}
}

// Target is the rate a sector is asked to reach over a span of days.
type Target struct {
	Sector Sector  `json:"sector"`
	Value  float64 `json:"value"` // 0–1
	From   Day     `json:"from"`
	To     Day     `json:"to,omitempty"`
	Source string  `json:"source"`
}

// Targets is the collection of targets.
func Targets() Collection[Target] {
	return Collection[Target]{Kind: "target", ID: func(t Target) string { return string(t.Sector) + "@" + string(t.From) }}
}

// DefaultTargets are those of the district's reform plan 2021–2025 (mục 1.3): health and education at
// least 85 %, open-ended until the office dates another. One-stop and policy have none.
func DefaultTargets() []Target {
	const source = "Kế hoạch CCHC huyện Nghĩa Hưng giai đoạn 2021–2025, mục 1.3"
	return []Target{
		{Sector: "health", Value: 0.85, From: "2021-01-01", Source: source},
		{Sector: "education", Value: 0.85, From: "2021-01-01", Source: source},
	}
}

// TargetOn finds the target of a sector in force on a day.
func TargetOn(targets []Target, sector Sector, day Day) (Target, bool) {
	i := slices.IndexFunc(targets, func(t Target) bool { return t.Sector == sector && day.Within(t.From, t.To) })
	if i < 0 {
		return Target{}, false
	}
	return targets[i], true
}

// SeedTargets stores the default targets in a store that has none.
func SeedTargets(ctx context.Context, s RecordStore) error {
	some, err := Targets().All(ctx, s)
	if err != nil || len(some) > 0 {
		return err
	}
	for _, t := range DefaultTargets() {
		if _, err := Targets().Put(ctx, s, t, 0); err != nil && !errors.Is(err, ErrConflict) {
			return err
		}
	}
	return nil
}

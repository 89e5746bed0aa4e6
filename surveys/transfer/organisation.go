package transfer

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"hailong/surveys"
)

// units writes the units as ImportUnits reads them.
func (x *export) units(ctx context.Context) error {
	units, err := surveys.Units().All(ctx, x.store)
	if err != nil {
		return err
	}
	for _, s := range units {
		u := s.Value
		err := x.out.write([]string{
			u.Code, u.Name, string(u.Kind), u.Parent, string(u.From), string(u.To), strings.Join(u.Successors, ";"),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// facilities writes the facilities as ImportFacilities reads them: importing them again changes nothing. A
// facility has a row for each placement, all of which hold its points; retired points are left out.
func (x *export) facilities(ctx context.Context) error {
	org, err := surveys.LoadOrganisation(ctx, x.store)
	if err != nil {
		return err
	}
	points, err := x.pointsInUse(ctx)
	if err != nil {
		return err
	}
	for _, f := range org.Facilities() {
		for i := range f.Placements {
			if err := x.out.write(placementLine(org, f, i, pointCell(points[f.ID]))); err != nil {
				return err
			}
		}
	}
	return nil
}

// pointsInUse are the points that are not retired, by kind and name.
func (x *export) pointsInUse(ctx context.Context) (map[surveys.FacilityID][]surveys.Point, error) {
	all, err := surveys.Points().All(ctx, x.store)
	if err != nil {
		return nil, err
	}
	points := map[surveys.FacilityID][]surveys.Point{}
	for _, p := range all {
		if !slices.ContainsFunc(points[p.Value.Facility], p.Value.Same) && p.Value.Retired == "" {
			points[p.Value.Facility] = append(points[p.Value.Facility], p.Value)
		}
	}
	for _, list := range points {
		slices.SortFunc(list, func(a, b surveys.Point) int {
			return cmp.Or(cmp.Compare(slices.Index(surveys.PointKinds(), a.Kind), slices.Index(surveys.PointKinds(), b.Kind)), cmp.Compare(a.Name, b.Name))
		})
	}
	return points, nil
}

// placementLine is the row of a facility from one of its placements on.
func placementLine(org *surveys.Organisation, f surveys.Facility, i int, points string) []string {
	p := f.Placements[i]
	from, to := p.From, surveys.Day("")
	if i == 0 {
		from = f.From
	}
	if i == len(f.Placements)-1 {
		to = f.To
	}
	return []string{
		string(f.ID), placedUnit(org, p, from), f.Name, string(f.Sector), string(f.Kind), f.Address,
		string(from), string(to), f.Instrument, points,
	}
}

// placedUnit names the unit of a placement: by its code, and with a day where the code alone would mean another
// unit, or none, on the row's first day.
func placedUnit(org *surveys.Organisation, p surveys.Placement, from surveys.Day) string {
	meant, _ := org.Unit(p.Unit, p.From)
	if u, ok := org.Unit(p.Unit, from); ok && u.ID() == meant.ID() {
		return p.Unit
	}
	return p.Unit + "@" + string(p.From)
}

func pointCell(points []surveys.Point) string {
	cells := make([]string, len(points))
	for i, p := range points {
		cells[i] = string(p.Kind) + ":" + escapePoint(p.Name)
		if p.Instrument != "" {
			cells[i] += ":" + p.Instrument
		}
	}
	return strings.Join(cells, ";")
}

// escapePoint keeps what separates points, and their parts, in a name.
func escapePoint(name string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ":", `\:`).Replace(name)
}

// splitEscaped splits at a separator that no backslash stands before, and leaves the backslashes.
func splitEscaped(s string, separator byte) []string {
	var list []string
	start := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case separator:
			list = append(list, s[start:i])
			start = i + 1
		}
	}
	return append(list, s[start:])
}

// unescapePoint takes the backslashes away that escapePoint made; any other stays.
func unescapePoint(name string) string {
	return strings.NewReplacer(`\\`, `\`, `\;`, ";", `\:`, ":").Replace(name)
}

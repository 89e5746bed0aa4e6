package analytics

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"hailong/surveys"
)

// ScopeKind is what a scope spans.
type ScopeKind string

// The kinds of scopes.
const (
	FacilityScope ScopeKind = "facility"
	UnitScope     ScopeKind = "unit"
	SectorScope   ScopeKind = "sector"
	AllScope      ScopeKind = "all"
)

// Scope is whose answers are asked for: facility:ID, unit:CODE[@DAY], sector:NAME or all.
type Scope struct {
	Kind ScopeKind
	Name string      // id, code or sector
	Day  surveys.Day // of a unit: the day on which the code is meant, "" the window's last
}

// ParseScope reads a scope as in a URL.
func ParseScope(s string) (Scope, error) {
	kind, name, _ := strings.Cut(s, ":")
	sc := Scope{Kind: ScopeKind(kind), Name: name}
	switch sc.Kind {
	case AllScope:
		if s == string(AllScope) {
			return sc, nil
		}
	case SectorScope:
		if slices.Contains(surveys.Sectors(), surveys.Sector(name)) {
			return sc, nil
		}
	case UnitScope:
		code, day, dated := strings.Cut(name, "@")
		sc.Name = code
		if dated {
			var err error
			if sc.Day, err = surveys.ParseDay(day); err != nil {
				return Scope{}, fmt.Errorf("scope %q: %w", s, err)
			}
		}
		if code != "" {
			return sc, nil
		}
	case FacilityScope:
		if name != "" {
			return sc, nil
		}
	}
	return Scope{}, fmt.Errorf("%q is none of facility:ID, unit:CODE[@DAY], sector:NAME, all", s)
}

// String is the scope as in a URL.
func (s Scope) String() string {
	switch {
	case s.Kind == AllScope:
		return string(s.Kind)
	case s.Day != "":
		return string(s.Kind) + ":" + s.Name + "@" + string(s.Day)
	default:
		return string(s.Kind) + ":" + s.Name
	}
}

// Tree says by which organisation answers belong to units: that of their time, or today's.
type Tree string

// The trees.
const (
	TreeThen Tree = "then"
	TreeNow  Tree = "now"
)

// member is a facility of a scope, with the days on which it belongs to it.
type member struct {
	facility surveys.Facility
	in       func(surveys.Day) bool
}

// members lists the facilities that may have anything in the scope, by name.
func (q Query) members(org *surveys.Organisation, today surveys.Day) ([]member, error) {
	always := func(surveys.Day) bool { return true }
	var unit surveys.Unit
	switch q.Scope.Kind {
	case FacilityScope:
		f, ok := org.Facility(surveys.FacilityID(q.Scope.Name))
		if !ok {
			return nil, fmt.Errorf("facility %q: %w", q.Scope.Name, surveys.ErrNotFound)
		}
		return []member{{f, always}}, nil
	case UnitScope:
		var ok bool
		if unit, ok = org.Unit(q.Scope.Name, orDay(q.Scope.Day, q.To)); !ok {
			return nil, fmt.Errorf("unit %q: %w", q.Scope.Name, surveys.ErrNotFound)
		}
	case SectorScope, AllScope:
	}
	var list []member
	for _, f := range org.Facilities() {
		switch {
		case q.Scope.Kind == SectorScope && string(f.Sector) != q.Scope.Name:
		case q.Scope.Kind != UnitScope:
			list = append(list, member{f, always})
		case q.Tree == TreeNow:
			if org.Within(f, unit, today) {
				list = append(list, member{f, always})
			}
		default:
			list = append(list, member{f, func(d surveys.Day) bool { return org.Within(f, unit, d) }})
		}
	}
	return list, nil
}

// open says whether the facility was open, inside the scope, on a day of the window.
func (m member) open(window Node) bool {
	from, to := max(window.From, m.facility.From), window.To
	if m.facility.To != "" {
		to = min(to, m.facility.To)
	}
	return from <= to && (m.in(to) || m.in(from))
}

func orDay(d, otherwise surveys.Day) surveys.Day {
	if d == "" {
		return otherwise
	}
	return d
}

// Facilities lists the facilities of a scope by today's organisation.
func (d *Desk) Facilities(org *surveys.Organisation, scope Scope) ([]surveys.Facility, error) {
	members, err := Query{Scope: scope, To: d.today(), Tree: TreeNow}.members(org, d.today())
	if err != nil {
		return nil, err
	}
	list := make([]surveys.Facility, 0, len(members))
	for _, m := range members {
		list = append(list, m.facility)
	}
	return list, nil
}

// Covers says whether all that may be in a query belongs to the own scope: to its facilities of today, or to what
// was the scope's on the day in question.
func (d *Desk) Covers(ctx context.Context, own Scope, q Query) (bool, error) {
	if own.Kind == AllScope {
		return true, nil
	}
	org, err := d.directory.Organisation(ctx)
	if err != nil {
		return false, err
	}
	mine := map[surveys.FacilityID][]member{}
	for _, p := range []Query{{Scope: own, To: d.today(), Tree: TreeNow}, {Scope: own, To: q.To, Tree: TreeThen}} {
		members, memberErr := p.members(org, d.today())
		if memberErr != nil && !errors.Is(memberErr, surveys.ErrNotFound) {
			return false, memberErr
		}
		for _, m := range members {
			mine[m.facility.ID] = append(mine[m.facility.ID], m)
		}
	}
	q = d.complete(q, org)
	asked, err := q.members(org, d.today())
	if err != nil {
		return false, err
	}
	turns, some := org.Turns(), false
	for _, m := range asked {
		for _, day := range m.days(q, turns) {
			covered := func(own member) bool { return own.in(day) }
			if some = true; !slices.ContainsFunc(mine[m.facility.ID], covered) {
				return false, nil
			}
		}
	}
	return some, nil
}

// days are those of a query's window on which the facility belongs to its scope; one stands for all up to the next
// turn, which are the days on which the organisation changed.
func (m member) days(q Query, turns []surveys.Day) []surveys.Day {
	days := append(slices.Clone(turns), q.From, q.To)
	for _, p := range m.facility.Placements {
		days = append(days, p.From)
	}
	return slices.DeleteFunc(days, func(day surveys.Day) bool { return !day.Within(q.From, q.To) || !m.in(day) })
}

package transfer

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"hailong/surveys"
)

// readUnit finds the unit of a row: CODE on the row's first day, or CODE@DAY. A unit that ended before the
// row begins is followed to its only successors; one that began later is the facility's from then on, and
// the days before count to it.
func (im *facilityImport) readUnit(c *cells, from surveys.Day) surveys.Placement {
	code, on, dated := strings.Cut(c.raw("unit"), "@")
	day := from
	switch {
	case code == "":
		c.complain("unit", "import.blank")
		return surveys.Placement{}
	case !unitCode.MatchString(code):
		c.complain("unit", "import.charset", brief(code))
		return surveys.Placement{}
	case dated:
		var err error
		if day, err = surveys.ParseDay(on); err != nil {
			c.complain("unit", "import.day", brief(on))
		}
	}
	if day == "" || from == "" {
		return surveys.Placement{}
	}
	u, ok := im.org.Unit(code, day)
	if !ok {
		c.complain("unit", "import.unit", code, string(day))
		return surveys.Placement{}
	}
	u, ok = im.follow(u, from)
	if !ok {
		key, args := ended(u)
		c.complain("unit", key, args...)
	}
	return surveys.Placement{Unit: u.Code, From: max(from, u.From)}
}

// follow passes a unit on to its only successor until one is valid on the day. When there is none it gives
// the last it came to, and false.
func (im *facilityImport) follow(u surveys.Unit, day surveys.Day) (surveys.Unit, bool) {
	for u.To != "" && u.To < day {
		if len(u.Successors) != 1 {
			return u, false
		}
		next, ok := im.org.Unit(u.Successors[0], u.To.Add(1))
		if !ok {
			return u, false
		}
		u = next
	}
	return u, true
}

// ended is the complaint about a unit that ended and passed its facilities to none.
func ended(u surveys.Unit) (key string, args []string) {
	if n := len(u.Successors); n > 1 {
		return "import.unit_split", []string{u.Code, string(u.To), strconv.Itoa(n)}
	}
	return "import.unit_ended", []string{u.Code, string(u.To)}
}

// settle works out what becomes of a facility from its rows and what is stored of it.
func (im *facilityImport) settle(g *facilityGroup) {
	before := im.bad.count()
	im.agree(g)
	g.facility = g.was.Value
	f, first, last := &g.facility, g.rows[0], g.rows[len(g.rows)-1]
	f.ID, f.Name, f.Sector, f.Kind = g.id, last.facility.Name, last.facility.Sector, last.facility.Kind
	if g.was.Rev == 0 || first.facility.From < f.From {
		f.From = first.facility.From
	}
	lines := im.place(g)
	newest := f.Placements[len(f.Placements)-1].From == last.placement.From
	whole := newest && f.Placements[0].From == first.placement.From
	if newest {
		f.To = last.facility.To
	}
	// A file of further rows only, or of the earlier ones only, takes nothing away by a blank cell.
	address, instrument := "", ""
	for _, r := range g.rows {
		address, instrument = cmp.Or(r.facility.Address, address), cmp.Or(r.instrument, instrument)
	}
	if whole || newest && address != "" {
		f.Address = address
	}
	if f.Instrument = cmp.Or(instrument, f.Instrument); whole && instrument == "" {
		f.Instrument = last.facility.Instrument
	}
	if im.bad.count() > before || im.broken[g.id] {
		return // what else could be said follows from that
	}
	im.checkEnds(g)
	im.checkLife(g, lines)
	im.settlePoints(g)
}

// agree wants the rows of a facility to say the same of what is not dated.
func (im *facilityImport) agree(g *facilityGroup) {
	first := g.rows[0]
	for _, r := range g.rows[1:] {
		for _, c := range []struct {
			column string
			differ bool
		}{
			{"name", r.facility.Name != first.facility.Name},
			{"sector", r.facility.Sector != first.facility.Sector},
			{"kind", r.facility.Kind != first.facility.Kind},
			{"instrument", r.instrument != "" && first.instrument != "" && r.instrument != first.instrument},
		} {
			if c.differ {
				im.bad.add(r.line, c.column, "import.disagree", strconv.Itoa(first.line))
			}
		}
	}
}

// place lays the rows' placements over those stored, and tells from which line each comes.
func (im *facilityImport) place(g *facilityGroup) (lines map[surveys.Day]int) {
	lines = map[surveys.Day]int{}
	placements := slices.Clone(g.was.Value.Placements)
	for i, r := range g.rows {
		if i > 0 && r.placement.From <= g.rows[i-1].placement.From {
			im.bad.add(r.line, "from", "import.placed", string(r.placement.From), string(g.rows[i-1].placement.From))
		}
		if i > 0 && r.placement.From != r.facility.From {
			im.bad.add(r.line, "unit", "import.unit", r.placement.Unit, string(r.facility.From))
		}
		lines[r.placement.From] = r.line
		placements = slices.DeleteFunc(placements, func(p surveys.Placement) bool { return p.From == r.placement.From })
		placements = append(placements, r.placement)
	}
	slices.SortFunc(placements, func(a, b surveys.Placement) int { return cmp.Compare(a.From, b.From) })
	g.facility.Placements = placements
	return lines
}

// checkEnds: a last day belongs to the last row; on an earlier one it may stand as the day before the next.
func (im *facilityImport) checkEnds(g *facilityGroup) {
	for _, r := range g.rows {
		i := slices.IndexFunc(g.facility.Placements, func(p surveys.Placement) bool { return p.From > r.placement.From })
		if i < 0 || r.facility.To == "" || r.facility.To == g.facility.To {
			continue
		}
		if until := g.facility.Placements[i].From.Add(-1); r.facility.To != until {
			im.bad.add(r.line, "to", "import.to_between", string(until))
		}
	}
}

// checkLife wants the facility to belong to a unit on every day of its life.
func (im *facilityImport) checkLife(g *facilityGroup, lines map[surveys.Day]int) {
	f := g.facility
	for i, p := range f.Placements {
		line := cmp.Or(lines[p.From], g.rows[0].line)
		end := lastDay(f.To)
		if i+1 < len(f.Placements) {
			end = f.Placements[i+1].From.Add(-1)
		}
		u, ok := im.org.Unit(p.Unit, p.From)
		switch {
		case !ok:
			im.bad.add(line, "unit", "import.unit", p.Unit, string(p.From))
			continue
		case end < p.From && f.To != "" && i+1 == len(f.Placements) && i > 0:
			im.bad.add(g.rows[len(g.rows)-1].line, "to", "import.span", string(p.From), string(f.To))
			continue
		}
		if u, ok = im.follow(u, end); !ok {
			key, args := ended(u)
			im.bad.add(line, "unit", key, args...)
		}
	}
}

package transfer

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"hailong/surveys"
)

// readPoints reads a cell of points: kind:name[:instrument] apart by semicolons. In a name \; and \: stand for
// these signs themselves.
func (im *facilityImport) readPoints(c *cells) []surveys.Point {
	var points []surveys.Point
	for _, piece := range splitEscaped(c.raw("points"), ';') {
		if piece = strings.TrimSpace(piece); piece == "" {
			continue
		}
		parts := splitEscaped(piece, ':')
		if len(parts) < 2 || len(parts) > 3 {
			c.complain("points", "import.point", brief(piece))
			continue
		}
		p := surveys.Point{Kind: surveys.PointKind(strings.TrimSpace(parts[0])), Name: cleanName(unescapePoint(parts[1]))}
		if len(parts) == 3 {
			p.Instrument = strings.TrimSpace(parts[2])
		}
		switch {
		case !slices.Contains(surveys.PointKinds(), p.Kind):
			c.complain("points", "import.point_kind", brief(string(p.Kind)), listed(surveys.PointKinds()))
		case p.Name == "":
			c.complain("points", "import.point", brief(piece))
		case utf8.RuneCountInString(p.Name) > mostName:
			c.complain("points", "import.long", strconv.Itoa(mostName))
		case p.Instrument != "" && !slices.Contains(im.instruments, p.Instrument):
			c.complain("points", "import.instrument", brief(p.Instrument))
		case slices.ContainsFunc(points, p.Same):
			c.complain("points", "import.point_twice", brief(p.Name))
		default:
			points = append(points, p)
		}
	}
	return points
}

// settlePoints finds which points of a facility are new or asked with another instrument than before.
func (im *facilityImport) settlePoints(g *facilityGroup) {
	var wanted []surveys.Point
	for _, r := range g.rows {
		for _, p := range r.points {
			i := slices.IndexFunc(wanted, p.Same)
			switch {
			case i < 0:
				wanted = append(wanted, p)
			case wanted[i].Instrument != p.Instrument:
				im.bad.add(r.line, "points", "import.disagree", strconv.Itoa(g.rows[0].line))
			}
		}
	}
	for _, p := range wanted {
		i := slices.IndexFunc(im.points[g.id], func(s surveys.Stored[surveys.Point]) bool { return p.Same(s.Value) })
		if i < 0 {
			p.ID, p.Token, p.Facility = surveys.PointID(surveys.NewID("p")), im.token(), g.id
			g.points = append(g.points, surveys.Stored[surveys.Point]{Value: p})
			continue
		}
		stored := im.points[g.id][i]
		if stored.Value.Instrument != p.Instrument {
			stored.Value.Instrument = p.Instrument
			g.points = append(g.points, stored)
		}
	}
}

// token makes a token that no point carries.
func (im *facilityImport) token() surveys.Token {
	for {
		token := im.newToken()
		if !im.tokens[token] {
			im.tokens[token] = true
			return token
		}
	}
}

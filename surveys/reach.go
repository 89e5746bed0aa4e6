package surveys

import "slices"

// Medium is how a point reaches people.
type Medium string

// The media.
const (
	OnPaper Medium = "paper" // a code that hangs, lies or is handed out
	OnLink  Medium = "link"  // a link on a portal or in a chat
	OnKiosk Medium = "kiosk" // a device that people use one after the other
)

// Medium is how points of a kind reach people.
func (k PointKind) Medium() Medium {
	switch k {
	case "online":
		return OnLink
	case KioskPoint:
		return OnKiosk
	}
	return OnPaper
}

// Group is a group of people who deal with a facility. Whoever asks at the result desk alone hears from those only who
// got what they came for.
type Group string

// The groups.
const (
	Served  Group = "served"  // who were served
	Queuing Group = "queuing" // who wait still
	Refused Group = "refused" // whose file was refused, or sent back
	Leavers Group = "left"    // who gave up and left
	Distant Group = "distant" // who do not come: they deal with the facility on the net, by post, through a child
)

// Asked is the groups that a sector's facilities should ask, the most often forgotten first.
func (s Sector) Asked() []Group {
	switch s {
	case "one_stop":
		return []Group{Refused, Leavers, Queuing, Distant, Served}
	case "health":
		return []Group{Leavers, Queuing, Served}
	case "education":
		return []Group{Distant, Served}
	case "policy":
		return []Group{Refused, Distant, Served}
	}
	return []Group{Served}
}

// Reaches is the groups that a point of a kind asks.
func (k PointKind) Reaches() []Group {
	switch k {
	case "waiting":
		return []Group{Queuing, Leavers} // they sat there before they left
	case "gate":
		return []Group{Served, Queuing, Refused, Leavers} // everybody passes it
	case KioskPoint:
		return []Group{Served, Queuing}
	case "refusal":
		return []Group{Refused}
	case "slip":
		return []Group{Served, Distant} // it is taken home
	case "online":
		return []Group{Distant}
	}
	return []Group{Served} // at a counter, a result desk or in an office
}

// Remedies are the kinds of points that reach a group, the one that does best first.
func (g Group) Remedies() []PointKind {
	switch g {
	case Refused:
		return []PointKind{"refusal", "gate"}
	case Leavers:
		return []PointKind{"waiting", "gate"}
	case Queuing:
		return []PointKind{"waiting", "gate", KioskPoint}
	case Distant:
		return []PointKind{"online", "slip"}
	case Served:
	}
	return []PointKind{"counter", "result", "gate"}
}

// Unasked is the groups that no point in use of a facility asks.
func Unasked(sector Sector, kinds []PointKind) []Group {
	return slices.DeleteFunc(sector.Asked(), func(g Group) bool {
		return slices.ContainsFunc(kinds, func(k PointKind) bool { return slices.Contains(k.Reaches(), g) })
	})
}

// OnlyResults says that every point stands where people take away what they got: nobody else is ever asked.
func OnlyResults(kinds []PointKind) bool {
	return len(kinds) > 0 && !slices.ContainsFunc(kinds, func(k PointKind) bool { return k != "result" && k != "slip" })
}

// ForPaper picks the points whose code belongs on a sheet of small slips, or on a poster: slips that are handed out carry
// a point of their own, so that their forms are known apart from those of the poster on the wall. own is false where a
// facility has no such point, and every code that hangs is meant instead.
func ForPaper(points []Point, slips bool) (chosen []Point, own bool) {
	hangs := func(p Point) bool { return p.Kind.Medium() == OnPaper && p.Kind != "slip" }
	for _, p := range points {
		if slips && p.Kind == "slip" || !slips && hangs(p) {
			chosen = append(chosen, p)
		}
	}
	if own = len(chosen) > 0; own || !slips {
		return chosen, own
	}
	return slices.DeleteFunc(slices.Clone(points), func(p Point) bool { return !hangs(p) }), false
}

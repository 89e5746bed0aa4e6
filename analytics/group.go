package analytics

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"hailong/surveys"
)

// groupState is what the pass knows of one group: what of every part is still open, and what has been
// released where.
type groupState struct {
	Group
	instrument *surveys.Instrument
	open       map[partKey]Counters            // days − releases; zero ones are left out
	coming     []partKey                       // of open, those that had not arrived yet, the next first
	pending    map[partKey]bool                // of open, those that had
	nodes      map[surveys.Day]*[Year + 1]Node // of the days met so far, by level
	releases   []*Release
	taken      map[partKey][]taken
	twin       *groupState // answers and aside are each other's: a form set aside moves from one to the other
}

// taken is what one release took from a part.
type taken struct {
	release  *Release
	counters Counters
}

// load reads the groups of a facility: unreleased = day − its released parts.
func (r *Releaser) load(ctx context.Context, id surveys.FacilityID) ([]*groupState, error) {
	groups := map[Group]*groupState{}
	nodes := map[surveys.Day]*[Year + 1]Node{}
	of := func(key partKey) *groupState {
		g := Group{Facility: id, Instrument: key.instrument, Version: key.version, Stream: key.stream}
		if groups[g] == nil {
			groups[g] = &groupState{
				Group: g, open: map[partKey]Counters{}, pending: map[partKey]bool{}, nodes: nodes, taken: map[partKey][]taken{},
			}
		}
		return groups[g]
	}
	add := func(b surveys.DayBook) error {
		parts, err := Parts(b)
		for _, p := range parts {
			key := p.key(b.Day)
			of(key).open[key] = p.Counters
		}
		return err
	}
	subtract := func(rec surveys.ReleaseRecord) error {
		rel, err := ReadRelease(rec)
		if err != nil {
			return err
		}
		parts, err := readParts(rec)
		if err != nil {
			return err
		}
		for _, p := range parts {
			key := p.key(p.Day)
			of(key).subtract(key, p.Counters, rel)
		}
		g := of(partKey{instrument: rel.Instrument, version: rel.Version, stream: rel.Stream})
		g.releases = append(g.releases, rel)
		return nil
	}
	if err := r.store.EachDay(ctx, surveys.DayQuery{Facility: id}, add); err != nil {
		return nil, fmt.Errorf("read days: %w", err)
	}
	if err := r.store.EachRelease(ctx, surveys.ReleaseQuery{Facility: id}, subtract); err != nil {
		return nil, fmt.Errorf("read releases: %w", err)
	}
	for at, g := range groups {
		at.Stream = twins()[at.Stream]
		g.twin = groups[at]
		tally, err := r.roller.tallies.of(ctx, g.Instrument, g.Version)
		if err != nil {
			return nil, err
		}
		g.instrument = tally.instrument
		g.coming = slices.SortedFunc(maps.Keys(g.open), func(a, b partKey) int { return cmp.Compare(a.arrived, b.arrived) })
	}
	return sortedGroups(groups), nil
}

// twins are the streams that a form set aside leaves and enters.
func twins() map[Stream]Stream { return map[Stream]Stream{Answers: Aside, Aside: Answers} }

func sortedGroups(groups map[Group]*groupState) []*groupState {
	list := make([]*groupState, 0, len(groups))
	for _, g := range groups {
		list = append(list, g)
	}
	slices.SortFunc(list, func(a, b *groupState) int {
		return cmp.Or(cmp.Compare(a.Instrument, b.Instrument), cmp.Compare(a.Version, b.Version),
			cmp.Compare(a.Stream, b.Stream))
	})
	return list
}

func (g *groupState) subtract(key partKey, c Counters, rel *Release) {
	left := g.open[key].Sub(c)
	if left.IsZero() {
		delete(g.open, key)
		delete(g.pending, key)
	} else {
		g.open[key] = left
	}
	g.taken[key] = append(g.taken[key], taken{rel, c})
}

// take notes a release that has been stored.
func (g *groupState) take(rel *Release, picked []openPart) {
	for _, p := range picked {
		g.subtract(p.key, p.open, rel)
	}
	g.releases = append(g.releases, rel)
}

// node is the calendar's node of a day, worked out once.
func (g *groupState) node(c Calendar, level Level, day surveys.Day) Node {
	known := g.nodes[day]
	if known == nil {
		known = &[Year + 1]Node{}
		for l := DayLevel; l <= Year; l++ {
			known[l] = c.Node(l, day)
		}
		g.nodes[day] = known
	}
	return known[level]
}

// advance lets in what had arrived by a day.
func (g *groupState) advance(arrivedBy surveys.Day) {
	for len(g.coming) > 0 && g.coming[0].arrived <= arrivedBy {
		g.pending[g.coming[0]] = true
		g.coming = g.coming[1:]
	}
}

// sequence is the number of the latest release over a node, 0 if there is none.
func (g *groupState) sequence(n Node) int {
	latest := 0
	for _, r := range g.releases {
		if r.Node == n {
			latest = max(latest, r.Seq)
		}
	}
	return latest
}

// closings lists the nights on which something may be released: those after last on which a node of an
// open part closed or an open part had just arrived, and today.
func (g *groupState) closings(c Calendar, last, today surveys.Day) []surveys.Day {
	nights := []surveys.Day{today}
	days := map[surveys.Day]bool{}
	for key := range g.open {
		days[key.arrived], days[key.day] = true, true
	}
	for day := range days {
		nights = append(nights, day.Add(1))
		for level := DayLevel; level <= Year; level++ {
			nights = append(nights, g.node(c, level, day).To.Add(1))
		}
	}
	nights = slices.DeleteFunc(nights, func(d surveys.Day) bool { return d > today || d <= last && d != today })
	slices.Sort(nights)
	return slices.Compact(nights)
}

// openNodes lists, in order, the nodes of a level that hold something open and are tried on a night: days
// and half-months on the first pass of the night they close, the others on every night after.
func (g *groupState) openNodes(c Calendar, level Level, on surveys.Day, first bool) []Node {
	var nodes []Node
	yesterday := on.Add(-1)
	for key := range g.pending {
		n := g.node(c, level, key.day)
		if n.To == yesterday && first || level >= Month && n.To < on {
			nodes = append(nodes, n)
		}
	}
	slices.SortFunc(nodes, func(a, b Node) int { return cmp.Compare(a.From, b.From) })
	return slices.Compact(nodes)
}

// picked sorts the pending parts of a node, and splits them by who gave them.
func (g *groupState) picked(n Node, wanted func(partKey, Counters) bool) (given, typed []openPart) {
	for key := range g.pending {
		open := g.open[key]
		if !key.day.Within(n.From, n.To) || !wanted(key, open) {
			continue
		}
		p := openPart{key, open}
		if key.channel.Typed() {
			typed = append(typed, p)
		} else {
			given = append(given, p)
		}
	}
	byKey := func(a, b openPart) int { return comparePartKeys(a.key, b.key) }
	slices.SortFunc(given, byKey)
	slices.SortFunc(typed, byKey)
	return given, typed
}

// size is the number of forms, of taken-out ones too.
func size(parts []openPart) int64 {
	var n int64
	for _, p := range parts {
		n += p.open.Forms
	}
	return max(n, -n)
}

// pickOpen picks what may be released of a node: none given by citizens themselves or at least the minimum of
// those. Typed ones ride along; alone they need the minimum too. A part in which as many forms came as went rides
// along. What still stands in a release of the other stream waits until it is taken out there, for no content may
// stand in two. What was corrected, here or there, is known and hides nobody: it is left to pickMoved.
func pickOpen(g *groupState, n Node) []openPart {
	given, typed := g.picked(n, func(key partKey, c Counters) bool {
		return c.Forms >= 0 && !g.twin.owes(key) && g.corrected(key) == nil && g.twin.corrected(key) == nil
	})
	switch least := Least(g.Stream, n.Level); {
	case size(given) >= least:
		return append(given, typed...)
	case size(typed) >= least:
		return typed
	default:
		return nil
	}
}

// pickMoved picks what a correction of the node took out, in this stream or the other, whole and alone: into the
// other stream, or back again. If but a part of it came, or something new with it, the difference to what was shown
// before would be those few.
func pickMoved(g *groupState, n Node) []openPart {
	for _, from := range []*groupState{g, g.twin} {
		if from == nil {
			continue
		}
		for _, r := range from.releases {
			if !r.Correction || r.Node != n {
				continue
			}
			if parts := g.moved(from, r); parts != nil {
				return parts
			}
		}
	}
	return nil
}

// moved gives the parts that a correction took out if all of them, and nothing else, wait to be released here.
func (g *groupState) moved(from *groupState, correction *Release) []openPart {
	var parts []openPart
	for key, list := range from.taken {
		key.stream = g.Stream
		for _, t := range list {
			if t.release != correction {
				continue
			}
			open := g.open[key]
			if !g.pending[key] || g.twin.owes(key) || !open.Add(t.counters).IsZero() {
				return nil
			}
			parts = append(parts, openPart{key, open})
		}
	}
	slices.SortFunc(parts, func(a, b openPart) int { return comparePartKeys(a.key, b.key) })
	return parts
}

// corrected is the last correction in this stream of the part with this key, nil if there is none.
func (g *groupState) corrected(key partKey) *Release {
	if g == nil {
		return nil
	}
	key.stream = g.Stream
	for _, t := range slices.Backward(g.taken[key]) {
		if t.release.Correction {
			return t.release
		}
	}
	return nil
}

// keeps says which tables a release of some open parts may show, apart from the rule of ten answers: a correction
// those that can bear it, what a correction moved those that the correction showed.
func (g *groupState) keeps(n Node, rel *Release, out []openPart) func(code string, row []int64) bool {
	if rel.Correction {
		return g.correctable(n, out)
	}
	for _, from := range []*groupState{g, g.twin} {
		if was := from.corrected(out[0].key); was != nil {
			return func(code string, _ []int64) bool { return was.Items[code] != nil }
		}
	}
	return func(string, []int64) bool { return true }
}

// owes says whether something of the part with this key, in this stream, was released and is still to be taken out.
func (g *groupState) owes(key partKey) bool {
	if g == nil {
		return false
	}
	key.stream = g.Stream
	open := g.open[key]
	for _, row := range open.Items {
		if slices.ContainsFunc(row, func(n int64) bool { return n < 0 }) {
			return true
		}
	}
	return open.Forms < 0
}

// pickTakenOut picks what may be corrected of a node: what was set aside after its release, released nowhere but
// inside the node, at least the minimum, and leaving of the node and of each item nothing or the minimum. Those
// given by citizens themselves keep these rules apart, for typed ones are known to whoever typed them; if they
// cannot, the typed ones are tried alone.
func pickTakenOut(g *groupState, n Node) []openPart {
	if n.Level < Month {
		return nil
	}
	given, typed := g.picked(n, func(key partKey, c Counters) bool {
		outside := func(t taken) bool { return !n.Contains(t.release.Node) }
		return c.Forms < 0 && !slices.ContainsFunc(g.taken[key], outside)
	})
	least := Least(g.Stream, n.Level)
	for _, wanted := range [][]openPart{slices.Concat(given, typed), typed} {
		out := g.bearable(wanted)
		own := size(slices.DeleteFunc(slices.Clone(out), func(p openPart) bool { return p.key.channel.Typed() }))
		if size(out) >= least && (own == 0 || own >= least) && g.leaves(n, out, least) {
			return out
		}
	}
	return nil
}

// leastOfRelease is the fewest forms that a correction may take out of any one release, or leave in it: a view
// may hold another release of the node beside the correction, and so tell these from the others.
const leastOfRelease = 10

// bearable keeps of what is to be taken out the parts of those releases that can bear it. A part that was released
// in two goes cannot: nobody could say from which of them its forms are.
func (g *groupState) bearable(out []openPart) []openPart {
	from := map[*Release][]openPart{}
	for _, p := range out {
		if r := g.source(p.key); r != nil {
			from[r] = append(from[r], p)
		}
	}
	bears := map[*Release]bool{}
	for r, parts := range from {
		bears[r] = g.bears(r, parts)
	}
	return slices.DeleteFunc(slices.Clone(out), func(p openPart) bool { return !bears[g.source(p.key)] })
}

// source is the only release that brought a part out, nil if there are several.
func (g *groupState) source(key partKey) *Release {
	var source *Release
	for _, t := range g.taken[key] {
		switch {
		case t.release.Correction:
		case source != nil:
			return nil
		default:
			source = t.release
		}
	}
	return source
}

// bears says whether what is taken out of a release and what remains of it are each nothing or enough forms, in
// all and of those that citizens gave themselves.
func (g *groupState) bears(r *Release, out []openPart) bool {
	var gone, left, ownGone, ownLeft int64
	for key, n := range g.remaining(r) {
		left += n.Forms
		if !key.channel.Typed() {
			ownLeft += n.Forms
		}
	}
	for _, p := range out {
		gone -= p.open.Forms
		if !p.key.channel.Typed() {
			ownGone -= p.open.Forms
		}
	}
	few := func(n int64) bool { return n != 0 && n < leastOfRelease }
	return !few(gone) && !few(left-gone) && !few(ownGone) && !few(ownLeft-ownGone)
}

// remaining is what stands of the parts of a release after all corrections.
func (g *groupState) remaining(r *Release) map[partKey]Counters {
	left := map[partKey]Counters{}
	for key, parts := range g.taken {
		if !slices.ContainsFunc(parts, func(t taken) bool { return t.release == r }) {
			continue
		}
		for _, t := range parts {
			left[key] = left[key].Add(t.counters)
		}
	}
	return left
}

// leaves says whether what remains released inside the node, and of each item, is nothing or the minimum.
func (g *groupState) leaves(n Node, out []openPart, least int64) bool {
	left, own := Counters{}, int64(0)
	count := func(key partKey, c Counters) {
		left = left.Add(c)
		if !key.channel.Typed() {
			own += c.Forms
		}
	}
	for key, parts := range g.taken {
		for _, t := range parts {
			if n.Contains(t.release.Node) {
				count(key, t.counters)
			}
		}
	}
	for _, p := range out {
		count(p.key, p.open)
	}
	few := func(forms int64) bool { return forms != 0 && forms < least }
	return !few(left.Forms) && !few(own) &&
		!slices.ContainsFunc(g.instrument.Items, func(it surveys.Item) bool { return fewAnswers(it, left.Items[it.Code]) })
}

// fewAnswers says whether a table, or what is taken out of one, holds some answers but not the minimum.
func fewAnswers(it surveys.Item, row []int64) bool {
	n := shownAnswers(it, row)
	return n != 0 && max(n, -n) < leastAnswers
}

// correctable says of an item's correction whether the tables shown inside the node can bear it: no count below
// zero, nothing or the minimum left, and every release that it takes from shows its table, with nothing or the
// minimum taken out and left. Else the correction's table is withheld.
func (g *groupState) correctable(n Node, out []openPart) func(code string, row []int64) bool {
	from := map[*Release][]openPart{}
	for _, p := range out {
		r := g.source(p.key)
		from[r] = append(from[r], p)
	}
	return func(code string, row []int64) bool {
		left := row
		for _, r := range g.releases {
			if n.Contains(r.Node) {
				left = mergeRow(left, r.Items[code], 1)
			}
		}
		it, _ := g.instrument.Item(code)
		if slices.ContainsFunc(left, func(v int64) bool { return v < 0 }) || fewAnswers(it, left) {
			return false
		}
		for r, parts := range from {
			if !g.bearsTable(r, parts, it) {
				return false
			}
		}
		return true
	}
}

// bearsTable says whether the table of an item in a release can bear that parts of it are taken out.
func (g *groupState) bearsTable(r *Release, out []openPart, it surveys.Item) bool {
	var gone, left []int64
	for _, p := range out {
		gone = mergeRow(gone, p.open.Items[it.Code], 1)
	}
	for _, c := range g.remaining(r) {
		left = mergeRow(left, c.Items[it.Code], 1)
	}
	return (gone == nil || g.showsRest(r, it.Code)) && !fewAnswers(it, gone) && !fewAnswers(it, mergeRow(left, gone, 1))
}

// showsRest says whether the tables shown of an item hold what remains of a release: its own, less those of all
// corrections so far.
func (g *groupState) showsRest(r *Release, code string) bool {
	for _, parts := range g.taken {
		if !slices.ContainsFunc(parts, func(t taken) bool { return t.release == r }) {
			continue
		}
		for _, t := range parts {
			if t.counters.Items[code] != nil && t.release.Items[code] == nil {
				return false
			}
		}
	}
	return true
}

package analytics_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"hailong/analytics"
	"hailong/surveys"
)

// The recount: what one form counts, written down again from the words of the design, without Tally.

// flat is a set of counters as a table of name and number, zeros left out.
type flat map[string]int64

func (f flat) add(o flat, times int64) {
	for name, n := range o {
		if f[name] += times * n; f[name] == 0 {
			delete(f, name)
		}
	}
}

// key is where a form is counted.
type key struct {
	stream  analytics.Stream
	place   place
	arrived surveys.Day
}

type place struct {
	facility   surveys.FacilityID
	day        surveys.Day
	instrument string
	point      surveys.PointID
	form       surveys.Form
	channel    surveys.Channel
}

func (g *given) key(s analytics.Stream) key {
	return key{s, place{g.Facility, g.Day, g.Instrument, g.Point, g.Form, g.Channel}, g.Arrived}
}

func partsKey(facility surveys.FacilityID, day surveys.Day, p analytics.Part) key {
	return key{p.Stream, place{facility, day, p.Instrument, p.Point, p.Form, p.Channel}, p.Arrived}
}

// streams are those a form stands in, by its standing.
func streams(s surveys.Standing) []analytics.Stream {
	switch s {
	case surveys.Counted:
		return []analytics.Stream{analytics.Answers, analytics.Detail, analytics.Restricted}
	case surveys.Aside:
		return []analytics.Stream{analytics.Aside}
	case surveys.Withdrawn:
	}
	return nil
}

// counts is what a form counts in a stream it stands in; nothing if it has no answer that matters there.
func (o *office) counts(g *given, s analytics.Stream) flat {
	if _, done := g.counted[s]; !done {
		if g.counted == nil {
			g.counted = map[analytics.Stream]flat{}
		}
		g.counted[s] = o.recount(g, s)
	}
	return g.counted[s]
}

func (o *office) recount(g *given, s analytics.Stream) flat {
	in := o.instruments[g.Instrument]
	switch s {
	case analytics.Answers, analytics.Aside:
		return countCore(in, g)
	case analytics.Detail:
		if g.Form != surveys.FullForm {
			return nil
		}
		return countRoles(in, g, surveys.Detail, surveys.Context)
	case analytics.Restricted:
		return countRoles(in, g, surveys.Restricted)
	}
	return nil
}

func countCore(in *surveys.Instrument, g *given) flat {
	f := flat{}
	var m, s, points int64
	z := g.Answers["Z"].Number
	for _, it := range in.Items {
		a, ok := g.Answers[it.Code]
		if !ok || it.Role != surveys.Core && it.Role != surveys.Overall {
			continue
		}
		f[fmt.Sprintf("%s/%d", it.Code, a.Number)]++
		if it.Role != surveys.Core || a.Number == 0 {
			continue
		}
		m, points = m+1, points+int64(a.Number)
		good := a.Number >= 4
		if good {
			s++
		}
		if z > 0 {
			f[fmt.Sprintf("%s|%v,%v", it.Code, good, z >= 4)]++
		}
	}
	if m == 0 {
		return nil
	}
	if g.Hour >= 0 {
		f[fmt.Sprintf("hour %d", g.Hour)]++
	}
	f.add(flat{"n": 1, "s": s, "m": m, "ss": s * s, "sm": s * m, "mm": m * m, "points": points}, 1)
	if s == m {
		f["complete"] = 1
	}
	return f
}

func countRoles(in *surveys.Instrument, g *given, roles ...surveys.Role) flat {
	f := flat{}
	matters := false
	for _, it := range in.Items {
		a, ok := g.Answers[it.Code]
		if !ok || !slices.Contains(roles, it.Role) {
			continue
		}
		if it.Role == surveys.Restricted || it.Role == surveys.Detail && a.Number > 0 {
			matters = true
		}
		switch it.Kind {
		case surveys.Scale5:
			f[fmt.Sprintf("%s/%d", it.Code, a.Number)]++
		case surveys.Percent:
			f[fmt.Sprintf("%s/%d", it.Code, a.Number/10)]++
			f[it.Code+"/11"] += int64(a.Number)
		case surveys.TextItem:
			f[it.Code+"/0"]++
		case surveys.Single, surveys.Multiple:
			for i, option := range it.Options {
				if a.Holds(option.Code) {
					f[fmt.Sprintf("%s/%d", it.Code, i)]++
				}
			}
			if it.Kind == surveys.Multiple {
				f[fmt.Sprintf("%s/%d", it.Code, len(it.Options))]++
			}
		}
	}
	if !matters {
		return nil
	}
	f["n"] = 1
	clean := flat{}
	clean.add(f, 1)
	return clean
}

// flatten writes counters as the recount does.
func flatten(c analytics.Counters) flat {
	f := flat{}
	f.add(flat{
		"n": c.Forms, "s": c.Sums.Satisfied, "m": c.Sums.Answered, "ss": c.Sums.SatisfiedSq, "sm": c.Sums.Cross,
		"mm": c.Sums.AnsweredSq, "points": c.Sums.Points, "complete": c.Sums.Complete,
	}, 1)
	rows := func(table map[string][]int64, name func(code string, i int) string) {
		for code, row := range table {
			for i, n := range row {
				f.add(flat{name(code, i): n}, 1)
			}
		}
	}
	rows(c.Items, func(code string, i int) string { return fmt.Sprintf("%s/%d", code, i) })
	rows(c.Drivers, func(code string, i int) string { return fmt.Sprintf("%s|%v,%v", code, i >= 2, i%2 == 1) })
	rows(map[string][]int64{"hour": c.Hours}, func(_ string, i int) string { return fmt.Sprintf("hour %d", i) })
	return f
}

// standing sets the forms that count at a key.
func (o *office) standing() map[key]map[*given]int {
	now := map[key]map[*given]int{}
	for _, g := range o.forms {
		for _, s := range streams(g.now) {
			if o.counts(g, s) == nil {
				continue
			}
			k := g.key(s)
			if now[k] == nil {
				now[k] = map[*given]int{}
			}
			now[k][g] = 1
		}
	}
	return now
}

func (o *office) sum(s analytics.Stream, forms map[*given]int) flat {
	total := flat{}
	for g, times := range forms {
		total.add(o.counts(g, s), int64(times))
	}
	return total
}

// checkDays holds every book against the recount.
func (o *office) checkDays() {
	o.Helper()
	now := o.standing()
	books := map[place]bool{}
	err := o.st.EachDay(o.ctx, surveys.DayQuery{}, func(b surveys.DayBook) error {
		parts, err := analytics.Parts(b)
		if err != nil {
			return err
		}
		var forms int64
		for _, p := range parts {
			k := partsKey(b.Facility, b.Day, p)
			books[k.place] = true
			o.same(flatten(p.Counters), o.sum(k.stream, now[k]), "day %s of %s, %+v", b.Day, b.Facility, k)
			delete(now, k)
			if p.Stream == analytics.Answers || p.Stream == analytics.Aside {
				forms += p.Counters.Forms
			}
		}
		if forms != b.Forms {
			o.Errorf("day %s of %s says %d forms, its parts %d", b.Day, b.Facility, b.Forms, forms)
		}
		return nil
	})
	o.must(err)
	for k := range now {
		o.Errorf("no book counts %+v", k)
	}
}

func (o *office) same(got, want flat, format string, args ...any) {
	o.Helper()
	if !maps.Equal(got, want) {
		o.Errorf(format+":\n got %v\nwant %v", append(args, got, want)...)
	}
}

// follow finds out which forms the new releases hold, and holds each release against the rules. Nothing may have
// been given or moved since the pass began. A release takes all of a part that was not taken before: the forms that
// came since count once, those set aside or withdrawn since count minus one.
func (o *office) follow() {
	o.Helper()
	now := o.standing()
	for _, r := range o.releases() {
		if _, known := o.seen[r.ID]; known {
			continue
		}
		o.seen[r.ID] = r
		vector := map[*given]int{}
		for _, p := range r.parts {
			k := partsKey(r.Facility, p.Day, p.Part)
			if o.taken[k] == nil {
				o.taken[k] = map[*given]int{}
			}
			took := map[*given]int{}
			for g := range union(now[k], o.taken[k]) {
				if n := now[k][g] - o.taken[k][g]; n != 0 {
					o.corrected[k] = o.corrected[k] || r.Correction
					took[g], vector[g] = n, n
					o.taken[k][g] += n
				}
			}
			o.same(flatten(p.Counters), o.sum(k.stream, took), "part %+v of release %s", k, r.ID)
		}
		o.vectors[r.ID] = vector
		o.checkRelease(r, vector)
	}
	for _, g := range o.forms {
		if o.taken[g.key(analytics.Answers)][g] > 0 && o.taken[g.key(analytics.Aside)][g] > 0 {
			o.Errorf("a form of %s stands in releases of two streams", g.Day)
		}
	}
}

func union(a, b map[*given]int) map[*given]int {
	all := maps.Clone(a)
	if all == nil {
		all = map[*given]int{}
	}
	for g := range b {
		all[g] = 1
	}
	return all
}

// tally is how many forms a vector holds, in all and given by citizens themselves.
func tally(vector map[*given]int) (all, own int64) {
	for g, n := range vector {
		all += int64(n)
		if g.Channel != surveys.Paper && g.Channel != surveys.Assisted {
			own += int64(n)
		}
	}
	return all, own
}

func abs(n int64) int64 { return max(n, -n) }

// few says that a number of forms or answers is too small to be seen.
func few(n int64) bool { return n != 0 && abs(n) < 10 }

// least is the minimum of the design.
func least(s analytics.Stream, level analytics.Level) int64 {
	if s == analytics.Restricted {
		return 30
	}
	return map[analytics.Level]int64{
		analytics.DayLevel: 30, analytics.HalfMonth: 30, analytics.Month: 20, analytics.Quarter: 10, analytics.Year: 10,
	}[level]
}

// checkRelease holds one release against the rules that it can show by itself.
func (o *office) checkRelease(r released, vector map[*given]int) {
	o.Helper()
	total := o.sum(r.Stream, vector)
	all, own := tally(vector)
	minimum := least(r.Stream, r.Node.Level)
	fault := func(format string, args ...any) {
		o.Errorf("release %s (%s): "+format, append([]any{r.ID, r}, args...)...)
	}
	if abs(all) < minimum || own != 0 && abs(own) < minimum {
		fault("%d forms, %d given by citizens themselves", all, own)
	}
	if r.Forms != all || r.Correction != (all < 0) || r.Sums.Forms != total["n"]*coreStream(r.Stream) || r.Sums.Answered != total["m"] ||
		r.Sums.Satisfied != total["s"] || r.Sums.Points != total["points"] {
		fault("says %+v, holds %v", r.Release, total)
	}
	if r.Released <= r.Node.To {
		fault("its node had not closed")
	}
	if r.Node.Level < analytics.Month && (r.Released != r.Node.To.Add(1) || r.Correction) {
		fault("days and half-months are tried once, and never corrected")
	}
	for _, p := range r.parts {
		if p.Arrived > r.Released || !p.Day.Within(r.Node.From, r.Node.To) {
			fault("holds what was given on %s and arrived on %s", p.Day, p.Arrived)
		}
	}
	o.checkItems(r, total, fault)
	if r.Correction {
		o.checkCorrection(r, vector, fault)
	}
}

func coreStream(s analytics.Stream) int64 {
	if s == analytics.Answers || s == analytics.Aside {
		return 1
	}
	return 0
}

// itemAnswers is how many forms answered an item, from a recount.
func itemAnswers(it surveys.Item, total flat) int64 {
	var n int64
	for name, count := range total {
		code, at, ok := strings.Cut(name, "/")
		if !ok || code != it.Code {
			continue
		}
		switch it.Kind {
		case surveys.Scale5:
			if at != "0" {
				n += count
			}
		case surveys.Percent:
			if at != "11" {
				n += count
			}
		case surveys.Multiple:
			if at == fmt.Sprint(len(it.Options)) {
				n += count
			}
		case surveys.Single, surveys.TextItem:
			n += count
		}
	}
	return n
}

// checkItems: a table is shown whole and with at least ten answers, or withheld; the core items withheld hold none or
// at least ten together, for the sums tell the sum of all.
func (o *office) checkItems(r released, total flat, fault func(string, ...any)) {
	var hidden, coreAnswers, sum int64
	for _, it := range o.instruments[r.Instrument].Items {
		answers := itemAnswers(it, total)
		row, shown := r.Items[it.Code]
		if it.Role == surveys.Core {
			coreAnswers += answers
			if !shown {
				hidden += abs(answers)
				sum += answers
			}
		}
		if !shown {
			if answers != 0 && !slices.Contains(r.Withheld, it.Code) {
				fault("item %s is neither shown nor withheld", it.Code)
			}
			continue
		}
		if abs(answers) < 10 || slices.Contains(r.Withheld, it.Code) {
			fault("item %s is shown with %d answers", it.Code, answers)
		}
		for i, n := range row {
			if n != total[fmt.Sprintf("%s/%d", it.Code, i)] {
				fault("item %s shows %v of %v", it.Code, row, total)
			}
		}
	}
	if hidden > 0 && hidden < 10 && coreStream(r.Stream) == 1 {
		fault("core items with %d answers together are withheld: subtraction tells them (of %d, %d)", hidden, coreAnswers, sum)
	}
}

// checkCorrection: what is taken out was released nowhere but inside the node, and of every release that it takes
// from, both what it takes out and what it leaves are none or at least ten forms, in all and of those that citizens
// gave themselves: else the difference of two views would be a handful of people.
func (o *office) checkCorrection(r released, vector map[*given]int, fault func(string, ...any)) {
	for id, other := range o.vectors {
		before := o.seen[id]
		if id == r.ID || before.Group() != r.Group() || before.Correction {
			continue
		}
		out, left := map[*given]int{}, map[*given]int{}
		for g, n := range other {
			if n <= 0 {
				continue
			}
			if vector[g] < 0 {
				out[g] = 1
			}
			if o.taken[g.key(r.Stream)][g] > 0 {
				left[g] = 1
			}
		}
		if len(out) == 0 {
			continue
		}
		if !r.Node.Contains(before.Node) {
			fault("corrects %s, released outside its node", before.ID)
		}
		for _, set := range []map[*given]int{out, left} {
			if all, own := tally(set); few(all) || few(own) {
				fault("takes %d forms out of %s and leaves %d, in one of them %d (%d own)", len(out), before.ID, len(left), all, own)
			}
		}
	}
}

// checkWaiting: after a pass nothing waits that could be released. owed tells which keys must wait for a correction.
func (o *office) checkWaiting(today surveys.Day) {
	o.Helper()
	type at struct {
		group analytics.Group
		node  analytics.Node
	}
	now := o.standing()
	open := map[at]*[2]int64{} // given, typed
	for k := range now {
		var n int64
		for g := range union(now[k], o.taken[k]) {
			n += int64(now[k][g] - o.taken[k][g])
		}
		if n <= 0 || k.arrived > today || o.owed(now, k) || o.corrected[k] || o.corrected[twin(k)] {
			continue // what was corrected moves whole or not at all
		}
		for level := analytics.Month; level <= analytics.Year; level++ {
			node := o.calendar.Node(level, k.place.day)
			if node.To >= today {
				continue
			}
			a := at{analytics.Group{Facility: k.place.facility, Instrument: k.place.instrument, Version: 1, Stream: k.stream}, node}
			if open[a] == nil {
				open[a] = &[2]int64{}
			}
			if k.place.channel.Typed() {
				open[a][1] += n
			} else {
				open[a][0] += n
			}
		}
	}
	for a, n := range open {
		if l := least(a.group.Stream, a.node.Level); n[0] >= l || n[1] >= l {
			o.Errorf("on %s, %d given and %d typed forms of %+v still wait in %+v", today, n[0], n[1], a.group, a.node)
		}
	}
}

// owed says that the twin of a key, the same forms counted or set aside, has released forms that are to be taken out.
func (o *office) owed(now map[key]map[*given]int, k key) bool {
	for g, n := range o.taken[twin(k)] {
		if n > 0 && now[twin(k)][g] == 0 {
			return true
		}
	}
	return false
}

// twin is the key in the other of the two streams that forms move between when they are set aside or restored.
func twin(k key) key {
	switch k.stream {
	case analytics.Answers:
		k.stream = analytics.Aside
	case analytics.Aside:
		k.stream = analytics.Answers
	case analytics.Detail, analytics.Restricted:
		k.stream = ""
	}
	return k
}

package transfer

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"

	"hailong/surveys"
)

func unitColumns() []string {
	return []string{"code", "name", "kind", "parent", "from", "to", "successors"}
}

// RecordOptions say how a file of units or facilities is imported.
type RecordOptions struct {
	DryRun bool
	// Expect, if given, is how the file's SHA-256 must begin: that it is the file which was checked.
	Expect string
}

// ImportUnits adds the units of a CSV or XLSX file, or changes those of the same code and first day; others stay
// as they are. The tree that would result is checked whole before anything is stored.
func ImportUnits(ctx context.Context, store surveys.RecordStore, r io.Reader, opt RecordOptions) (Report, error) {
	sum, err := opt.digest(r)
	if err != nil {
		return Report{}, fmt.Errorf("import units: %w", err)
	}
	stored, err := surveys.Units().All(ctx, store)
	if err != nil {
		return Report{}, fmt.Errorf("import units: %w", err)
	}
	tree := newUnitTree(stored)
	source := openRows(r)
	if err = tree.read(source); err != nil {
		return Report{}, fmt.Errorf("import units: %w", err)
	}
	tree.report.Digest = sum
	tree.report.about(source)
	tree.check()
	if err = tree.bad.orNil(); err != nil {
		return Report{}, err
	}
	facilities, err := surveys.Facilities().All(ctx, store)
	if err != nil {
		return Report{}, fmt.Errorf("import units: %w", err)
	}
	tree.report.Adrift = tree.adrift(facilities)
	if opt.DryRun {
		return tree.report, nil
	}
	for _, n := range tree.topDown() {
		if n.changed() {
			if _, err := surveys.Units().Put(ctx, store, n.unit, n.rev); err != nil {
				return Report{}, fmt.Errorf("import units: %w", err)
			}
		}
	}
	// Told even when nothing was left to write: an earlier run may have been killed before it could tell.
	if err := surveys.OrganisationChanged(ctx, store); err != nil {
		return Report{}, fmt.Errorf("import units: %w", err)
	}
	return tree.report, nil
}

// unitNode is a unit of the tree that would result.
type unitNode struct {
	unit surveys.Unit
	was  surveys.Unit
	rev  int64 // 0: not in the store yet
	line int   // 0: not in the file
}

func (n *unitNode) changed() bool { return n.rev == 0 || !reflect.DeepEqual(n.unit, n.was) }

// unitTree is the store's units overlaid with the file's.
type unitTree struct {
	bad    *complaints
	report Report
	nodes  []*unitNode
	byID   map[string]*unitNode
	lines  map[string]int  // the first line of the file that has this code
	broken map[string]bool // codes of rows that are wrong: nobody is told that they are missing
	org    *surveys.Organisation
}

func newUnitTree(stored []surveys.Stored[surveys.Unit]) *unitTree {
	t := &unitTree{
		bad: &complaints{}, byID: map[string]*unitNode{}, lines: map[string]int{}, broken: map[string]bool{},
	}
	for _, s := range stored {
		t.add(&unitNode{unit: s.Value, was: s.Value, rev: s.Rev})
	}
	return t
}

func (t *unitTree) add(n *unitNode) {
	t.nodes = append(t.nodes, n)
	t.byID[n.unit.ID()] = n
}

func (t *unitTree) read(r rows) error {
	return eachRow(r, t.bad, unitColumns(), func(string) bool { return false }, t.readUnit)
}

func (t *unitTree) readUnit(c *cells) {
	t.report.Rows++
	u := surveys.Unit{
		Code:       c.code("code", unitCode, true),
		Name:       c.text("name", mostName, true),
		Kind:       oneOf(c, "kind", surveys.UnitKinds(), ""),
		Parent:     c.code("parent", unitCode, false),
		Successors: pieces(c.raw("successors")),
	}
	u.From, u.To = c.span()
	if len(u.Successors) > 0 && c.raw("to") == "" {
		c.complain("to", "import.successor_open")
	}
	for i, code := range u.Successors {
		if slices.Contains(u.Successors[:i], code) {
			c.complain("successors", "import.successor_two", brief(code))
		}
	}
	c.checkZeros("code", u.Code, u.Kind)
	n := t.byID[u.ID()]
	if n != nil && n.line > 0 {
		c.complain("code", "import.again", strconv.Itoa(n.line))
	}
	if c.wrong {
		t.broken[u.Code] = true
		return
	}
	if n == nil {
		n = &unitNode{unit: u}
		t.add(n)
	}
	n.unit, n.line = u, c.row.line
	if t.lines[u.Code] == 0 {
		t.lines[u.Code] = n.line
	}
	switch {
	case n.rev == 0:
		t.report.New++
	case n.changed():
		t.report.Changed++
	default:
		t.report.Known++
	}
}

// check holds every unit against the whole tree. A fault is told at the row that has part in it; one in
// which no row has part stood before and is left.
func (t *unitTree) check() {
	units := make([]surveys.Unit, len(t.nodes))
	for i, n := range t.nodes {
		units[i] = n.unit
	}
	t.org = surveys.NewOrganisation(units, nil, nil)
	slices.SortFunc(t.nodes, func(a, b *unitNode) int {
		return cmp.Or(cmp.Compare(a.unit.Code, b.unit.Code), cmp.Compare(a.unit.From, b.unit.From))
	})
	for i, n := range t.nodes {
		if i > 0 {
			t.checkOverlap(t.nodes[i-1], n)
		}
		t.checkParents(n)
		t.checkSuccessors(n)
	}
	slices.SortStableFunc(t.bad.file.Rows, func(a, b RowError) int { return cmp.Compare(a.Line, b.Line) })
}

// fault tells a fault at the unit's own row, or else, with the unit's name, at a row of one of the codes.
func (t *unitTree) fault(n *unitNode, column, key string, args []string, codes ...string) {
	if n.line > 0 {
		t.bad.add(n.line, column, key, args...)
		return
	}
	for _, code := range codes {
		if line := t.lines[code]; line > 0 {
			t.bad.add(line, "", "import.stored_unit", n.unit.ID(), sentence("vi", key, args...), sentence("en", key, args...))
			return
		}
	}
}

func (t *unitTree) checkOverlap(a, b *unitNode) {
	if a.unit.Code != b.unit.Code || a.unit.To != "" && a.unit.To < b.unit.From {
		return
	}
	t.fault(b, "from", "import.overlap", []string{b.unit.Code, spanOf(b.unit), spanOf(a.unit)}, b.unit.Code)
}

func spanOf(u surveys.Unit) string { return string(u.From) + "–" + string(u.To) }

// mostDepth bounds the way up, as it does in surveys.
const mostDepth = 16

func (t *unitTree) checkParents(n *unitNode) {
	u := n.unit
	chain := []string{u.Code}
	for u.Parent != "" {
		above, ok := t.org.Unit(u.Parent, max(n.unit.From, u.From))
		if !ok {
			// Higher up it is that unit's own fault.
			if u.ID() == n.unit.ID() && !t.broken[u.Parent] {
				t.fault(n, "parent", "import.parent", []string{u.Parent, string(n.unit.From)}, u.Parent)
			}
			return
		}
		if chain = append(chain, above.Code); len(chain) > mostDepth {
			t.fault(n, "parent", "import.cycle", []string{n.unit.Code}, chain...)
			return
		}
		u = above
	}
}

func (t *unitTree) checkSuccessors(n *unitNode) {
	if n.unit.To == "" {
		return
	}
	next := n.unit.To.Add(1)
	for _, code := range n.unit.Successors {
		if _, ok := t.org.Unit(code, next); !ok && !t.broken[code] {
			t.fault(n, "successors", "import.successor", []string{brief(code), string(next)}, code)
		}
	}
}

// topDown lists the units so that each comes after its parent.
func (t *unitTree) topDown() []*unitNode {
	depth := make(map[*unitNode]int, len(t.nodes))
	for _, n := range t.nodes {
		u, ok := n.unit, true
		for ok && u.Parent != "" && depth[n] < mostDepth {
			depth[n]++
			u, ok = t.org.Unit(u.Parent, max(n.unit.From, u.From))
		}
	}
	order := slices.Clone(t.nodes)
	slices.SortFunc(order, func(a, b *unitNode) int {
		return cmp.Or(cmp.Compare(depth[a], depth[b]), cmp.Compare(a.unit.From, b.unit.From),
			cmp.Compare(a.unit.Code, b.unit.Code))
	})
	return order
}

// adrift lists the facilities that end up in no unit.
func (t *unitTree) adrift(facilities []surveys.Stored[surveys.Facility]) []surveys.FacilityID {
	var ids []surveys.FacilityID
	for _, f := range facilities {
		if _, ok := t.org.UnitOf(f.Value, lastDay(f.Value.To)); !ok {
			ids = append(ids, f.Value.ID)
		}
	}
	return ids
}

// lastDay is a day by which everything open is still open.
func lastDay(to surveys.Day) surveys.Day {
	if to == "" {
		return "9999-12-31"
	}
	return to
}

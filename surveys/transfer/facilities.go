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

func facilityColumns() []string {
	return []string{"unit", "name", "sector", "kind", "address", "from", "to", "instrument", "points"}
}

// ImportFacilities adds the facilities and points of a CSV or XLSX file, or changes those it knows again: a facility
// by its id, or without one by unit, name, kind and first day; a point by its facility, kind and name. Points
// keep their tokens. What the file leaves out stays as it is.
func ImportFacilities(ctx context.Context, store surveys.RecordStore, r io.Reader, opt RecordOptions) (Report, error) {
	sum, err := opt.digest(r)
	if err != nil {
		return Report{}, fmt.Errorf("import facilities: %w", err)
	}
	im, err := loadFacilities(ctx, store)
	if err != nil {
		return Report{}, fmt.Errorf("import facilities: %w", err)
	}
	source := openRows(r)
	if err := im.read(source); err != nil {
		return Report{}, fmt.Errorf("import facilities: %w", err)
	}
	im.report.Digest = sum
	im.report.about(source)
	im.gather()
	for _, g := range im.groups {
		im.settle(g)
	}
	slices.SortStableFunc(im.bad.file.Rows, func(a, b RowError) int { return cmp.Compare(a.Line, b.Line) })
	if err := im.bad.orNil(); err != nil {
		return Report{}, err
	}
	im.count()
	if opt.DryRun {
		return im.report, nil
	}
	for _, g := range im.groups {
		if err := im.write(ctx, g); err != nil {
			return Report{}, fmt.Errorf("import facilities: %w", err)
		}
	}
	// Told even when nothing was left to write: an earlier run may have been killed before it could tell.
	if err := surveys.OrganisationChanged(ctx, store); err != nil {
		return Report{}, fmt.Errorf("import facilities: %w", err)
	}
	return im.report, nil
}

// facilityImport is the state of one import of facilities.
type facilityImport struct {
	store       surveys.RecordStore
	bad         *complaints
	report      Report
	org         *surveys.Organisation
	stored      map[surveys.FacilityID]surveys.Stored[surveys.Facility]
	points      map[surveys.FacilityID][]surveys.Stored[surveys.Point]
	tokens      map[surveys.Token]bool
	newToken    func() surveys.Token
	instruments []string                    // published keys
	rows        []facilityRow               // those that are right in themselves
	broken      map[surveys.FacilityID]bool // ids of the others
	groups      []*facilityGroup
}

// facilityRow is one row that is right in itself.
type facilityRow struct {
	line       int
	facility   surveys.Facility // without placements; From and To are the row's
	placement  surveys.Placement
	instrument string // as given: "" is the default
	points     []surveys.Point
}

// facilityGroup is the rows of one facility, oldest first, and what becomes of it.
type facilityGroup struct {
	id       surveys.FacilityID
	rows     []facilityRow
	was      surveys.Stored[surveys.Facility] // Rev 0: new
	facility surveys.Facility
	points   []surveys.Stored[surveys.Point] // those to write; Rev 0: new
}

func (g *facilityGroup) changed() bool {
	return g.was.Rev == 0 || !reflect.DeepEqual(g.facility, g.was.Value)
}

func loadFacilities(ctx context.Context, store surveys.RecordStore) (*facilityImport, error) {
	im := &facilityImport{
		store: store, bad: &complaints{},
		stored:   map[surveys.FacilityID]surveys.Stored[surveys.Facility]{},
		points:   map[surveys.FacilityID][]surveys.Stored[surveys.Point]{},
		tokens:   map[surveys.Token]bool{},
		broken:   map[surveys.FacilityID]bool{},
		newToken: surveys.NewToken,
	}
	var err error
	if im.org, err = surveys.LoadOrganisation(ctx, store); err != nil {
		return nil, err
	}
	facilities, err := surveys.Facilities().All(ctx, store)
	if err != nil {
		return nil, err
	}
	for _, f := range facilities {
		im.stored[f.Value.ID] = f
	}
	points, err := surveys.Points().All(ctx, store)
	if err != nil {
		return nil, err
	}
	for _, p := range points {
		im.points[p.Value.Facility] = append(im.points[p.Value.Facility], p)
		im.tokens[p.Value.Token] = true
	}
	instruments, err := surveys.Instruments(ctx, store)
	if err != nil {
		return nil, err
	}
	for _, in := range instruments {
		im.instruments = append(im.instruments, in.Key)
	}
	return im, nil
}

func (im *facilityImport) read(r rows) error {
	return eachRow(r, im.bad, facilityColumns(), func(c string) bool { return c == "id" }, im.readFacility)
}

func (im *facilityImport) readFacility(c *cells) {
	im.report.Rows++
	r := facilityRow{line: c.row.line}
	f := &r.facility
	f.ID = surveys.FacilityID(c.code("id", facilityID, false))
	f.Name = c.text("name", mostName, true)
	f.Sector = oneOf(c, "sector", surveys.Sectors(), "")
	f.Kind = oneOf(c, "kind", surveys.FacilityKinds(), "")
	f.Address = c.text("address", mostAddress, false)
	f.From, f.To = c.span()
	r.instrument = c.raw("instrument")
	f.Instrument = cmp.Or(r.instrument, defaultInstrument(f.Kind))
	if f.Instrument != "" && !slices.Contains(im.instruments, f.Instrument) {
		c.complain("instrument", "import.instrument", brief(f.Instrument))
	}
	r.points = im.readPoints(c)
	r.placement = im.readUnit(c, f.From)
	if c.wrong {
		im.broken[f.ID] = true
		return
	}
	im.rows = append(im.rows, r)
}

// defaultInstrument is what a kind of facility asks unless told otherwise.
func defaultInstrument(kind surveys.FacilityKind) string {
	switch kind {
	case "one_stop_hall":
		return "one_stop"
	case "hospital":
		return "outpatient"
	case "station", "station_branch":
		return "station"
	case "kindergarten", "primary", "lower_secondary", "upper_secondary", "mixed_school":
		return "school"
	case "office":
		return "policy"
	default:
		return ""
	}
}

// facilityKey is how a facility is known again without its id.
type facilityKey struct {
	unit string
	name string
	kind surveys.FacilityKind
	from surveys.Day
}

func (r facilityRow) key() facilityKey {
	return facilityKey{r.placement.Unit, r.facility.Name, r.facility.Kind, r.facility.From}
}

func storedKey(f surveys.Facility) facilityKey {
	key := facilityKey{"", f.Name, f.Kind, f.From}
	if len(f.Placements) > 0 {
		key.unit = f.Placements[0].Unit
	}
	return key
}

// gather puts together the rows of each facility. Rows without an id find the one they mean among those
// stored; a row that repeats another of the file is a mistake.
func (im *facilityImport) gather() {
	byID := map[surveys.FacilityID]*facilityGroup{}
	lines := map[facilityKey]int{}
	for _, r := range im.rows {
		if r.facility.ID != "" {
			im.join(byID, r.facility.ID, r)
			lines[r.key()] = cmp.Or(lines[r.key()], r.line)
		}
	}
	known := map[facilityKey][]surveys.FacilityID{}
	for id, s := range im.stored {
		known[storedKey(s.Value)] = append(known[storedKey(s.Value)], id)
	}
	for _, r := range im.rows {
		if r.facility.ID != "" {
			continue
		}
		key := r.key()
		switch ids := known[key]; {
		case lines[key] > 0:
			im.bad.add(r.line, "", "import.again", strconv.Itoa(lines[key]))
		case len(ids) > 1:
			im.bad.add(r.line, "id", "import.ambiguous")
		case len(ids) == 1:
			im.join(byID, ids[0], r)
		default:
			im.join(byID, surveys.FacilityID(surveys.NewID("f")), r)
		}
		lines[key] = cmp.Or(lines[key], r.line)
	}
	for _, g := range im.groups {
		slices.SortStableFunc(g.rows, func(a, b facilityRow) int { return cmp.Compare(a.facility.From, b.facility.From) })
	}
}

func (im *facilityImport) join(byID map[surveys.FacilityID]*facilityGroup, id surveys.FacilityID, r facilityRow) {
	g, ok := byID[id]
	if !ok {
		g = &facilityGroup{id: id, was: im.stored[id]}
		byID[id] = g
		im.groups = append(im.groups, g)
	}
	g.rows = append(g.rows, r)
}

func (im *facilityImport) count() {
	for _, g := range im.groups {
		switch {
		case g.was.Rev == 0:
			im.report.New++
		case g.changed() || len(g.points) > 0:
			im.report.Changed++
		default:
			im.report.Known++
		}
		for _, p := range g.points {
			if p.Rev == 0 {
				im.report.Points++
			}
		}
	}
}

// write stores a facility and then its points: no point ever stands without its facility.
func (im *facilityImport) write(ctx context.Context, g *facilityGroup) error {
	if g.changed() {
		if _, err := surveys.Facilities().Put(ctx, im.store, g.facility, g.was.Rev); err != nil {
			return err
		}
	}
	for _, p := range g.points {
		if _, err := surveys.Points().Put(ctx, im.store, p.Value, p.Rev); err != nil {
			return err
		}
	}
	return nil
}

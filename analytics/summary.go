package analytics

import (
	"cmp"
	"context"
	"slices"

	"hailong/surveys"
)

// State says how much of a window may be shown.
type State string

// The states.
const (
	StateNone   State = "none"   // no forms
	StateHidden State = "hidden" // forms, none released
	StateFull   State = "full"
)

// Query asks for one summary.
type Query struct {
	Scope      Scope
	From, To   surveys.Day // both included
	Instrument string      // "": a facility's own; of wider scopes all but those that stand apart
	Asof       surveys.Day // releases up to this day, "" today
	Tree       Tree        // "" then
	// Exact is for administrators: what waits as it stands, not as of midnight in steps of ten.
	Exact bool
}

// Figures are what the sums of the shown releases say.
type Figures struct {
	Satisfied int64      `json:"satisfied"` // core answers of 4 or 5
	Answered  int64      `json:"answered"`  // core answers
	Rate      float64    `json:"rate"`
	Mean      float64    `json:"mean"`     // of core answers, 1–5
	Complete  float64    `json:"complete"` // share of the forms whose every answered core item is 4 or 5
	Interval  [2]float64 `json:"interval"`
	Deff      float64    `json:"deff"`
	NEff      float64    `json:"n_eff"`
}

// FactorRate is the mean of the rates of a factor's shown items.
type FactorRate struct {
	Code string  `json:"code"`
	Rate float64 `json:"rate"`
}

// ItemTable is the distribution of one scale5 item. Counts are of 1 to 5; None, the answers 0, counts
// nowhere. A withheld item has nothing else.
type ItemTable struct {
	Code     string      `json:"code"`
	Factor   string      `json:"factor"`
	Withheld bool        `json:"withheld,omitempty"`
	Counts   *[5]int64   `json:"counts,omitempty"`
	None     *int64      `json:"none,omitempty"`
	Answered *int64      `json:"answered,omitempty"`
	Rate     *float64    `json:"rate,omitempty"`
	Interval *[2]float64 `json:"interval,omitempty"`
}

// FacilityMean is the simple mean of the facilities' rates, beside the pooled rate of a wider scope.
type FacilityMean struct {
	Rate       float64 `json:"rate"`
	Facilities int     `json:"facilities"`
}

// Summary is merged releases for a scope and a window: the only thing a screen or report may show.
// What its state hides is absent, not zero.
type Summary struct {
	Scope      string      `json:"scope"`
	From       surveys.Day `json:"from"`
	To         surveys.Day `json:"to"`
	Instrument string      `json:"instrument,omitempty"`
	State      State       `json:"state"`
	Forms      *int64      `json:"forms,omitempty"`
	Waiting    int64       `json:"waiting"`   // forms of the window released nowhere, apart from those set aside
	SetAside   int64       `json:"set_aside"` // forms of the window that were set aside
	Releases   []string    `json:"releases"`
	*Figures
	WithSetAside *Figures      `json:"with_set_aside,omitempty"`
	FacilityMean *FacilityMean `json:"facility_mean,omitempty"`
	Target       *float64      `json:"target,omitempty"`
	Verdict      Verdict       `json:"verdict"`
	Needed       *int64        `json:"needed,omitempty"`
	// Reliability is of one facility in a standard period with at least 30 forms shown, from its close on.
	Reliability *Reliability `json:"reliability,omitempty"`
	Factors     []FactorRate `json:"factors,omitempty"`
	Items       []ItemTable  `json:"items,omitempty"`
	ScoredRate  *float64     `json:"scored_rate,omitempty"` // of all answers in the shown tables of scored items
	Definition  string       `json:"definition"`

	Period   Period `json:"-"`
	Sums     Sums   `json:"-"`
	Versions []int  `json:"-"` // of the instrument that the shown releases were answered on
}

// Desk answers queries from the releases.
type Desk struct {
	store     surveys.Store
	ledger    *Ledger
	directory *surveys.Directory
	calendar  Calendar
	today     func() surveys.Day
}

// NewDesk makes a desk; today is the civil day of the installation's clock.
func NewDesk(store surveys.Store, ledger *Ledger, directory *surveys.Directory, c Calendar, today func() surveys.Day) *Desk {
	return &Desk{store: store, ledger: ledger, directory: directory, calendar: c, today: today}
}

// Calendar is the installation's calendar.
func (d *Desk) Calendar() Calendar { return d.calendar }

// open reads the organisation and the ledger as they stand and completes the query.
func (d *Desk) open(ctx context.Context, q Query) (Query, *surveys.Organisation, []member, error) {
	org, err := d.directory.Organisation(ctx)
	if err != nil {
		return q, nil, nil, err
	}
	if err = d.ledger.Refresh(ctx); err != nil {
		return q, nil, nil, err
	}
	q = d.complete(q, org)
	members, err := q.members(org, d.today())
	return q, org, members, err
}

// Course answers a query without items: one point of a trend.
func (d *Desk) Course(ctx context.Context, q Query) (Summary, error) {
	q, org, members, err := d.open(ctx, q)
	if err != nil {
		return Summary{}, err
	}
	s, _ := d.merge(q, org, members)
	return s, nil
}

// Summary answers one query: ErrNotFound for an unknown facility or unit.
func (d *Desk) Summary(ctx context.Context, q Query) (Summary, error) {
	q, org, members, err := d.open(ctx, q)
	if err != nil {
		return Summary{}, err
	}
	s, sheets := d.merge(q, org, members)
	if q.Instrument != "" && s.State == StateFull {
		if err := d.addItems(ctx, &s, q, members, sheets); err != nil {
			return Summary{}, err
		}
	}
	return s, nil
}

// Pool is the Course of those facilities of the scope that are listed.
func (d *Desk) Pool(ctx context.Context, q Query, listed func(surveys.Facility) bool) (Summary, error) {
	q, org, members, err := d.open(ctx, q)
	if err != nil {
		return Summary{}, err
	}
	members = slices.DeleteFunc(members, func(m member) bool { return !listed(m.facility) })
	s, _ := d.merge(q, org, members)
	return s, nil
}

// Row is a facility of a list with its summary, without items.
type Row struct {
	Facility surveys.Facility
	Unit     surveys.Unit // on the window's last day, or today for an open window
	Summary  Summary
}

// Rows lists the facilities of a scope that were open in the window, by sector and name.
func (d *Desk) Rows(ctx context.Context, q Query) ([]Row, error) {
	q, org, members, err := d.open(ctx, q)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, m := range members {
		if !m.open(Node{From: q.From, To: q.To}) {
			continue
		}
		one := q
		one.Scope = Scope{Kind: FacilityScope, Name: string(m.facility.ID)}
		one.Instrument = cmp.Or(q.Instrument, m.facility.Instrument)
		s, _ := d.merge(one, org, []member{m})
		unit, _ := org.UnitOf(m.facility, min(q.To, d.today()))
		rows = append(rows, Row{Facility: m.facility, Unit: unit, Summary: s})
	}
	sectors := surveys.Sectors()
	slices.SortStableFunc(rows, func(a, b Row) int {
		return cmp.Compare(slices.Index(sectors, a.Facility.Sector), slices.Index(sectors, b.Facility.Sector))
	})
	return rows, nil
}

// complete fills in what a query leaves open.
func (d *Desk) complete(q Query, org *surveys.Organisation) Query {
	q.Asof = min(orDay(q.Asof, d.today()), d.today()) // what is to come decides nothing
	if q.Tree == "" {
		q.Tree = TreeThen
	}
	if q.Scope.Kind == FacilityScope && q.Instrument == "" {
		f, _ := org.Facility(surveys.FacilityID(q.Scope.Name))
		q.Instrument = f.Instrument
	}
	return q
}

// view is the query as the ledger understands it. Others than administrators see what waits as of the
// last midnight.
func (d *Desk) view(q Query) view {
	v := view{window: Node{From: q.From, To: q.To}, instrument: q.Instrument, asof: q.Asof, arrivedBy: q.Asof}
	if !q.Exact {
		v.arrivedBy = min(q.Asof, d.today().Add(-1))
	}
	return v
}

// merge adds up the sheets of the members.
func (d *Desk) merge(q Query, org *surveys.Organisation, members []member) (Summary, []sheet) {
	v := d.view(q)
	s := Summary{
		Scope: q.Scope.String(), From: q.From, To: q.To, Instrument: q.Instrument, Releases: []string{},
		Period: d.calendar.Recognise(q.From, q.To), Definition: definition,
	}
	var held, known int64
	var aside Sums
	var mean FacilityMean
	sheets := make([]sheet, len(members))
	for i, m := range members {
		sh := d.ledger.sheet(m.facility.ID, v, m.in)
		sheets[i] = sh
		own := mergeSums(sh.shown)
		s.Sums = s.Sums.Add(own)
		aside = aside.Add(mergeSums(sh.aside))
		s.Waiting += sh.waiting
		s.SetAside += sh.setAside
		held += sh.forms
		known += sh.known
		if score, ok := own.Score(); ok {
			mean.Rate += score.Rate
			mean.Facilities++
		}
		for _, r := range sh.shown {
			s.Releases = append(s.Releases, r.ID)
			if !slices.Contains(s.Versions, r.Version) {
				s.Versions = append(s.Versions, r.Version)
			}
		}
	}
	slices.Sort(s.Versions)
	if !q.Exact {
		s.Waiting, s.SetAside, known = s.Waiting/step*step, s.SetAside/step*step, known/step*step
		if s.Sums.Forms == 0 {
			held = known // else the verdict would tell of the few that nothing else tells of
		}
	}
	s.judge(q, org, members, held)
	s.fill(q, aside, mean, known)
	if q.Scope.Kind == FacilityScope && s.Period.Kind != Custom && q.Asof >= s.Period.Closes() && s.Sums.Forms >= reliabilityLeast {
		s.Reliability = d.ledger.reliability(members[0].facility, s.Period, d.calendar)
	}
	return s, sheets
}

// step is how finely others than administrators are told what waits.
const step = 10

func mergeSums(releases []*Release) Sums {
	var s Sums
	for _, r := range releases {
		s = s.Add(r.Sums)
	}
	return s
}

// fill writes the state and the figures it lets through.
func (s *Summary) fill(q Query, aside Sums, mean FacilityMean, known int64) {
	s.Figures = figures(s.Sums)
	switch {
	case s.Figures != nil:
		s.State, s.Forms = StateFull, &s.Sums.Forms
	case known > 0:
		s.State = StateHidden
	default:
		s.State, s.Forms = StateNone, new(int64)
	}
	if s.Figures == nil {
		return
	}
	if aside.Forms > 0 {
		s.WithSetAside = figures(s.Sums.Add(aside))
	}
	if q.Scope.Kind != FacilityScope && mean.Facilities > 0 {
		mean.Rate /= float64(mean.Facilities)
		s.FacilityMean = &mean
	}
}

func figures(sums Sums) *Figures {
	score, ok := sums.Score()
	if !ok {
		return nil
	}
	return &Figures{
		Satisfied: sums.Satisfied, Answered: sums.Answered, Rate: score.Rate, Mean: score.Mean,
		Complete: float64(sums.Complete) / float64(sums.Forms),
		Interval: [2]float64{score.Lower, score.Upper}, Deff: score.Deff, NEff: score.NEff,
	}
}

// judge gives the verdict of a standard period at its close, or the first reason why there is none.
func (s *Summary) judge(q Query, org *surveys.Organisation, members []member, held int64) {
	target, hasTarget := scopeTarget(q, org, members)
	if hasTarget {
		s.Target = &target
	}
	score, scored := s.Sums.Score()
	switch {
	case s.Period.Kind == Custom:
		s.Verdict = VerdictNotAPeriod
		return
	case !hasTarget:
		s.Verdict = VerdictNoTarget
		return
	case q.Asof < s.Period.Closes():
		s.Verdict = VerdictOpen
	case !mostlyShown(s.Sums.Forms, held):
		s.Verdict = VerdictIncomplete
	case !scored:
		s.Verdict = VerdictUndecided
	default:
		s.Verdict = decide(score, s.Sums.Forms, target)
	}
	if !scored || s.Verdict == VerdictMet || s.Verdict == VerdictNotMet {
		return
	}
	if k, ok := Needed(s.Sums, target); ok {
		s.Needed = &k
	}
}

// mostlyShown: at least 90 % of the period's forms are shown.
func mostlyShown(shown, held int64) bool { return 10*shown >= 9*held }

// scopeTarget is the target of the scope's only sector, in force on the window's last day.
func scopeTarget(q Query, org *surveys.Organisation, members []member) (float64, bool) {
	sectors := map[surveys.Sector]bool{}
	var sector surveys.Sector
	for _, m := range members {
		if m.open(Node{From: q.From, To: q.To}) || q.Scope.Kind == FacilityScope {
			sector = m.facility.Sector
			sectors[sector] = true
		}
	}
	if q.Scope.Kind == SectorScope {
		sector = surveys.Sector(q.Scope.Name)
	} else if len(sectors) != 1 {
		return 0, false
	}
	t, ok := surveys.TargetOn(org.Targets, sector, q.To)
	return t.Value, ok
}

// definition says how the figures are made, printed beside them.
const definition = "Tỷ lệ hài lòng = số câu trả lời Hài lòng hoặc Rất hài lòng (4, 5) chia cho số câu trả lời từ 1 đến 5 " +
	"của các câu chính, trên mọi phiếu đã công bố trong kỳ; câu bỏ trống và “không sử dụng / không có ý kiến” (0) " +
	"không tính. Khoảng tin cậy Wilson 95 % trên cỡ mẫu hiệu dụng n_eff = Σm/deff, vì các câu trong một phiếu " +
	"không độc lập. Mỗi đợt công bố có ít nhất 10 phiếu."

package server

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/text/unicode/norm"

	"hailong/analytics"
	"hailong/server/view"
	"hailong/surveys"
)

// chosen is the period and filters of a staff page, as its address says.
type chosen struct {
	period analytics.Period
	query  string
	unit   string
	sector string
	lang   view.Lang
}

// earliest is the first day that a page shows; days far away have no written form.
const earliest = surveys.Day("2000-01-01")

// choose reads the period from ?kind= and ?on=; without them it is the last quarter that has ended.
func (s *Server) choose(c *fiber.Ctx) chosen {
	calendar := s.desk.Calendar()
	kind := analytics.PeriodKind(c.Query("kind", string(analytics.QuarterPeriod)))
	if !slices.Contains(view.PeriodKinds(), view.PeriodKind(kind)) {
		kind = analytics.QuarterPeriod
	}
	period := calendar.Next(calendar.PeriodOn(kind, s.today()), -1)
	if day, err := surveys.ParseDay(c.Query("on")); err == nil && day.Within(earliest, s.today()) {
		period = calendar.PeriodOn(kind, day)
	}
	return chosen{
		period: period, query: strings.TrimSpace(c.Query("q")), unit: c.Query("unit"), sector: c.Query("sector"),
		lang: s.lang(c),
	}
}

// link is the address of a page for a period, with the filters kept if wanted.
func (ch chosen) link(path string, p analytics.Period, filtered bool) string {
	q := url.Values{"kind": {string(p.Kind)}, "on": {string(p.From)}}
	if ch.lang != view.Vietnamese {
		q.Set("lang", string(ch.lang))
	}
	if filtered {
		for name, value := range map[string]string{"q": ch.query, "unit": ch.unit, "sector": ch.sector} {
			if value != "" {
				q.Set(name, value)
			}
		}
	}
	return path + "?" + q.Encode()
}

func (s *Server) picker(ch chosen, path string) view.PeriodPicker {
	calendar := s.desk.Calendar()
	p := view.PeriodPicker{
		Period: periodOf(ch.period), On: ch.period.From,
		Previous: ch.link(path, calendar.Next(ch.period, -1), true),
	}
	if next := calendar.Next(ch.period, 1); next.From <= s.today() {
		p.Next = ch.link(path, next, true)
	}
	return p
}

func periodOf(p analytics.Period) view.Period {
	return view.Period{Kind: view.PeriodKind(p.Kind), Year: p.Year, Number: p.Number, From: p.From, To: p.To}
}

// list shows the facilities of a period.
func (s *Server) list(c *fiber.Ctx) error {
	ch := s.choose(c)
	org, err := s.directory.Organisation(c.UserContext())
	if err != nil {
		return err
	}
	q := analytics.Query{Scope: analytics.Scope{Kind: analytics.AllScope}, From: ch.period.From, To: ch.period.To, Exact: true}
	unitDay := min(ch.period.To, s.today())
	unit, hasUnit := org.Unit(ch.unit, unitDay)
	if hasUnit {
		q.Scope = analytics.Scope{Kind: analytics.UnitScope, Name: unit.Code, Day: unitDay}
	} else {
		ch.unit = ""
	}
	rows, err := s.desk.Rows(c.UserContext(), q)
	if err != nil {
		return err
	}
	page := view.ListPage{
		StaffFrame: s.staffFrame(c), Picker: s.picker(ch, "/app"), Closing: ch.period.Closes(),
		Closed: s.today() >= ch.period.Closes(), Total: len(org.Facilities()), AsOf: s.today().Add(-1), Place: unitName(unit),
		Filter: view.ListFilter{
			Query: ch.query, Unit: ch.unit, Units: unitChoices(org, unitDay), Sector: ch.sector,
			Clear: ch.link("/app", ch.period, false),
		},
	}
	for _, sector := range surveys.Sectors() {
		page.Filter.Sectors = append(page.Filter.Sectors, string(sector))
		if ch.sector != "" && ch.sector != string(sector) {
			continue
		}
		group := s.group(ch, org, sector, rows)
		if len(group.Rows) == 0 {
			continue
		}
		if err := s.pool(c.UserContext(), &group, q, ch, sector); err != nil {
			return err
		}
		page.Sectors = append(page.Sectors, group)
	}
	return s.send(c, fiber.StatusOK, ch.lang, page)
}

// pool adds the pooled rate and the mean of what is listed of a sector: the same summary as the API's.
func (s *Server) pool(ctx context.Context, g *view.SectorGroup, q analytics.Query, ch chosen, sector surveys.Sector) error {
	sum, err := s.desk.Pool(ctx, q, func(f surveys.Facility) bool { return f.Sector == sector && matches(f.Name, ch.query) })
	if err != nil {
		return err
	}
	if sum.Figures != nil && sum.FacilityMean != nil {
		g.Pooled = &view.PooledRate{Rate: sum.Rate, Forms: *sum.Forms}
		g.Mean = &view.MeanRate{Rate: sum.FacilityMean.Rate, Facilities: sum.FacilityMean.Facilities}
	}
	return nil
}

// group is one sector of the list.
func (s *Server) group(ch chosen, org *surveys.Organisation, sector surveys.Sector, rows []analytics.Row) view.SectorGroup {
	g := view.SectorGroup{Sector: string(sector)}
	if t, ok := surveys.TargetOn(org.Targets, sector, ch.period.To); ok {
		g.Target = t.Value
	}
	for _, r := range rows {
		if r.Facility.Sector != sector || !matches(r.Facility.Name, ch.query) {
			continue
		}
		g.Rows = append(g.Rows, s.row(ch, r))
	}
	return g
}

func (s *Server) row(ch chosen, r analytics.Row) view.FacilityRow {
	return view.FacilityRow{
		Name: r.Facility.Name, URL: ch.link(facilityPath(r.Facility.ID), ch.period, false),
		State: string(r.Summary.State), Score: scoreOf(r.Summary), Waiting: s.waiting(r.Summary), Reliability: reliabilityOf(r.Summary),
	}
}

// scoreOf is a summary's score as the pages draw it.
func scoreOf(sum analytics.Summary) view.Score {
	score := view.Score{Verdict: string(sum.Verdict)}
	if sum.Target != nil {
		score.Target = *sum.Target
	}
	if sum.Needed != nil {
		score.Needed = *sum.Needed
	}
	if sum.Figures != nil {
		score.Forms, score.Rate = *sum.Forms, sum.Rate
		score.Interval = view.Interval{Low: sum.Interval[0], High: sum.Interval[1]}
	}
	return score
}

// reliabilityOf is a summary's grade as the pages word it.
func reliabilityOf(sum analytics.Summary) view.Reliability {
	if sum.Reliability == nil {
		return view.Reliability{}
	}
	r := view.Reliability{Grade: string(sum.Reliability.Grade)}
	for _, signal := range sum.Reliability.Signals {
		r.Signals = append(r.Signals, string(signal))
	}
	return r
}

// waiting says what has not come out yet, and when it may.
func (s *Server) waiting(sum analytics.Summary) view.Waiting {
	w := view.Waiting{Forms: sum.Waiting}
	if w.Forms == 0 {
		return w
	}
	for _, step := range s.desk.Calendar().NextReleases(sum.From, sum.To, s.today()) {
		w.Steps = append(w.Steps, view.WaitStep{Date: step.On, Minimum: step.Least, Kind: step.Level.String()})
	}
	return w
}

// matches finds a name with and without its Vietnamese marks.
func matches(name, query string) bool {
	return query == "" || strings.Contains(folded(name), folded(query))
}

func folded(s string) string {
	bare := strings.Map(func(r rune) rune {
		switch {
		case r >= 0x300 && r <= 0x36f:
			return -1
		case r == 'đ' || r == 'Đ':
			return 'd'
		default:
			return r
		}
	}, norm.NFD.String(s))
	return strings.ToLower(bare)
}

func unitChoices(org *surveys.Organisation, day surveys.Day) []view.UnitChoice {
	var choices []view.UnitChoice
	for _, u := range org.UnitsOn(day) {
		choices = append(choices, view.UnitChoice{Value: u.Code, Name: u.Name})
	}
	return choices
}

// unitName is a unit's name as it stands inside a sentence: names carry their kind ("Xã Nghĩa Hưng").
func unitName(u surveys.Unit) string {
	first, size := utf8.DecodeRuneInString(u.Name)
	if size == 0 {
		return ""
	}
	return string(unicode.ToLower(first)) + u.Name[size:]
}

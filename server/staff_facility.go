package server

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/gofiber/fiber/v2"

	"hailong/analytics"
	"hailong/server/view"
	"hailong/surveys"
)

const (
	trendMonths   = 12
	trendQuarters = 5
	priorities    = 3
)

// facility shows one facility's score, how sure it is, its course and its items.
func (s *Server) facility(c *fiber.Ctx) error {
	ctx, ch := c.UserContext(), s.choose(c)
	id := surveys.FacilityID(c.Params("id"))
	org, err := s.directory.Organisation(ctx)
	if err != nil {
		return err
	}
	f, ok := org.Facility(id)
	if !ok {
		return surveys.ErrNotFound
	}
	if err = s.countNow(ctx, id); err != nil {
		return err
	}
	q := analytics.Query{
		Scope: analytics.Scope{Kind: analytics.FacilityScope, Name: string(id)},
		From:  ch.period.From, To: ch.period.To, Exact: true,
	}
	sum, err := s.desk.Summary(ctx, q)
	if err != nil {
		return err
	}
	page := view.FacilityPage{
		StaffFrame: s.staffFrame(c), Name: f.Name, Sector: string(f.Sector),
		List:   ch.link("/app", ch.period, false),
		Picker: s.picker(ch, facilityPath(id)), Closing: ch.period.Closes(),
		Closed: s.today() >= ch.period.Closes(), State: string(sum.State), Score: scoreOf(sum),
		Reliability: reliabilityOf(sum),
		Waiting:     s.waiting(sum), SetAside: sum.SetAside, WithAside: withAside(sum), AsOf: s.today().Add(-1),
	}
	if unit, ok := org.UnitOf(f, min(ch.period.To, s.today())); ok {
		page.Place = unitName(unit)
	}
	if err := s.fillFacility(ctx, &page, ch, q, sum, f, org); err != nil {
		return err
	}
	if err := s.surveyPoints(c, &page, f); err != nil {
		return err
	}
	return s.send(c, fiber.StatusOK, ch.lang, page)
}

// withAside is the score with what was set aside, once some of that is released.
func withAside(sum analytics.Summary) *view.WithAside {
	w := sum.WithSetAside
	if w == nil {
		return nil
	}
	return &view.WithAside{Rate: w.Rate, Interval: view.Interval{Low: w.Interval[0], High: w.Interval[1]}}
}

// countNow counts the facility's own dirty days, so that the administrator sees what came a moment ago.
func (s *Server) countNow(ctx context.Context, id surveys.FacilityID) error {
	if err := s.ledger.Refresh(ctx); err != nil {
		return err
	}
	if _, err := s.roller.Roll(ctx, id, nil); err != nil {
		return err
	}
	q := surveys.DayQuery{Facility: id, From: s.today().Add(-lateDays)}
	return s.ledger.ReadDays(ctx, q)
}

// fillFacility adds what needs more than the summary.
func (s *Server) fillFacility(ctx context.Context, page *view.FacilityPage, ch chosen, q analytics.Query,
	sum analytics.Summary, f surveys.Facility, org *surveys.Organisation,
) error {
	in, err := surveys.LatestInstrument(ctx, s.Store, f.Instrument)
	if err != nil {
		return err
	}
	if page.Trend, err = s.trend(ctx, q, ch, page.Score.Target); err != nil {
		return err
	}
	restricted, err := s.desk.Restricted(ctx, q)
	if err != nil {
		return err
	}
	l := string(ch.lang)
	page.Restricted = restrictedItems(in, restricted, l)
	page.Scale = scaleWords(in, l)
	page.Factors, page.DetailWaiting = factorGroups(in, sum, l)
	page.Priorities = firstToLookAt(in, sum, l)
	page.Definition = s.define(in, sum, f, org, l)
	page.Pupils, err = s.pupilScore(ctx, q, f)
	return err
}

// pupilScore is what pupils said where a school asks them: beside the parents' score, never in it.
func (s *Server) pupilScore(ctx context.Context, q analytics.Query, f surveys.Facility) (*view.PupilScore, error) {
	if !f.Kind.AsksPupils() || f.Instrument == surveys.Pupils {
		return nil, nil //nolint:nilnil // most facilities have none
	}
	q.Instrument = surveys.Pupils
	sum, err := s.desk.Summary(ctx, q)
	if err != nil {
		return nil, err
	}
	score := scoreOf(sum)
	return &view.PupilScore{State: string(sum.State), Rate: score.Rate, Forms: score.Forms, Interval: score.Interval}, nil
}

// trend is the course by month, or by quarter where hardly any month has a release.
func (s *Server) trend(ctx context.Context, q analytics.Query, ch chosen, target float64) (view.Trend, error) {
	t := view.Trend{Target: target}
	for _, level := range []analytics.PeriodKind{analytics.MonthPeriod, analytics.QuarterPeriod} {
		n := trendMonths
		if level == analytics.QuarterPeriod {
			n = trendQuarters
		}
		points, err := s.trendPoints(ctx, q, ch, level, n)
		if err != nil {
			return t, err
		}
		t.Level, t.Points = view.PeriodKind(level), points
		if t.Shown() >= len(points)/2 {
			break
		}
	}
	return t, nil
}

func (s *Server) trendPoints(ctx context.Context, q analytics.Query, ch chosen, level analytics.PeriodKind, n int) ([]view.TrendPoint, error) {
	calendar := s.desk.Calendar()
	last := calendar.PeriodOn(level, min(ch.period.To, s.today()))
	var points []view.TrendPoint
	for i := n - 1; i >= 0; i-- {
		p := calendar.Next(last, -i)
		one := q
		one.From, one.To = p.From, p.To
		sum, err := s.desk.Course(ctx, one)
		if err != nil {
			return nil, err
		}
		point := view.TrendPoint{
			Period: periodOf(p), State: string(sum.State), Minimum: calendar.Minimum(level),
			Current: p.From >= ch.period.From && p.To <= ch.period.To,
		}
		if sum.Figures != nil {
			score := scoreOf(sum)
			point.Rate, point.Interval, point.Forms = score.Rate, score.Interval, score.Forms
		}
		points = append(points, point)
	}
	// What lies before the first form is no gap, it is nothing.
	for len(points) > 0 && points[0].State == view.StateNone {
		points = points[1:]
	}
	return points, nil
}

func scaleWords(in *surveys.Instrument, lang string) [5]string {
	var words [5]string
	for _, g := range in.Scale {
		if g.Value >= 1 && g.Value <= 5 {
			words[g.Value-1] = g.Text.In(lang)
		}
	}
	return words
}

// factorGroups lists the shown items by factor. Items of the full form of which nothing is released are
// counted only.
func factorGroups(in *surveys.Instrument, sum analytics.Summary, lang string) (groups []view.FactorGroup, waiting int) {
	tables := map[string]analytics.ItemTable{}
	for _, t := range sum.Items {
		tables[t.Code] = t
	}
	rates := map[string]float64{}
	for _, f := range sum.Factors {
		rates[f.Code] = f.Rate
	}
	byFactor := map[string][]surveys.Item{}
	for _, it := range in.Items {
		if it.Kind == surveys.Scale5 {
			byFactor[it.Factor] = append(byFactor[it.Factor], it)
		}
	}
	for _, f := range in.Factors {
		g := view.FactorGroup{Title: f.Title.In(lang), Rate: rates[f.Code]}
		for _, it := range byFactor[f.Code] {
			t, released := tables[it.Code]
			if !released {
				waiting++
				continue
			}
			g.Add(itemRow(it, t, lang), it.Scored())
		}
		if len(g.Items) > 0 {
			groups = append(groups, g)
		}
	}
	return groups, waiting
}

func itemRow(it surveys.Item, t analytics.ItemTable, lang string) view.ItemRow {
	row := view.ItemRow{Code: it.Code, Label: it.Text.In(lang), Core: it.Role == surveys.Core, Withheld: t.Withheld}
	if t.Withheld {
		return row
	}
	row.Counts, row.None, row.Answered = *t.Counts, *t.None, *t.Answered
	if t.Rate != nil {
		row.Rate = *t.Rate
	}
	return row
}

// firstToLookAt picks at most three scored items: those in which the most people more would have to be
// satisfied to reach the target, or the facility's own rate where there is none.
func firstToLookAt(in *surveys.Instrument, sum analytics.Summary, lang string) []view.Priority {
	if sum.Figures == nil {
		return nil
	}
	level := sum.Rate
	if sum.Target != nil {
		level = *sum.Target
	}
	var list []view.Priority
	for _, t := range sum.Items {
		it, _ := in.Item(t.Code)
		if !it.Scored() || t.Rate == nil || *t.Rate >= level {
			continue
		}
		list = append(list, view.Priority{
			Label: it.Text.In(lang), Rate: *t.Rate, Answered: *t.Answered, Counts: *t.Counts, Level: level,
			Missing: int64(math.Ceil((level - *t.Rate) * float64(*t.Answered))), Detail: it.Role == surveys.Detail, Code: it.Code,
		})
	}
	slices.SortStableFunc(list, func(a, b view.Priority) int { return cmp.Compare(b.Missing, a.Missing) })
	return list[:min(len(list), priorities)]
}

// restrictedItems lists the restricted items that the instrument asks, released or not.
func restrictedItems(in *surveys.Instrument, tables []analytics.ChoiceTable, lang string) []view.RestrictedItem {
	var list []view.RestrictedItem
	for _, it := range in.Items {
		if it.Role != surveys.Restricted {
			continue
		}
		item := view.RestrictedItem{Code: it.Code, Label: it.Text.In(lang), Withheld: true}
		for _, t := range tables {
			if t.Item.Code != it.Code {
				continue
			}
			item.Withheld = false
			for i, n := range t.Counts {
				item.Options = append(item.Options, view.OptionCount{Label: t.Item.Options[i].Text.In(lang), Count: n})
			}
		}
		list = append(list, item)
	}
	return list
}

// define says what the figures rest on.
func (s *Server) define(in *surveys.Instrument, sum analytics.Summary, f surveys.Facility, org *surveys.Organisation, lang string) view.Definition {
	d := view.Definition{Releases: len(sum.Releases)}
	for _, it := range in.Items {
		if it.Role == surveys.Core {
			d.CoreItems++
		}
	}
	versions := sum.Versions
	if len(versions) == 0 {
		versions = []int{in.Version}
	}
	d.Instruments = []view.InstrumentUse{{Title: in.Title.In(lang), Versions: versions}}
	if t, ok := surveys.TargetOn(org.Targets, f.Sector, sum.To); ok {
		d.Target = view.TargetSource{Value: t.Value, From: t.From, Source: t.Source}
	}
	if sum.Figures != nil {
		d.Satisfied, d.Answered, d.Deff, d.EffectiveN, d.Mean = sum.Satisfied, sum.Answered, sum.Deff, sum.NEff, sum.Mean
		d.Complete = sum.Complete
	}
	if sum.ScoredRate != nil {
		d.Scored = *sum.ScoredRate
	}
	return d
}

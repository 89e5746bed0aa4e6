package server

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"hailong/analytics"
	"hailong/server/account"
	"hailong/server/view"
	"hailong/surveys"
)

const (
	reviewGroups = 50 // of a page
	reviewActs   = 100
	// reviewStep is how finely the way to the queue tells how many wait there.
	reviewStep = 10
)

// mayReview lets only those pass who may settle what stands aside. A manager may not: it is his own facility's score.
func (s *Server) mayReview(c *fiber.Ctx) error {
	session, ok := c.Locals(localSession).(account.Session)
	if !ok || !session.Role().MayReview() {
		return fiber.ErrForbidden
	}
	return c.Next()
}

// reviewQueue lists what stands aside and waits for a person.
func (s *Server) reviewQueue(c *fiber.Ctx) error {
	ctx := c.UserContext()
	org, err := s.directory.Organisation(ctx)
	if err != nil {
		return err
	}
	f := s.reviewFilter(c, org)
	query := analytics.QueueQuery{
		Facilities: s.reviewed(org, f), Reason: f.Reason, Waits: f.Second, Limit: reviewGroups,
		AfterDay: surveys.Day(c.Query("after_day")), After: surveys.FacilityID(c.Query("after")),
	}
	found, err := s.queue.Page(ctx, query)
	if err != nil {
		return err
	}
	if err = s.countReviews(ctx); err != nil {
		return err
	}
	page := view.ReviewPage{
		StaffFrame: s.staffFrame(c), Filter: f, Done: reviewDone(c), Waiting: found.First, Second: found.Second,
	}
	if page.Rows, err = s.reviewRows(c, org, found.Groups); err != nil {
		return err
	}
	link := func(more url.Values) string { return "/app/review?" + s.reviewQuery(c, f, more).Encode() }
	if query.AfterDay != "" {
		page.First = link(nil)
	}
	if found.More {
		last := found.Groups[len(found.Groups)-1]
		page.Next = link(url.Values{"after_day": {string(last.Day)}, "after": {string(last.Facility)}})
	}
	return s.send(c, fiber.StatusOK, s.lang(c), page)
}

// reviewFilter reads what the queue is narrowed by.
func (s *Server) reviewFilter(c *fiber.Ctx, org *surveys.Organisation) view.ReviewFilter {
	f := view.ReviewFilter{
		Query: strings.TrimSpace(c.Query("q")), Units: unitChoices(org, s.today()), Reasons: view.AsideReasons(), Second: c.Query("show") == "second",
	}
	if u, known := org.Unit(c.Query("unit"), s.today()); known {
		f.Unit = u.Code
	}
	if reason := c.Query("reason"); slices.Contains(f.Reasons, reason) {
		f.Reason = reason
	}
	f.Clear = "/app/review?" + s.reviewQuery(c, view.ReviewFilter{Second: f.Second}, nil).Encode()
	return f
}

// reviewQuery is a filter as an address says it.
func (s *Server) reviewQuery(c *fiber.Ctx, f view.ReviewFilter, more url.Values) url.Values {
	q := url.Values{}
	for name, value := range map[string]string{"q": f.Query, "unit": f.Unit, "reason": f.Reason} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if f.Second {
		q.Set("show", "second")
	}
	if lang := s.lang(c); lang != s.Lang {
		q.Set("lang", string(lang))
	}
	for name, values := range more {
		q[name] = values
	}
	return q
}

// reviewed says which facilities a filter picks.
func (s *Server) reviewed(org *surveys.Organisation, f view.ReviewFilter) func(surveys.FacilityID) bool {
	unit, within := org.Unit(f.Unit, s.today())
	return func(id surveys.FacilityID) bool {
		facility, known := org.Facility(id)
		return known && (!within || org.Within(facility, unit, s.today())) && matches(facility.Name, f.Query)
	}
}

// reviewRows words groups; the points of each facility are read once.
func (s *Server) reviewRows(c *fiber.Ctx, org *surveys.Organisation, groups []analytics.AsideGroup) ([]view.ReviewRow, error) {
	names := map[surveys.FacilityID]map[surveys.PointID]string{}
	rows := make([]view.ReviewRow, 0, len(groups))
	for _, g := range groups {
		if names[g.Facility] == nil {
			var err error
			if names[g.Facility], err = s.pointNames(c.UserContext(), g.Facility); err != nil {
				return nil, err
			}
		}
		row := view.ReviewRow{
			Day: g.Day, Reason: view.Reason(g.Reason), Forms: reviewForms(g.Forms, names[g.Facility]),
			URL: s.groupPath(c, g.Key(), nil),
		}
		row.Facility, row.Place = facilityName(org, g.Facility, g.Day)
		rows = append(rows, row)
	}
	return rows, nil
}

func facilityName(org *surveys.Organisation, id surveys.FacilityID, on surveys.Day) (name, place string) {
	f, known := org.Facility(id)
	if !known {
		return string(id), ""
	}
	unit, _ := org.UnitOf(f, on)
	return f.Name, unitName(unit)
}

func (s *Server) pointNames(ctx context.Context, id surveys.FacilityID) (map[surveys.PointID]string, error) {
	points, err := surveys.Points().By(ctx, s.Store, "facility", string(id))
	names := map[surveys.PointID]string{}
	for _, p := range points {
		names[p.Value.ID] = p.Value.Name
	}
	return names, err
}

func reviewForms(forms []analytics.AsideForm, names map[surveys.PointID]string) []view.ReviewForm {
	list := make([]view.ReviewForm, 0, len(forms))
	for _, f := range forms {
		name := names[f.Point]
		if name == "" {
			name = "–"
		}
		list = append(list, view.ReviewForm{
			Handle: string(f.Handle), Point: name, Full: f.Form == surveys.FullForm, Pace: view.PaceOf(f.Pace), Waits: f.Waits,
		})
	}
	return list
}

// groupPath is the address of a group's page.
func (s *Server) groupPath(c *fiber.Ctx, key analytics.GroupKey, more url.Values) string {
	q := s.reviewQuery(c, view.ReviewFilter{}, more)
	q.Set("facility", string(key.Facility))
	q.Set("day", string(key.Day))
	q.Set("reason", key.Reason)
	return "/app/review/group?" + q.Encode()
}

// groupKey reads a group's name out of an address or a form.
func groupKey(field func(string, ...string) string) (analytics.GroupKey, error) {
	day, err := surveys.ParseDay(field("day"))
	if err != nil || field("facility") == "" {
		return analytics.GroupKey{}, surveys.ErrNotFound
	}
	return analytics.GroupKey{Facility: surveys.FacilityID(field("facility")), Day: day, Reason: field("reason")}, nil
}

// reviewGroup shows the forms of a facility, day and reason.
func (s *Server) reviewGroup(c *fiber.Ctx) error {
	key, err := groupKey(c.Query)
	if err != nil {
		return err
	}
	return s.groupPage(c, fiber.StatusOK, key, view.ReviewGroupPage{Done: reviewDone(c)})
}

// groupPage completes a page with the group as it stands.
func (s *Server) groupPage(c *fiber.Ctx, status int, key analytics.GroupKey, page view.ReviewGroupPage) error {
	ctx := c.UserContext()
	org, err := s.directory.Organisation(ctx)
	if err != nil {
		return err
	}
	if _, known := org.Facility(key.Facility); !known {
		return surveys.ErrNotFound
	}
	group, err := s.queue.Group(ctx, key)
	if err != nil && !errors.Is(err, surveys.ErrNotFound) {
		return err
	}
	names, err := s.pointNames(ctx, key.Facility)
	if err != nil {
		return err
	}
	page.StaffFrame, page.FacilityID, page.Day = s.staffFrame(c), string(key.Facility), key.Day
	page.ReasonCode, page.Reason, page.Mark = key.Reason, view.Reason(key.Reason), group.Mark()
	page.Facility, page.Place = facilityName(org, key.Facility, key.Day)
	page.Back = s.staffLink(c, "/app/review", nil)
	for _, f := range reviewForms(group.Forms, names) {
		if f.Waits {
			page.Waits = append(page.Waits, f)
		} else {
			page.Open = append(page.Open, f)
		}
	}
	if page.Left, page.Own, err = s.queue.Standing(ctx, key, whoReviews(c)); err != nil {
		return err
	}
	return s.send(c, status, s.lang(c), page)
}

func whoReviews(c *fiber.Ctx) string {
	session, _ := c.Locals(localSession).(account.Session) //nolint:errcheck // none has no name, and no act is kept without one
	return session.Who()
}

// review carries out an act.
func (s *Server) review(c *fiber.Ctx) error {
	key, err := groupKey(c.FormValue)
	if err != nil {
		return err
	}
	act := analytics.Act{
		GroupKey: key, Decision: surveys.Decision(c.FormValue("decision")), Note: c.FormValue("note"), By: whoReviews(c), On: s.today(),
		Mark: c.FormValue("mark"), Second: c.FormValue("of") == "second",
	}
	page := view.ReviewGroupPage{Note: act.Note}
	if act.Mark == "" {
		form, unreadable := url.ParseQuery(string(c.Body()))
		if unreadable != nil {
			return fiber.ErrBadRequest
		}
		act.Forms = []surveys.Handle{}
		for _, h := range form["form"] {
			act.Forms = append(act.Forms, surveys.Handle(h))
		}
		page.Chosen = append([]string{}, form["form"]...)
	}
	done, err := s.queue.Decide(c.UserContext(), act)
	if problem := reviewProblem(act, err); problem != "" {
		page.Problem = problem
		return s.groupPage(c, statusOf(err), key, page)
	}
	if err != nil {
		return err
	}
	if err = s.countReviews(c.UserContext()); err != nil {
		return err
	}
	return c.Redirect(s.afterReview(c, key, done), fiber.StatusSeeOther)
}

// reviewProblem is what the reviewer can mend; "" for anything else.
func reviewProblem(act analytics.Act, err error) view.ReviewProblem {
	var invalid *surveys.InvalidError
	switch {
	case errors.Is(err, surveys.ErrSecond):
		return view.ReviewNeedsTwo
	case errors.Is(err, surveys.ErrConflict):
		return view.ReviewChanged
	case !errors.As(err, &invalid):
		return ""
	case act.Forms != nil && len(act.Forms) == 0:
		return view.ReviewNothing
	case invalid.Fields[0].Key == "error.too_long":
		return view.ReviewLongNote
	case invalid.Fields[0].Field == "note":
		return view.ReviewNoNote
	default:
		return ""
	}
}

// afterReview leads back to the group while something is left of it, else to the queue.
func (s *Server) afterReview(c *fiber.Ctx, key analytics.GroupKey, done analytics.Done) string {
	said := url.Values{"done": {doneWord(done.Review)}, "n": {strconv.Itoa(len(done.Review.Forms) - done.Gone)}}
	if done.Gone > 0 {
		said.Set("gone", strconv.Itoa(done.Gone))
	}
	if _, err := s.queue.Group(c.UserContext(), key); err == nil {
		return s.groupPath(c, key, said)
	}
	return "/app/review?" + s.reviewQuery(c, view.ReviewFilter{}, said).Encode()
}

func doneWord(r surveys.Review) string {
	switch {
	case r.Second:
		return "second"
	case r.Decision == surveys.Accept:
		return "accepted"
	default:
		return "excluded"
	}
}

// reviewDone reads what was just done out of the address.
func reviewDone(c *fiber.Ctx) view.ReviewDone {
	what := c.Query("done")
	if !slices.Contains([]string{"accepted", "excluded", "second"}, what) {
		return view.ReviewDone{}
	}
	return view.ReviewDone{What: what, Forms: c.QueryInt("n"), Gone: c.QueryInt("gone")}
}

// reviewActs lists the acts on record, the newest first.
func (s *Server) reviewActs(c *fiber.Ctx) error {
	org, err := s.directory.Organisation(c.UserContext())
	if err != nil {
		return err
	}
	stored, err := surveys.Reviews().All(c.UserContext(), s.Store)
	if err != nil {
		return err
	}
	slices.SortStableFunc(stored, func(a, b surveys.Stored[surveys.Review]) int {
		return strings.Compare(string(b.Value.On), string(a.Value.On))
	})
	from := min(max(0, c.QueryInt("from")), len(stored))
	to := min(from+reviewActs, len(stored))
	page := view.ReviewActsPage{StaffFrame: s.staffFrame(c)}
	for _, a := range stored[from:to] {
		act := view.ReviewAct{
			On: a.Value.On, Day: a.Value.Day, Reason: view.Reason(a.Value.Reason), Forms: len(a.Value.Forms),
			What: doneWord(a.Value), Note: a.Value.Note,
		}
		if a.Value.By != account.Administrator {
			act.By = a.Value.By
		}
		act.Facility, _ = facilityName(org, a.Value.Facility, a.Value.Day)
		page.Acts = append(page.Acts, act)
	}
	if to < len(stored) {
		page.Next = "/app/review/acts?" + s.reviewQuery(c, view.ReviewFilter{}, url.Values{"from": {strconv.Itoa(to)}}).Encode()
	}
	return s.send(c, fiber.StatusOK, s.lang(c), page)
}

// countReviews brings up to date what the way to the queue tells.
func (s *Server) countReviews(ctx context.Context) error {
	first, second, err := s.queue.Waiting(ctx, nil)
	if err == nil {
		s.reviewing.Store((first + second) / reviewStep * reviewStep)
	}
	return err
}

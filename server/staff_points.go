package server

import (
	"cmp"
	"context"
	"math"
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

const pointsOnPage = 100

// points lists the points in use: how they are used, and which seem to need somebody.
func (s *Server) points(c *fiber.Ctx) error {
	ctx := c.UserContext()
	org, err := s.directory.Organisation(ctx)
	if err != nil {
		return err
	}
	all, err := s.pointRows(c, org)
	if err != nil {
		return err
	}
	f := s.pointsFilter(c, org)
	rows := slices.DeleteFunc(slices.Clone(all), func(r pointRow) bool { return !s.pickedPoint(org, f, r) })
	page := view.PointsPage{StaffFrame: s.staffFrame(c), Filter: f, Total: len(rows), All: len(all), AsOf: s.today().Add(-1)}
	if page.Since, err = surveys.CountingSince(ctx, s.Store, s.today()); err != nil {
		return err
	}
	at, err := strconv.Atoi(c.Query("page"))
	if err != nil || at < 1 || (at-1)*pointsOnPage >= len(rows) {
		at = 1
	}
	if at == 1 {
		for _, r := range rows {
			if !r.Sound() {
				page.Problems = append(page.Problems, r.PointRow)
			}
		}
	} else {
		page.First = s.pointsLink(c, f, 1)
	}
	rows = rows[(at-1)*pointsOnPage:]
	if len(rows) > pointsOnPage {
		rows = rows[:pointsOnPage]
		page.Next = s.pointsLink(c, f, at+1)
	}
	for _, r := range rows {
		page.Rows = append(page.Rows, r.PointRow)
	}
	return s.send(c, fiber.StatusOK, s.lang(c), page)
}

// pointRow is a row with what it is picked and ordered by.
type pointRow struct {
	view.PointRow
	use   analytics.PointUse
	place int // of the facility in the dictionary
}

// pointRows words every point in use, in the order of the facilities' names.
func (s *Server) pointRows(c *fiber.Ctx, org *surveys.Organisation) ([]pointRow, error) {
	uses, err := s.pointDesk.Uses(c.UserContext(), org)
	if err != nil {
		return nil, err
	}
	stored, err := surveys.Prints().All(c.UserContext(), s.Store)
	if err != nil {
		return nil, err
	}
	printed, err := s.printRows(c.UserContext(), stored)
	if err != nil {
		return nil, err
	}
	prints := map[surveys.PointID][]view.PrintRow{}
	for _, p := range printed {
		if !p.Spent() {
			prints[p.PointID] = append(prints[p.PointID], p)
		}
	}
	places := map[surveys.FacilityID]int{}
	for i, f := range org.Facilities() {
		places[f.ID] = i
	}
	exact := s.exact(c)
	rows := make([]pointRow, 0, len(uses))
	for _, u := range uses {
		r := view.PointRow{
			Facility: u.Facility.Name, FacilityURL: s.staffLink(c, facilityPath(u.Facility.ID), nil),
			Point: u.Point.Name, Kind: string(u.Point.Kind), Use: pointUse(u, exact), Prints: prints[u.Point.ID],
		}
		if u.Point.Kind.Medium() == surveys.OnPaper {
			r.PrintURL = s.staffLink(c, printPath(u.Facility.ID), nil)
		}
		rows = append(rows, pointRow{PointRow: r, use: u, place: places[u.Facility.ID]})
	}
	slices.SortStableFunc(rows, func(a, b pointRow) int {
		return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.Point, b.Point))
	})
	return rows, nil
}

// exact says whether the person who asks may know more than whole tens.
func (s *Server) exact(c *fiber.Ctx) bool {
	session, ok := c.Locals(localSession).(account.Session)
	return ok && session.Role() == account.Admin
}

// pointUse words a use; a share that is not exact is rounded to a tenth, as it would tell the numbers behind it.
func pointUse(u analytics.PointUse, exact bool) view.PointUse {
	counts := func(d analytics.PointDay) view.UseCounts {
		if !exact {
			d = d.Coarse()
		}
		return view.UseCounts{
			Opened: view.UseCount{N: d.Opened, Exact: exact}, Begun: view.UseCount{N: d.Begun, Exact: exact},
			Sent: view.UseCount{N: d.Sent, Exact: exact},
		}
	}
	share, known := u.Share()
	steps := 100.0
	if !exact {
		steps = 10
	}
	return view.PointUse{
		Exact: exact, Week: counts(u.Week), Month: counts(u.Month), Seen: u.Seen, Share: math.Round(share*steps) / steps, HasShare: known,
		Medium: string(u.Point.Kind.Medium()), Problem: string(u.Problem),
	}
}

// pointsFilter reads what the list is narrowed by.
func (s *Server) pointsFilter(c *fiber.Ctx, org *surveys.Organisation) view.ListFilter {
	f := view.ListFilter{Query: strings.TrimSpace(c.Query("q")), Units: unitChoices(org, s.today())}
	for _, sector := range surveys.Sectors() {
		f.Sectors = append(f.Sectors, string(sector))
	}
	if u, known := org.Unit(c.Query("unit"), s.today()); known {
		f.Unit = u.Code
	}
	if sector := c.Query("sector"); slices.Contains(f.Sectors, sector) {
		f.Sector = sector
	}
	f.Clear = s.pointsLink(c, view.ListFilter{}, 1)
	return f
}

func (s *Server) pointsLink(c *fiber.Ctx, f view.ListFilter, page int) string {
	q := url.Values{}
	for name, value := range map[string]string{"q": f.Query, "unit": f.Unit, "sector": f.Sector} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if page > 1 {
		q.Set("page", strconv.Itoa(page))
	}
	return s.staffLink(c, "/app/points", q)
}

func (s *Server) pickedPoint(org *surveys.Organisation, f view.ListFilter, r pointRow) bool {
	unit, within := org.Unit(f.Unit, s.today())
	return (f.Sector == "" || f.Sector == string(r.use.Facility.Sector)) &&
		(!within || org.Within(r.use.Facility, unit, s.today())) &&
		(matches(r.Facility, f.Query) || matches(r.Point, f.Query))
}

// openPoint makes a point of a facility, and goes back to the page it was asked on.
func (s *Server) openPoint(c *fiber.Ctx) error {
	back := localPath(c.FormValue("back"))
	_, err := surveys.OpenPoint(c.UserContext(), s.Store, surveys.FacilityID(c.Params("id")),
		surveys.PointKind(c.FormValue("kind")), c.FormValue("name"), s.today())
	if err != nil {
		return err
	}
	return c.Redirect(strings.SplitN(back, "#", 2)[0]+"#points", fiber.StatusSeeOther)
}

// reach is whom a facility's points ask, with offers of points that would ask the others: of those that reach most, and
// of slips and links, which must have a point of their own.
func (s *Server) reach(c *fiber.Ctx, f surveys.Facility, points []surveys.Point, back string) (r view.Reach, err error) {
	r = view.Reach{Action: facilityPath(f.ID) + "/points", Back: back, CSRF: s.staffFrame(c).CSRF}
	if f.To != "" && f.To < s.today() {
		return r, nil // nobody is asked any more
	}
	var kinds, offered []surveys.PointKind
	for _, p := range points {
		if !surveys.IsRetired(p, f, s.today()) {
			kinds = append(kinds, p.Kind)
		}
	}
	r.OnlyResults = surveys.OnlyResults(kinds)
	for _, g := range surveys.Unasked(f.Sector, kinds) {
		m := view.MissingGroup{Name: string(g)}
		if g == surveys.Distant && f.Sector == "education" {
			m.Name = "families"
		}
		for _, k := range g.Remedies() {
			m.Kinds = append(m.Kinds, string(k))
		}
		r.Missing = append(r.Missing, m)
		offered = append(offered, g.Remedies()[0])
	}
	r.Offers, err = s.offers(append(offered, "slip", "online"), kinds)
	return r, err
}

// offers names the points to offer, of each kind that there is none of yet one.
func (s *Server) offers(wanted, have []surveys.PointKind) ([]view.PointOffer, error) {
	var list []view.PointOffer
	for i, k := range wanted {
		if slices.Contains(have, k) || slices.Contains(wanted[:i], k) {
			continue
		}
		name, err := s.render.Text(view.Vietnamese, view.Msg("staff.health.name."+string(k)))
		if err != nil {
			return nil, err
		}
		list = append(list, view.PointOffer{Kind: string(k), Name: name})
	}
	return list, nil
}

// usesOf is the use of one facility's points.
func (s *Server) usesOf(ctx context.Context, id surveys.FacilityID, exact bool) (map[surveys.PointID]view.PointUse, error) {
	org, err := s.directory.Organisation(ctx)
	if err != nil {
		return nil, err
	}
	uses, err := s.pointDesk.Uses(ctx, org)
	if err != nil {
		return nil, err
	}
	own := map[surveys.PointID]view.PointUse{}
	for _, u := range uses {
		if u.Facility.ID == id {
			own[u.Point.ID] = pointUse(u, exact)
		}
	}
	return own, nil
}

// surveyPoints lists a facility's points with what hangs of them and how they are used.
func (s *Server) surveyPoints(c *fiber.Ctx, page *view.FacilityPage, f surveys.Facility) error {
	ctx := c.UserContext()
	stored, err := surveys.Points().By(ctx, s.Store, "facility", string(f.ID))
	if err != nil {
		return err
	}
	prints, err := s.printsOfFacility(ctx, f)
	if err != nil {
		return err
	}
	uses, err := s.usesOf(ctx, f.ID, s.exact(c))
	if err != nil {
		return err
	}
	points := make([]surveys.Point, 0, len(stored))
	for _, p := range stored {
		points = append(points, p.Value)
		point, failed := s.surveyPoint(p.Value, f)
		if failed != nil {
			return failed
		}
		if use, ok := uses[point.ID]; ok {
			point.Use = &use
		}
		for _, print := range prints {
			if print.PointID == point.ID && !print.Spent() {
				point.Prints = append(point.Prints, print)
			}
		}
		page.Points = append(page.Points, point)
	}
	page.Print = s.staffLink(c, printPath(f.ID), nil)
	page.Reach, err = s.reach(c, f, points, c.OriginalURL())
	return err
}

// surveyPoint words a point, with the text to pass its link on.
func (s *Server) surveyPoint(p surveys.Point, f surveys.Facility) (view.SurveyPoint, error) {
	out := s.pointOutput(p, f)
	point := view.SurveyPoint{
		ID: out.ID, Name: out.Name, Kind: string(out.Kind), Code: string(out.Token), URL: out.URL, Retired: out.Retired,
	}
	if out.Kind.Medium() != surveys.OnLink || out.Retired {
		return point, nil
	}
	var err error
	point.Paste, err = s.render.Text(view.Vietnamese, view.Msg("staff.health.paste_text", f.Name, out.URL))
	return point, err
}

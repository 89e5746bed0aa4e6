package server

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"hailong/server/view"
	"hailong/surveys"
	"hailong/surveys/poster"
)

// prints lists what waits to be printed, hangs or must be replaced in the whole installation.
func (s *Server) prints(c *fiber.Ctx) error {
	lang := s.lang(c)
	stored, err := surveys.Prints().All(c.UserContext(), s.Store)
	if err != nil {
		return err
	}
	rows, err := s.printRows(c.UserContext(), stored)
	if err != nil {
		return err
	}
	page := view.PrintsPage{StaffFrame: s.staffFrame(c), Filter: view.ParsePrintFilter(c.Query("show")), Total: len(rows), Local: poster.IsLocal(s.BaseURL), Address: s.BaseURL}
	page.Count(rows)
	page.Here = s.staffLink(c, "/app/prints", url.Values{"show": {string(page.Filter)}})
	for _, paper := range poster.Papers() {
		if n := page.Waiting(rows, string(paper)); n > 0 {
			page.Downloads = append(page.Downloads, view.PrintDownload{
				Paper: string(paper), Count: n, URL: "/app/prints.pdf?" + url.Values{"paper": {string(paper)}, "lang": {string(lang)}}.Encode(),
			})
		}
	}
	return s.send(c, fiber.StatusOK, lang, page)
}

// queued are the prints that wait, of one paper, with what they are of. One whose point takes no answers any more is
// left out: there is nothing to print.
func (s *Server) queued(ctx context.Context, paper poster.Paper) (ids []string, subjects []surveys.PrintSubject, err error) {
	waiting, err := surveys.Prints().By(ctx, s.Store, "state", string(surveys.PrintQueued))
	if err != nil {
		return nil, nil, err
	}
	for _, p := range waiting {
		if p.Value.Paper != string(paper) {
			continue
		}
		subject, err := s.subject(ctx, p.Value.Point)
		if err != nil {
			return nil, nil, err
		}
		if surveys.IsRetired(subject.Point, subject.Facility, s.today()) {
			continue
		}
		ids, subjects = append(ids, p.Value.ID), append(subjects, subject)
	}
	return ids, subjects, nil
}

// printsPDF sends what waits to be printed on one paper. It changes nothing.
func (s *Server) printsPDF(c *fiber.Ctx) error {
	paper, ok := poster.ParsePaper(c.Query("paper"))
	if !ok {
		return fiber.ErrBadRequest
	}
	_, subjects, err := s.queued(c.UserContext(), paper)
	if err != nil {
		return err
	}
	if len(subjects) == 0 {
		return surveys.ErrNotFound
	}
	var posters []posterOn
	for _, of := range subjects {
		posters = append(posters, posterOn{paper, s.posterOf(of.Point, of.Facility, s.lang(c))})
	}
	return s.sendPDF(c, s.Office, poster.FileName("prints", string(s.today()), paper), posters)
}

// printedAll notes that everything that waited on one paper is printed.
func (s *Server) printedAll(c *fiber.Ctx) error {
	paper, ok := poster.ParsePaper(c.FormValue("paper"))
	if !ok {
		return fiber.ErrBadRequest
	}
	ids, subjects, err := s.queued(c.UserContext(), paper)
	if err != nil {
		return err
	}
	for i, id := range ids {
		m := surveys.PrintMove{To: surveys.PrintPrinted, Now: subjects[i], Today: s.today()}
		if _, err := surveys.MovePrint(c.UserContext(), s.Store, id, m); err != nil {
			return err
		}
	}
	return c.Redirect(localPath(c.FormValue("back")), fiber.StatusSeeOther)
}

// printsOfFacility lists what is on paper of a facility: of its points, wherever it was printed for, and what was
// printed for it of points that have left.
func (s *Server) printsOfFacility(ctx context.Context, f surveys.Facility) ([]view.PrintRow, error) {
	prints, err := surveys.Prints().By(ctx, s.Store, "facility", string(f.ID))
	if err != nil {
		return nil, err
	}
	points, err := surveys.Points().By(ctx, s.Store, "facility", string(f.ID))
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, p := range prints {
		seen[p.Value.ID] = true
	}
	for _, p := range points {
		moved, err := surveys.Prints().By(ctx, s.Store, "point", string(p.Value.ID))
		if err != nil {
			return nil, err
		}
		for _, print := range moved {
			if !seen[print.Value.ID] {
				prints = append(prints, print)
			}
		}
	}
	return s.printRows(ctx, prints)
}

// printRows tells of each print what it is of, and whether it must be replaced.
func (s *Server) printRows(ctx context.Context, prints []surveys.Stored[surveys.Print]) ([]view.PrintRow, error) {
	if len(prints) == 0 {
		return nil, nil
	}
	org, err := s.directory.Organisation(ctx)
	if err != nil {
		return nil, err
	}
	all, err := surveys.Points().All(ctx, s.Store)
	if err != nil {
		return nil, err
	}
	points := map[surveys.PointID]surveys.Point{}
	for _, p := range all {
		points[p.Value.ID] = p.Value
	}
	rows := make([]view.PrintRow, 0, len(prints))
	for _, stored := range prints {
		p := stored.Value
		point := points[p.Point]
		f, _ := org.Facility(point.Facility)
		printedFor, _ := org.Facility(p.Facility)
		rows = append(rows, view.PrintRow{
			ID: p.ID, PointID: p.Point, Point: point.Name, Facility: printedFor.Name, FacilityURL: printPath(p.Facility), Paper: p.Paper,
			State: string(p.State), Since: p.Since(), Place: p.Place, Address: p.URL,
			Stale: string(p.Stale(s.subjectOf(point, f), s.today())),
		})
	}
	slices.SortStableFunc(rows, view.ComparePrints)
	return rows, nil
}

// movePrint moves a print one step, and goes back to the page it was asked on.
func (s *Server) movePrint(c *fiber.Ctx) error {
	back := localPath(c.FormValue("back"))
	was, err := surveys.Prints().Find(c.UserContext(), s.Store, c.Params("id"))
	if err != nil {
		return err
	}
	subject, err := s.subject(c.UserContext(), was.Value.Point)
	if err != nil {
		return err
	}
	m := surveys.PrintMove{To: surveys.PrintState(c.FormValue("state")), Place: c.FormValue("place"), Now: subject, Today: s.today()}
	if _, err := surveys.MovePrint(c.UserContext(), s.Store, was.Value.ID, m); err != nil {
		return err
	}
	// The anchor keeps the reader where he was; a browser without it still gets there.
	return c.Redirect(strings.SplitN(back, "#", 2)[0]+"#prints", fiber.StatusSeeOther)
}

// subject is what a point's print is of now.
func (s *Server) subject(ctx context.Context, id surveys.PointID) (surveys.PrintSubject, error) {
	p, err := surveys.Points().Find(ctx, s.Store, string(id))
	if err != nil {
		return surveys.PrintSubject{}, err
	}
	f, err := surveys.Facilities().Find(ctx, s.Store, string(p.Value.Facility))
	if err != nil {
		return surveys.PrintSubject{}, err
	}
	return s.subjectOf(p.Value, f.Value), nil
}

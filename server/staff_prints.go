package server

import (
	"context"
	"net/url"

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
	q := url.Values{"show": {string(page.Filter)}}
	if lang != s.Lang {
		q.Set("lang", string(lang))
	}
	page.Here = "/app/prints?" + q.Encode()
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

package server

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"hailong/server/view"
	"hailong/surveys"
	"hailong/surveys/poster"
)

// usualCopies is how many forms are printed where nobody says how many.
const usualCopies = 20

// paperChoice is a point of a facility whose form is to be printed, and which form.
type paperChoice struct {
	printChoice
	form   surveys.Form
	copies string
}

func (s *Server) choosePaper(c *fiber.Ctx, point, form, copies string) (paperChoice, error) {
	ids := []string{point}
	if point == "" {
		ids = nil
	}
	ch, err := s.choosePrint(c, "", ids)
	if copies == "" {
		copies = strconv.Itoa(usualCopies)
	}
	if len(ch.chosen) > 1 {
		ch.chosen = ch.chosen[:1]
	}
	return paperChoice{printChoice: ch, form: paperForm(form), copies: copies}, err
}

// paperForm: on paper the full form is the usual one.
func paperForm(name string) surveys.Form {
	if name == string(surveys.ShortForm) {
		return surveys.ShortForm
	}
	return surveys.FullForm
}

// draft is the batch that a form would be printed as.
func (s *Server) draft(c *fiber.Ctx, p surveys.Point, f surveys.Facility, form surveys.Form, copies int) (surveys.PaperBatch, *surveys.Place, error) {
	b := surveys.PaperBatch{Form: form, Lang: string(s.lang(c)), Copies: copies, Printed: s.today()}
	return surveys.DraftBatch(c.UserContext(), s.Store, p, f, b)
}

// showPaper shows the paper form that would be printed.
func (s *Server) showPaper(c *fiber.Ctx) error {
	ch, err := s.choosePaper(c, c.Query("point"), c.Query("form"), c.Query("copies"))
	if err != nil {
		return err
	}
	return s.paperPage(c, fiber.StatusOK, ch, "")
}

func (s *Server) paperPage(c *fiber.Ctx, status int, ch paperChoice, problem view.PaperProblem) error {
	page := view.PaperPage{
		StaffFrame: s.staffFrame(c), Facility: ch.facility.Name, Action: s.staffLink(c, paperPath(ch.facility.ID), nil),
		Back:  s.staffLink(c, facilityPath(ch.facility.ID), nil),
		Entry: s.staffLink(c, entryPath, nil), Form: string(ch.form), Copies: ch.copies, MostCopies: surveys.MostCopies, Problem: problem,
	}
	for _, p := range ch.all {
		page.Points = append(page.Points, view.PrintPoint{ID: string(p.ID), Name: p.Name, Kind: string(p.Kind), Chosen: len(ch.chosen) > 0 && p.ID == ch.chosen[0].ID})
	}
	if len(ch.chosen) > 0 {
		pages, err := s.paperPreviews(c, ch)
		if err != nil {
			return err
		}
		page.Previews = pages
	}
	rows, err := s.entryRows(c, func(b surveys.PaperBatch) bool { return b.Facility == ch.facility.ID })
	if err != nil {
		return err
	}
	page.Batches = rows
	return s.send(c, status, s.lang(c), page)
}

// paperPreviews are the addresses of a form's pages as drawings.
func (s *Server) paperPreviews(c *fiber.Ctx, ch paperChoice) ([]string, error) {
	p := ch.chosen[0]
	b, place, err := s.draft(c, p, ch.facility, ch.form, 1)
	if err != nil {
		return nil, err
	}
	leaves, err := s.press.Leaves(poster.SheetOf(b, place, s.Office, s.Contact))
	if err != nil {
		return nil, err
	}
	var pages []string
	for i := range leaves {
		q := url.Values{"form": {string(ch.form)}, "page": {strconv.Itoa(i + 1)}, "lang": {string(s.lang(c))}}
		pages = append(pages, "/app/points/"+url.PathEscape(string(p.ID))+"/form.svg?"+q.Encode())
	}
	return pages, nil
}

func paperPath(id surveys.FacilityID) string { return facilityPath(id) + "/paper" }

// printPaper shows another choice, or prints one: under a number of its own, which is remembered.
func (s *Server) printPaper(c *fiber.Ctx) error {
	point := c.FormValue("point")
	ch, err := s.choosePaper(c, point, c.FormValue("form"), c.FormValue("copies"))
	if err != nil {
		return err
	}
	if point == "" || len(ch.chosen) == 0 {
		ch.chosen = nil
		return s.paperPage(c, fiber.StatusUnprocessableEntity, ch, view.PaperNothing)
	}
	copies, wrong := strconv.Atoi(strings.TrimSpace(ch.copies))
	if wrong != nil || copies < 1 || copies > surveys.MostCopies {
		return s.paperPage(c, fiber.StatusUnprocessableEntity, ch, view.PaperCopies)
	}
	switch c.FormValue("do") {
	case "preview":
		q := url.Values{"point": {point}, "form": {string(ch.form)}, "copies": {ch.copies}}
		return c.Redirect(s.staffLink(c, paperPath(ch.facility.ID), q)+"#preview", fiber.StatusSeeOther)
	case "pdf":
	default:
		return fiber.ErrBadRequest
	}
	b, _, err := s.draft(c, ch.chosen[0], ch.facility, ch.form, copies)
	if err != nil {
		return err
	}
	if b, err = surveys.IssueBatch(c.UserContext(), s.Store, b); err != nil {
		return err
	}
	return c.Redirect(s.staffLink(c, batchPath(b.Number)+"/form.pdf", nil), fiber.StatusSeeOther)
}

// paperSVG sends a page of a point's paper form as it will be printed.
func (s *Server) paperSVG(c *fiber.Ctx) error {
	p, err := surveys.Points().Find(c.UserContext(), s.Store, c.Params("id"))
	if err != nil {
		return err
	}
	f, err := surveys.Facilities().Find(c.UserContext(), s.Store, string(p.Value.Facility))
	if err != nil {
		return err
	}
	if surveys.IsRetired(p.Value, f.Value, s.today()) {
		return surveys.ErrRetired
	}
	b, place, err := s.draft(c, p.Value, f.Value, paperForm(c.Query("form")), 1)
	if err != nil {
		return err
	}
	drawn, err := s.press.PreviewSheet(poster.SheetOf(b, place, s.Office, s.Contact), c.QueryInt("page", 1))
	if err != nil {
		return surveys.ErrNotFound
	}
	c.Set(fiber.HeaderContentType, "image/svg+xml")
	return c.Send(drawn)
}

// paperPDF sends the forms of a batch, as many as were ordered. It changes nothing.
func (s *Server) paperPDF(c *fiber.Ctx) error {
	b, err := s.entryBatch(c)
	if err != nil {
		return err
	}
	book, err := s.press.BatchBook(b.PaperBatch, b.Place, s.Office, s.Contact)
	if err != nil {
		return err
	}
	return sendBook(c, book, poster.PaperName(b.PaperBatch))
}

package server

import (
	"bytes"
	"net/url"
	"slices"

	"github.com/gofiber/fiber/v2"

	"hailong/server/view"
	"hailong/surveys"
	"hailong/surveys/poster"
)

// posterOf is what a point's poster says.
func (s *Server) posterOf(p surveys.Point, f surveys.Facility, lang view.Lang) poster.Poster {
	return poster.Poster{
		Facility: f.Name, Point: p.Name, BaseURL: s.BaseURL, Token: p.Token,
		Office: s.Office, Contact: s.Contact, Lang: string(lang),
	}
}

func (s *Server) subjectOf(p surveys.Point, f surveys.Facility) surveys.PrintSubject {
	return surveys.PrintSubject{Point: p, Facility: f, URL: s.surveyURL(p.Token)}
}

// printChoice is what is to be printed: a paper, and points of one facility that are in use.
type printChoice struct {
	facility surveys.Facility
	paper    poster.Paper
	all      []surveys.Point // those in use
	chosen   []surveys.Point
	noSlips  bool // small slips, and no point of their own
}

// choosePrint reads the choice; no point named means every one that belongs on the paper.
func (s *Server) choosePrint(c *fiber.Ctx, paper string, ids []string) (printChoice, error) {
	ch := printChoice{paper: poster.A4}
	org, err := s.directory.Organisation(c.UserContext())
	if err != nil {
		return ch, err
	}
	f, ok := org.Facility(surveys.FacilityID(c.Params("id")))
	if !ok {
		return ch, surveys.ErrNotFound
	}
	ch.facility = f
	if paper != "" {
		if ch.paper, ok = poster.ParsePaper(paper); !ok {
			return ch, fiber.ErrBadRequest
		}
	}
	points, err := surveys.Points().By(c.UserContext(), s.Store, "facility", string(f.ID))
	if err != nil {
		return ch, err
	}
	for _, p := range points {
		if surveys.IsRetired(p.Value, f, s.today()) {
			continue
		}
		ch.all = append(ch.all, p.Value)
		if slices.Contains(ids, string(p.Value.ID)) {
			ch.chosen = append(ch.chosen, p.Value)
		}
	}
	ch.settle(len(ids) == 0)
	return ch, nil
}

// settle takes the points that belong on the paper where none is named. The boxes are ticked for one paper before
// another is chosen: posters left ticked do not go on slips that have a point of their own, nor slips on posters.
func (ch *printChoice) settle(unnamed bool) {
	slips := ch.paper == poster.Slips
	meant, own := surveys.ForPaper(ch.all, slips)
	other, _ := surveys.ForPaper(ch.all, !slips)
	if unnamed || own && slices.Equal(ch.chosen, other) {
		ch.chosen = meant
	}
	ch.noSlips = slips && !own
}

// chosenOf are the points of a query or form.
func chosenOf(args interface{ PeekMulti(key string) [][]byte }) []string {
	var ids []string
	for _, id := range args.PeekMulti("point") {
		ids = append(ids, string(id))
	}
	return ids
}

// query names the choice again; where it is what is meant anyway no point is named, so that it stays short.
func (ch printChoice) query() url.Values {
	q := url.Values{"paper": {string(ch.paper)}}
	if meant, _ := surveys.ForPaper(ch.all, ch.paper == poster.Slips); !slices.Equal(ch.chosen, meant) {
		for _, p := range ch.chosen {
			q.Add("point", string(p.ID))
		}
	}
	return q
}

func printPath(id surveys.FacilityID) string { return facilityPath(id) + "/print" }

// showPrint shows what would be printed, and what of the facility is on paper.
func (s *Server) showPrint(c *fiber.Ctx) error {
	ch, err := s.choosePrint(c, c.Query("paper"), chosenOf(c.Context().QueryArgs()))
	if err != nil {
		return err
	}
	return s.printPage(c, fiber.StatusOK, ch, "")
}

func (s *Server) printPage(c *fiber.Ctx, status int, ch printChoice, problem view.PrintProblem) error {
	lang := s.lang(c)
	page := view.PrintPage{
		StaffFrame: s.staffFrame(c), Facility: ch.facility.Name, Action: s.staffLink(c, printPath(ch.facility.ID), nil),
		Back: s.staffLink(c, facilityPath(ch.facility.ID), nil), Paper: string(ch.paper), Problem: problem,
		Done: view.PrintDone(c.Query("done")), Local: poster.IsLocal(s.BaseURL), Address: s.BaseURL,
	}
	page.PaperForm = s.staffLink(c, paperPath(ch.facility.ID), nil)
	for _, paper := range poster.Papers() {
		page.Papers = append(page.Papers, string(paper))
	}
	preview := url.Values{"paper": {string(ch.paper)}, "lang": {string(lang)}}
	for _, p := range ch.all {
		page.Points = append(page.Points, view.PrintPoint{
			ID: string(p.ID), Name: p.Name, Kind: string(p.Kind), Chosen: slices.ContainsFunc(ch.chosen, func(q surveys.Point) bool { return q.ID == p.ID }),
			Preview: "/app/points/" + url.PathEscape(string(p.ID)) + "/poster.svg?" + preview.Encode(),
		})
	}
	rows, err := s.printsOfFacility(c.UserContext(), ch.facility)
	if err != nil {
		return err
	}
	page.Rows = rows
	page.Here = s.staffLink(c, printPath(ch.facility.ID), ch.query())
	page.NoSlips = ch.noSlips
	if page.Reach, err = s.reach(c, ch.facility, ch.all, page.Here); err != nil {
		return err
	}
	return s.send(c, status, lang, page)
}

// print does what the button says: show the choice, put it in the queue, or print it, which is remembered.
func (s *Server) print(c *fiber.Ctx) error {
	ids := chosenOf(c.Context().PostArgs())
	ch, err := s.choosePrint(c, c.FormValue("paper"), ids)
	if err != nil {
		return err
	}
	if len(ids) == 0 || len(ch.chosen) == 0 {
		ch.chosen = nil
		return s.printPage(c, fiber.StatusUnprocessableEntity, ch, view.PrintNothing)
	}
	q := ch.query()
	to := surveys.PrintQueued
	path := printPath(ch.facility.ID)
	switch c.FormValue("do") {
	case "preview":
		return c.Redirect(s.staffLink(c, path, q)+"#preview", fiber.StatusSeeOther)
	case "pdf":
		to = surveys.PrintPrinted
		path += ".pdf"
	case "queue":
		q.Set("done", string(view.PrintDoneQueued))
	default:
		return fiber.ErrBadRequest
	}
	for _, p := range ch.chosen {
		m := surveys.PrintMove{To: to, Now: s.subjectOf(p, ch.facility), Today: s.today()}
		if _, err := surveys.OrderPrint(c.UserContext(), s.Store, string(ch.paper), m); err != nil {
			return err
		}
	}
	return c.Redirect(s.staffLink(c, path, q), fiber.StatusSeeOther)
}

// printPDF sends the chosen posters as one PDF. It changes nothing.
func (s *Server) printPDF(c *fiber.Ctx) error {
	ch, err := s.choosePrint(c, c.Query("paper"), chosenOf(c.Context().QueryArgs()))
	if err != nil {
		return err
	}
	if len(ch.chosen) == 0 {
		return surveys.ErrNotFound
	}
	var papers []posterOn
	for _, p := range ch.chosen {
		papers = append(papers, posterOn{ch.paper, s.posterOf(p, ch.facility, s.lang(c))})
	}
	return s.sendPDF(c, ch.facility.Name, poster.FileName(string(ch.facility.ID), ch.facility.Name, ch.paper), papers)
}

type posterOn struct {
	paper  poster.Paper
	poster poster.Poster
}

func (s *Server) sendPDF(c *fiber.Ctx, title, file string, posters []posterOn) error {
	book := s.press.Book(title, string(s.lang(c)), s.today())
	for _, p := range posters {
		if err := c.UserContext().Err(); err != nil {
			return err //nolint:wrapcheck // it has taken too long
		}
		if err := book.Add(p.paper, p.poster); err != nil {
			return err
		}
	}
	return sendBook(c, book, file)
}

func sendBook(c *fiber.Ctx, book *poster.Book, file string) error {
	var out bytes.Buffer
	if err := book.Write(&out); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/pdf")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+file+`"`)
	return c.Send(out.Bytes())
}

// posterSVG sends the poster of a point as it will be printed.
func (s *Server) posterSVG(c *fiber.Ctx) error {
	paper, ok := poster.ParsePaper(c.Query("paper", string(poster.A4)))
	if !ok {
		return fiber.ErrBadRequest
	}
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
	drawn, err := s.press.Preview(paper, s.posterOf(p.Value, f.Value, s.lang(c)))
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "image/svg+xml")
	return c.Send(drawn)
}

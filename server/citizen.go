package server

import (
	"errors"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"hailong/server/view"
	"hailong/surveys"
)

// home lets a code be typed that cannot be scanned.
func (s *Server) home(c *fiber.Ctx) error {
	lang := s.citizenLang(c)
	return s.sendCitizen(c, fiber.StatusOK, lang, view.HomePage{
		Frame: view.Frame{Switch: "/?lang=" + string(lang.Other())}, Action: "/s",
	})
}

// typedCode leads from a typed code to its form, or from a receipt to what became of the form.
func (s *Server) typedCode(c *fiber.Ctx) error {
	code := c.Query("code")
	token, ok := surveys.ParseToken(code)
	if ok {
		place, err := s.doorway.Find(c.UserContext(), token)
		switch {
		case err == nil:
			s.countTyped(c, place)
			return c.Redirect(formPath(place, s.citizenLang(c), ""), fiber.StatusSeeOther)
		case !errors.Is(err, surveys.ErrNotFound):
			return err
		}
	}
	if receipt, is := surveys.ParseReceipt(code); is {
		return s.toReceipt(c, receipt)
	}
	s.guesses.wrong(c.UserContext(), s.Clock())
	page := view.HomePage{Action: "/s", Code: code, Unknown: true}
	return s.sendCitizen(c, fiber.StatusNotFound, s.citizenLang(c), page)
}

// enter finds the place behind the address, in use or retired. When there is none, the page that says so has
// been sent and ok is false.
func (s *Server) enter(c *fiber.Ctx) (place *surveys.Place, ok bool, err error) {
	typed, err := url.PathUnescape(c.Params("token"))
	token, valid := surveys.ParseToken(typed)
	if valid = valid && err == nil; !valid {
		token = surveys.NewToken() // looked for like any other, so that both take as long
	}
	place, err = s.doorway.Find(c.UserContext(), token)
	switch {
	case errors.Is(err, surveys.ErrNotFound) || err == nil && !valid:
		s.guesses.wrong(c.UserContext(), s.Clock())
		if c.Locals(localProblem) != nil {
			return nil, false, surveys.ErrNotFound
		}
		return nil, false, s.sendCitizen(c, fiber.StatusNotFound, s.citizenLang(c), s.message(c, view.OccasionUnknownCode))
	case err != nil:
		return nil, false, err
	}
	return place, true, nil
}

// retired says that a place takes no answers any more.
func (s *Server) retired(c *fiber.Ctx, place *surveys.Place) error {
	if byScript(c) {
		return surveys.ErrRetired
	}
	page := s.message(c, view.OccasionRetired)
	page.Place, page.Note = placeOf(place), place.Point.Notice
	return s.sendCitizen(c, fiber.StatusGone, s.citizenLang(c), page)
}

// showForm sends the questionnaire of a point.
func (s *Server) showForm(c *fiber.Ctx) error {
	place, ok, err := s.enter(c)
	if err != nil || !ok {
		return err
	}
	if place.Retired {
		return s.retired(c, place)
	}
	place, _ = place.As(c.Query(whoField)) // whom a place does not ask sees what it does
	again := s.answeredHere(c, place) > 0 && !place.Shared()
	page, err := s.forms.page(s, place, s.formLang(c.Query("lang"), place.Instrument), formOf(c.Query("form")), again)
	if err != nil {
		return err
	}
	s.countOpening(c, place)
	c.Set(fiber.HeaderContentSecurityPolicy, s.render.CitizenCSP())
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	id := surveys.NewSubmissionID()
	values := [2]string{string(id), s.formToken(place.Point.ID, id)}
	if takesGzip(c) {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		c.Response().SetBody(page.head)
		c.Response().AppendBody(page.tail(values))
		return nil
	}
	return s.sendForm(c, place, values, again)
}

// sendForm renders the form anew, for the few that do not take gzip.
func (s *Server) sendForm(c *fiber.Ctx, place *surveys.Place, values [2]string, again bool) error {
	lang := s.formLang(c.Query("lang"), place.Instrument)
	page := s.formPage(place, lang, formOf(c.Query("form")), nil)
	page.SubmissionID, page.FormToken, page.Again = values[0], values[1], again
	return s.render.Render(c, lang, page)
}

// submitForm stores one citizen's answers. Sending the same form twice stores it once; what is stored already
// is answered with its receipt, whatever the rest says now.
func (s *Server) submitForm(c *fiber.Ctx) error {
	if byScript(c) {
		c.Locals(localProblem, true)
	}
	place, ok, err := s.enter(c)
	if err != nil || !ok {
		return err
	}
	sent, err := s.readForm(c, place)
	if err != nil {
		return err
	}
	place = sent.place
	given := s.believed(sent.given, place, sent.ID, sent.arrival.formToken)
	sent.arrival.at, sent.arrival.on, err = s.counted(c.UserContext(), place, given)
	retired := errors.Is(err, surveys.ErrRetired)
	switch problems := sent.check(place.Instrument); {
	case err != nil && !retired:
		return s.notStored(c, place, sent, err)
	case len(problems) == 0 && !retired:
		added, err := s.ingest.Add(c.UserContext(), s.response(c, place, sent.Submission, sent.arrival))
		if err != nil {
			return s.notStored(c, place, sent, err)
		}
		if added {
			s.markAnswered(c, place, sent.arrival.formToken)
		}
	case s.knows(c, sent.ID):
	case retired:
		return s.retired(c, place)
	default:
		return s.showAgain(c, place, sent, problems)
	}
	return s.received(c, place, sent)
}

// received leads to the thanks page. A script is told where that is, and goes there by itself.
func (s *Server) received(c *fiber.Ctx, place *surveys.Place, sent *sentForm) error {
	q := url.Values{"r": {string(sent.ID.Receipt())}, "lang": {string(sent.lang)}}
	if place.AsPupil {
		q.Set(whoField, surveys.PupilsOnly)
	}
	to := "/s/" + string(place.Point.Token) + "/thanks?" + q.Encode()
	if byScript(c) {
		c.Location(to)
		return c.Status(fiber.StatusCreated).JSON(receiptOutput{Receipt: sent.ID.Receipt()})
	}
	return c.Redirect(to, fiber.StatusSeeOther)
}

// showAgain sends the form back with what was typed and what to correct.
func (s *Server) showAgain(c *fiber.Ctx, place *surveys.Place, sent *sentForm, problems []view.Problem) error {
	if byScript(c) {
		return fiber.ErrUnprocessableEntity
	}
	page := s.formPage(place, sent.lang, sent.Form, sent)
	page.Problems = problems
	page.SubmissionID, page.FormToken = string(sent.ID), s.formTokenOf(place.Point.ID, sent.ID, s.opened(place, sent))
	page.Switch = ""
	return s.sendCitizen(c, fiber.StatusUnprocessableEntity, sent.lang, page)
}

// opened is when a form that is shown again was opened first: who corrects one answer is not too fast.
func (s *Server) opened(place *surveys.Place, sent *sentForm) time.Time {
	if o, ok := s.readFormToken(sent.arrival.formToken, place.Point.ID, sent.ID); ok {
		return o.at
	}
	return s.Clock()
}

// notStored says that nothing was stored, and lets the same form be sent again.
func (s *Server) notStored(c *fiber.Ctx, place *surveys.Place, sent *sentForm, err error) error {
	if statusOf(err) != fiber.StatusServiceUnavailable || byScript(c) {
		return err
	}
	s.Log.Warn("form not stored", "id", requestID(c), "error", err)
	page := s.message(c, view.OccasionBusy)
	page.Repost = &view.Repost{Action: "/s/" + string(place.Point.Token)}
	for _, name := range sent.names {
		for _, value := range sent.values[name] {
			page.Repost.Fields = append(page.Repost.Fields, view.Field{Name: name, Value: value})
		}
	}
	c.Set(fiber.HeaderRetryAfter, retryAfterSecs)
	return s.sendCitizen(c, fiber.StatusServiceUnavailable, sent.lang, page)
}

// thanks acknowledges a stored form; the receipt comes in the address, which is never logged.
func (s *Server) thanks(c *fiber.Ctx) error {
	place, ok, err := s.enter(c)
	if err != nil || !ok {
		return err
	}
	place, _ = place.As(c.Query(whoField))
	lang := s.citizenLang(c)
	receipt, valid := surveys.ParseReceipt(c.Query("r"))
	page := view.ThanksPage{Frame: view.Frame{Place: placeOf(place)}, Audience: view.Audience(place.Audience()), Controller: s.Office}
	to := url.Values{"lang": {string(lang.Other())}}
	if place.AsPupil {
		to.Set(whoField, surveys.PupilsOnly)
	}
	if valid {
		page.Receipt = string(receipt)
		to.Set("r", page.Receipt)
	}
	page.Switch = "/s/" + string(place.Point.Token) + "/thanks?" + to.Encode()
	return s.sendCitizen(c, fiber.StatusOK, lang, page)
}

func placeOf(p *surveys.Place) view.Place {
	return view.Place{Facility: p.Facility.Name, Point: p.Point.Name}
}

func formOf(name string) surveys.Form {
	if name == string(surveys.FullForm) {
		return surveys.FullForm
	}
	return surveys.ShortForm
}

// formPath is the address of a place's form; what is the default is left out.
func formPath(place *surveys.Place, lang view.Lang, form surveys.Form) string {
	q := url.Values{}
	if lang != "" {
		q.Set("lang", string(lang))
	}
	if form == surveys.FullForm {
		q.Set("form", string(form))
	}
	if place.AsPupil {
		q.Set(whoField, surveys.PupilsOnly)
	}
	path := "/s/" + string(place.Point.Token)
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	return path
}

package server

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"hailong/server/account"
	"hailong/server/view"
	"hailong/surveys"
)

// entryCSP lets the pages on which forms are typed run our own script.
const entryCSP = staffCSP + "; script-src 'self'"

func typePath(n surveys.BatchNumber) string { return batchPath(n) + "/type" }

// seat is where somebody types: this session, by a hash that leads to no session.
func (s *Server) seat(c *fiber.Ctx) string {
	session, _ := c.Locals(localSession).(account.Session) //nolint:errcheck // none has no seat
	sum := sha256.Sum256([]byte("hailong seat\x00" + session.CSRF))
	return base64.RawURLEncoding.EncodeToString(sum[:6])
}

// keyed is a form as it came: what it means, and what was typed.
type keyed struct {
	surveys.Keyed
	typed url.Values
	wrong []string // codes whose digits mean nothing
}

// readKeyed reads a typed form. Every question that is asked wants a digit or a dot, so that none is passed over by mistake.
func (s *Server) readKeyed(c *fiber.Ctx, b surveys.PlacedBatch) (*keyed, error) {
	values, err := url.ParseQuery(string(c.Body()))
	if err != nil {
		return nil, fiber.NewError(fiber.StatusBadRequest, "unreadable form")
	}
	k := &keyed{typed: values}
	k.Batch, k.Seat, k.By, k.Form = b.Number, s.seat(c), whoReviews(c), b.Form
	k.Day, _ = surveys.ParseDay(values.Get("day")) //nolint:errcheck // an unreadable one is none
	k.Sheet, _ = strconv.Atoi(values.Get("sheet")) //nolint:errcheck // an unreadable one is none
	k.Comment, k.Answers = values.Get("comment"), surveys.Answers{}
	for _, it := range b.Place.Instrument.Asked(b.Form) {
		if !it.Reached(k.Answers) {
			continue
		}
		answer, blank, ok := it.TypeDigits(values.Get(it.Code))
		switch {
		case !ok:
			k.wrong = append(k.wrong, it.Code)
		case !blank:
			k.Answers[it.Code] = answer
		}
	}
	if behalf, _ := b.Place.Instrument.Item(surveys.OnBehalf); values.Get(behalf.Code) != "" && b.Place.Facility.AsksBehalf() {
		k.Answers[behalf.Code] = surveys.TextAnswer(behalf.Options[0].Code)
	}
	return k, nil
}

// problem is what must be typed anew, "" if nothing must.
func (k *keyed) problem() view.EntryProblem {
	if len(k.wrong) > 0 {
		return view.EntryAnswers
	}
	return ""
}

// showTyping shows the next form to be typed, or one that was begun and is not stored.
func (s *Server) showTyping(c *fiber.Ctx) error {
	b, err := s.entryBatch(c)
	if err != nil {
		return err
	}
	sheet := c.QueryInt("sheet")
	id := surveys.NewSubmissionID()
	ready := b.State == surveys.BatchOpen && b.Channel != ""
	if sheet != 0 {
		now, forms, err := s.entry.Stored(c.UserContext(), b.Number)
		if err != nil {
			return err
		}
		if ready = slices.Contains(surveys.Missing(forms), sheet); ready {
			b.PaperBatch, id = now, now.Sheets[sheet-1].ID
		}
	}
	if !ready {
		return s.toBatch(c, b.Number)
	}
	return s.typingPage(c, fiber.StatusOK, b, view.EntryFormPage{Sheet: sheet, ID: id}, nil)
}

// typingPage completes a page with its questions, and what was typed before.
func (s *Server) typingPage(c *fiber.Ctx, status int, b surveys.PlacedBatch, page view.EntryFormPage, k *keyed) error {
	page.StaffFrame, page.EntryRow = s.staffFrame(c), s.entryRow(c, b)
	page.Back, page.Day = s.staffLink(c, batchPath(b.Number), nil), b.Filled
	page.Action = s.staffLink(c, typePath(b.Number), nil)
	if page.Check {
		page.Action = s.checkPath(c, b.Number, page.Sheet)
	}
	page.CommentText = b.Place.Instrument.Comment.In(b.Lang)
	leaves, err := s.leavesOf(b)
	if err != nil {
		return err
	}
	typed := url.Values{}
	if k != nil {
		typed, page.Filled = k.typed, true
		page.Comment = typed.Get("comment")
		if k.Day != "" {
			page.Day = k.Day
		}
	}
	for i, codes := range leaves {
		leaf := view.EntryLeaf{Page: i + 1}
		for _, code := range codes {
			it := entryItem(b, code, typed.Get(code))
			it.Wrong = k != nil && slices.Contains(k.wrong, code)
			leaf.Items = append(leaf.Items, it)
		}
		page.Leaves = append(page.Leaves, leaf)
	}
	if page.Behalf = b.Place.Facility.AsksBehalf(); page.Behalf {
		it, _ := b.Place.Instrument.Item(surveys.OnBehalf)
		page.BehalfCode, page.BehalfText, page.BehalfOn = it.Code, it.Text.In(b.Lang), typed.Get(it.Code) != ""
	}
	if !page.Check && page.Sheet == 0 {
		if page.Last, err = s.lastTyped(c, b, leaves); err != nil {
			return err
		}
		page.Undo = s.staffLink(c, batchPath(b.Number)+"/undo", nil)
	}
	c.Set(fiber.HeaderContentSecurityPolicy, entryCSP)
	return s.send(c, status, s.lang(c), page)
}

// lastTyped is the form that was saved last in this session, nil if there is none.
func (s *Server) lastTyped(c *fiber.Ctx, b surveys.PlacedBatch, leaves [][]string) (*view.EntryLast, error) {
	n := b.LastOf(s.seat(c))
	if n == 0 {
		return nil, nil
	}
	r, err := s.Store.Response(c.UserContext(), b.Sheets[n-1].ID)
	if errors.Is(err, surveys.ErrNotFound) || err == nil && r.Standing == surveys.Withdrawn {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &view.EntryLast{EntrySum: entrySum(n, leaves, b.Place.Instrument, r.Answers), ID: r.ID}, nil
}

// entryItem is one question as it stands on the form, in the form's language.
func entryItem(b surveys.PlacedBatch, code, typed string) view.EntryItem {
	it, _ := b.Place.Instrument.Item(code)
	item := view.EntryItem{Code: code, Text: it.Text.In(b.Lang), Kind: string(it.Kind), Most: it.Max, Value: typed}
	if it.Kind == surveys.Scale5 {
		for _, g := range b.Place.Instrument.Scale {
			item.Options = append(item.Options, view.EntryOption{Digit: strconv.Itoa(g.Value), Label: g.Text.In(b.Lang)})
		}
	}
	for i, o := range it.Options {
		item.Options = append(item.Options, view.EntryOption{Digit: strconv.Itoa(i + 1), Label: o.Text.In(b.Lang)})
	}
	if it.ShowIf == nil {
		return item
	}
	cause, known := b.Place.Instrument.Item(it.ShowIf.Item)
	if !known {
		return item
	}
	digits := func(values []string) string {
		var list []string
		for _, v := range values {
			a := surveys.TextAnswer(v)
			if cause.Kind == surveys.Multiple {
				a = surveys.ListAnswer(v)
			}
			list = append(list, cause.Digits(a))
		}
		return strings.Join(list, ",")
	}
	item.If, item.In, item.NotIn = cause.Code, digits(it.ShowIf.In), digits(it.ShowIf.NotIn)
	return item
}

// saveTyped stores a typed form.
func (s *Server) saveTyped(c *fiber.Ctx) error {
	b, err := s.entryBatch(c)
	if err != nil {
		return err
	}
	if b.State == surveys.BatchClosed {
		return s.batchPage(c, fiber.StatusConflict, view.EntryBatchPage{Problem: view.EntryDone})
	}
	k, err := s.readKeyed(c, b)
	if err != nil {
		return err
	}
	if k.ID, err = surveys.ParseSubmissionID(k.typed.Get("submission_id")); err != nil {
		return fiber.NewError(fiber.StatusBadRequest, "no submission id")
	}
	page := view.EntryFormPage{Sheet: k.Sheet, ID: k.ID, Problem: k.problem()}
	if page.Problem == "" {
		_, err = s.entry.Save(c.UserContext(), k.Keyed)
		if page.Problem = entryProblem(err); page.Problem == "" && err != nil {
			return err
		}
	}
	if page.Problem != "" {
		if err == nil {
			err = fiber.ErrUnprocessableEntity
		}
		return s.typingPage(c, entryStatus(err), b, page, k)
	}
	if k.Sheet > 0 && b.State != surveys.BatchOpen {
		return s.toBatch(c, b.Number)
	}
	return c.Redirect(s.staffLink(c, typePath(b.Number), nil), fiber.StatusSeeOther)
}

// undoTyped takes the form back that was saved last here, and shows it as it was typed.
func (s *Server) undoTyped(c *fiber.Ctx) error {
	b, err := s.entryBatch(c)
	if err != nil {
		return err
	}
	sheet, err := strconv.Atoi(c.FormValue("sheet"))
	if err != nil {
		return fiber.ErrBadRequest
	}
	was, err := s.entry.Undo(c.UserContext(), b.Number, sheet, s.seat(c))
	if problem := entryProblem(err); problem != "" {
		return s.typingPage(c, entryStatus(err), b, view.EntryFormPage{ID: surveys.NewSubmissionID(), Problem: problem}, nil)
	}
	if err != nil {
		return err
	}
	if b, err = s.entryBatch(c); err != nil {
		return err
	}
	page := view.EntryFormPage{Sheet: sheet, ID: b.Sheets[sheet-1].ID}
	if was.ID == "" {
		return s.typingPage(c, fiber.StatusOK, b, page, nil)
	}
	return s.typingPage(c, fiber.StatusOK, b, page, typedAs(b, was))
}

// typedAs is a stored form as it was typed.
func typedAs(b surveys.PlacedBatch, was surveys.Response) *keyed {
	k := &keyed{typed: url.Values{"comment": {was.Comment}}}
	k.Day = was.Day
	for _, it := range b.Place.Instrument.Asked(b.Form) {
		if it.Reached(was.Answers) {
			k.typed.Set(it.Code, it.Digits(was.Answers[it.Code]))
		}
	}
	if _, on := was.Answers[surveys.OnBehalf]; on {
		k.typed.Set(surveys.OnBehalf, "1")
	}
	return k
}

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
	"hailong/server/view"
	"hailong/surveys"
	"hailong/surveys/poster"
)

const entryPath = "/app/entry"

func batchPath(n surveys.BatchNumber) string { return entryPath + "/" + string(n) }

// published says whether a response is in a figure that has come out.
func (s *Server) published(ctx context.Context, r surveys.Response) (bool, error) {
	fate, err := s.roller.Fate(ctx, r)
	return fate.Published || fate.Sealed, err
}

// entryBatch is the batch in the address.
func (s *Server) entryBatch(c *fiber.Ctx) (surveys.PlacedBatch, error) {
	number, ok := surveys.ParseBatchNumber(c.Params("number"))
	if !ok {
		return surveys.PlacedBatch{}, surveys.ErrNotFound
	}
	return s.entry.Find(c.UserContext(), number)
}

// mostLeaves is of how many batches the pages are remembered.
const mostLeaves = 1000

// leavesOf are the items of a batch's form by page. They are laid out once, as that takes longer than to show a page.
func (s *Server) leavesOf(b surveys.PlacedBatch) ([][]string, error) {
	s.leafLock.Lock()
	known, ok := s.leaves[b.Number]
	s.leafLock.Unlock()
	if ok {
		return known, nil
	}
	leaves, err := s.press.Leaves(poster.SheetOf(b.PaperBatch, b.Place, s.Office, s.Contact))
	if err != nil {
		return nil, err
	}
	s.leafLock.Lock()
	defer s.leafLock.Unlock()
	if s.leaves == nil || len(s.leaves) >= mostLeaves {
		s.leaves = map[surveys.BatchNumber][][]string{}
	}
	s.leaves[b.Number] = leaves
	return leaves, nil
}

// entryRows are the batches that are picked, those in work first.
func (s *Server) entryRows(c *fiber.Ctx, pick func(surveys.PaperBatch) bool) ([]view.EntryRow, error) {
	stored, err := surveys.PaperBatches().All(c.UserContext(), s.Store)
	if err != nil {
		return nil, err
	}
	var list []surveys.PaperBatch
	for _, b := range stored {
		if pick(b.Value) {
			list = append(list, b.Value)
		}
	}
	slices.SortFunc(list, surveys.CompareBatches)
	rows := make([]view.EntryRow, 0, len(list))
	for _, b := range list {
		place, err := surveys.PlaceOfBatch(c.UserContext(), s.Store, b)
		if err != nil {
			return nil, err
		}
		rows = append(rows, s.entryRow(c, surveys.PlacedBatch{PaperBatch: b, Place: place}))
	}
	return rows, nil
}

func (s *Server) entryRow(c *fiber.Ctx, b surveys.PlacedBatch) view.EntryRow {
	low, high := analytics.Wilson(b.Check.Rate(), float64(b.Check.Compared))
	return view.EntryRow{
		Number: b.Number.String(), URL: s.staffLink(c, batchPath(b.Number), nil), Facility: b.Place.Facility.Name, Point: b.Place.Point.Name,
		Title: b.Place.Instrument.Title.In(string(s.lang(c))), Full: b.Form == surveys.FullForm, State: string(b.State), Printed: b.Printed,
		Copies: b.Copies, HandedIn: b.HandedIn, Typed: b.Typed, Rate: view.EntryRate{PaperCheck: b.Check, Low: low, High: high},
	}
}

// showEntry lists the batches.
func (s *Server) showEntry(c *fiber.Ctx) error { return s.entryPage(c, fiber.StatusOK, "", "") }

func (s *Server) entryPage(c *fiber.Ctx, status int, number string, problem view.EntryProblem) error {
	rows, err := s.entryRows(c, func(surveys.PaperBatch) bool { return true })
	if err != nil {
		return err
	}
	return s.send(c, status, s.lang(c), view.EntryPage{StaffFrame: s.staffFrame(c), Number: number, Problem: problem, Batches: rows})
}

// openBatch leads from a typed number to its batch.
func (s *Server) openBatch(c *fiber.Ctx) error {
	typed := c.FormValue("number")
	number, ok := surveys.ParseBatchNumber(typed)
	if ok {
		_, err := s.entry.Find(c.UserContext(), number)
		if err == nil {
			return s.toBatch(c, number)
		}
		if !errors.Is(err, surveys.ErrNotFound) {
			return err
		}
	}
	const shown = 40
	if letters := []rune(strings.ToValidUTF8(typed, "")); len(letters) > shown {
		typed = string(letters[:shown])
	}
	return s.entryPage(c, fiber.StatusNotFound, typed, view.EntryNoBatch)
}

// showBatch shows how far a batch is.
func (s *Server) showBatch(c *fiber.Ctx) error {
	return s.batchPage(c, fiber.StatusOK, view.EntryBatchPage{Done: c.Query("done")})
}

// batchPage completes a page with the batch as it stands.
func (s *Server) batchPage(c *fiber.Ctx, status int, page view.EntryBatchPage) error {
	b, err := s.entryBatch(c)
	if err != nil {
		return err
	}
	now, forms, err := s.entry.Stored(c.UserContext(), b.Number)
	if err != nil {
		return err
	}
	b.PaperBatch = now
	leaves, err := s.leavesOf(b)
	if err != nil {
		return err
	}
	page.StaffFrame, page.EntryRow = s.staffFrame(c), s.entryRow(c, b)
	page.PDF = batchPath(b.Number) + "/form.pdf"
	page.Channel, page.Day, page.TypedBy, page.CheckedBy, page.Undone = string(now.Channel), now.Filled, now.TypedBy, now.CheckedBy, now.Undone
	page.Closed, page.Pages, page.Missing = now.Closed, len(leaves), surveys.Missing(forms)
	if page.Day == "" {
		page.Day = s.today()
	}
	if !slices.Contains(page.Dones(), page.Done) {
		page.Done = ""
	}
	for i, r := range forms {
		page.Sums = append(page.Sums, entrySum(i+1, leaves, b.Place.Instrument, r.Answers))
	}
	if now.State == surveys.BatchChecking {
		page.Sample = s.sampled(c, now)
	}
	c.Set(fiber.HeaderContentSecurityPolicy, entryCSP)
	return s.send(c, status, s.lang(c), page)
}

// entrySum adds up what is marked on each page of a form.
func entrySum(sheet int, leaves [][]string, in *surveys.Instrument, answers surveys.Answers) view.EntrySum {
	sum := view.EntrySum{Sheet: sheet, Pages: make([]int, len(leaves))}
	for page, codes := range leaves {
		for _, code := range codes {
			it, _ := in.Item(code)
			sum.Pages[page] += it.Sum(answers[code])
		}
	}
	return sum
}

func (s *Server) sampled(c *fiber.Ctx, b surveys.PaperBatch) []view.EntrySampled {
	var list []view.EntrySampled
	for _, n := range b.Sample() {
		one := view.EntrySampled{Sheet: n, State: "todo", URL: s.checkPath(c, b.Number, n)}
		switch sheet := b.Sheets[n-1]; {
		case sheet.Open:
			one.State = "open"
		case sheet.Checked:
			one.State = "done"
		}
		list = append(list, one)
	}
	return list
}

// actOnBatch begins, ends, opens again or closes the typing of a batch.
func (s *Server) actOnBatch(c *fiber.Ctx) error {
	b, err := s.entryBatch(c)
	if err != nil {
		return err
	}
	ctx, page, done := c.UserContext(), view.EntryBatchPage{}, ""
	switch c.FormValue("do") {
	case "begin":
		page.TypedDay, page.TypedSheets, done = c.FormValue("day"), c.FormValue("handed_in"), "begun"
		err = s.begin(c, b.Number)
	case "finish":
		err, done = s.entry.Finish(ctx, b.Number, c.FormValue("anyway") != ""), "finished"
	case "reopen":
		err, done = s.entry.Reopen(ctx, b.Number), "reopened"
	case "close":
		err, done = s.entry.Close(ctx, b.Number), "closed"
	default:
		return fiber.ErrBadRequest
	}
	if problem := entryProblem(err); problem != "" {
		page.Problem = problem
		return s.batchPage(c, entryStatus(err), page)
	}
	if err != nil {
		return err
	}
	if done == "begun" {
		return c.Redirect(s.staffLink(c, typePath(b.Number), nil), fiber.StatusSeeOther)
	}
	return s.batchDone(c, b.Number, done)
}

// toBatch leads to a batch.
func (s *Server) toBatch(c *fiber.Ctx, n surveys.BatchNumber) error {
	return c.Redirect(s.staffLink(c, batchPath(n), nil), fiber.StatusSeeOther)
}

// batchDone leads to a batch and says there what was just done.
func (s *Server) batchDone(c *fiber.Ctx, n surveys.BatchNumber, done string) error {
	return c.Redirect(s.staffLink(c, batchPath(n), url.Values{"done": {done}}), fiber.StatusSeeOther)
}

// checkPath is where a sheet is typed a second time.
func (s *Server) checkPath(c *fiber.Ctx, n surveys.BatchNumber, sheet int) string {
	return s.staffLink(c, batchPath(n)+"/check/"+strconv.Itoa(sheet), nil)
}

func (s *Server) begin(c *fiber.Ctx, number surveys.BatchNumber) error {
	day, ok := typedDay(c.FormValue("day"), s.today())
	sheets, err := strconv.Atoi(strings.TrimSpace(c.FormValue("handed_in")))
	if err != nil {
		sheets = 0
	}
	if !ok {
		bad := &surveys.InvalidError{}
		bad.Add("day", "entry.day.none")
		return bad
	}
	return s.entry.Begin(c.UserContext(), number, surveys.Channel(c.FormValue("channel")), sheets, day)
}

// typedDay reads a day as it is typed by digits: 0903 (the last there was), 090326, 09032026, 9/3/2026; nothing is today.
func typedDay(s string, today surveys.Day) (surveys.Day, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return today, true
	}
	if day, err := surveys.ParseDay(s); err == nil {
		return day, true
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '/' || r == '.' || r == '-' || r == ' ' })
	if len(parts) == 1 && len(s) >= 4 {
		parts = []string{s[:2], s[2:4], s[4:]}
	}
	for len(parts) < 3 {
		parts = append(parts, "")
	}
	if len(parts) > 3 || len(parts[0]) > 2 || len(parts[1]) > 2 {
		return "", false
	}
	year := parts[2]
	switch len(year) {
	case 0:
		year = string(today[:4])
	case 2:
		year = string(today[:2]) + year
	}
	pad := func(n string) string { return strings.Repeat("0", 2-len(n)) + n }
	day, err := surveys.ParseDay(year + "-" + pad(parts[1]) + "-" + pad(parts[0]))
	if err != nil {
		return "", false
	}
	if parts[2] == "" && day > today {
		return surveys.DateDay(day.Date().Year()-1, day.Date().Month(), day.Date().Day()), true
	}
	return day, true
}

// entryProblem is what whoever types can mend, "" for anything else.
func entryProblem(err error) view.EntryProblem {
	for _, one := range []struct {
		err     error
		problem view.EntryProblem
	}{
		{surveys.ErrBatchDone, view.EntryDone},
		{surveys.ErrSheetMissing, view.EntryMissing},
		{surveys.ErrPublished, view.EntryPublished},
		{surveys.ErrUnchecked, view.EntryUnchecked},
		{surveys.ErrHandedIn, view.EntryNotAll},
		{surveys.ErrConflict, view.EntryConflict},
		{surveys.ErrBusy, view.EntryBusy},
		{surveys.ErrUnavailable, view.EntryBusy},
	} {
		if errors.Is(err, one.err) {
			return one.problem
		}
	}
	var invalid *surveys.InvalidError
	if !errors.As(err, &invalid) {
		return ""
	}
	days := map[string]view.EntryProblem{
		"entry.day.none": view.EntryNoDay, "entry.day.future": view.EntryFuture, "entry.day.unprinted": view.EntryUnprinted,
		"entry.day.closed": view.EntryClosedThen, "entry.day.sealed": view.EntrySealed, "error.no_answer": view.EntryNothing,
	}
	switch first := invalid.Fields[0]; {
	case days[first.Key] != "":
		return days[first.Key]
	case first.Field == view.CommentItem:
		return view.EntryLongComment
	case first.Field == "channel" || first.Field == "handed_in":
		return view.EntryMalformed
	}
	return view.EntryAnswers
}

// entryStatus is the status of a page that shows a problem.
func entryStatus(err error) int {
	for _, conflict := range []error{surveys.ErrBatchDone, surveys.ErrSheetMissing, surveys.ErrPublished, surveys.ErrUnchecked, surveys.ErrHandedIn} {
		if errors.Is(err, conflict) {
			return fiber.StatusConflict
		}
	}
	return statusOf(err)
}

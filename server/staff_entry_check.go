package server

import (
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"hailong/server/view"
	"hailong/surveys"
)

// toCheck is the sheet in the address, if it is to be typed a second time.
func (s *Server) toCheck(c *fiber.Ctx) (b surveys.PlacedBatch, sheet int, due bool, err error) {
	if b, err = s.entryBatch(c); err != nil {
		return b, 0, false, err
	}
	sheet, err = strconv.Atoi(c.Params("sheet"))
	if err != nil {
		return b, 0, false, surveys.ErrNotFound
	}
	due = b.State == surveys.BatchChecking && slices.Contains(b.Sample(), sheet)
	if due {
		one := b.Sheets[sheet-1]
		due = !one.Checked || one.Open
	}
	return b, sheet, due, nil
}

// showCheck shows an empty form for the second keying of a sheet: nothing of the first is on it.
func (s *Server) showCheck(c *fiber.Ctx) error {
	b, sheet, due, err := s.toCheck(c)
	if err != nil {
		return err
	}
	if !due {
		return s.toBatch(c, b.Number)
	}
	return s.typingPage(c, fiber.StatusOK, b, view.EntryFormPage{Sheet: sheet, Check: true}, nil)
}

// check compares a second keying with the first, or settles what differed.
func (s *Server) check(c *fiber.Ctx) error {
	b, sheet, due, err := s.toCheck(c)
	if err != nil {
		return err
	}
	if !due {
		return s.toBatch(c, b.Number)
	}
	k, err := s.readKeyed(c, b)
	if err != nil {
		return err
	}
	k.Sheet = sheet
	if k.problem() != "" {
		return s.typingPage(c, fiber.StatusUnprocessableEntity, b, view.EntryFormPage{Sheet: sheet, Check: true, Problem: k.problem()}, k)
	}
	differ, err := s.entry.Compare(c.UserContext(), k.Keyed)
	if err == nil && len(differ) > 0 && k.typed.Get("do") == "settle" {
		return s.settle(c, b, k, differ)
	}
	if problem := entryProblem(err); problem != "" {
		return s.typingPage(c, entryStatus(err), b, view.EntryFormPage{Sheet: sheet, Check: true, Problem: problem}, k)
	}
	switch {
	case err != nil:
		return err
	case len(differ) == 0:
		return s.batchDone(c, b.Number, "checked")
	}
	return s.diffPage(c, fiber.StatusOK, b, k, differ, "")
}

// settle puts the stored form right where the second keying was.
func (s *Server) settle(c *fiber.Ctx, b surveys.PlacedBatch, k *keyed, differ []surveys.Difference) error {
	var second []string
	for _, d := range differ {
		switch k.typed.Get("pick_" + d.Item.Code) {
		case "first":
		case "second":
			second = append(second, d.Item.Code)
		default:
			return s.diffPage(c, fiber.StatusUnprocessableEntity, b, k, differ, view.EntryUnsettled)
		}
	}
	err := s.entry.Settle(c.UserContext(), k.Keyed, second)
	if problem := entryProblem(err); problem != "" {
		return s.diffPage(c, entryStatus(err), b, k, differ, problem)
	}
	if err != nil {
		return err
	}
	return s.batchDone(c, b.Number, "settled")
}

// diffPage shows both keyings where they differ; the second goes along, as it is stored nowhere.
func (s *Server) diffPage(c *fiber.Ctx, status int, b surveys.PlacedBatch, k *keyed, differ []surveys.Difference, problem view.EntryProblem) error {
	page := view.EntryDiffPage{
		StaffFrame: s.staffFrame(c), EntryRow: s.entryRow(c, b), Sheet: k.Sheet, Problem: problem,
		Back: s.staffLink(c, batchPath(b.Number), nil), Action: s.checkPath(c, b.Number, k.Sheet),
	}
	shown := func(digits string) string {
		if digits == surveys.Blank {
			return ""
		}
		return digits
	}
	for _, d := range differ {
		page.Rows = append(page.Rows, view.EntryDiff{
			Code: d.Item.Code, Text: d.Item.Text.In(b.Lang), First: shown(d.First), Second: shown(d.Second), Pick: k.typed.Get("pick_" + d.Item.Code),
		})
	}
	for _, it := range b.Place.Instrument.Asked(b.Form) {
		if typed := k.typed.Get(it.Code); typed != "" {
			page.Again = append(page.Again, view.Field{Name: it.Code, Value: typed})
		}
	}
	if k.typed.Get(surveys.OnBehalf) != "" {
		page.Again = append(page.Again, view.Field{Name: surveys.OnBehalf, Value: "1"})
	}
	c.Set(fiber.HeaderContentSecurityPolicy, entryCSP)
	return s.send(c, status, s.lang(c), page)
}

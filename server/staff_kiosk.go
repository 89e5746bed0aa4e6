package server

import (
	"crypto/rand"
	"errors"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"hailong/server/account"
	"hailong/server/view"
	"hailong/surveys"
)

// kioskPlace is a point of the kind kiosk, its facility and its setting with the revision it was read at.
type kioskPlace struct {
	point    surveys.Stored[surveys.Point]
	facility surveys.Facility
	set      *surveys.KioskSetting // nil: none yet
	rev      int64
}

// findKiosk finds the kiosk of an address; points of another kind have none.
func (s *Server) findKiosk(c *fiber.Ctx) (k kioskPlace, err error) {
	ctx := c.UserContext()
	if k.point, err = surveys.Points().Find(ctx, s.Store, c.Params("id")); err != nil {
		return k, err
	}
	if k.point.Value.Kind != surveys.KioskPoint {
		return k, surveys.ErrNotFound
	}
	f, err := surveys.Facilities().Find(ctx, s.Store, string(k.point.Value.Facility))
	if err != nil {
		return k, err
	}
	k.facility = f.Value
	k.set, k.rev, err = surveys.FindKiosk(ctx, s.Store, k.point.Value.ID)
	return k, err
}

// showKioskSetting shows how a tablet asks, to be changed.
func (s *Server) showKioskSetting(c *fiber.Ctx) error {
	k, err := s.findKiosk(c)
	if err != nil {
		return err
	}
	page := s.kioskSettingPage(c, k)
	page.Saved = c.Query("done") == "saved"
	return s.send(c, fiber.StatusOK, s.lang(c), page)
}

func kioskPath(id surveys.PointID) string {
	return "/app/points/" + url.PathEscape(string(id)) + "/kiosk"
}

func (s *Server) kioskSettingPage(c *fiber.Ctx, k kioskPlace) view.KioskSettingPage {
	p := k.point.Value
	page := view.KioskSettingPage{
		StaffFrame: s.staffFrame(c), Facility: k.facility.Name, Point: p.Name, Action: s.staffLink(c, kioskPath(p.ID), nil),
		Back:    s.staffLink(c, facilityPath(k.facility.ID), nil),
		URL:     s.BaseURL + "/k/" + string(p.Token),
		Retired: surveys.IsRetired(p, k.facility, s.today()), PIN: k.set != nil, Pulse: p.Instrument == surveys.Pulse || k.set == nil,
		Interval: strconv.Itoa(surveys.KioskIntervalUsual), Idle: strconv.Itoa(surveys.KioskIdleUsual),
	}
	hours := surveys.UsualWeek()
	if k.set != nil {
		page.Interval, page.Idle, hours = strconv.Itoa(k.set.Interval), strconv.Itoa(k.set.Idle), k.set.Hours
	}
	for i, spans := range hours {
		page.Hours[i] = surveys.SpansText(spans)
	}
	return page
}

// setKiosk stores a setting, or shows what to correct.
func (s *Server) setKiosk(c *fiber.Ctx) error {
	k, err := s.findKiosk(c)
	if err != nil {
		return err
	}
	set, pin, page := s.readKiosk(c, k)
	if len(page.Problems) > 0 {
		return s.send(c, fiber.StatusUnprocessableEntity, s.lang(c), page)
	}
	if pin != "" {
		if set.PIN, err = account.Hash(pin); err != nil {
			return err
		}
		set.Term = rand.Text()
	}
	if was := k.set; was == nil || was.Hours.String() != set.Hours.String() || was.Interval != set.Interval {
		set.Since = s.today()
	}
	if _, err = surveys.KioskSettings().Put(c.UserContext(), s.Store, set, k.rev); err != nil {
		return err
	}
	if err = s.setKioskForm(c, k.point.Value, page.Pulse); err != nil {
		return err
	}
	return c.Redirect(s.staffLink(c, kioskPath(k.point.Value.ID), url.Values{"done": {"saved"}}), fiber.StatusSeeOther)
}

// setKioskForm lets the point ask one question, or what its facility asks.
func (s *Server) setKioskForm(c *fiber.Ctx, p surveys.Point, pulse bool) error {
	is := p.Instrument == surveys.Pulse
	if is == pulse {
		return nil
	}
	instrument := ""
	if pulse {
		instrument = surveys.Pulse
	}
	return surveys.RepointPoint(c.UserContext(), s.Store, p.ID, p.Facility, instrument)
}

// readKiosk reads the form: the setting it makes, a new PIN ("" to keep the old one), and the page with what was typed
// and what to correct. The PIN is not shown again.
func (s *Server) readKiosk(c *fiber.Ctx, k kioskPlace) (set surveys.KioskSetting, pin string, page view.KioskSettingPage) {
	page = s.kioskSettingPage(c, k)
	set = surveys.KioskSetting{Point: k.point.Value.ID}
	if k.set != nil {
		set = *k.set
	}
	form := c.FormValue("form")
	page.Pulse = form == "pulse"
	if form != "pulse" && form != "short" {
		page.Wrong("form", view.KioskFormUnknown)
	}
	page.Interval, page.Idle = strings.TrimSpace(c.FormValue("interval")), strings.TrimSpace(c.FormValue("idle"))
	set.Interval, set.Idle = seconds(page.Interval), seconds(page.Idle)
	whole := readHours(c, &set, &page)
	var invalid *surveys.InvalidError
	if errors.As(set.Check(), &invalid) {
		for _, f := range invalid.Fields {
			switch {
			case f.Field == "interval":
				page.Wrong("interval", view.KioskIntervalWrong)
			case f.Field == "idle":
				page.Wrong("idle", view.KioskIdleWrong)
			case whole: // else the days that cannot be read are the mistake
				page.Wrong("hours1", view.KioskNeverOpen)
			}
		}
	}
	pin = strings.TrimSpace(c.FormValue("pin"))
	switch problem := pinProblem(pin); {
	case pin == "" && k.set == nil:
		page.Wrong("pin", view.KioskPINMissing)
	case pin != "" && problem != "":
		page.Wrong("pin", problem)
	}
	return set, pin, page
}

// seconds reads a number; what is none is too small.
func seconds(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return -1
	}
	return n
}

// readHours reads the seven days and says whether all could be read.
func readHours(c *fiber.Ctx, set *surveys.KioskSetting, page *view.KioskSettingPage) (whole bool) {
	whole = true
	for i := range set.Hours {
		page.Hours[i] = strings.TrimSpace(c.FormValue("hours" + strconv.Itoa(i+1)))
		spans, err := surveys.ParseSpans(page.Hours[i])
		if err != nil {
			page.WrongDay(i + 1)
			whole = false
		}
		set.Hours[i] = spans
	}
	return whole
}

var pinPattern = regexp.MustCompile(`^[0-9]{6,12}$`)

// pinProblem says what is wrong with a PIN: digits alike or in a row are tried first.
func pinProblem(pin string) view.KioskProblem {
	if !pinPattern.MatchString(pin) {
		return view.KioskPINWrong
	}
	for _, step := range []byte{0, 1, 9} { // up, round from 9 to 0, and down
		row := true
		for i := 1; i < len(pin); i++ {
			row = row && (pin[i]-pin[i-1]+10)%10 == step
		}
		if row {
			return view.KioskPINEasy
		}
	}
	return ""
}

package server

import (
	"errors"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"hailong/server/account"
	"hailong/server/view"
	"hailong/surveys"
)

// showKiosk sends the page of a tablet that people use one after the other. A point of another kind has a form only.
func (s *Server) showKiosk(c *fiber.Ctx) error {
	place, ok, err := s.enter(c)
	if err != nil || !ok {
		return err
	}
	switch {
	case place.Retired:
		return s.retired(c, place)
	case place.Point.Kind != surveys.KioskPoint:
		return c.Redirect(formPath(place, s.citizenLang(c), ""), fiber.StatusSeeOther)
	}
	s.countOpening(c, place)
	c.Set(fiber.HeaderContentSecurityPolicy, s.render.KioskCSP())
	return s.send(c, fiber.StatusOK, view.Vietnamese, s.kioskPage(place))
}

// kioskPage is the whole page, in every language, so that it needs nothing more when the network is gone.
func (s *Server) kioskPage(place *surveys.Place) view.KioskPage {
	page := view.KioskPage{
		Place: placeOf(place), Token: string(place.Point.Token), Action: "/s/" + string(place.Point.Token),
		Pulse: place.Instrument.Key == surveys.Pulse, Now: s.Clock().UnixMilli(),
	}
	if k := place.Kiosk; k != nil {
		page.Term, page.Interval, page.Idle, page.Hours = termText(k), k.Interval, k.Idle, k.Hours
	}
	for _, lang := range view.Langs() {
		face := view.KioskFace{Lang: lang, Hours: page.Hours}
		for _, it := range place.Instrument.Asked(surveys.ShortForm) {
			// Nobody types on a screen that stands in a hall, and what can be tapped goes on by one tap.
			if it.Kind != surveys.Scale5 && it.Kind != surveys.Single {
				continue
			}
			q := question(place.Instrument, it, string(lang), nil)
			if page.Pulse {
				q.Options = loud(q.Options)
			}
			face.Questions = append(face.Questions, q)
		}
		page.Faces = append(page.Faces, face)
	}
	return page
}

// loud leaves out "no opinion": whoever has none taps nothing.
func loud(options []view.Option) []view.Option {
	var list []view.Option
	for _, o := range options {
		if !o.Quiet {
			list = append(list, o)
		}
	}
	return list
}

// passOutput is what a tablet gets that is started.
type passOutput struct {
	Pass string `json:"pass"`
	Term string `json:"term"`
}

// startKiosk gives a pass for the right PIN.
func (s *Server) startKiosk(c *fiber.Ctx) error {
	c.Locals(localProblem, true)
	place, _, err := s.enter(c)
	if err != nil {
		return err
	}
	switch {
	case place.Retired:
		return surveys.ErrRetired
	case place.Kiosk == nil:
		return surveys.ErrNotFound
	}
	if rest := s.pins.try(place.Kiosk, s.Clock()); rest > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(rest.Seconds()))))
		return fiber.ErrTooManyRequests
	}
	err = s.accounts.Check(c.FormValue("pin"), place.Kiosk.PIN)
	switch {
	case errors.Is(err, account.ErrTooMany):
		s.pins.forgive(place.Kiosk)
		c.Set(fiber.HeaderRetryAfter, "1")
		return fiber.ErrTooManyRequests
	case errors.Is(err, account.ErrWrong):
		return fiber.ErrForbidden
	case err != nil:
		return err
	}
	s.pins.right(place.Kiosk)
	return c.JSON(passOutput{Pass: s.pass(place.Kiosk), Term: termText(place.Kiosk)})
}

// pinTries makes it slow to try PINs: after a few wrong ones a point takes none for a while, the longer the more there
// were. A new PIN begins anew.
type pinTries struct {
	mu   sync.Mutex
	seen map[surveys.PointID]pinTry
}

type pinTry struct {
	term  string
	wrong int
	until time.Time
}

const (
	pinsFree      = 4
	pinWait       = 5 * time.Second
	pinWaitMost   = 15 * time.Minute
	pinsDoubledBy = 8 // doublings of the wait, which is at its most by then
)

func newPinTries() *pinTries { return &pinTries{seen: map[surveys.PointID]pinTry{}} }

// try says how long to wait before the next PIN may be tried; 0: now, and then it is taken for wrong until right is called,
// so that many at once are as slow as one after the other.
func (p *pinTries) try(k *surveys.KioskSetting, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.seen[k.Point]
	if t.term != k.Term {
		t = pinTry{term: k.Term}
	}
	if rest := t.until.Sub(now); rest > 0 {
		return rest
	}
	t.wrong++
	if over := t.wrong - pinsFree; over > 0 {
		t.until = now.Add(min(pinWaitMost, pinWait<<min(over, pinsDoubledBy)))
	}
	p.seen[k.Point] = t
	return 0
}

// forgive takes back a try that was not looked at.
func (p *pinTries) forgive(k *surveys.KioskSetting) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.seen[k.Point]
	t.wrong, t.until = max(0, t.wrong-1), time.Time{}
	p.seen[k.Point] = t
}

// right forgets the wrong ones.
func (p *pinTries) right(k *surveys.KioskSetting) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.seen, k.Point)
}

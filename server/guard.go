package server

import (
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"hailong/surveys"
)

// honeypotField is an input of the form that people neither see nor reach; programs that fill in everything fill it in.
const honeypotField = "homepage"

// arrival is what comes with a submission beside its answers. Form and API are judged alike.
type arrival struct {
	formToken string
	honeypot  string
	known     bool           // by its bearer token
	at        surveys.Moment // when it counts
	on        surveys.Day    // when it arrived
}

// response is what is stored of a checked submission that has come in now: set aside, with the reason, where it is
// suspect. Nobody is refused for it, and the sender is told nothing.
func (s *Server) response(c *fiber.Ctx, place *surveys.Place, sub surveys.Submission, a arrival) surveys.Response {
	r := place.Response(sub, a.at.Day, a.at.Hour, a.on)
	if sub.Channel.Typed() {
		if sub.Channel == surveys.Paper {
			r.Hour = -1 // when the form was filled in is not known
		}
		return r
	}
	if _, ok := s.readPass(a.formToken, place); ok {
		r.Channel = surveys.Kiosk
		return judged(r, s.kioskEvidence(place, a.at, sub.ID))
	}
	e := surveys.Evidence{Known: a.known, Honeypot: a.honeypot != "", Again: s.answeredHere(c, place), Shared: place.Shared()}
	var opened opening
	if opened, e.Opened = s.readFormToken(a.formToken, place.Point.ID, sub.ID); e.Opened {
		if !e.Shared {
			e.Pace = surveys.PaceOf(s.Clock().Sub(opened.at), len(sub.Answers), len(place.Instrument.Asked(sub.Form)))
		}
		e.Reused = !opened.own && s.reuses.tooMany(opened, sub.ID)
	}
	// Where a kiosk is set up, and with a late answer that is believed its hour, who calls himself one needs its pass.
	if sub.Channel == surveys.Kiosk && (place.Kiosk != nil || a.on > a.at.Day) {
		e.Opened = false
	}
	return judged(r, e)
}

// judged sets a response aside if there is a reason to.
func judged(r surveys.Response, e surveys.Evidence) surveys.Response {
	r.Pace = e.Pace
	if r.Reason = e.Reason(); r.Reason != "" {
		r.Standing = surveys.Aside
	}
	return r
}

// believed is when an answer was given of which a phone says that it was at the moment given: not before its form was
// opened, so that nobody fills the past with forms that he opens now.
func (s *Server) believed(given surveys.Moment, place *surveys.Place, id surveys.SubmissionID, formToken string) surveys.Moment {
	if given == (surveys.Moment{}) {
		return given
	}
	from, ok := s.readPass(formToken, place)
	if !ok {
		var o opening
		o, ok = s.readFormToken(formToken, place.Point.ID, id)
		from = o.at
	}
	if !ok {
		return given
	}
	if opened := surveys.MomentOf(from, s.Zone); given.Day < opened.Day || given.Day == opened.Day && given.Hour < opened.Hour {
		return opened
	}
	return given
}

// againCookie is the repeat mark: it stays on the phone, for this day, and says how many answers the phone has given at
// this point. It names nobody, and nothing of it is stored.
func againCookie(place *surveys.Place) string { return "hailong_again_" + string(place.Point.Token) }

const mostAgain = 9 // what the mark counts to

// answeredHere is how many answers the phone says that it has given at a point today.
func (s *Server) answeredHere(c *fiber.Ctx, place *surveys.Place) int {
	n, err := strconv.Atoi(c.Cookies(s.cookieName(againCookie(place))))
	if err != nil || n < 0 {
		return 0
	}
	return min(n, mostAgain)
}

// markAnswered lets the phone remember one more answer until midnight. A device that many use does not.
func (s *Server) markAnswered(c *fiber.Ctx, place *surveys.Place, formToken string) {
	if _, kiosk := s.readPass(formToken, place); kiosk || place.Shared() {
		return
	}
	n := min(s.answeredHere(c, place)+1, mostAgain)
	mark := s.cookie(againCookie(place), strconv.Itoa(n), fiber.CookieSameSiteLaxMode)
	mark.SessionOnly = false
	mark.MaxAge = int(untilMidnight(s.Clock().In(s.Zone)).Seconds())
	c.Cookie(mark)
}

func untilMidnight(now time.Time) time.Duration {
	y, m, d := now.Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, now.Location()).Sub(now)
}

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
	known     bool // by its bearer token
}

// response is what is stored of a checked submission that has come in now: set aside, with the reason, where it is
// suspect. Nobody is refused for it, and the sender is told nothing.
func (s *Server) response(c *fiber.Ctx, place *surveys.Place, sub surveys.Submission, a arrival) surveys.Response {
	now := s.Clock().In(s.Zone)
	today := surveys.DayOf(now, s.Zone)
	r := place.Response(sub, today, now.Hour(), today)
	if sub.Channel.Typed() {
		if sub.Channel == surveys.Paper {
			r.Hour = -1 // when the form was filled in is not known
		}
		return r
	}
	e := surveys.Evidence{Known: a.known, Honeypot: a.honeypot != "", Again: s.answeredHere(c, place), Shared: place.Shared()}
	var opened opening
	if opened, e.Opened = s.readFormToken(a.formToken, place.Point.ID, sub.ID); e.Opened {
		if !e.Shared {
			e.Pace = surveys.PaceOf(now.Sub(opened.at), len(sub.Answers), len(place.Instrument.Asked(sub.Form)))
		}
		e.Reused = !opened.own && s.reuses.tooMany(opened, sub.ID)
	}
	r.Pace = e.Pace
	if r.Reason = e.Reason(); r.Reason != "" {
		r.Standing = surveys.Aside
	}
	return r
}

// againCookie is the repeat mark: it stays on the phone, for this day, and says how many answers the phone has given at
// this point. It names nobody, and nothing of it is stored.
func (s *Server) againCookie(place *surveys.Place) string {
	return s.cookieName("hailong_again_" + string(place.Point.Token))
}

const mostAgain = 9 // what the mark counts to

// answeredHere is how many answers the phone says that it has given at a point today.
func (s *Server) answeredHere(c *fiber.Ctx, place *surveys.Place) int {
	n, err := strconv.Atoi(c.Cookies(s.againCookie(place)))
	if err != nil || n < 0 {
		return 0
	}
	return min(n, mostAgain)
}

// markAnswered lets the phone remember one more answer until midnight. A device that many use does not.
func (s *Server) markAnswered(c *fiber.Ctx, place *surveys.Place) {
	if place.Shared() {
		return
	}
	n := min(s.answeredHere(c, place)+1, mostAgain)
	mark := s.cookie("hailong_again_"+string(place.Point.Token), strconv.Itoa(n), fiber.CookieSameSiteLaxMode)
	mark.SessionOnly = false
	mark.MaxAge = int(untilMidnight(s.Clock().In(s.Zone)).Seconds())
	c.Cookie(mark)
}

func untilMidnight(now time.Time) time.Duration {
	y, m, d := now.Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, now.Location()).Sub(now)
}

package server

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"hailong/surveys"
)

// usage counts how often the forms of points are opened and begun. It holds sums only, one a point and day, so that no
// number of visits makes it grow; of a visitor it keeps nothing, not for a moment. The sums are added to the store every
// few minutes: a server that is killed loses those of the last few minutes, and of nobody an answer.
type usage struct {
	store surveys.RecordStore

	mu   sync.Mutex
	sums map[usageKey]surveys.Use

	storing sync.Mutex
	pending []usageAddition
}

// usageKey is where and on which day a form was used.
type usageKey struct {
	at  surveys.PointAt
	day surveys.Day
}

// usageAddition is what is to be added to one record. Its mark is made with it, and with it alone, so that it can be
// repeated, and no two records tell that they were used at the same time.
type usageAddition struct {
	sums surveys.Usage
	mark string
}

const (
	usageEvery  = 5 * time.Minute
	usageWithin = 5 * time.Second // at the end
)

func newUsage(store surveys.RecordStore) *usage {
	return &usage{store: store, sums: map[usageKey]surveys.Use{}}
}

// add counts one use of a place.
func (u *usage) add(place *surveys.Place, day surveys.Day, use surveys.Use) {
	key := usageKey{surveys.PointAt{Facility: place.Facility.ID, Point: place.Point.ID}, day}
	u.mu.Lock()
	u.sums[key] = u.sums[key].Add(use)
	u.mu.Unlock()
}

// flush adds what was counted to the store. What fails is kept and comes first the next time.
func (u *usage) flush(ctx context.Context) error {
	u.storing.Lock()
	defer u.storing.Unlock()
	if len(u.pending) == 0 {
		u.pending = u.take()
	}
	var failed []usageAddition
	var errs []error
	for i, a := range u.pending {
		if err := ctx.Err(); err != nil {
			failed, errs = append(failed, u.pending[i:]...), append(errs, err)
			break
		}
		if err := surveys.AddUsage(ctx, u.store, a.sums, a.mark); err != nil {
			failed, errs = append(failed, a), append(errs, err)
		}
	}
	u.pending = failed
	return errors.Join(errs...)
}

// take empties the sums into additions, one a facility and month.
func (u *usage) take() []usageAddition {
	u.mu.Lock()
	sums := u.sums
	u.sums = map[usageKey]surveys.Use{}
	u.mu.Unlock()
	type recordKey struct {
		facility surveys.FacilityID
		month    surveys.Month
	}
	byRecord := map[recordKey]surveys.Usage{}
	for key, use := range sums {
		record := recordKey{key.at.Facility, key.day.Month()}
		into, ok := byRecord[record]
		if !ok {
			into = surveys.Usage{Facility: record.facility, Month: record.month, Points: map[surveys.PointID]map[int]surveys.Use{}}
			byRecord[record] = into
		}
		if into.Points[key.at.Point] == nil {
			into.Points[key.at.Point] = map[int]surveys.Use{}
		}
		into.Points[key.at.Point][key.day.Date().Day()] = use
	}
	additions := make([]usageAddition, 0, len(byRecord))
	for _, sums := range byRecord {
		additions = append(additions, usageAddition{sums: sums, mark: surveys.NewID("u")})
	}
	return additions
}

// keepUsage stores what is counted until ctx ends, and a last time then.
func (s *Server) keepUsage(ctx context.Context) {
	if _, err := surveys.CountingSince(ctx, s.Store, s.today()); err != nil {
		s.Log.ErrorContext(ctx, "counting openings", "error", err)
	}
	tick := time.NewTicker(usageEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.storeUsage(ctx)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), usageWithin)
			defer cancel()
			s.storeUsage(last)
			return
		}
	}
}

func (s *Server) storeUsage(ctx context.Context) {
	if err := s.usage.flush(ctx); err != nil {
		s.Log.WarnContext(ctx, "openings are not stored yet", "error", err)
	}
}

// countOpening counts that a person has opened the form of a place. Not counted is what a browser or our own service worker
// fetches ahead, what shows a link in a chat, a page that is loaded again, and the way from one of our pages to
// another, as to the other language or length. Counted twice is who scans twice, and where a browser does not say why it
// asks. The headers are looked at and forgotten.
func (s *Server) countOpening(c *fiber.Ctx, place *surveys.Place) {
	if isOpening(c) && !fromOurs(c) {
		s.usage.add(place, s.today(), surveys.Use{Opened: 1})
	}
}

// countTyped counts a form that is opened by its typed code: where the browser says that it comes from our page, the form's
// own opening is not counted.
func (s *Server) countTyped(c *fiber.Ctx, place *surveys.Place) {
	if isOpening(c) && fromOurs(c) && !place.Retired {
		s.usage.add(place, s.today(), surveys.Use{Opened: 1})
	}
}

// countStart counts that somebody has begun to fill in a form. The page says so once, with nothing but its address: no
// cookie, no id. Without a script, or without network at that moment, nothing says so.
func (s *Server) countStart(c *fiber.Ctx) error {
	c.Locals(localProblem, true)
	place, ok, err := s.enter(c)
	if err != nil || !ok {
		return err
	}
	if !place.Retired && byPerson(c) {
		s.usage.add(place, s.today(), surveys.Use{Begun: 1})
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// kindsOfFetching are the headers by which a program says that nobody looks at what it asks for. Purpose is also our
// service worker's.
func kindsOfFetching() []string {
	return []string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"}
}

func isOpening(c *fiber.Ctx) bool {
	if c.Method() != fiber.MethodGet || !byPerson(c) {
		return false
	}
	head := &c.Request().Header
	for _, name := range kindsOfFetching() {
		if len(head.Peek(name)) > 0 {
			return false
		}
	}
	return !bytes.Contains(head.Peek(fiber.HeaderCacheControl), []byte("max-age=0")) // loaded again
}

// byPerson says whether a browser asks that a person may hold. Every browser, also inside of an app, calls itself
// Mozilla and names no address; programs that search or preview pages call themselves something else, or name one.
func byPerson(c *fiber.Ctx) bool {
	agent := c.Request().Header.UserAgent()
	if !bytes.HasPrefix(agent, []byte("Mozilla/")) {
		return false
	}
	for _, sign := range []string{"compatible;", "http://", "https://", "externalhit", "HeadlessChrome"} {
		if bytes.Contains(agent, []byte(sign)) {
			return false
		}
	}
	return true
}

// fromOurs says whether the reader comes from another page of this site, as far as the browser tells.
func fromOurs(c *fiber.Ctx) bool {
	return string(c.Request().Header.Peek("Sec-Fetch-Site")) == "same-origin"
}

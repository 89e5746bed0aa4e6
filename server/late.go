package server

import (
	"context"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"hailong/surveys"
)

// counted is when an answer counts that a phone says was given at the moment given, and the day it arrives. ErrRetired
// when the place takes none now and took none then.
func (s *Server) counted(ctx context.Context, place *surveys.Place, given surveys.Moment) (at surveys.Moment, arrived surveys.Day, err error) {
	now := surveys.MomentOf(s.Clock(), s.Zone)
	open := given.Late(now) && place.OpenOn(given.Day)
	if open {
		if open, err = s.takes(ctx, place.Facility.ID, given.Day, now.Day); err != nil {
			return surveys.Moment{}, "", err
		}
	}
	at = given.CountedAt(now, open)
	if place.Retired && at.Day == now.Day {
		return surveys.Moment{}, "", surveys.ErrRetired
	}
	return at, now.Day, nil
}

// takes says whether a facility's past day still takes answers. How long they are kept may have been settled anew
// while we run, so it is read.
func (s *Server) takes(ctx context.Context, facility surveys.FacilityID, day, today surveys.Day) (bool, error) {
	in, err := surveys.Installed(ctx, s.Store)
	if err != nil {
		return false, fmt.Errorf("late answer: %w", err)
	}
	closed, err := surveys.DayClosed(ctx, s.Store, in, today, facility, day)
	if err != nil {
		return false, fmt.Errorf("late answer: %w", err)
	}
	return !closed, nil
}

// byScript says that the outbox on the phone sent the form: it wants a status and a receipt, not a page.
func byScript(c *fiber.Ctx) bool { return c.Get(fiber.HeaderAccept) == fiber.MIMEApplicationJSON }

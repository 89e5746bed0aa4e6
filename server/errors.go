package server

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"hailong/server/view"
	"hailong/surveys"
)

// statusOf is the only map from errors to statuses.
func statusOf(err error) int {
	var fiberError *fiber.Error
	var invalid *surveys.InvalidError
	switch {
	case errors.As(err, &invalid):
		return fiber.StatusUnprocessableEntity
	case errors.Is(err, surveys.ErrNotFound):
		return fiber.StatusNotFound
	case errors.Is(err, surveys.ErrRetired):
		return fiber.StatusGone
	case errors.Is(err, surveys.ErrBusy), errors.Is(err, surveys.ErrUnavailable),
		errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return fiber.StatusServiceUnavailable
	case errors.Is(err, surveys.ErrConflict), errors.Is(err, surveys.ErrFrozen), errors.Is(err, surveys.ErrSecond):
		return fiber.StatusConflict
	case errors.As(err, &fiberError):
		return fiberError.Code
	default:
		return fiber.StatusInternalServerError
	}
}

// handleError answers an error: a problem to the API, a page to a browser. The error's own text goes to
// the log only.
func (s *Server) handleError(c *fiber.Ctx, err error) error {
	status := statusOf(err)
	if requestID(c) == "" { // refused before its frame, as a body that is too large
		c.Locals(localRequestID, newRequestID())
		s.secure(c)
		s.metrics.refused(c.Method(), status)
		s.Log.Info("request refused", "id", requestID(c), "method", c.Method(), "status", status)
	}
	if status >= http.StatusInternalServerError {
		s.Log.Error("request failed", "id", requestID(c), "route", c.Route().Path, "status", status, "error", err)
	}
	if status == fiber.StatusServiceUnavailable {
		c.Set(fiber.HeaderRetryAfter, retryAfterSecs)
	}
	switch {
	case c.Locals(localProblem) != nil || byScript(c) || strings.HasPrefix(c.Path(), "/api/"):
		return s.sendProblem(c, status, err)
	case strings.HasPrefix(c.Path(), "/app") || strings.HasPrefix(c.Path(), "/log"):
		page := view.ErrorPage{StaffFrame: s.staffFrame(c), Status: status, RequestID: requestID(c)}
		return s.send(c, status, s.lang(c), page)
	default:
		return s.sendCitizen(c, status, s.citizenLang(c), s.message(c, occasionOf(status)))
	}
}

func occasionOf(status int) view.Occasion {
	switch status {
	case fiber.StatusNotFound, fiber.StatusMethodNotAllowed:
		return view.OccasionNoPage
	case fiber.StatusGone:
		return view.OccasionRetired
	case fiber.StatusRequestEntityTooLarge:
		return view.OccasionTooLarge
	case fiber.StatusServiceUnavailable, fiber.StatusTooManyRequests:
		return view.OccasionBusy
	}
	if status < http.StatusInternalServerError {
		return view.OccasionUnreadable
	}
	return view.OccasionBroken
}

func (s *Server) message(c *fiber.Ctx, o view.Occasion) view.MessagePage {
	return view.MessagePage{Occasion: o, RequestID: requestID(c), Home: "/"}
}

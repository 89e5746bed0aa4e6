package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"hailong/server/view"
	"hailong/surveys"
)

// problem is an error as the API tells it (RFC 9457).
type problem struct {
	Type      string       `json:"type"`
	Title     string       `json:"title"`
	Status    int          `json:"status"`
	Detail    string       `json:"detail"`
	RequestID string       `json:"request_id"`
	Errors    []fieldError `json:"errors,omitempty"`
}

type fieldError struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// speakProblem marks a request whose errors are answered as problems.
func (s *Server) speakProblem(c *fiber.Ctx) error {
	c.Locals(localProblem, true)
	return c.Next()
}

// sendProblem answers an error in words, in the caller's language.
func (s *Server) sendProblem(c *fiber.Ctx, status int, err error) error {
	lang := s.lang(c)
	p := problem{Type: "about:blank", Title: http.StatusText(status), Status: status, RequestID: requestID(c)}
	var invalid *surveys.InvalidError
	if errors.As(err, &invalid) {
		for _, f := range invalid.Fields {
			p.Errors = append(p.Errors, fieldError{Field: f.Field, Message: s.fieldText(lang, f)})
		}
	}
	detail, textErr := s.render.Text(lang, view.Msg("api.detail."+strconv.Itoa(known(status))))
	if textErr != nil {
		return textErr
	}
	p.Detail = detail
	if len(p.Errors) > 0 {
		p.Detail += " " + p.Errors[0].Field + ": " + p.Errors[0].Message
	}
	body, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encode problem: %w", err)
	}
	c.Status(status).Set(fiber.HeaderContentType, "application/problem+json")
	return c.Send(body)
}

// known is the status, or the nearest one that has a sentence.
func known(status int) int {
	switch status {
	case 400, 401, 403, 404, 405, 409, 410, 413, 422, 429, 503:
		return status
	}
	if status < fiber.StatusInternalServerError {
		return fiber.StatusBadRequest
	}
	return fiber.StatusInternalServerError
}

// fieldText words one mistake. A message that the catalogue lacks is shown by its key: a test sees to it
// that there is none.
func (s *Server) fieldText(lang view.Lang, f surveys.FieldError) string {
	args := make([]any, len(f.Args))
	for i, a := range f.Args {
		args[i] = a
	}
	text, err := s.render.Text(lang, view.Msg(f.Key, args...))
	if err != nil {
		s.Log.Error("message", "error", err)
		return f.Key
	}
	return text
}

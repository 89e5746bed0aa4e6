package server

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/gofiber/fiber/v2"

	"hailong/analytics"
	"hailong/server/account"
	"hailong/surveys"
)

// responseInput is the body of POST /api/v1/responses.
type responseInput struct {
	Token        string                     `json:"token"         validate:"required,max=64"`
	SubmissionID string                     `json:"submission_id" validate:"required,max=64"`
	FormToken    string                     `json:"form_token"    validate:"max=256"`
	Form         string                     `json:"form"          validate:"omitempty,oneof=short full"`
	Lang         string                     `json:"lang"          validate:"omitempty,oneof=vi en"`
	Channel      string                     `json:"channel"       validate:"omitempty,oneof=qr kiosk paper assisted link"`
	Answers      map[string]json.RawMessage `json:"answers"       validate:"max=200"`
	Comment      string                     `json:"comment"`
	Homepage     string                     `json:"homepage"` // honeypotField
	Given        string                     `json:"given"         validate:"max=13"`
	As           string                     `json:"as"            validate:"omitempty,oneof=pupil"`
}

// receiptOutput answers a stored response.
type receiptOutput struct {
	Receipt surveys.Receipt `json:"receipt"`
}

// postResponse stores one response: 201 with its receipt, or 200 with the same receipt when its submission
// id is known already, whatever the rest says now.
func (s *Server) postResponse(c *fiber.Ctx) error {
	var in responseInput
	err := s.shapes.read(c.Body(), &in)
	added := false
	if err == nil {
		added, err = s.store(c, in)
	}
	id, idErr := surveys.ParseSubmissionID(in.SubmissionID)
	if err != nil {
		if idErr != nil || !refused(err) || !s.knows(c, id) {
			return err
		}
	}
	status := fiber.StatusOK
	if added {
		status = fiber.StatusCreated
	}
	return c.Status(status).JSON(receiptOutput{Receipt: id.Receipt()})
}

// refused says that an error is about what was sent, not about us.
func refused(err error) bool { return statusOf(err) < fiber.StatusInternalServerError }

// knows says whether a submission is stored already.
func (s *Server) knows(c *fiber.Ctx, id surveys.SubmissionID) bool {
	_, err := s.Store.Response(c.UserContext(), id)
	return err == nil
}

// store checks a response and hands it to the writer.
func (s *Server) store(c *fiber.Ctx, in responseInput) (added bool, err error) {
	id, err := surveys.ParseSubmissionID(in.SubmissionID)
	if err != nil {
		bad := &surveys.InvalidError{}
		bad.Add("submission_id", "error.malformed", "submission_id")
		return false, bad
	}
	given, err := surveys.ParseMoment(in.Given)
	if err != nil {
		bad := &surveys.InvalidError{}
		bad.Add("given", "error.malformed", "given")
		return false, bad
	}
	place, err := s.placeOf(c.UserContext(), in)
	if err != nil {
		return false, err
	}
	at, arrived, err := s.counted(c.UserContext(), place, s.believed(given, place, id, in.FormToken))
	if err != nil {
		return false, err
	}
	sub := surveys.Submission{
		ID: id, Form: formOf(in.Form), Channel: surveys.Channel(in.Channel), Lang: in.Lang, Comment: in.Comment,
	}
	if sub.Channel == "" {
		sub.Channel = surveys.QR
	}
	if sub.Lang == "" {
		sub.Lang = "vi"
	}
	if sub.Channel.Typed() {
		if err = s.mayType(c, place); err != nil {
			return false, err
		}
	}
	if sub.Answers, err = readAnswers(in.Answers); err != nil {
		return false, err
	}
	if err = sub.Check(place.Instrument); err != nil {
		return false, err
	}
	came := arrival{formToken: in.FormToken, honeypot: in.Homepage, at: at, on: arrived}
	came.known = c.Get(fiber.HeaderAuthorization) != "" && s.mayType(c, place) == nil
	added, err = s.ingest.Add(c.UserContext(), s.response(c, place, sub, came))
	if added && !came.known {
		s.markAnswered(c, place, in.FormToken)
	}
	return added, err
}

// placeOf finds the place of a response, as it asks whoever answers.
func (s *Server) placeOf(ctx context.Context, in responseInput) (*surveys.Place, error) {
	token, ok := surveys.ParseToken(in.Token)
	if !ok {
		return nil, surveys.ErrNotFound
	}
	place, err := s.doorway.Find(ctx, token)
	if err != nil {
		return nil, err
	}
	place, asked := place.As(in.As)
	if !asked {
		bad := &surveys.InvalidError{}
		bad.Add(whoField, "error.malformed", whoField)
		return nil, bad
	}
	return place, nil
}

// readAnswers reads each answer by itself, so that a bad one is named. null is a blank.
func readAnswers(raw map[string]json.RawMessage) (surveys.Answers, error) {
	answers, bad := surveys.Answers{}, &surveys.InvalidError{}
	for _, code := range slices.Sorted(maps.Keys(raw)) {
		var a surveys.Answer
		value := raw[code]
		if string(value) == "null" {
			continue
		}
		if err := json.Unmarshal(value, &a); err != nil {
			bad.Add(code, "error.wrong_type", code)
			continue
		}
		answers[code] = a
	}
	return answers, bad.OrNil()
}

// mayType says whether the caller may send in answers that someone else gave: a bearer token that is more
// than a viewer's and whose scope holds the facility.
func (s *Server) mayType(c *fiber.Ctx, place *surveys.Place) error {
	caller, err := s.caller(c)
	if err != nil {
		return err
	}
	if caller.Role == account.Viewer {
		return fiber.ErrForbidden
	}
	scope := analytics.Scope{Kind: analytics.FacilityScope, Name: string(place.Facility.ID)}
	return s.within(c, caller, analytics.Query{Scope: scope, From: s.today(), To: s.today()})
}

var errNoBearer = errors.New("no bearer token")

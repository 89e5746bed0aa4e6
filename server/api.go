package server

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"hailong/analytics"
	"hailong/server/account"
	"hailong/surveys"
)

// caller finds the bearer token of a request: 401 without a right one.
func (s *Server) caller(c *fiber.Ctx) (account.Token, error) {
	scheme, secret, _ := strings.Cut(c.Get(fiber.HeaderAuthorization), " ")
	if !strings.EqualFold(scheme, "bearer") || secret == "" {
		c.Set(fiber.HeaderWWWAuthenticate, "Bearer")
		return account.Token{}, fmt.Errorf("%w: %w", fiber.ErrUnauthorized, errNoBearer)
	}
	token, err := s.accounts.Bearer(c.UserContext(), strings.TrimSpace(secret))
	if errors.Is(err, account.ErrWrong) {
		c.Set(fiber.HeaderWWWAuthenticate, `Bearer error="invalid_token"`)
		return account.Token{}, fmt.Errorf("%w: %w", fiber.ErrUnauthorized, err)
	}
	return token, err
}

// bearer lets only requests with a right token pass.
func (s *Server) bearer(c *fiber.Ctx) error {
	token, err := s.caller(c)
	if err != nil {
		return err
	}
	c.Locals(localCaller, token)
	return c.Next()
}

func callerOf(c *fiber.Ctx) account.Token {
	token, _ := c.Locals(localCaller).(account.Token) //nolint:errcheck // none is nobody, who may do nothing
	return token
}

// within refuses a query that reaches beyond the token's scope.
func (s *Server) within(c *fiber.Ctx, caller account.Token, q analytics.Query) error {
	own, err := analytics.ParseScope(caller.Scope)
	if err != nil {
		return fmt.Errorf("scope of token %s: %w", caller.Name, err)
	}
	ok, err := s.desk.Covers(c.UserContext(), own, q)
	if err == nil && !ok {
		return fiber.ErrForbidden
	}
	return err
}

// pageOf is one page of things sorted by id, and the cursor of the next.
const apiPage = 200

func pageOf[T any](all []T, id func(T) string, cursor string) (page []T, next string) {
	slices.SortFunc(all, func(a, b T) int { return strings.Compare(id(a), id(b)) })
	from, _ := slices.BinarySearchFunc(all, cursor, func(t T, c string) int { return strings.Compare(id(t), c) })
	if from < len(all) && cursor != "" && id(all[from]) == cursor {
		from++
	}
	to := min(from+apiPage, len(all))
	if to < len(all) {
		next = id(all[to-1])
	}
	return all[from:to], next
}

// facilityOutput is a facility as the API tells it.
type facilityOutput struct {
	ID         surveys.FacilityID   `json:"id"`
	Name       string               `json:"name"`
	Sector     surveys.Sector       `json:"sector"`
	Kind       surveys.FacilityKind `json:"kind"`
	Unit       string               `json:"unit"`
	From       surveys.Day          `json:"from"`
	To         surveys.Day          `json:"to"` // "" while it is open
	Instrument string               `json:"instrument"`
}

type facilitiesOutput struct {
	Facilities []facilityOutput `json:"facilities"`
	Next       string           `json:"next,omitempty"`
}

// covered lists the facilities of the caller's scope.
func (s *Server) covered(c *fiber.Ctx) ([]surveys.Facility, *surveys.Organisation, error) {
	own, err := analytics.ParseScope(callerOf(c).Scope)
	if err != nil {
		return nil, nil, fmt.Errorf("scope of token: %w", err)
	}
	org, err := s.directory.Organisation(c.UserContext())
	if err != nil {
		return nil, nil, err
	}
	list, err := s.desk.Facilities(org, own)
	return list, org, err
}

// listFacilities answers GET /api/v1/facilities.
func (s *Server) listFacilities(c *fiber.Ctx) error {
	facilities, org, err := s.covered(c)
	if err != nil {
		return err
	}
	page, next := pageOf(facilities, func(f surveys.Facility) string { return string(f.ID) }, c.Query("cursor"))
	out := facilitiesOutput{Facilities: []facilityOutput{}, Next: next}
	for _, f := range page {
		day := s.today()
		if f.To != "" {
			day = min(day, f.To)
		}
		unit, _ := org.UnitOf(f, day)
		out.Facilities = append(out.Facilities, facilityOutput{
			ID: f.ID, Name: f.Name, Sector: f.Sector, Kind: f.Kind, Unit: unit.Code,
			From: f.From, To: f.To, Instrument: f.Instrument,
		})
	}
	return c.JSON(out)
}

// pointOutput is a point as the API tells it, with the instrument in force.
type pointOutput struct {
	ID         surveys.PointID    `json:"id"`
	Token      surveys.Token      `json:"token"`
	Facility   surveys.FacilityID `json:"facility"`
	Kind       surveys.PointKind  `json:"kind"`
	Name       string             `json:"name"`
	Instrument string             `json:"instrument"`
	URL        string             `json:"url"`
	Retired    bool               `json:"retired"`
}

type pointsOutput struct {
	Points []pointOutput `json:"points"`
	Next   string        `json:"next,omitempty"`
}

// listPoints answers GET /api/v1/points?facility=.
func (s *Server) listPoints(c *fiber.Ctx) error {
	facilities, _, err := s.covered(c)
	if err != nil {
		return err
	}
	byID := map[surveys.FacilityID]surveys.Facility{}
	for _, f := range facilities {
		byID[f.ID] = f
	}
	var stored []surveys.Stored[surveys.Point]
	if id := c.Query("facility"); id != "" {
		if _, ok := byID[surveys.FacilityID(id)]; !ok {
			return surveys.ErrNotFound
		}
		stored, err = surveys.Points().By(c.UserContext(), s.Store, "facility", id)
	} else {
		stored, err = surveys.Points().All(c.UserContext(), s.Store)
	}
	if err != nil {
		return err
	}
	points := []pointOutput{}
	for _, p := range stored {
		if f, ok := byID[p.Value.Facility]; ok {
			points = append(points, s.pointOutput(p.Value, f))
		}
	}
	page, next := pageOf(points, func(p pointOutput) string { return string(p.ID) }, c.Query("cursor"))
	return c.JSON(pointsOutput{Points: page, Next: next})
}

func (s *Server) pointOutput(p surveys.Point, f surveys.Facility) pointOutput {
	return pointOutput{
		ID: p.ID, Token: p.Token, Facility: p.Facility, Kind: p.Kind, Name: p.Name,
		Instrument: surveys.InForce(p, f), URL: s.surveyURL(p.Token), Retired: surveys.IsRetired(p, f, s.today()),
	}
}

// surveyURL is what a QR code holds.
func (s *Server) surveyURL(token surveys.Token) string { return s.BaseURL + "/s/" + string(token) }

// summary answers GET /api/v1/summary.
func (s *Server) summary(c *fiber.Ctx) error {
	q, err := s.readQuery(c)
	if err != nil {
		return err
	}
	caller := callerOf(c)
	if err = s.within(c, caller, q); err != nil {
		return err
	}
	q.Exact = caller.Role == account.Admin
	if q.Exact && q.Scope.Kind == analytics.FacilityScope {
		if err = s.countNow(c.UserContext(), surveys.FacilityID(q.Scope.Name)); err != nil {
			return err
		}
	}
	out, err := s.desk.Summary(c.UserContext(), q)
	if err != nil {
		return err
	}
	return c.JSON(out)
}

// readQuery reads the parameters of a summary; every mistake is named.
func (s *Server) readQuery(c *fiber.Ctx) (analytics.Query, error) {
	bad := &surveys.InvalidError{}
	day := func(name string, required bool) surveys.Day {
		value := c.Query(name)
		if value == "" && !required {
			return ""
		}
		d, err := surveys.ParseDay(value)
		if err != nil {
			bad.Add(name, "error.not_a_day", value)
		}
		return d
	}
	scope, err := analytics.ParseScope(c.Query("scope"))
	if err != nil {
		bad.Add("scope", "error.not_a_scope", c.Query("scope"))
	}
	q := analytics.Query{
		Scope: scope, From: day("from", true), To: day("to", true), Asof: day("asof", false),
		Instrument: c.Query("instrument"), Tree: analytics.Tree(c.Query("tree")),
	}
	if q.To != "" && q.From > q.To {
		bad.Add("from", "error.from_after_to")
	}
	if !slices.Contains([]analytics.Tree{"", analytics.TreeThen, analytics.TreeNow}, q.Tree) {
		bad.Add("tree", "error.one_of", "then, now")
	}
	if q.Instrument != "" {
		all, err := surveys.Instruments(c.UserContext(), s.Store)
		if err != nil {
			return q, err
		}
		if !slices.ContainsFunc(all, func(in surveys.Instrument) bool { return in.Key == q.Instrument }) {
			bad.Add("instrument", "error.malformed", "instrument")
		}
	}
	return q, bad.OrNil()
}

package openloop

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"hailong/surveys"
)

// Scenario is who comes, in crowds of people who do alike, each with its own plan.
type Scenario interface {
	Crowds(plan Plan) []Crowd
}

// Crowd is many who do alike.
type Crowd struct {
	Plan    Plan
	Visit   func(ctx context.Context, v *Visitor)
	Name    string // under which the report tells how many sent something, "" it does not
	AtFirst bool   // all at the first code
	Exactly int    // so many come, at any time of the last stage that has a rate; 0: as the plan's rates say
}

// ScenarioFunc is a scenario made of one function.
type ScenarioFunc func(plan Plan) []Crowd

// Crowds calls it.
func (f ScenarioFunc) Crowds(plan Plan) []Crowd { return f(plan) }

// Scenarios lists the scenarios by name: answers sends them straight to the API, forms opens the page, thinks and sends
// the form, mixed has half of each.
func Scenarios() map[string]Scenario {
	return map[string]Scenario{
		"answers": ScenarioFunc(func(p Plan) []Crowd { return []Crowd{{Plan: p, Visit: sendAnswers}} }),
		"forms":   ScenarioFunc(func(p Plan) []Crowd { return []Crowd{{Plan: p, Visit: fillForm}} }),
		"mixed": ScenarioFunc(func(p Plan) []Crowd {
			return []Crowd{{Plan: p.Share(0.5), Visit: sendAnswers}, {Plan: p.Share(0.5), Visit: fillForm}}
		}),
	}
}

// The steps of a visit, as the report names them.
const (
	stepPage   = "page"   // GET of the form
	stepForm   = "form"   // its POST
	stepAnswer = "answer" // POST to the API
	stepAgain  = "again"  // the same once more, as a double tap: it must be acknowledged alike
)

const (
	againShare      = 0.02
	commentShare    = 0.05
	thinkLeast      = 500 * time.Millisecond
	thinkMost       = 3 * time.Second
	inventedComment = "Câu trả lời thử tải, không phải của người dân"
)

// sendAnswers is a visitor whose page talks to the API.
func sendAnswers(ctx context.Context, v *Visitor) {
	id := surveys.NewSubmissionID()
	body, err := json.Marshal(map[string]any{
		"token": v.Sheet.Token, "submission_id": id, "answers": v.Sheet.answers(v.Random), "comment": v.comment(),
	})
	if err != nil {
		return // texts and numbers
	}
	q := Request{Method: http.MethodPost, Path: answersPath, Type: "application/json", Body: body}
	if v.Send(ctx, stepAnswer, q, acknowledges(id)) {
		v.Acknowledged(id)
		v.again(ctx, q, acknowledges(id))
	}
}

// fillForm is a visitor who opens the page, thinks and sends the form.
func fillForm(ctx context.Context, v *Visitor) {
	fields, ok := open(ctx, v)
	if !ok {
		return
	}
	id, ok := v.idOf(fields)
	if !ok {
		return
	}
	think := thinkLeast + time.Duration(v.Random.Int64N(int64(thinkMost-thinkLeast)))
	if !v.Think(ctx, think) {
		return
	}
	answers := v.Sheet.answers(v.Random)
	fields.Set("comment", v.comment())
	if post(ctx, v, fields, id, answers) && v.Random.Float64() < againShare {
		send(ctx, v, stepAgain, fields, id)
	}
}

func (v *Visitor) again(ctx context.Context, q Request, judge func(Reply) error) {
	if v.Random.Float64() < againShare {
		v.Send(ctx, stepAgain, q, judge)
	}
}

func (v *Visitor) comment() string {
	if v.Random.Float64() < commentShare {
		return inventedComment
	}
	return ""
}

var errMalformed = errors.New("malformed answer")

// statusError is an answer that is none of those expected.
type statusError int

func (e statusError) Error() string { return fmt.Sprintf("status %d", int(e)) }

// acknowledges wants the receipt of a submission from the API.
func acknowledges(id surveys.SubmissionID) func(Reply) error {
	return func(r Reply) error {
		if r.Status != http.StatusCreated && r.Status != http.StatusOK {
			return statusError(r.Status)
		}
		var told struct{ Receipt surveys.Receipt }
		if err := json.Unmarshal(r.Body, &told); err != nil || told.Receipt != id.Receipt() {
			return errMalformed
		}
		return nil
	}
}

// isThanks wants the way to the thanks page with the submission's receipt.
func isThanks(r Reply, id surveys.SubmissionID) error {
	if r.Status != http.StatusSeeOther {
		return statusError(r.Status)
	}
	to, err := url.Parse(r.Location)
	if err != nil || to.Query().Get("r") != string(id.Receipt()) {
		return errMalformed
	}
	return nil
}

func isPage(r Reply) error {
	if r.Status != http.StatusOK {
		return statusError(r.Status)
	}
	if !bytes.Contains(r.Body, []byte(`name="form_token"`)) {
		return errMalformed
	}
	return nil
}

// Sheet is a questionnaire behind a code, as its page shows it: the questions with grades.
type Sheet struct {
	Token     surveys.Token
	Questions []string // the codes of their items
}

// answers invents an answer to each question, a few left blank: mostly satisfied, as people are.
func (s *Sheet) answers(random *rand.Rand) map[string]int {
	grades := []int{5, 5, 5, 4, 4, 4, 4, 3, 2, 1, 0}
	answers := map[string]int{}
	for i, code := range s.Questions {
		if i == 0 || random.Float64() < 0.95 {
			answers[code] = grades[random.IntN(len(grades))]
		}
	}
	return answers
}

// isScale says whether the values of a question's radios are the grades.
func isScale(values []string) bool {
	slices.Sort(values)
	return strings.Join(values, "") == "012345"
}

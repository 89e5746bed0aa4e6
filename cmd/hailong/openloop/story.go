package openloop

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"hailong/surveys"
)

// Story is a scenario that has its own plan: who comes in an hour of a day at the counters. The hour is compressed: people
// and scripts arrive so much closer together. How long one of them takes to fill in a form is not.
type Story func(hour time.Duration) (Plan, Scenario)

// The people of the stories.
const (
	hallPeople   = 200
	floodEach    = 400 // of each of five kinds, in a sixth of the hour
	insiderForms = 40
)

// StoryPatience is how long after the hour those who came last may go on.
const StoryPatience = 2 * time.Minute

// Stories lists the stories by name.
//
//	hall     200 people in an hour at one code, behind one address
//	flood    the same, and among them 2,000 scripted forms in ten minutes, of five kinds
//	insider  staff who fill in 40 perfect forms by hand
func Stories() map[string]Story {
	return map[string]Story{"hall": hall, "flood": flood, "insider": insider}
}

func hall(hour time.Duration) (Plan, Scenario) {
	plan := Plan{over(hallPeople, hour)}
	return plan, crowds(Crowd{Name: "people", Exactly: hallPeople, Plan: plan, AtFirst: true, Visit: person})
}

func flood(hour time.Duration) (Plan, Scenario) {
	third, sixth := hour/3, hour/6
	people := over(hallPeople, hour)
	each := over(floodEach, sixth)
	scripts := Plan{{For: third}, each}
	said := people.Rate + 5*each.Rate
	plan := Plan{{people.Rate, third}, {said, sixth}, {people.Rate, hour - third - sixth}}
	kept := &keptPage{}
	return plan, crowds(
		Crowd{Name: "people", Exactly: hallPeople, Plan: Plan{people}, AtFirst: true, Visit: person},
		Crowd{Name: "scripts without a form token", Exactly: floodEach, Plan: scripts, AtFirst: true, Visit: bare},
		Crowd{Name: "scripts with one token for all", Exactly: floodEach, Plan: scripts, AtFirst: true, Visit: kept.replay},
		Crowd{Name: "scripts that send at once", Exactly: floodEach, Plan: scripts, AtFirst: true, Visit: script(0, 0)},
		Crowd{Name: "scripts that wait a little", Exactly: floodEach, Plan: scripts, AtFirst: true, Visit: script(2*time.Second, 6*time.Second)},
		Crowd{Name: "the same at every code", Exactly: floodEach, Plan: scripts, Visit: script(2*time.Second, 6*time.Second)},
	)
}

func insider(hour time.Duration) (Plan, Scenario) {
	plan := Plan{over(insiderForms, hour)}
	return plan, crowds(Crowd{Name: "perfect forms by hand", Exactly: insiderForms, Plan: plan, AtFirst: true, Visit: script(9*time.Second, 21*time.Second)})
}

// over is a stage in which n come.
func over(n int, d time.Duration) Stage { return Stage{Rate: float64(n) / d.Seconds(), For: d} }

func crowds(list ...Crowd) Scenario { return ScenarioFunc(func(Plan) []Crowd { return list }) }

// The time that a person takes is spread around five and a half seconds for each step; nobody takes longer than
// StoryPatience lets them.
const (
	stepMedian = 5.5
	stepSpread = 0.55
	mostThink  = 110 * time.Second
)

func personThinks(random *rand.Rand, questions int) time.Duration {
	step := stepMedian * math.Exp(stepSpread*random.NormFloat64())
	return min(mostThink, time.Duration(step*float64(questions+1)*float64(time.Second)))
}

// person opens the form, reads it, answers as people do and sends it.
func person(ctx context.Context, v *Visitor) {
	answers := v.Sheet.answers(v.Random)
	fill(ctx, v, personThinks(v.Random, len(v.Sheet.Questions)), answers)
}

// script opens the form, waits from the least to the most, and sends the best grades.
func script(least, most time.Duration) func(context.Context, *Visitor) {
	return func(ctx context.Context, v *Visitor) {
		think := least
		if most > least {
			think += time.Duration(v.Random.Int64N(int64(most - least)))
		}
		fill(ctx, v, think, v.Sheet.perfect())
	}
}

// bare sends to the API, without having seen the form.
func bare(ctx context.Context, v *Visitor) {
	id := surveys.NewSubmissionID()
	body, err := json.Marshal(map[string]any{"token": v.Sheet.Token, "submission_id": id, "answers": v.Sheet.perfect()})
	if err != nil {
		return // texts and numbers
	}
	if v.Send(ctx, stepAnswer, Request{Method: http.MethodPost, Path: answersPath, Type: "application/json", Body: body}, acknowledges(id)) {
		v.Acknowledged(id)
	}
}

// keptPage is a form that one script opened and all send.
type keptPage struct {
	mu     sync.Mutex
	fields url.Values
}

func (k *keptPage) replay(ctx context.Context, v *Visitor) {
	k.mu.Lock()
	if k.fields == nil {
		k.fields, _ = open(ctx, v)
	}
	fields := maps.Clone(k.fields)
	k.mu.Unlock()
	if fields == nil {
		return
	}
	id := surveys.NewSubmissionID()
	fields.Set("submission_id", string(id))
	post(ctx, v, fields, id, v.Sheet.perfect())
}

// open opens the form; nil and false where that fails.
func open(ctx context.Context, v *Visitor) (url.Values, bool) {
	var page []byte
	q := Request{Method: http.MethodGet, Path: "/s/" + string(v.Sheet.Token)}
	if !v.Send(ctx, stepPage, q, func(r Reply) error { page = r.Body; return isPage(r) }) {
		return nil, false
	}
	return hiddenFields(page), true
}

// fill opens the form, waits and sends it.
func fill(ctx context.Context, v *Visitor, think time.Duration, answers map[string]int) {
	fields, ok := open(ctx, v)
	if !ok {
		return
	}
	id, ok := v.idOf(fields)
	if ok && v.Think(ctx, think) {
		post(ctx, v, fields, id, answers)
	}
}

func (v *Visitor) idOf(fields url.Values) (surveys.SubmissionID, bool) {
	id, err := surveys.ParseSubmissionID(fields.Get("submission_id"))
	if err != nil {
		v.fault("page without a submission id")
	}
	return id, err == nil
}

func post(ctx context.Context, v *Visitor, fields url.Values, id surveys.SubmissionID, answers map[string]int) bool {
	for code, n := range answers {
		fields.Set(code, strconv.Itoa(n))
	}
	if !send(ctx, v, stepForm, fields, id) {
		return false
	}
	v.Acknowledged(id)
	return true
}

func send(ctx context.Context, v *Visitor, step string, fields url.Values, id surveys.SubmissionID) bool {
	q := Request{
		Method: http.MethodPost, Path: "/s/" + string(v.Sheet.Token), Type: "application/x-www-form-urlencoded", Body: []byte(fields.Encode()),
	}
	return v.Send(ctx, step, q, func(r Reply) error { return isThanks(r, id) })
}

// perfect are the best grades for all questions.
func (s *Sheet) perfect() map[string]int {
	answers := map[string]int{}
	for _, code := range s.Questions {
		answers[code] = 5
	}
	return answers
}

// Standing is how many answers of a day count and how many stand aside, as an administrator is told.
type Standing struct {
	Counted int64 `json:"counted"`
	Aside   int64 `json:"aside"`
}

// Minus is what has come since.
func (s Standing) Minus(o Standing) Standing {
	return Standing{s.Counted - o.Counted, s.Aside - o.Aside}
}

// StandingOn asks a server, with its API token, for the answers of a day. Figures are released at night: until then
// those that count wait.
func StandingOn(ctx context.Context, to Sender, day surveys.Day) (sum Standing, err error) {
	for _, instrument := range []string{"", "&instrument=" + surveys.Pulse} {
		path := fmt.Sprintf("/api/v1/summary?scope=all&from=%s&to=%s%s", day, day, instrument)
		reply, err := to.Send(ctx, Request{Method: http.MethodGet, Path: path, WithToken: true})
		if err != nil {
			return sum, err
		}
		if reply.Status != http.StatusOK {
			return sum, statusError(reply.Status)
		}
		var told struct {
			Forms    int64 `json:"forms"`
			Waiting  int64 `json:"waiting"`
			SetAside int64 `json:"set_aside"`
		}
		if json.Unmarshal(reply.Body, &told) != nil {
			return sum, errMalformed
		}
		sum.Counted += told.Forms + told.Waiting
		sum.Aside += told.SetAside
	}
	return sum, nil
}

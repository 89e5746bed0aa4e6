package server

import (
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"hailong/server/view"
	"hailong/surveys"
)

// sentForm is a posted form: the submission it makes, and its fields as they came.
type sentForm struct {
	surveys.Submission
	lang    view.Lang
	place   *surveys.Place // as it asks whoever answers
	values  url.Values
	names   []string // of the fields that are ours, in order
	given   surveys.Moment
	strange bool // a field that this questionnaire does not have
	broken  []view.Problem
	arrival arrival
}

// whoField says in an address and in a form who answers, where a place asks others than those it asks first.
const whoField = "as"

// readForm reads a posted form. Fields bear the items' codes.
func (s *Server) readForm(c *fiber.Ctx, place *surveys.Place) (*sentForm, error) {
	if !strings.HasPrefix(c.Get(fiber.HeaderContentType), fiber.MIMEApplicationForm) {
		return nil, fiber.NewError(fiber.StatusBadRequest, "not a form")
	}
	values, err := url.ParseQuery(string(c.Body()))
	if err != nil {
		return nil, fiber.NewError(fiber.StatusBadRequest, "unreadable form")
	}
	sent := &sentForm{values: values}
	sent.Channel = surveys.QR
	if place.Point.Kind == "online" {
		sent.Channel = surveys.Link
	}
	sent.Form = formOf(values.Get("form"))
	sent.Comment = values.Get("comment")
	sent.arrival = arrival{formToken: values.Get("form_token"), honeypot: values.Get(honeypotField)}
	sent.given, _ = surveys.ParseMoment(values.Get("given")) //nolint:errcheck // an unreadable one is none
	if sent.ID, err = surveys.ParseSubmissionID(values.Get("submission_id")); err != nil {
		sent.strange, sent.ID = true, surveys.NewSubmissionID()
	}
	asked := false
	if sent.place, asked = place.As(values.Get(whoField)); !asked {
		sent.strange = true
	}
	sent.lang = s.formLang(values.Get("lang"), sent.place.Instrument)
	sent.Lang = string(sent.lang)
	sent.readAnswers(sent.place.Instrument)
	return sent, nil
}

// readAnswers turns fields into answers by the kind of their item. An empty field is a blank.
func (f *sentForm) readAnswers(in *surveys.Instrument) {
	f.Answers = surveys.Answers{}
	own := []string{"form", "lang", "submission_id", "form_token", "comment", "given", whoField, honeypotField}
	for _, name := range slices.Sorted(maps.Keys(f.values)) {
		given := slices.DeleteFunc(slices.Clone(f.values[name]), func(v string) bool { return strings.TrimSpace(v) == "" })
		it, known := in.Item(name)
		switch {
		case slices.Contains(own, name):
			f.names = append(f.names, name)
		case !known:
			f.strange = true
		case len(given) == 0:
		default:
			f.names = append(f.names, name)
			f.readAnswer(it, given)
		}
	}
	f.Prune(in)
}

func (f *sentForm) readAnswer(it surveys.Item, given []string) {
	if it.Kind == surveys.Multiple {
		f.Answers[it.Code] = surveys.ListAnswer(given...)
		return
	}
	if len(given) > 1 {
		f.broken = append(f.broken, view.UnknownAnswer(it.Code))
		return
	}
	if it.Kind == surveys.Single || it.Kind == surveys.TextItem {
		f.Answers[it.Code] = surveys.TextAnswer(given[0])
		return
	}
	n, err := strconv.Atoi(strings.TrimSpace(given[0]))
	if err != nil {
		f.broken = append(f.broken, badNumber(it))
		return
	}
	f.Answers[it.Code] = surveys.NumberAnswer(n)
}

func badNumber(it surveys.Item) view.Problem {
	if it.Kind == surveys.Percent {
		return view.NotPercent(it.Code)
	}
	return view.UnknownAnswer(it.Code)
}

// check holds the form against its instrument and says what to correct, in the order of the page.
func (f *sentForm) check(in *surveys.Instrument) []view.Problem {
	problems := f.broken
	err := f.Check(in)
	var invalid *surveys.InvalidError
	if errors.As(err, &invalid) {
		for _, field := range invalid.Fields {
			if field.Key == "error.no_answer" && len(f.broken) > 0 {
				continue
			}
			problems = append(problems, f.problem(in, field))
		}
	}
	if f.strange {
		problems = append(problems, view.StrangeField())
	}
	place := func(p view.Problem) int {
		i := slices.IndexFunc(in.Items, func(it surveys.Item) bool { return it.Code == p.Item })
		if i < 0 {
			return len(in.Items)
		}
		return i
	}
	slices.SortStableFunc(problems, func(a, b view.Problem) int { return place(a) - place(b) })
	return problems
}

// problem words one mistake for the form.
func (f *sentForm) problem(in *surveys.Instrument, e surveys.FieldError) view.Problem {
	it, _ := in.Item(e.Field)
	switch e.Key {
	case "error.no_answer":
		return view.NothingAnswered(in.Asked(f.Form)[0].Code)
	case "error.too_many":
		return view.TooManyChosen(it.Code, it.Max)
	case "error.too_long":
		if e.Field == view.CommentItem {
			return view.TextTooLong(e.Field, utf8.RuneCountInString(f.Comment), surveys.MaxComment)
		}
		have, _ := strconv.Atoi(e.Args[1]) //nolint:errcheck // Check wrote the number
		return view.TextTooLong(it.Code, have, it.Max)
	}
	if it.Kind == surveys.Percent {
		return view.NotPercent(it.Code)
	}
	return view.UnknownAnswer(it.Code)
}

// formPage is the questionnaire of a place; sent fills in what was typed before.
func (s *Server) formPage(place *surveys.Place, lang view.Lang, form surveys.Form, sent *sentForm) view.FormPage {
	in, l := place.Instrument, string(lang)
	page := view.FormPage{
		Frame: view.Frame{
			Place:  placeOf(place),
			Switch: formPath(place, lang.Other(), form),
			Langs:  s.formLangs(in),
		},
		Action:   "/s/" + string(place.Point.Token),
		Form:     string(form),
		Headline: in.Headline.In(l),
		Notice:   view.Notice{Controller: s.Office, Contact: s.Contact, RetentionMonths: s.Install.KeepRaw},
		Reply:    view.Reply{Contact: s.Contact, Urgent: urgent(place.Facility.Sector)},
		Comment:  &view.Comment{Text: in.Comment.In(l)},
	}
	other := surveys.FullForm
	if form == surveys.FullForm {
		other = surveys.ShortForm
	}
	if n := len(in.Asked(other)); n != len(in.Asked(form)) {
		page.Alternate = &view.Alternate{
			URL: formPath(place, lang, other), Full: other == surveys.FullForm, Questions: n,
		}
	}
	typed := url.Values{}
	if sent != nil {
		typed = sent.values
		page.Comment.Value = typed.Get("comment")
	}
	for _, it := range in.Asked(form) {
		page.Questions = append(page.Questions, question(in, it, l, typed[it.Code]))
	}
	if page.Audience = view.Audience(place.Audience()); page.Audience == "" {
		page.Behalf = behalf(in, typed[surveys.OnBehalf])
	}
	page.Others = others(place, lang, form)
	if place.AsPupil {
		page.Who = surveys.PupilsOnly
	}
	return page
}

// others is the address of the form for whom this one does not ask, "" where there is none.
func others(p *surveys.Place, lang view.Lang, form surveys.Form) string {
	if p.Pupils == nil {
		return ""
	}
	turned := *p
	turned.AsPupil = !p.AsPupil
	return formPath(&turned, lang, form)
}

// urgent says which number stands under the comment: where people are ill an ambulance's, at schools the one for children.
func urgent(sector surveys.Sector) view.Urgent {
	switch sector {
	case "health":
		return view.UrgentHealth
	case "education":
		return view.UrgentEducation
	}
	return ""
}

// behalf is the tap of somebody who answers for another. At schools it would ask nothing: parents answer as parents.
func behalf(in *surveys.Instrument, typed []string) *view.Behalf {
	it, _ := in.Item(surveys.OnBehalf)
	yes := it.Options[0].Code
	return &view.Behalf{Code: it.Code, Value: yes, Checked: slices.Contains(typed, yes)}
}

// question is one item of the form, with what was typed.
func question(in *surveys.Instrument, it surveys.Item, lang string, typed []string) view.Question {
	q := view.Question{Code: it.Code, Text: it.Text.In(lang), Kind: view.Kind(it.Kind)}
	if it.Kind == surveys.Multiple {
		q.Most = it.Max
	}
	for _, f := range in.Factors {
		if f.Code == it.Factor {
			q.Factor = f.Title.In(lang)
		}
	}
	if it.Kind == surveys.Scale5 && it.Role != surveys.Overall {
		q.Prompt = in.Prompt.In(lang)
	}
	if len(typed) > 0 && (it.Kind == surveys.Percent || it.Kind == surveys.TextItem) {
		q.Value = typed[0]
	}
	q.Options = options(in, it, lang, typed)
	if it.ShowIf != nil {
		q.ShowIf = showIf(in, it.ShowIf, lang)
	}
	return q
}

func options(in *surveys.Instrument, it surveys.Item, lang string, typed []string) []view.Option {
	var list []view.Option
	if it.Kind == surveys.Scale5 {
		for _, g := range in.Scale {
			code := strconv.Itoa(g.Value)
			label := g.Text
			if g.Value == 0 && it.None != nil {
				label = it.None
			}
			list = append(list, view.Option{
				Code: code, Label: label.In(lang), Face: g.Value, Quiet: g.Value == 0, Checked: slices.Contains(typed, code),
			})
		}
	}
	for _, o := range it.Options {
		list = append(list, view.Option{Code: o.Code, Label: o.Text.In(lang), Checked: slices.Contains(typed, o.Code)})
	}
	return list
}

// showIf words a rule: the earlier question and the answers after which this one is meant.
func showIf(in *surveys.Instrument, rule *surveys.ShowIf, lang string) *view.ShowIf {
	cause, _ := in.Item(rule.Item)
	shown := &view.ShowIf{Code: rule.Item, In: rule.In, NotIn: rule.NotIn}
	for _, o := range options(in, cause, lang, nil) {
		hit := slices.Contains(rule.In, o.Code) || len(rule.NotIn) > 0 && !slices.Contains(rule.NotIn, o.Code)
		if hit {
			shown.Answers = append(shown.Answers, o.Label)
		}
	}
	return shown
}

package view

import (
	"regexp"
	"strings"
)

// Place heads every citizen page: where the code hangs.
type Place struct {
	Facility string
	Point    string
}

// Frame is what all citizen pages share.
type Frame struct {
	// Place may be empty; then the product's name heads the page.
	Place Place
	// Switch is the address of this page in another language, "" where there is none (after a POST).
	Switch string
	// Langs are the languages that this page can be shown in, where it is not all.
	Langs []Lang
}

// Kind of a question decides how it is answered.
type Kind string

// The kinds of questions a form can hold.
const (
	KindScale    Kind = "scale5"
	KindSingle   Kind = "single"
	KindMultiple Kind = "multiple"
	KindPercent  Kind = "percent"
	KindText     Kind = "text"
)

// Option is one answer row of a scale5, single or multiple question, in the order of the printed form.
type Option struct {
	Code  string
	Label string
	// Face is 5 for the best answer down to 1 for the worst, 0 for an answer without a face.
	Face    int
	Checked bool
	// Quiet sets the row back: "không sử dụng / không có ý kiến".
	Quiet bool
}

// ShowIf says that a question is meant for those only who gave one of Answers (labels) to the question Code.
type ShowIf struct {
	Code    string
	Answers []string
	// In or NotIn are the codes of the rule, for the script.
	In, NotIn []string
}

// Question is one item of the form. Its inputs bear its code as their name.
type Question struct {
	Code   string
	Factor string
	Text   string
	// Prompt stands under the text: "Ông/Bà hài lòng ở mức nào?".
	Prompt  string
	Kind    Kind
	Options []Option
	// Value is what was typed into a percent or text question.
	Value string
	// Most is the greatest number of answers of a multiple question, 0 when it has no limit.
	Most   int
	ShowIf *ShowIf
}

// Comment is the free text at the end of the form; its input is named "comment".
type Comment struct {
	Text  string
	Value string
}

// Notice is what the form says about data; empty fields are left out.
type Notice struct {
	// Controller is the body that answers for the data.
	Controller string
	// Contact is how to reach it.
	Contact string
	// RetentionMonths is how long single forms are kept.
	RetentionMonths int
}

// Urgent names the places whose forms say where to call when something cannot wait.
type Urgent string

// The places with numbers of their own: an ambulance, and the country's line for children.
const (
	UrgentHealth    Urgent = "health"
	UrgentEducation Urgent = "education"
)

// Reply says under the comment, which nobody reads at once, where an answer or help is to be had. Its zero says nothing.
type Reply struct {
	Contact string // how to reach the office, "" unknown
	Urgent  Urgent
}

var (
	phoneNumber = regexp.MustCompile(`^[+(]?\d[\d ().-]{1,22}\d$`)
	mailAddress = regexp.MustCompile(`^[^\s@:?&]+@[^\s@:?&]+\.[a-z]{2,}$`)
)

// Tel is the contact as a telephone dials it, "" when it is no telephone number alone.
func (r Reply) Tel() string {
	if !phoneNumber.MatchString(r.Contact) {
		return ""
	}
	return strings.Map(func(c rune) rune {
		if c == '+' || c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, r.Contact)
}

// Mail is the contact where it is an e-mail address alone, else "".
func (r Reply) Mail() string {
	if !mailAddress.MatchString(r.Contact) {
		return ""
	}
	return r.Contact
}

// Shown is the contact with the groups of a number kept together.
func (r Reply) Shown() string {
	if r.Tel() == "" {
		return r.Contact
	}
	return strings.ReplaceAll(r.Contact, " ", noBreakSpace)
}

// Alternate leads to the other length of the same form.
type Alternate struct {
	URL       string
	Full      bool
	Questions int
}

// Audience is whom a form of a school asks; "" for all other places.
type Audience string

// The audiences of schools. Young children are never asked.
const (
	Parents Audience = "parents"
	Pupils  Audience = "pupils" // from grade 10, by their own wording
)

// Behalf is the one tap of somebody who answers for another person; its check box is named Code.
type Behalf struct {
	Code, Value string
	Checked     bool
}

// FormPage is the questionnaire, complete without scripts; form.js shows the same page one question a screen. Its
// inputs are named by item code, "comment", "form", "lang", "submission_id" and "form_token"; the last two are the
// last inputs of the page.
type FormPage struct {
	Frame
	Action string
	// Form is "short" or "full".
	Form     string
	Headline string
	Audience Audience
	// Others is the address of the form for the other audience of this place, "" where it has one only.
	Others string
	// Who goes back in the field "as": who answers, "" where nobody need say so.
	Who       string
	Notice    Notice
	Reply     Reply
	Alternate *Alternate
	Questions []Question
	Comment   *Comment
	Behalf    *Behalf
	Problems  []Problem
	// Again says that the phone remembers an answer given here today.
	Again bool
	// SubmissionID and FormToken may be placeholders that the server replaces in the rendered bytes: nothing
	// but the closing tags follows them.
	SubmissionID string
	FormToken    string
}

func (FormPage) template() string { return "citizen/form" }

// Number is the place of the question called code on this form, from 1; 0 when it is not on it.
func (p FormPage) Number(code string) int {
	for i, q := range p.Questions {
		if q.Code == code {
			return i + 1
		}
	}
	return 0
}

// ProblemsOf returns what is wrong with the answers to the question called code.
func (p FormPage) ProblemsOf(code string) []Problem {
	var own []Problem
	for _, pr := range p.Problems {
		if pr.Item == code {
			own = append(own, pr)
		}
	}
	return own
}

// Anchor is the id of the first input of the question called code, "" when the page has none.
func (p FormPage) Anchor(code string) string {
	for _, q := range p.Questions {
		if q.Code != code {
			continue
		}
		if len(q.Options) > 0 {
			return q.Code + "-" + q.Options[0].Code
		}
		return q.Code
	}
	if code == CommentItem && p.Comment != nil {
		return CommentItem
	}
	return ""
}

// ThanksPage acknowledges a stored form.
type ThanksPage struct {
	Frame
	// Receipt has twelve characters without separators; "" leaves the receipt out.
	Receipt string
	// Controller is the body whose reports the answers go into, "" when unknown.
	Controller string
	Audience   Audience
}

func (ThanksPage) template() string { return "citizen/thanks" }

// Groups cuts the receipt into groups of four.
func (p ThanksPage) Groups() []string { return fours(p.Receipt) }

func fours(s string) []string {
	var groups []string
	runes := []rune(s)
	for len(runes) > 4 {
		groups, runes = append(groups, string(runes[:4])), runes[4:]
	}
	if len(runes) > 0 {
		groups = append(groups, string(runes))
	}
	return groups
}

// HomePage asks for the code of a poster. Its form is a GET with the field "code".
type HomePage struct {
	Frame
	Action string
	// Code is what was typed before; Unknown says that no point has that code.
	Code    string
	Unknown bool
}

func (HomePage) template() string { return "citizen/home" }

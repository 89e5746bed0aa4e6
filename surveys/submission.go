package surveys

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"hailong/surveys/mask"
)

// MaxComment is the most characters of a comment.
const MaxComment = 1000

// Submission is what somebody sent in, before it is known to be valid.
type Submission struct {
	ID      SubmissionID
	Form    Form
	Channel Channel
	Lang    string
	Answers Answers
	Comment string
}

// Prune drops the answers to items whose show-if rule does not hold: on a page without scripts
// nothing hides them.
func (s *Submission) Prune(in *Instrument) {
	for _, it := range in.Items {
		if _, given := s.Answers[it.Code]; given && !reached(it, s.Answers) {
			delete(s.Answers, it.Code)
		}
	}
}

// Check holds a submission against the frozen version it answers: every item known, every value allowed, no
// answer where the show-if rule does not hold, at least one answer. It normalises texts to NFC, drops blank
// ones, masks in them what leads to a person, and calls a form full when it answers an item from beyond the short
// form. Errors are *InvalidError with the item's code as field. Form, API and import all pass here, so that nothing
// unmasked is stored.
func (s *Submission) Check(in *Instrument) error {
	bad := &InvalidError{}
	s.Comment = cleanText(s.Comment)
	if n := utf8.RuneCountInString(s.Comment); n > MaxComment {
		bad.Add("comment", "error.too_long", strconv.Itoa(n-MaxComment), strconv.Itoa(n), strconv.Itoa(MaxComment))
	} else {
		s.Comment = mask.Text(s.Comment) // after its length was judged: a mask may be longer
	}
	known, all := 0, len(s.Answers)
	for it := range in.Accepted() {
		given, ok := s.Answers[it.Code]
		if !ok {
			continue
		}
		known++
		answer, key, args := allowed(it, given)
		switch {
		case key != "":
			bad.Add(it.Code, key, args...)
		case answer.Kind != Number && len(answer.Strings()) == 0:
			delete(s.Answers, it.Code)
		default:
			s.Answers[it.Code] = answer
			if !in.onShort(it) && it.Code != OnBehalf {
				s.Form = FullForm
			}
		}
	}
	if known < all {
		s.checkKnown(in, bad)
	}
	s.checkReached(in, bad)
	if len(bad.Fields) == 0 && s.Answers.empty() {
		bad.Add("answers", "error.no_answer")
	}
	return bad.OrNil()
}

// empty says that nothing was answered: for whom somebody answers is no answer.
func (as Answers) empty() bool {
	_, behalf := as[OnBehalf]
	return len(as) == 0 || behalf && len(as) == 1
}

// checkKnown names the answers to items that the instrument does not have.
func (s *Submission) checkKnown(in *Instrument, bad *InvalidError) {
	for _, code := range slices.Sorted(maps.Keys(s.Answers)) {
		if _, known := in.Item(code); !known {
			bad.Add(code, "error.unknown_item", code)
		}
	}
}

func (s *Submission) checkReached(in *Instrument, bad *InvalidError) {
	for _, it := range in.Items {
		if it.ShowIf == nil {
			continue
		}
		if _, given := s.Answers[it.Code]; given && !reached(it, s.Answers) {
			bad.Add(it.Code, "error.not_asked", it.Code, it.ShowIf.Item)
		}
	}
}

// reached says whether an item's show-if rule holds.
func reached(it Item, answers Answers) bool {
	if it.ShowIf == nil {
		return true
	}
	cause := answers[it.ShowIf.Item]
	hit := func(values []string) bool { return slices.ContainsFunc(values, cause.Holds) }
	if len(it.ShowIf.In) > 0 {
		return hit(it.ShowIf.In)
	}
	return !hit(it.ShowIf.NotIn)
}

// allowed checks one answer against its item and normalises it; key names what is wrong, "" if nothing is.
func allowed(it Item, a Answer) (clean Answer, key string, args []string) {
	switch it.Kind {
	case Scale5:
		return inRange(it, a, 5)
	case Percent:
		return inRange(it, a, 100)
	case Single:
		if a.Kind != Text || !hasOption(it, a.Text) {
			return a, "error.unknown_value", []string{it.Code, shown(a)}
		}
	case Multiple:
		return allowedList(it, a)
	case TextItem:
		if a.Kind != Text {
			return a, "error.unknown_value", []string{it.Code, shown(a)}
		}
		a.Text = cleanText(a.Text)
		if n := utf8.RuneCountInString(a.Text); n > it.Max {
			return a, "error.too_long", []string{strconv.Itoa(n - it.Max), strconv.Itoa(n), strconv.Itoa(it.Max)}
		}
		if a.Text == "" {
			return Answer{}, "", nil
		}
		a.Text = mask.Text(a.Text)
	}
	return a, "", nil
}

func inRange(it Item, a Answer, most int) (Answer, string, []string) {
	if a.Kind != Number || a.Number < 0 || a.Number > most {
		return a, "error.unknown_value", []string{it.Code, shown(a)}
	}
	return a, "", nil
}

func allowedList(it Item, a Answer) (Answer, string, []string) {
	if a.Kind != List {
		return a, "error.unknown_value", []string{it.Code, shown(a)}
	}
	chosen := slices.Clone(a.List)
	slices.Sort(chosen)
	chosen = slices.Compact(chosen)
	for _, code := range chosen {
		if !hasOption(it, code) {
			return a, "error.unknown_value", []string{it.Code, shown(TextAnswer(code))}
		}
	}
	if len(chosen) > it.Max {
		return a, "error.too_many", []string{strconv.Itoa(it.Max)}
	}
	return Answer{Kind: List, List: chosen}, "", nil
}

func hasOption(it Item, code string) bool {
	return slices.ContainsFunc(it.Options, func(o Option) bool { return o.Code == code })
}

// shown is a value as an error may repeat it: short, and without control characters.
func shown(a Answer) string {
	const most = 40
	s := strings.Map(func(r rune) rune {
		if r < ' ' || r == utf8.RuneError {
			return ' '
		}
		return r
	}, strings.Join(a.Strings(), ","))
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// cleanText is NFC, with Unix line ends, and without control characters or space around.
func cleanText(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(norm.NFC.String(s)) // last: what was between a letter and its mark is gone now
}

package surveys

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
)

// Answers maps an item's code to what was answered. An item that was left blank is absent.
type Answers map[string]Answer

// AnswerKind is the shape of an answer: a number (scale5, percent), a text (a single choice's code,
// or free text) or a list of choice codes.
type AnswerKind uint8

// The shapes.
const (
	Number AnswerKind = iota + 1
	Text
	List
)

// Answer is one answer, as in JSON: 4, "maybe" or ["a","b"].
type Answer struct {
	Kind   AnswerKind
	Number int
	Text   string
	List   []string
}

// NumberAnswer answers a scale5 or percent item.
func NumberAnswer(n int) Answer { return Answer{Kind: Number, Number: n} }

// TextAnswer answers a single choice by its code, or a text item.
func TextAnswer(s string) Answer { return Answer{Kind: Text, Text: s} }

// ListAnswer answers a multiple choice.
func ListAnswer(codes ...string) Answer { return Answer{Kind: List, List: codes} }

// Strings is the answer as its form fields would be.
func (a Answer) Strings() []string {
	switch a.Kind {
	case Number:
		return []string{strconv.Itoa(a.Number)}
	case Text:
		return []string{a.Text}
	case List:
		return a.List
	default:
		return nil
	}
}

// Holds says whether the answer is, or contains, the value, written as in a form field.
func (a Answer) Holds(value string) bool { return slices.Contains(a.Strings(), value) }

// MarshalJSON writes 4, "maybe" or ["a","b"].
func (a Answer) MarshalJSON() ([]byte, error) { return a.appendJSON(nil) }

func (a Answer) appendJSON(b []byte) ([]byte, error) {
	switch a.Kind {
	case Number:
		return strconv.AppendInt(b, int64(a.Number), 10), nil
	case Text:
		return appendText(b, a.Text)
	case List:
		return appendJSON(b, append([]string{}, a.List...)) // never null
	default:
		return nil, errors.New("answer has no value")
	}
}

// appendText writes a text; codes, which are plain, without the help of encoding/json, as there are so many.
func appendText(b []byte, s string) ([]byte, error) {
	if !isPlain(s) {
		return appendJSON(b, s)
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"'), nil
}

// isPlain says whether JSON writes the text as it is.
func isPlain(s string) bool {
	for _, c := range []byte(s) {
		switch {
		case '0' <= c && c <= '9', 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', c == '_', c == '-':
		default:
			return false
		}
	}
	return true
}

func appendJSON(b []byte, value any) ([]byte, error) {
	text, err := json.Marshal(value)
	return append(b, text...), err
}

// MarshalJSON writes an object in the order of the codes; no answers are {}.
func (as Answers) MarshalJSON() ([]byte, error) {
	b := make([]byte, 0, 2+10*len(as))
	b = append(b, '{')
	var few [32]string // most forms have no more items
	codes := slices.AppendSeq(few[:0], maps.Keys(as))
	slices.Sort(codes)
	for i, code := range codes {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = appendText(b, code); err != nil {
			return nil, err
		}
		if b, err = as[code].appendJSON(append(b, ':')); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

// ParseAnswers reads what MarshalJSON wrote: what holds nothing but plain codes and single digits, as most forms do,
// without the help of encoding/json.
func ParseAnswers(text []byte) (Answers, error) {
	if as, ok := parseDigits(text); ok {
		return as, nil
	}
	var as Answers
	err := json.Unmarshal(text, &as)
	return as, err //nolint:wrapcheck // the caller knows whose answers they are
}

// parseDigits reads {"A1":4,"B2":5} without spaces; it says false of anything else.
func parseDigits(text []byte) (Answers, bool) {
	rest, ok := bytes.CutPrefix(text, []byte("{"))
	as := make(Answers, len(text)/len(`"A1":4,`))
	for ok && len(rest) > 0 {
		var code []byte
		if rest, ok = bytes.CutPrefix(rest, []byte(`"`)); !ok {
			return nil, false
		}
		code, rest, ok = bytes.Cut(rest, []byte(`":`))
		if !ok || !isPlain(string(code)) || len(rest) < 2 || rest[0] < '0' || rest[0] > '9' {
			return nil, false
		}
		as[string(code)] = NumberAnswer(int(rest[0] - '0'))
		if string(rest[1:]) == "}" {
			return as, true
		}
		ok, rest = rest[1] == ',', rest[2:]
	}
	return nil, false
}

// UnmarshalJSON reads an integer, a string or a list of strings; anything else is an error.
func (a *Answer) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case '"':
		a.Kind = Text
		return json.Unmarshal(data, &a.Text) //nolint:wrapcheck // encoding/json wraps it for the caller
	case '[':
		a.Kind = List
		return json.Unmarshal(data, &a.List) //nolint:wrapcheck // encoding/json wraps it for the caller
	default:
		n, err := strconv.ParseFloat(string(data), 64)
		if err != nil || n != math.Trunc(n) || math.Abs(n) > 1e6 {
			return fmt.Errorf("%s is neither an integer, a text nor a list of texts", data)
		}
		a.Kind, a.Number = Number, int(n)
		return nil
	}
}

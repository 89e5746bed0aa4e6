package server_test

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"hailong/surveys"
)

func isBusy(err error) bool { return errors.Is(err, surveys.ErrBusy) }

// beside says whether the question of an item is marked as wrong.
func (r *reply) beside(code string) bool {
	r.t.Helper()
	return r.doc().Find("#"+code+"-e").Closest("div.q.bad").Length() == 1
}

func TestFormRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	long := strings.Repeat("ế", surveys.MaxComment+1)
	for _, c := range []struct {
		name   string
		token  surveys.Token
		query  string
		change func(url.Values)
		at     []string // items marked, "" none: the summary says it
		wrong  int
	}{
		{"nothing answered", hallToken, "", func(url.Values) {}, []string{"A3"}, 1},
		{"only a comment", hallToken, "?lang=en", func(v url.Values) { v.Set("comment", "hay") }, []string{"A3"}, 1},
		{"unknown field", hallToken, "", func(v url.Values) { v.Set("Z", "4"); v.Set("utm_source", "x") }, nil, 1},
		{"item of another questionnaire", hallToken, "", func(v url.Values) { v.Set("Z", "4"); v.Set("TX1", "4") }, nil, 1},
		{"value off the scale", hallToken, "", func(v url.Values) { v.Set("A3", "6"); v.Set("Z", "4") }, []string{"A3"}, 1},
		{"negative", hallToken, "", func(v url.Values) { v.Set("A3", "-1") }, []string{"A3"}, 1},
		{"a word", hallToken, "", func(v url.Values) { v.Set("A3", "tốt") }, []string{"A3"}, 1},
		{"huge", hallToken, "", func(v url.Values) { v.Set("A3", "99999999999999999999") }, []string{"A3"}, 1},
		{"fraction", hallToken, "", func(v url.Values) { v.Set("A3", "4.5") }, []string{"A3"}, 1},
		{"two values for a radio", hallToken, "", func(v url.Values) { v["A3"] = []string{"4", "5"} }, []string{"A3"}, 1},
		{"three mistakes", clinicToken, "?form=full", func(v url.Values) { v.Set("B2", "x"); v.Set("G1", "101"); v.Set("K3", "a1") }, []string{"B2", "G1", "K3"}, 3},
		{"percent with a sign", clinicToken, "?form=full", func(v url.Values) { v.Set("G1", "80%") }, []string{"G1"}, 1},
		{"three of two", schoolToken, "?form=full", func(v url.Values) { v["K4"] = []string{"access", "facilities", "results"} }, []string{"K4"}, 1},
		{"unknown choice among good", schoolToken, "?form=full", func(v url.Values) { v["K4"] = []string{"access", "nope"} }, []string{"K4"}, 1},
		{"comment too long", hallToken, "", func(v url.Values) { v.Set("Z", "4"); v.Set("comment", long) }, []string{"comment"}, 1},
		{"text too long", clinicToken, "?form=full", func(v url.Values) { v.Set("Z", "1"); v.Set("G4", strings.Repeat("ộ", 301)) }, []string{"G4"}, 1},
		{"no submission id", hallToken, "", func(v url.Values) { v.Set("Z", "4"); v.Del("submission_id") }, nil, 1},
		{"submission id of version 1", hallToken, "", func(v url.Values) { v.Set("Z", "4"); v.Set("submission_id", "c232ab00-9414-11ec-b3c8-9f6bdeced846") }, nil, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := s.form(c.token, c.query)
			c.change(v)
			r := s.post("/s/"+string(c.token), v).want(http.StatusUnprocessableEntity)
			if got := r.doc().Find(".sum[role=alert] li").Length(); got != c.wrong {
				t.Errorf("the summary lists %d mistakes, want %d", got, c.wrong)
			}
			if got := r.doc().Find(".q.bad").Length(); got != len(c.at) {
				t.Errorf("%d questions are marked, want %d", got, len(c.at))
			}
			for _, code := range c.at {
				if !r.beside(code) {
					t.Errorf("nothing is said beside %s", code)
				}
			}
			r.doc().Find(".sum a")
			checkKept(t, r, v)
		})
	}
	s.wantStored(0)
}

// checkKept wants what was typed on the page again, as far as a page can hold it.
func checkKept(t *testing.T, r *reply, sent url.Values) {
	t.Helper()
	back := r.fields()
	for name, values := range sent {
		switch {
		case name == "form_token", name == "utm_source", name == "TX1", name == "submission_id" && len(values[0]) != 36:
		case name == "submission_id" && values[0][14] != '4':
		case name == "comment", name == "form", name == "lang", name == "submission_id", name == "G1", name == "G4":
			if back.Get(name) != values[0] {
				t.Errorf("%s came back as %q, want %q", name, back.Get(name), values[0])
			}
		default:
			for _, value := range values {
				if r.doc().Find(`[name="`+name+`"][value="`+value+`"]`).Length() == 1 && !slices.Contains(back[name], value) && len(values) == 1 {
					t.Errorf("the choice %s=%s is lost", name, value)
				}
			}
		}
	}
}

// A comment is counted in letters, not in bytes, and as it is kept.
func TestCommentLength(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for name, comment := range map[string]string{
		"letters of three bytes": strings.Repeat("ế", surveys.MaxComment),
		"letters and marks":      strings.Repeat("e\u0302\u0301", surveys.MaxComment), // ế in three code points, one when kept
		"four bytes":             strings.Repeat("🎉", surveys.MaxComment),
		"spaces around":          strings.Repeat(" ", 500) + strings.Repeat("a", surveys.MaxComment) + "\r\n",
		"line ends":              strings.Repeat("a\r\n", surveys.MaxComment/2-1) + "ab",
	} {
		v := s.filled(hallToken, "", "Z", "4", "comment", comment)
		if r := s.post("/s/"+string(hallToken), v); r.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: status %d", name, r.StatusCode)
		}
	}
}

// On a page without scripts nothing hides a question that is not meant for somebody: its answer is dropped.
func TestUnreachedAnswersAreDropped(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, c := range []struct {
		name    string
		token   surveys.Token
		answers []string
		kept    []string
	}{
		{"reason of a satisfied visitor", clinicToken, []string{"Z", "5", "G4", "vì sao"}, []string{"Z"}},
		{"reason of a dissatisfied one", clinicToken, []string{"Z", "1", "G4", "vì chờ lâu"}, []string{"G4", "Z"}},
		{"reason without its cause", clinicToken, []string{"B2", "1", "G4", "vì chờ lâu"}, []string{"B2"}},
		{"wrong value of a dropped one", pulseToken, []string{"P1", "5", "K1", "nope"}, []string{"P1"}},
		{"school by level", schoolToken, []string{"K1", "mn", "D2", "4", "D6", "5", "K2", "first"}, []string{"D6", "K1"}},
	} {
		v := s.filled(c.token, "?form=full", c.answers...)
		s.post("/s/"+string(c.token), v).want(http.StatusSeeOther)
		var got []string
		for code := range s.stored(v.Get("submission_id")).Answers {
			got = append(got, code)
		}
		slices.Sort(got)
		if !slices.Equal(got, c.kept) {
			t.Errorf("%s: kept %v, want %v", c.name, got, c.kept)
		}
	}
}

// Blank fields are no answers; the same choice twice is one.
func TestBlankFields(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.filled(schoolToken, "?form=full", "A2", " 4 ", "G1", "  ", "comment", "   ")
	v["K4"] = []string{"", "results", "results", "access"}
	s.post("/s/"+string(schoolToken), v).want(http.StatusSeeOther)
	got := s.stored(v.Get("submission_id"))
	if len(got.Answers) != 2 || got.Answers["A2"].Number != 4 || !slices.Equal(got.Answers["K4"].List, []string{"access", "results"}) || got.Comment != "" {
		t.Errorf("stored %+v", got)
	}
}

package surveys_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"hailong/surveys"
	"hailong/surveys/instruments"
)

func instrument(t testing.TB, key string) *surveys.Instrument {
	t.Helper()
	all, err := instruments.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range all {
		if in.Key == key {
			return &in
		}
	}
	t.Fatalf("no instrument %s", key)
	return nil
}

func TestCheck(t *testing.T) {
	t.Parallel()
	n, text, list := surveys.NumberAnswer, surveys.TextAnswer, surveys.ListAnswer
	type answers = surveys.Answers
	for _, c := range []struct {
		name, key string
		given     answers
		keys      []string // field: key
		kept      []string
		form      surveys.Form
	}{
		{"short", "station", answers{"Z": n(5), "B2": n(0)}, nil, []string{"B2", "Z"}, "short"},
		{"beyond the short form", "station", answers{"Z": n(5), "A1": n(3)}, nil, []string{"A1", "Z"}, "full"},
		{"context item", "one_stop", answers{"A3": n(5), "K1": text("individual")}, nil, []string{"A3", "K1"}, "full"},
		{"pulse is short", "pulse", answers{"P1": n(1), "K1": text("waiting")}, nil, []string{"K1", "P1"}, "short"},
		{"for another", "station", answers{"Z": n(5), "FOR": text("yes")}, nil, []string{"FOR", "Z"}, "short"},
		{"for another, and nothing else", "station", answers{"FOR": text("yes")}, []string{"answers: error.no_answer"}, nil, ""},
		{"for whom is not asked", "pulse", answers{"P1": n(1), "FOR": text("grandmother")}, []string{"FOR: error.unknown_value"}, nil, ""},
		{"nothing", "station", nil, []string{"answers: error.no_answer"}, nil, ""},
		{"only a blank text", "station", answers{"G4": text(" \n ")}, []string{"answers: error.no_answer"}, nil, ""},
		{"no value", "station", answers{"Z": {}}, []string{"Z: error.unknown_value"}, nil, ""},
		{"off the scale", "station", answers{"Z": n(6), "B2": n(-1)}, []string{"B2: error.unknown_value", "Z: error.unknown_value"}, nil, ""},
		{"wrong shapes", "school", answers{"A2": text("4"), "K1": n(1), "K4": text("access"), "G1": list("1")}, []string{"A2: error.unknown_value", "G1: error.unknown_value", "K1: error.unknown_value", "K4: error.unknown_value"}, nil, ""},
		{"unknown items", "station", answers{"Z": n(4), "NOPE": n(1), "": n(1), "z": n(1)}, []string{": error.unknown_item", "NOPE: error.unknown_item", "z: error.unknown_item"}, nil, ""},
		{"not asked", "station", answers{"Z": n(4), "G4": text("x")}, []string{"G4: error.not_asked"}, nil, ""},
		{"percent", "station", answers{"G1": n(101)}, []string{"G1: error.unknown_value"}, nil, ""},
		{"percent bounds", "station", answers{"G1": n(100)}, nil, []string{"G1"}, "full"},
		{"list", "school", answers{"K4": list("results", "access", "results")}, nil, []string{"K4"}, "full"},
		{"too many", "school", answers{"K4": list("results", "access", "facilities")}, []string{"K4: error.too_many"}, nil, ""},
		{"empty list", "school", answers{"K4": list(), "A2": n(1)}, nil, []string{"A2"}, "short"},
	} {
		s := surveys.Submission{Form: surveys.ShortForm, Answers: c.given}
		err := s.Check(instrument(t, c.key))
		var invalid *surveys.InvalidError
		var got []string
		if errors.As(err, &invalid) {
			for _, f := range invalid.Fields {
				got = append(got, f.Field+": "+f.Key)
			}
		} else if err != nil {
			t.Fatal(err)
		}
		slices.Sort(got)
		if !slices.Equal(got, c.keys) {
			t.Errorf("%s: %v, want %v", c.name, got, c.keys)
		}
		if c.keys == nil && (!slices.Equal(slices.Sorted(maps.Keys(s.Answers)), c.kept) || s.Form != c.form) {
			t.Errorf("%s: kept %v on a %s form", c.name, s.Answers, s.Form)
		}
	}
}

func TestCheckCleansTexts(t *testing.T) {
	t.Parallel()
	in := instrument(t, "station")
	for given, want := range map[string]string{
		" a\r\nb\t ": "a\nb", "e\u0302\u0301": "ế", "a\x00b\x1b[31mc\x7f": "ab[31mc", "x\xff\xfey": "xy", "e\x01\u0301": "é", "\u202etest🎉": "\u202etest🎉", "\x01 a \x02": "a", "\r": "",
	} {
		s := surveys.Submission{Comment: given, Answers: surveys.Answers{"Z": surveys.NumberAnswer(1), "G4": surveys.TextAnswer(given)}}
		if err := s.Check(in); err != nil {
			t.Errorf("%q: %v", given, err)
		}
		if s.Comment != want || s.Answers["G4"].Text != want {
			t.Errorf("%q became %q and %q, want %q", given, s.Comment, s.Answers["G4"].Text, want)
		}
	}
	s := surveys.Submission{Comment: strings.Repeat("ế", surveys.MaxComment+3), Answers: surveys.Answers{"Z": surveys.NumberAnswer(1)}}
	var invalid *surveys.InvalidError
	if err := s.Check(in); !errors.As(err, &invalid) || invalid.Fields[0].Field != "comment" || !slices.Equal(invalid.Fields[0].Args, []string{"3", "1003", "1000"}) {
		t.Errorf("a long comment: %v", invalid)
	}
}

// FuzzComment: a text that was checked is valid, normalised and stays as it is when checked again.
func FuzzComment(f *testing.F) {
	in := instrument(f, "station")
	for _, seed := range []string{"e\x01\u0301", " \u0301", "\xe1\xba", "a\r\r\n\n", "ก็", "\u1100\x7f\u1161", "\u0344\u00a0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, comment string) {
		s := surveys.Submission{Comment: comment, Answers: surveys.Answers{"Z": surveys.NumberAnswer(1)}}
		if err := s.Check(in); err != nil {
			return
		}
		once := s.Comment
		if !utf8.ValidString(once) || !norm.NFC.IsNormalString(once) || strings.ContainsAny(once, "\x00\r") || utf8.RuneCountInString(once) > surveys.MaxComment {
			t.Errorf("%q became %q", comment, once)
		}
		if err := s.Check(in); err != nil || s.Comment != once {
			t.Errorf("%q becomes %q when checked again: %v", once, s.Comment, err)
		}
	})
}

func TestPrune(t *testing.T) {
	t.Parallel()
	s := surveys.Submission{Answers: surveys.Answers{
		"K1": surveys.TextAnswer("mn"), "D2": surveys.NumberAnswer(4), "D6": surveys.NumberAnswer(5), "K2": surveys.TextAnswer("first"), "A2": surveys.NumberAnswer(1),
	}}
	s.Prune(instrument(t, "school"))
	if got := slices.Sorted(maps.Keys(s.Answers)); !slices.Equal(got, []string{"A2", "D6", "K1"}) {
		t.Errorf("kept %v", got)
	}
	if err := s.Check(instrument(t, "school")); err != nil {
		t.Error(err)
	}
}

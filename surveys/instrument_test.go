package surveys_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"hailong/surveys"
)

func TestPublishedStaysAsItIs(t *testing.T) {
	t.Parallel()
	m, ctx := newMemory(), t.Context()
	in := *instrument(t, "station")
	if _, err := surveys.LatestInstrument(ctx, m, "station"); !errors.Is(err, surveys.ErrNotFound) {
		t.Errorf("before: %v", err)
	}
	for _, day := range []surveys.Day{"2026-01-01", "2026-02-01"} { // the second time changes nothing
		if err := surveys.PublishInstrument(ctx, m, in, day); err != nil {
			t.Fatal(err)
		}
	}
	changed := in
	changed.Items = slices.Clone(in.Items)
	changed.Items[0].Text = surveys.Words{"vi": "khác", "en": "other"}
	if err := surveys.PublishInstrument(ctx, m, changed, "2026-02-01"); !errors.Is(err, surveys.ErrFrozen) {
		t.Errorf("a changed version: %v", err)
	}
	changed.Version = 10
	if err := surveys.PublishInstrument(ctx, m, changed, "2026-02-01"); err != nil {
		t.Fatal(err)
	}
	changed.Version = 9
	if err := surveys.PublishInstrument(ctx, m, changed, "2026-02-02"); err != nil {
		t.Fatal(err)
	}
	latest, err := surveys.LatestInstrument(ctx, m, "station")
	if err != nil || latest.Version != 10 {
		t.Errorf("the latest is %d, %v", latest.Version, err)
	}
	first, err := surveys.FindInstrument(ctx, m, "station", 1)
	if err != nil || first.Published != "2026-01-01" || first.Items[0].Text["vi"] == "khác" {
		t.Errorf("the first is %+v, %v", first, err)
	}
	if all, err := surveys.Instruments(ctx, m); err != nil || len(all) != 3 {
		t.Errorf("%d versions, %v", len(all), err)
	}
}

func TestInstrumentCheck(t *testing.T) {
	t.Parallel()
	for want, damage := range map[string]func(*surveys.Instrument){
		"a key and a version": func(in *surveys.Instrument) { in.Version = 0 },
		"title has no text":   func(in *surveys.Instrument) { in.Title = surveys.Words{"vi": "x"} },
		"grades, not 6":       func(in *surveys.Instrument) { in.Scale = in.Scale[:5] },
		"item Z has no text in tay": func(in *surveys.Instrument) { // a made-up language: one text is not enough
			in.Title = surveys.Words{"vi": "x", "en": "x", "tay": "x"}
		},
		"every form has that item": func(in *surveys.Instrument) { in.Items[0].Code = surveys.OnBehalf },
		"stands twice":             func(in *surveys.Instrument) { in.Items = append(in.Items, in.Items[0]) },
		"a code is":                func(in *surveys.Instrument) { in.Items[0].Code = "comment" },
		"unknown factor":           func(in *surveys.Instrument) { in.Items[0].Factor = "?" },
		"cannot be of kind":        func(in *surveys.Instrument) { in.Items[0].Kind = surveys.Percent },
		"max is missing":           func(in *surveys.Instrument) { in.Items[index(in, "G4")].Max = 0 },
		"earlier item":             func(in *surveys.Instrument) { in.Items[index(in, "G4")].ShowIf.Item = "K3" },
		"options are for":          func(in *surveys.Instrument) { in.Items[index(in, "G2")].Options = nil },
		"no core item": func(in *surveys.Instrument) {
			in.Items = slices.DeleteFunc(in.Items, func(it surveys.Item) bool { return it.Role == surveys.Core })
		},
	} {
		in := instrument(t, "station")
		if err := in.Check(); err != nil {
			t.Fatal(err)
		}
		damage(in)
		err := in.Check()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("wanted %q, got %v", want, err)
		}
		if err := surveys.PublishInstrument(t.Context(), newMemory(), *in, "2026-01-01"); err == nil {
			t.Errorf("published in spite of %q", want)
		}
	}
}

func index(in *surveys.Instrument, code string) int {
	return slices.IndexFunc(in.Items, func(it surveys.Item) bool { return it.Code == code })
}

func TestAnswersAsJSON(t *testing.T) {
	t.Parallel()
	var got surveys.Answers
	const text = `{"A1":4,"G1":80,"G2":"maybe","K1":["a","b"]}`
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if back, err := json.Marshal(got); err != nil || string(back) != text {
		t.Errorf("%s %v", back, err)
	}
	for _, bad := range []string{`4.5`, `true`, `{"a":1}`, `[1]`, `[["a"]]`, `1e999`, `1e7`, `99999999999999999999`, `"`, `[`} {
		var a surveys.Answer
		if err := json.Unmarshal([]byte(bad), &a); err == nil {
			t.Errorf("%s reads as %+v", bad, a)
		}
	}
	if _, err := json.Marshal(surveys.Answer{}); err == nil {
		t.Error("an answer without a value is written")
	}
	if a := surveys.ListAnswer("a", "b"); !a.Holds("b") || a.Holds("c") || !surveys.NumberAnswer(3).Holds("3") {
		t.Error("Holds")
	}
}

func TestRecords(t *testing.T) {
	t.Parallel()
	m, ctx := newMemory(), t.Context()
	one, err := surveys.Points().Put(ctx, m, surveys.Point{ID: "p1", Token: "AAAAAAAA", Facility: "f"}, 0)
	if err != nil || one.Rev != 1 {
		t.Fatal(one, err)
	}
	if _, err = surveys.Points().Put(ctx, m, one.Value, 0); !errors.Is(err, surveys.ErrConflict) {
		t.Errorf("made twice: %v", err)
	}
	if err = surveys.RetirePoint(ctx, m, "p1", "2026-01-01", "Xin sang quầy 2"); err != nil {
		t.Fatal(err)
	}
	if _, err = surveys.Points().Put(ctx, m, one.Value, one.Rev); !errors.Is(err, surveys.ErrConflict) {
		t.Errorf("put under an old revision: %v", err)
	}
	list, err := surveys.Points().By(ctx, m, "token", "AAAAAAAA")
	if err != nil || len(list) != 1 || list[0].Value.Notice != "Xin sang quầy 2" || list[0].Value.Retired != "2026-01-01" {
		t.Errorf("%+v %v", list, err)
	}
	if err = surveys.Points().Delete(ctx, m, "p1", 1); !errors.Is(err, surveys.ErrConflict) {
		t.Errorf("deleted under an old revision: %v", err)
	}
	if err = surveys.Points().Delete(ctx, m, "p1", 2); err != nil {
		t.Error(err)
	}
	if _, err = surveys.Points().Find(ctx, m, "p1"); !errors.Is(err, surveys.ErrNotFound) {
		t.Errorf("found after all: %v", err)
	}
	first, err := surveys.Install(ctx, m, surveys.Installation{MonthStart: 15, FormKey: []byte("k")})
	if err != nil || first.MonthStart != 15 {
		t.Fatal(first, err)
	}
	second, err := surveys.Install(ctx, m, surveys.Installation{MonthStart: 1, FormKey: []byte("other"), Demo: true})
	if err != nil || second.MonthStart != 15 || string(second.FormKey) != "k" || second.Demo {
		t.Errorf("settled anew: %+v %v", second, err)
	}
	for range 2 {
		if err := surveys.SeedTargets(ctx, m); err != nil {
			t.Fatal(err)
		}
	}
	if targets, err := surveys.Targets().All(ctx, m); err != nil || len(targets) != 2 {
		t.Errorf("%d targets, %v", len(targets), err)
	}
}

func TestRepointPoint(t *testing.T) {
	t.Parallel()
	m, ctx := newMemory(), t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(surveys.PublishInstrument(ctx, m, *instrument(t, "station"), "2026-01-01"))
	_, err := surveys.Facilities().Put(ctx, m, surveys.Facility{ID: "f", Instrument: "station"}, 0)
	must(err)
	_, err = surveys.Facilities().Put(ctx, m, surveys.Facility{ID: "g", Instrument: "nope"}, 0)
	must(err)
	_, err = surveys.Points().Put(ctx, m, surveys.Point{ID: "p", Token: "AAAAAAAA", Facility: "x"}, 0)
	must(err)
	must(surveys.RepointPoint(ctx, m, "p", "f", ""))
	for _, bad := range []error{
		surveys.RepointPoint(ctx, m, "p", "nowhere", ""), surveys.RepointPoint(ctx, m, "p", "g", ""), surveys.RepointPoint(ctx, m, "p", "f", "nope"), surveys.RepointPoint(ctx, m, "q", "f", ""), surveys.RetirePoint(ctx, m, "q", "2026-01-01", ""),
	} {
		if !errors.Is(bad, surveys.ErrNotFound) {
			t.Errorf("got %v, want not found", bad)
		}
	}
	p, err := surveys.Points().Find(ctx, m, "p")
	must(err)
	if p.Value.Facility != "f" || p.Value.Token != "AAAAAAAA" {
		t.Errorf("point %+v", p.Value)
	}
}

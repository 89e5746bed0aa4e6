package instruments_test

import (
	"slices"
	"testing"

	"golang.org/x/text/unicode/norm"

	"hailong/surveys"
	"hailong/surveys/instruments"
)

func TestDefaultsHoldTheirCounts(t *testing.T) {
	t.Parallel()
	scored := map[string]int{
		"one_stop": 16, "outpatient": 31, "station": 25, "inpatient": 35, "school": 25, "policy": 11, "pulse": 1, "pupils": 24,
	}
	core := map[string][]string{
		"one_stop": {"A3", "B2", "C1", "C2", "D1"}, "outpatient": {"B2", "B7", "C6", "D1", "E1"},
		"station": {"B2", "B7", "C6", "D1", "E1"}, "inpatient": {"A5", "B5", "C1", "C5", "D1", "E5"},
		"school": {"A2", "A4", "B4", "C1", "D1", "E1"}, "policy": {"A1", "A3", "B1", "B4", "C3"}, "pulse": {"P1"},
		"pupils": {"A2", "A4", "B4", "C1", "D1", "E1"},
	}
	all, err := instruments.All()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != len(scored) {
		t.Fatalf("got %d instruments, want %d", len(all), len(scored))
	}
	for _, in := range all {
		t.Run(in.Key, func(t *testing.T) {
			t.Parallel()
			if err := in.Check(); err != nil {
				t.Fatal(err)
			}
			n, cores := 0, map[string]bool{}
			for _, it := range in.Items {
				if it.Scored() {
					n++
				}
				if it.Role == surveys.Core {
					cores[it.Code] = true
				}
				if it.Short() && it.ShowIf != nil {
					t.Errorf("%s is on the short form and hangs on %s", it.Code, it.ShowIf.Item)
				}
				for lang, text := range it.Text {
					if !norm.NFC.IsNormalString(text) {
						t.Errorf("%s %s is not NFC", it.Code, lang)
					}
				}
			}
			if n != scored[in.Key] {
				t.Errorf("got %d scored items, want %d", n, scored[in.Key])
			}
			if len(cores) != len(core[in.Key]) {
				t.Errorf("got core items %v, want %v", cores, core[in.Key])
			}
			for _, code := range core[in.Key] {
				if !cores[code] {
					t.Errorf("%s is not a core item", code)
				}
			}
			if _, hasZ := in.Item("Z"); hasZ == (in.Key == surveys.Pulse) {
				t.Errorf("Z present: %t", hasZ)
			}
			if taps := len(in.Asked(surveys.ShortForm)); taps > 7 {
				t.Errorf("the short form asks %d questions, more than 7", taps)
			}
		})
	}
}

// A copy asks what its original asks: every item is one of the original's by code, kind, role, factor and choices, and none
// that is scored for those it asks is missing.
func TestCopiesAskTheSame(t *testing.T) {
	t.Parallel()
	all, err := instruments.All()
	if err != nil {
		t.Fatal(err)
	}
	byKey, copies := map[string]*surveys.Instrument{}, 0
	for i := range all {
		byKey[all[i].Key] = &all[i]
	}
	options := func(it surveys.Item) (codes []string) {
		for _, o := range it.Options {
			codes = append(codes, o.Code)
		}
		return codes
	}
	for _, in := range all {
		if in.CopyOf == "" {
			continue
		}
		copies++
		original := byKey[in.CopyOf]
		for _, it := range in.Items {
			was, known := original.Item(it.Code)
			if !known || it.Kind != was.Kind || it.Role != was.Role || it.Factor != was.Factor || it.Max != was.Max || !slices.Equal(options(it), options(was)) {
				t.Errorf("%s of %s is not the %s of %s", it.Code, in.Key, was.Code, in.CopyOf)
			}
			if it.ShowIf != nil {
				t.Errorf("%s hangs on %s", it.Code, it.ShowIf.Item)
			}
		}
		for _, was := range original.Items {
			_, asked := in.Item(was.Code)
			if notMeant := was.Code == "D6"; was.Scored() && asked == notMeant { // kindergarten
				t.Errorf("%s asks %s: %t", in.Key, was.Code, asked)
			}
		}
		if !surveys.Apart(in.Key) || surveys.Apart(in.CopyOf) {
			t.Errorf("%s is not counted apart from %s", in.Key, in.CopyOf)
		}
	}
	if copies != 1 {
		t.Errorf("%d copies", copies)
	}
}

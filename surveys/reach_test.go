package surveys_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hailong/surveys"
)

func TestUnasked(t *testing.T) {
	t.Parallel()
	type kinds = []surveys.PointKind
	for name, c := range map[string]struct {
		sector surveys.Sector
		kinds  kinds
		want   []surveys.Group
		only   bool
	}{
		"result desks only":    {"one_stop", kinds{"result", "result"}, []surveys.Group{"refused", "left", "queuing", "distant"}, true},
		"results and slips":    {"one_stop", kinds{"result", "slip"}, []surveys.Group{"refused", "left", "queuing"}, true},
		"a hall as it should":  {"one_stop", kinds{"waiting", "counter", "result", "refusal", "online"}, nil, false},
		"a gate sees all":      {"one_stop", kinds{"gate", "slip"}, nil, false},
		"a kiosk":              {"one_stop", kinds{"kiosk"}, []surveys.Group{"refused", "left", "distant"}, false},
		"no point":             {"health", nil, []surveys.Group{"left", "queuing", "served"}, false},
		"a clinic's pharmacy":  {"health", kinds{"result"}, []surveys.Group{"left", "queuing"}, true},
		"a clinic":             {"health", kinds{"waiting", "result"}, nil, false},
		"a school's gate":      {"education", kinds{"gate"}, []surveys.Group{"distant"}, false},
		"a school's link":      {"education", kinds{"gate", "online"}, nil, false},
		"a school's link only": {"education", kinds{"online"}, []surveys.Group{"served"}, false},
		"an office":            {"policy", kinds{"office"}, []surveys.Group{"refused", "distant"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, surveys.Unasked(c.sector, c.kinds), cmpNil()); diff != "" {
				t.Errorf("unasked (-want +got):\n%s", diff)
			}
			if got := surveys.OnlyResults(c.kinds); got != c.only {
				t.Errorf("only results: %v, want %v", got, c.only)
			}
		})
	}
}

func cmpNil() cmp.Option {
	return cmp.Comparer(func(a, b []surveys.Group) bool { return slices.Equal(a, b) })
}

// Whatever is advised reaches whom it is advised for; every group can be reached, and every kind reaches somebody.
func TestRemediesReach(t *testing.T) {
	t.Parallel()
	for _, sector := range surveys.Sectors() {
		for _, g := range sector.Asked() {
			if len(g.Remedies()) == 0 {
				t.Errorf("nothing reaches %s", g)
			}
			for _, k := range g.Remedies() {
				if !slices.Contains(surveys.PointKinds(), k) || !slices.Contains(k.Reaches(), g) {
					t.Errorf("a point %q does not reach %s", k, g)
				}
			}
		}
	}
	for _, k := range surveys.PointKinds() {
		if len(k.Reaches()) == 0 {
			t.Errorf("a point %q asks nobody", k)
		}
	}
}

func TestForPaper(t *testing.T) {
	t.Parallel()
	counter, slip, gate := surveys.Point{ID: "c", Kind: "counter"}, surveys.Point{ID: "s", Kind: "slip"}, surveys.Point{ID: "g", Kind: "gate"}
	online, kiosk := surveys.Point{ID: "o", Kind: "online"}, surveys.Point{ID: "k", Kind: "kiosk"}
	type points = []surveys.Point
	for name, c := range map[string]struct {
		points points
		slips  bool
		want   points
		own    bool
	}{
		"slips of their own": {points{counter, slip, online}, true, points{slip}, true},
		"no point for slips": {points{counter, gate, online, kiosk}, true, points{counter, gate}, false},
		"posters":            {points{counter, slip, online, gate, kiosk}, false, points{counter, gate}, true},
		"nothing that hangs": {points{online, slip}, false, nil, false},
		"nothing for slips":  {points{online}, true, points{}, false},
		"nothing at all":     {nil, true, points{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := slices.Clone(c.points)
			got, own := surveys.ForPaper(c.points, c.slips)
			if !slices.Equal(got, c.want) || own != c.own {
				t.Errorf("got %v %v, want %v %v", got, own, c.want, c.own)
			}
			if diff := cmp.Diff(before, c.points); diff != "" {
				t.Errorf("the points were changed (-before +after):\n%s", diff)
			}
		})
	}
}

package analytics_test

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hailong/analytics"
)

// goldenScore is one line of testdata/score_golden.json, made by score_golden.py beside it.
type goldenScore struct {
	Name  string
	Forms []struct {
		Values []int
		Count  int
	}
	Sums  analytics.Sums
	Score *struct {
		Rate, Mean, Lower, Upper, Deff float64
		NEff                           float64 `json:"n_eff"`
	}
}

func TestScoreGolden(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/score_golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []goldenScore
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 60 {
		t.Fatalf("%d cases, want at least 60", len(cases))
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			var sums analytics.Sums
			for _, f := range c.Forms {
				one := analytics.FormSums(f.Values)
				for range f.Count {
					sums = sums.Add(one)
				}
			}
			if diff := cmp.Diff(c.Sums, sums); diff != "" {
				t.Errorf("sums (-want +got)\n%s", diff)
			}
			got, ok := sums.Score()
			if ok != (c.Score != nil) {
				t.Fatalf("ok = %v", ok)
			}
			if !ok {
				if got != (analytics.Score{}) {
					t.Errorf("score %+v, want none", got)
				}
				return
			}
			wantNear(t, "rate", got.Rate, c.Score.Rate)
			wantNear(t, "mean", got.Mean, c.Score.Mean)
			wantNear(t, "lower", got.Lower, c.Score.Lower)
			wantNear(t, "upper", got.Upper, c.Score.Upper)
			wantNear(t, "deff", got.Deff, c.Score.Deff)
			wantNear(t, "n_eff", got.NEff, c.Score.NEff)
		})
	}
}

// wantNear allows 1e-9, relative above 1.
func wantNear(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-9*max(1, math.Abs(want))) {
		t.Errorf("%s = %.15g, want %.15g", what, got, want)
	}
}

func TestFormSums(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		values []int
		want   analytics.Sums
	}{
		{"blank", nil, analytics.Sums{}},
		{"no opinion", []int{0, 0}, analytics.Sums{}},
		{"out of range", []int{-1, 6}, analytics.Sums{}},
		{"all satisfied", []int{5, 4, 0}, analytics.Sums{Forms: 1, Satisfied: 2, Answered: 2, SatisfiedSq: 4, Cross: 4, AnsweredSq: 4, Points: 9, Complete: 1}},
		{"three is not satisfied", []int{5, 3, 4}, analytics.Sums{Forms: 1, Satisfied: 2, Answered: 3, SatisfiedSq: 4, Cross: 6, AnsweredSq: 9, Points: 12}},
		{"none satisfied", []int{1}, analytics.Sums{Forms: 1, Answered: 1, AnsweredSq: 1, Points: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, analytics.FormSums(c.values)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// With one item a form the score's interval is plain Wilson; the numbers are known from elsewhere, in percent.
func TestScoreOfOneItemForms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name            string
		satisfied, n    int
		lower, upper    float64
		decimals        int
		reachesTheLower bool // of 85 %
	}{
		{"10 of 10", 10, 10, 72, 100, 0, false},
		{"17 of 20", 17, 20, 64, 95, 0, false},
		{"27 of 30", 27, 30, 74, 97, 0, false},
		{"45 of 50", 45, 50, 79, 96, 0, false},
		{"48 of 50", 48, 50, 87, 99, 0, true},
		{"90 of 100", 90, 100, 83, 94, 0, false}, // 82.56–94.48
		{"93 of 100", 93, 100, 86, 97, 0, true},
		{"180 of 200", 180, 200, 85.1, 93.4, 1, true},
		{"350 of 400", 350, 400, 84, 90, 0, false},
		{"21 of 21", 21, 21, 84.5, 100, 1, false},
		{"22 of 22", 22, 22, 85.1, 100, 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var sums analytics.Sums
			for i := range c.n {
				value := 4
				if i >= c.satisfied {
					value = 2
				}
				sums = sums.Add(analytics.FormSums([]int{value}))
			}
			got, ok := sums.Score()
			if !ok {
				t.Fatal("no score")
			}
			lower, upper := analytics.Wilson(float64(c.satisfied)/float64(c.n), float64(c.n))
			wantNear(t, "lower", got.Lower, lower)
			wantNear(t, "upper", got.Upper, upper)
			unit := math.Pow10(c.decimals)
			if l, u := math.Round(100*lower*unit)/unit, math.Round(100*upper*unit)/unit; l != c.lower || u != c.upper {
				t.Errorf("interval %v–%v, want %v–%v", l, u, c.lower, c.upper)
			}
			if reaches := got.Lower >= 0.85; reaches != c.reachesTheLower {
				t.Errorf("lower %v reaches 0.85: %v", got.Lower, reaches)
			}
		})
	}
}

func TestWilsonEdges(t *testing.T) {
	t.Parallel()
	zz := analytics.Z95 * analytics.Z95
	for _, c := range []struct{ p, n, lower, upper float64 }{
		{0, 0, 0, 1},
		{0.5, -3, 0, 1},
		{0, 20, 0, zz / (20 + zz)},
		{1, 20, 20 / (20 + zz), 1},
		{0.5, 1e18, 0.5, 0.5},
	} {
		lower, upper := analytics.Wilson(c.p, c.n)
		if math.Abs(lower-c.lower) > 1e-8 || math.Abs(upper-c.upper) > 1e-8 {
			t.Errorf("Wilson(%v, %v) = %v, %v, want %v, %v", c.p, c.n, lower, upper, c.lower, c.upper)
		}
	}
}

// drawForms draws core answers of 0 to 80 forms of 0 to 9 items, from all alike to all mixed.
func drawForms(t *rapid.T) [][]int {
	answer := rapid.SampledFrom([][]int{{0, 1, 2, 3, 4, 5}, {4, 5}, {1, 2, 3}, {0, 4, 4, 4, 5, 5, 5, 2}}).Draw(t, "answers")
	form := rapid.SliceOfN(rapid.SampledFrom(answer), 0, 9)
	n := rapid.IntRange(0, 80).Draw(t, "n") // drawn apart: a slice of "0 to 80" has five on average
	return rapid.SliceOfN(form, n, n).Draw(t, "forms")
}

func sumForms(forms [][]int) analytics.Sums {
	var sums analytics.Sums
	for _, f := range forms {
		sums = sums.Add(analytics.FormSums(f))
	}
	return sums
}

func TestSumsMerge(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		forms := drawForms(t)
		i := rapid.IntRange(0, len(forms)).Draw(t, "i")
		j := rapid.IntRange(i, len(forms)).Draw(t, "j")
		a, b, c := sumForms(forms[:i]), sumForms(forms[i:j]), sumForms(forms[j:])
		if a.Add(b) != b.Add(a) {
			t.Error("Add is not commutative")
		}
		if a.Add(b).Add(c) != a.Add(b.Add(c)) {
			t.Error("Add is not associative")
		}
		if a.Add(b).Sub(b) != a || a.Sub(a) != (analytics.Sums{}) {
			t.Error("Sub does not undo Add")
		}
		whole, okWhole := sumForms(forms).Score()
		parts, okParts := c.Add(a).Add(b).Score()
		if whole != parts || okWhole != okParts {
			t.Errorf("score %+v of the whole, %+v of its parts", whole, parts)
		}
	})
}

func TestScoreProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		forms := drawForms(t)
		sums := sumForms(forms)
		score, ok := sums.Score()
		if ok != (sums.Forms > 0) {
			t.Fatalf("ok = %v of %d forms", ok, sums.Forms)
		}
		if !ok {
			return
		}
		n, zz := float64(sums.Forms), analytics.Z95*analytics.Z95
		if !(0 <= score.Lower && score.Lower <= score.Rate && score.Rate <= score.Upper && score.Upper <= 1) {
			t.Errorf("interval %v–%v round %v", score.Lower, score.Upper, score.Rate)
		}
		if score.Lower > n/(n+zz) || score.Upper < zz/(n+zz) {
			t.Errorf("interval %v–%v says more than %v forms can", score.Lower, score.Upper, n)
		}
		if !(score.Deff >= 1-1e-12) || score.NEff > float64(sums.Answered)*(1+1e-12) {
			t.Errorf("deff %v, n_eff %v of %d answers", score.Deff, score.NEff, sums.Answered)
		}
		if !(1 <= score.Mean && score.Mean <= 5) {
			t.Errorf("mean %v", score.Mean)
		}
		mirrored, _ := sumForms(mirror(forms)).Score()
		if math.Abs(mirrored.Lower-(1-score.Upper)) > 1e-12 || math.Abs(mirrored.Deff-score.Deff) > 1e-9 {
			t.Errorf("%+v is not the mirror of %+v", mirrored, score)
		}
	})
}

// mirror swaps satisfied and not satisfied.
func mirror(forms [][]int) [][]int {
	out := make([][]int, len(forms))
	for i, f := range forms {
		out[i] = slices.Clone(f)
		for j, v := range f {
			switch {
			case v >= 4:
				out[i][j] = 1
			case v >= 1:
				out[i][j] = 5
			}
		}
	}
	return out
}

package analytics // decide is not exported

import (
	"encoding/json"
	"os"
	"testing"

	"pgregory.net/rapid"
)

func TestNeededGolden(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/score_golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name    string
		Target  float64
		Sums    Sums
		Verdict Verdict
		Needed  *int64
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			k, ok := Needed(c.Sums, c.Target)
			switch {
			case ok != (c.Needed != nil):
				t.Errorf("Needed = %d, %v", k, ok)
			case !ok && k != 0:
				t.Errorf("Needed = %d without a number", k)
			case ok && k != *c.Needed:
				t.Errorf("Needed = %d, want %d", k, *c.Needed)
			}
			score, answered := c.Sums.Score()
			if !answered {
				return
			}
			if got := decide(score, c.Sums.Forms, c.Target); got != c.Verdict {
				t.Errorf("verdict %s, want %s", got, c.Verdict)
			}
		})
	}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		lower, upper float64
		forms        int64
		want         Verdict
	}{
		{"lower on the target", 0.85, 0.95, 30, VerdictMet},
		{"lower just under", 0.8499999, 0.95, 30, VerdictUndecided},
		{"upper on the target", 0.7, 0.85, 30, VerdictUndecided},
		{"upper just under", 0.7, 0.8499999, 30, VerdictNotMet},
		{"29 forms, surely met", 0.9, 1, 29, VerdictUndecided},
		{"29 forms, surely not", 0, 0.1, 29, VerdictUndecided},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			// The rate is set to mislead: it must play no part.
			if got := decide(Score{Rate: 1 - c.lower, Lower: c.lower, Upper: c.upper}, c.forms, 0.85); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// A rate equal to its target never has a number, not even where the interval happens to decide.
func TestNeededAtTheTarget(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		values []int
		target float64
	}{
		{[]int{1}, 0},
		{[]int{5}, 1},
		{[]int{5, 1}, 0.5},
		{[]int{5, 5, 5, 5, 5, 5, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3, 2, 1}, 0.85},
	} {
		var sums Sums
		for range 500 {
			sums = sums.Add(FormSums(c.values))
		}
		if k, ok := Needed(sums, c.target); ok || k != 0 {
			t.Errorf("%v against %v: Needed = %d, %v", c.values, c.target, k, ok)
		}
	}
}

// neededByCounting is Needed's definition read aloud.
func neededByCounting(s Sums, target float64) (int64, bool) {
	score, ok := s.Score()
	if !ok || score.Rate == target {
		return 0, false
	}
	for k := int64(0); k <= 10_000; k++ {
		n := float64(s.Forms + k)
		lower, upper := Wilson(score.Rate, score.NEff*(n/float64(s.Forms)))
		lower, upper = min(lower, n/(n+Z95*Z95)), max(upper, Z95*Z95/(n+Z95*Z95))
		if n >= 30 && (lower >= target || upper < target) {
			return k, true
		}
	}
	return 0, false
}

// drawNeeded draws sums of 1 to some 100,000 forms and a target that is often near their rate.
func drawNeeded(t *rapid.T) (Sums, float64) {
	answer := rapid.SampledFrom([][]int{{1, 5}, {4, 5}, {1, 2, 3}, {4, 4, 5, 5, 4, 2}, {5, 5, 5, 5, 5, 5, 5, 4, 4, 4, 4, 1}}).Draw(t, "answers")
	form := rapid.SliceOfN(rapid.SampledFrom(answer), 1, 9)
	copies := rapid.SampledFrom([]int{1, 1, 1, 7, 150, 4000}).Draw(t, "copies")
	var sums Sums
	n := rapid.IntRange(1, 40).Draw(t, "n")
	for _, values := range rapid.SliceOfN(form, n, n).Draw(t, "forms") {
		one := FormSums(values)
		for range copies {
			sums = sums.Add(one)
		}
	}
	rate := float64(sums.Satisfied) / float64(sums.Answered)
	target := rapid.OneOf(
		rapid.SampledFrom([]float64{0.8, 0.85, 0.9, 1, rate}),
		rapid.Float64Range(0, 1),
		rapid.Map(rapid.Float64Range(-0.02, 0.02), func(d float64) float64 { return min(1, max(0, rate+d)) }),
	).Draw(t, "target")
	return sums, target
}

func TestNeededEqualsCounting(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		sums, target := drawNeeded(t)
		k, ok := Needed(sums, target)
		if wantK, wantOK := neededByCounting(sums, target); k != wantK || ok != wantOK {
			t.Fatalf("Needed(%+v, %v) = %d, %v, by counting %d, %v", sums, target, k, ok, wantK, wantOK)
		}
		if !ok {
			return
		}
		score, _ := sums.Score()
		if !decidesWith(sums.Forms, score, target, k) {
			t.Errorf("%d more do not decide", k)
		}
		if k > 0 && decidesWith(sums.Forms, score, target, k-1) {
			t.Errorf("%d more decide already", k-1)
		}
		if decided := decide(score, sums.Forms, target) != VerdictUndecided; decided != (k == 0) {
			t.Errorf("decided %v with %d needed", decided, k)
		}
	})
}

// What decides once must decide ever after, or halving could pass by the smallest.
func TestNeededMonotone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		sums, target := drawNeeded(t)
		score, _ := sums.Score()
		if score.Rate == target {
			return
		}
		decided := false
		for k := int64(0); k <= 10_000; k++ {
			now := decidesWith(sums.Forms, score, target, k)
			if decided && !now {
				t.Fatalf("%+v against %v: decided with %d more, not with %d", sums, target, k-1, k)
			}
			decided = now
		}
	})
}

func BenchmarkNeeded(b *testing.B) {
	var sums Sums
	for i := range 60 {
		sums = sums.Add(FormSums([]int{5, 4, 5, 4, 1 + i%5, 4 - i%3}))
	}
	for b.Loop() {
		Needed(sums, 0.85)
	}
}

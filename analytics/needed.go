package analytics

import "sort"

// verdictForms is the least number of forms that a verdict rests on.
const verdictForms = 30

// neededMax is the most further forms worth naming; above it nobody could collect them.
const neededMax = 10_000

// Verdict is what a standard period's score says of its target. The values are those of the API.
type Verdict string

// The first four say why there is no verdict, the first that holds; the others compare the interval with the target.
const (
	VerdictNotAPeriod Verdict = "not_a_period" // not a month, quarter, half, 9 months, year or stage
	VerdictNoTarget   Verdict = "no_target"    // no target holds for the scope
	VerdictOpen       Verdict = "open"         // before the close, 14 days after the period's end
	VerdictIncomplete Verdict = "incomplete"   // under 90 % of the period's forms are shown: chưa trọn kỳ
	VerdictMet        Verdict = "met"          // Đạt
	VerdictNotMet     Verdict = "not_met"      // Chưa đạt
	VerdictUndecided  Verdict = "undecided"    // Chưa đủ căn cứ
)

// decide compares the interval of a score over this many forms with a target (0–1). The point estimate plays no part.
func decide(score Score, forms int64, target float64) Verdict {
	switch {
	case forms < verdictForms:
		return VerdictUndecided
	case score.Lower >= target:
		return VerdictMet
	case score.Upper < target:
		return VerdictNotMet
	}
	return VerdictUndecided
}

// Needed is the smallest number k ≥ 0 of further forms with which a verdict could be given: were they to answer as the
// forms so far did (same rate, same design effect), 30 forms would be reached and the interval decide.
// ok is false when nothing is answered, when the rate equals the target, so that no number helps, and when k would be
// above 10,000.
//
// With p fixed, Wilson's limits and the caps close in on p as the forms grow, so what decides once decides ever after,
// and the search may halve.
func Needed(s Sums, target float64) (k int64, ok bool) {
	score, ok := s.Score()
	if !ok || score.Rate == target { // exact: both are the double nearest to the same fraction
		return 0, false
	}
	first := max(0, verdictForms-s.Forms)
	span := int(neededMax - first + 1)
	i := sort.Search(span, func(i int) bool { return decidesWith(s.Forms, score, target, first+int64(i)) })
	if i == span {
		return 0, false
	}
	return first + int64(i), true
}

// decidesWith tells whether a verdict could be given if k more forms answered like the first n.
func decidesWith(n int64, score Score, target float64, k int64) bool {
	forms := float64(n + k)
	score.NEff *= forms / float64(n)
	score.Lower, score.Upper = scoreInterval(score.Rate, score.NEff, forms)
	return decide(score, n+k, target) != VerdictUndecided
}

package analytics

import "math"

// Z95 is the 97.5 % point of the standard normal distribution: intervals are two-sided 95 % ones.
const Z95 = 1.959963984540054

// deffPull is the weight, in forms, of the prior belief that all answers of a form are alike (deff = m̄).
// Without it coverage at 30 forms is too low; the simulation prints both.
const deffPull = 20

// Sums are the core sums of a set of forms: all that the score and its interval need.
// They merge by addition; rates are divided last, at the view. A correction's Sums are negative.
// Per form, m is its answered core items (1–5; 0 and blank are none) and s those of them that are 4 or 5.
type Sums struct {
	Forms       int64 `json:"n"`   // forms with at least one answered core item
	Satisfied   int64 `json:"s"`   // Σs
	Answered    int64 `json:"m"`   // Σm
	SatisfiedSq int64 `json:"ss"`  // Σs²
	Cross       int64 `json:"sm"`  // Σsm
	AnsweredSq  int64 `json:"mm"`  // Σm²
	Points      int64 `json:"v"`   // Σ of the core answers 1–5, for the mean
	Complete    int64 `json:"all"` // forms whose every answered core item is 4 or 5 ("hài lòng toàn diện")
}

// FormSums are the sums of one form with these core answers. Answers outside 1–5, that is 0 (no opinion), count
// nowhere; a form without an answered core item gives the zero Sums.
func FormSums(values []int) Sums {
	var s, m, points int64
	for _, v := range values {
		if v < 1 || v > 5 {
			continue
		}
		m++
		points += int64(v)
		if v >= 4 {
			s++
		}
	}
	if m == 0 {
		return Sums{}
	}
	sums := Sums{
		Forms: 1, Satisfied: s, Answered: m,
		SatisfiedSq: s * s, Cross: s * m, AnsweredSq: m * m,
		Points: points,
	}
	if s == m {
		sums.Complete = 1
	}
	return sums
}

// Add merges two disjoint sets of forms.
func (a Sums) Add(b Sums) Sums {
	return Sums{
		Forms:       a.Forms + b.Forms,
		Satisfied:   a.Satisfied + b.Satisfied,
		Answered:    a.Answered + b.Answered,
		SatisfiedSq: a.SatisfiedSq + b.SatisfiedSq,
		Cross:       a.Cross + b.Cross,
		AnsweredSq:  a.AnsweredSq + b.AnsweredSq,
		Points:      a.Points + b.Points,
		Complete:    a.Complete + b.Complete,
	}
}

// Sub takes the forms b out of a.
func (a Sums) Sub(b Sums) Sums {
	return Sums{
		Forms:       a.Forms - b.Forms,
		Satisfied:   a.Satisfied - b.Satisfied,
		Answered:    a.Answered - b.Answered,
		SatisfiedSq: a.SatisfiedSq - b.SatisfiedSq,
		Cross:       a.Cross - b.Cross,
		AnsweredSq:  a.AnsweredSq - b.AnsweredSq,
		Points:      a.Points - b.Points,
		Complete:    a.Complete - b.Complete,
	}
}

// Score is what Sums say about a set of forms.
type Score struct {
	Rate  float64 // Σs/Σm, 0–1: the share of core answers that are 4 or 5
	Mean  float64 // of the core answers, 1–5; it never decides
	Lower float64 // 95 % interval of Rate, 0–1
	Upper float64
	Deff  float64 // design effect: how many answers of these forms tell as much as one independent answer
	NEff  float64 // Answered/Deff: independent answers that would tell as much
}

// Score gives the rate and its interval; false when nothing is answered.
//
// The interval is Wilson's on the effective number of answers, for answers of one form are not independent: the
// design effect is the ratio estimator's variance (Cochran, Sampling Techniques, ch. 6) over the binomial one, pulled
// towards its largest plausible value where forms are few; see the simulation for what that is worth.
func (a Sums) Score() (Score, bool) {
	if a.Forms <= 0 || a.Answered <= 0 {
		return Score{}, false
	}
	answered := float64(a.Answered)
	sc := Score{
		Rate: float64(a.Satisfied) / answered,
		Mean: float64(a.Points) / answered,
		Deff: a.designEffect(),
	}
	sc.NEff = answered / sc.Deff
	sc.Lower, sc.Upper = scoreInterval(sc.Rate, sc.NEff, float64(a.Forms))
	return sc, true
}

// designEffect is (n·max(1, d) + 20·m̄)/(n + 20) with m̄ = Σm²/Σm and d = Σ(s − pm)² / (Σm·p(1−p)), or m̄ when p is
// 0 or 1 and the sample cannot tell how alike the answers of a form are. Sums must hold an answer.
func (a Sums) designEffect() float64 {
	n, answered, mm := float64(a.Forms), float64(a.Answered), float64(a.AnsweredSq)
	alike := mm / answered
	d := alike
	if a.Satisfied > 0 && a.Satisfied < a.Answered {
		p := float64(a.Satisfied) / answered
		d = (float64(a.SatisfiedSq) - 2*p*float64(a.Cross) + p*p*mm) / (answered * p * (1 - p))
	}
	return (n*max(1, d) + deffPull*alike) / (n + deffPull)
}

// scoreInterval is Wilson's interval on the effective answers, held to what one answer a form, all alike, would say of
// this many forms: lower ≤ forms/(forms+z²), upper ≥ z²/(forms+z²).
func scoreInterval(p, nEff, forms float64) (lower, upper float64) {
	lower, upper = Wilson(p, nEff)
	return min(lower, forms/(forms+Z95*Z95)), max(upper, Z95*Z95/(forms+Z95*Z95))
}

// Wilson is the 95 % score interval (Wilson 1927), without continuity correction, of a rate p (0–1) seen in n
// independent answers; n need not be whole. It always holds p, and is all of 0–1 when n is not positive.
func Wilson(p, n float64) (lower, upper float64) {
	if n <= 0 {
		return 0, 1
	}
	zz := Z95 * Z95 / n
	centre := (p + zz/2) / (1 + zz)
	half := math.Sqrt(zz*(p*(1-p)+zz/4)) / (1 + zz)
	// In real numbers 0 ≤ lower ≤ p ≤ upper ≤ 1; the bounds take off what rounding adds.
	return max(0, min(p, centre-half)), min(1, max(p, centre+half))
}

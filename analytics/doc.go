// Package analytics turns responses into figures that may be shown. Pure functions over counters; it reads the
// store through surveys' interfaces and imports nothing else.
//
// The way of a figure: Roller counts a dirty day again from its responses and replaces its book; Releaser turns
// what of a closed node of the calendar is not yet released into a Release of at least the minimum; Desk merges
// releases into a Summary. No view is computed from days, so the difference of any two views is whole
// releases, and nobody can be found by watching a number change. Sealer ends the time of single responses: it deletes
// those of days older than the installation keeps, whose counts then never change.
//
// # Formulas
//
// s satisfied (4 or 5) and m answered (1–5) core items of a form; 0 and blank count nowhere.
//
//	score       p = Σs / Σm over every form, short or full
//	m̄           = Σm² / Σm
//	d           = (Σs² − 2pΣsm + p²Σm²) / (Σm·p(1−p)); m̄ where p is 0 or 1
//	deff        = (n·max(1, d) + 20·m̄) / (n + 20), n forms: answers inside one form are not independent
//	n_eff       = Σm / deff
//	interval    Wilson on (p, n_eff), z = 1.959963984540054; then lower ≤ n/(n+z²) and upper ≥ z²/(n+z²)
//	item rate   n(4,5) / n(1..5), plain Wilson; factor rate = mean of its shown items' rates
//	verdict     of a standard period at its close, 14 days after its end, if at least 90 % of its forms are
//	            shown: n ≥ 30 and lower ≥ target → met; n ≥ 30 and upper < target → not met; else undecided
//	needed      the smallest k with n + k ≥ 30 whose interval on (p, n_eff·(n+k)/n, n+k) decides
//
// The interval is conservative where forms are few and answers inside them nearly independent, and covers about
// 95 % otherwise: TestSimulation prints its coverage and its false "Đạt".
//
// # Releases
//
// The calendar is a tree, day ⊂ half-month ⊂ month ⊂ quarter ⊂ year. A closed node becomes a release when its
// unreleased forms reach the minimum: day and half-month 30 (tried once), month 20, quarter and year 10 (tried
// on every later pass, so late forms come out as supplements); restricted items 30 everywhere. A release
// holds either no form given by a citizen or at least the minimum of those; typed ones ride along. What is
// set aside after its release can only be taken out as a correction of at least the minimum. An item with fewer
// than ten answers is withheld, and of the core items the next smallest with it.
//
// # Reliability
//
// When a month closes, how its forms came is kept as a Habit. A facility's standard period is graded A to D by comparing
// the habits of its months with those of the six months before: forms at unusual hours, forms too many alike in one
// hour, quick forms with one answer throughout, a sudden leap of perfect forms. Formulas at ReliabilityOf and Habit.
//
// Known limits: someone who fills most of a slow node himself knows the rest of it; an item that reaches ten
// answers in a quarter but in none of its releases stays withheld.
package analytics

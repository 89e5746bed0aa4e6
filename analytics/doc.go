// Package analytics turns responses into figures that may be shown. Pure functions over counters; it reads the
// store through surveys' interfaces and imports nothing else.
//
// The way of a figure: Roller counts a dirty day again from its responses and replaces its book; Releaser turns
// what of a closed node of the calendar is not yet released into a Release of at least the minimum; Desk merges
// releases into a Summary. No view is computed from days, so the difference of any two views is whole
// releases, and nobody can be found by watching a number change. Sealer ends the time of single responses: it deletes
// those of days older than the installation keeps, whose counts then never change.
//
// PointDesk tells how often the codes at the points are opened, and Diagnose which of them seem covered, dead or hard to
// send from. They read sums by day, since a poster is no person: but nothing of today is shown, and to others than
// administrators whole tens only.
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
// # What is set aside before it is released
//
// surveys.Evidence judges an answer by itself when it arrives; Judge, at the beginning of every pass, judges the answers
// of closed days by each other, and only those not released in any part, not typed, not imported and not accepted by a
// person. It has only what the store holds, the hour, the class of the pace and the content, so that it comes to the same on
// every server, however often it looks, and no figure of more than an hour's precision is kept for it. In this order:
//
//	rush         at a facility in an hour at least 8 quick forms that make up a tenth of its forms, and three times their
//	             usual share there; or the same of all facilities together from 20: the quick forms stand aside (burst)
//	alike        at a point in an hour at least 100 forms of four answers or more that all say the same and make up four
//	             fifths of its forms (burst)
//	over budget  of a point, or of a facility at all its points: 300 (400) forms in an hour and 600 (1,000) on a day;
//	             with declared visits twice their mean of a day in an hour and four times on a day, at least 40 and 60; and
//	             in any case four times the 95th percentile of the busy hours and days of eight weeks before, once
//	             a fortnight had forms. Beyond it the quick forms go first (burst), then contents that alone fill half
//	             the budget, the commonest first (burst), then all that is left of the hour; of a day the fullest
//	             hour goes first (over_budget)
//
// What arrives on a later day than it was given is judged by the day it arrives, as if in an hour of its own.
//
// No rule looks at an address, so nothing tells a hall behind one address from a hall. What that cannot see, stated here
// and held by TestKnownLimits: a script that opens every form, waits as long as people do, answers differently each time
// and stays within the budget looks like people. Beyond the budget it takes the people of its hour with it, until a
// reviewer has looked; the score is shown with and without. Whoever keeps a facility just under its budget
// for weeks raises it fourfold each time: the drift shows in the grade and the coverage, not here. A manager who
// declares more visits than there were raises the budget as well.
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

package demo

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"hailong/analytics"
	"hailong/surveys"
)

// Months is how far back the invented answers go, at the least.
const months = 9

// start is the first day of answers: nine months ago, or earlier so that two closed quarters are whole.
func start(c analytics.Calendar, today surveys.Day) surveys.Day {
	q := c.PeriodOn(analytics.QuarterPeriod, today)
	for q.Closes() > today {
		q = c.Next(q, -1)
	}
	return min(c.Next(q, -1).From, surveys.Day(today.Date().AddDate(0, -months, 0).Format(time.DateOnly)))
}

// writer invents the answers of one facility.
type writer struct {
	site       site
	places     []surveys.Place
	instrument *surveys.Instrument
	rng        *rand.Rand
	hands      *rand.Rand // how fast people are
	eyes       *rand.Rand // who opens a form and does not send it
	use        map[surveys.Month]surveys.Usage
	last       surveys.Day
	n          int
	keep       func(surveys.Response) error
}

// write invents the answers of the days from first to last.
func (w *writer) write(calendar analytics.Calendar, first, last surveys.Day) error {
	for day := first; day <= last; day = day.Add(1) {
		if day < w.site.facility.From {
			continue
		}
		for _, channel := range w.due(calendar, day) {
			if err := w.form(day, channel); err != nil {
				return err
			}
		}
	}
	return nil
}

// due is the forms of one day by channel: exact quotas spread over the quarter, or a weekly rhythm.
func (w *writer) due(calendar analytics.Calendar, day surveys.Day) []surveys.Channel {
	var due []surveys.Channel
	if w.site.plan != nil {
		q := calendar.Node(analytics.Quarter, day)
		length := daysBetween(q.From, q.To) + 1
		at := daysBetween(q.From, day)
		for _, quota := range w.site.plan {
			for range (at+1)*quota.forms/length - at*quota.forms/length {
				due = append(due, quota.channel)
			}
		}
		return due
	}
	for range poisson(w.rng, w.site.daily*w.rhythm(day)) {
		channel := surveys.QR
		if w.rng.Float64() < w.site.paper {
			channel = surveys.Paper
		}
		due = append(due, channel)
	}
	return due
}

func daysBetween(a, b surveys.Day) int { return int(b.Date().Sub(a.Date()).Hours() / 24) }

// rhythm is the weight of a weekday: busy Mondays, quiet Saturdays, Sundays at the hospital only.
func (w *writer) rhythm(day surveys.Day) float64 {
	switch day.Date().Weekday() {
	case time.Monday:
		return 1.35
	case time.Friday:
		return 0.85
	case time.Saturday:
		if w.site.weekend {
			return 0.6
		}
		return 0.15
	case time.Sunday:
		if w.site.weekend {
			return 0.4
		}
		return 0
	case time.Tuesday, time.Wednesday, time.Thursday:
	}
	return 1
}

// hours are the weights of the hours from 7 on.
func hours() []float64 { return []float64{8, 16, 17, 12, 5, 2, 3, 10, 11, 8, 3} }

// form invents one form. Its answers hang together: each form has a mood of its own around the facility's
// rate, and each item its own ease.
func (w *writer) form(day surveys.Day, channel surveys.Channel) error {
	w.n++
	sub := surveys.Submission{
		ID:   surveys.RowSubmissionID("demo", string(w.site.facility.ID)+"/"+strconv.Itoa(w.n)),
		Form: surveys.ShortForm, Channel: channel, Lang: "vi", Answers: surveys.Answers{},
	}
	if channel == surveys.Paper || w.rng.Float64() < w.site.full {
		sub.Form = surveys.FullForm
	}
	mood := w.rng.NormFloat64()
	for i, it := range w.instrument.Asked(sub.Form) {
		if a, ok := w.answer(it, i, mood); ok {
			sub.Answers[it.Code] = a
		}
	}
	sub.Prune(w.instrument)
	if w.rng.Float64() < 0.03 {
		sub.Comment = comments()[w.rng.IntN(len(comments()))]
	}
	if len(sub.Answers) == 0 {
		return nil
	}
	if err := sub.Check(w.instrument); err != nil {
		return fmt.Errorf("invented form of %s: %w", w.site.facility.ID, err)
	}
	place := w.at(w.places[w.rng.IntN(len(w.places))], day)
	hour := 7 + pick(w.rng, hours())
	if channel == surveys.Paper {
		hour = -1
	}
	r := place.Response(sub, day, hour, day)
	if !channel.Typed() {
		r.Pace = w.pace(sub)
		w.see(place, day)
	}
	return w.keep(r)
}

// pace is how fast the form was filled in: around five and a half seconds a question, by a chance of its own.
func (w *writer) pace(sub surveys.Submission) surveys.Pace {
	const median, spread = 5.5, 0.55
	step := median * math.Exp(spread*w.hands.NormFloat64())
	took := time.Duration(step * float64(len(sub.Answers)+1) * float64(time.Second))
	return surveys.PaceOf(took, len(sub.Answers), len(w.instrument.Asked(sub.Form)))
}

func (w *writer) answer(it surveys.Item, i int, mood float64) (surveys.Answer, bool) {
	if it.Kind != surveys.Scale5 {
		return w.other(it)
	}
	if w.rng.Float64() < 0.03 {
		return surveys.Answer{}, false
	}
	if w.rng.Float64() < 0.03 {
		return surveys.NumberAnswer(0), true
	}
	ease := 0.35 * math.Sin(float64(i)*2.4+float64(len(w.site.facility.Name)))
	x := quantile(w.site.rate)*math.Sqrt(1+spread*spread) + spread*mood + ease
	if normal(x) > w.rng.Float64() {
		if w.rng.Float64() < 0.58 {
			return surveys.NumberAnswer(5), true
		}
		return surveys.NumberAnswer(4), true
	}
	return surveys.NumberAnswer(3 - pick(w.rng, []float64{6, 3, 1.5})), true
}

// spread is the standard deviation of the moods, on the probit scale.
const spread = 1.1

func (w *writer) other(it surveys.Item) (surveys.Answer, bool) {
	if it.ShowIf == nil && w.rng.Float64() < 0.1 {
		return surveys.Answer{}, false
	}
	switch it.Kind {
	case surveys.Percent:
		return surveys.NumberAnswer(50 + 5*w.rng.IntN(11)), true
	case surveys.Single:
		if it.Role == surveys.Restricted {
			return surveys.TextAnswer(it.Options[pick(w.rng, []float64{93, 4, 3})].Code), true
		}
		return surveys.TextAnswer(it.Options[w.rng.IntN(len(it.Options))].Code), true
	case surveys.Multiple:
		return surveys.ListAnswer(it.Options[w.rng.IntN(len(it.Options))].Code), true
	case surveys.Scale5, surveys.TextItem:
	}
	return surveys.Answer{}, false
}

func comments() []string {
	return []string{
		"Chờ lâu quá, nên có thêm ghế.", "Cán bộ hướng dẫn tận tình, cảm ơn.", "Nhà vệ sinh cần dọn sạch hơn.",
		"Nên ghi rõ giấy tờ cần mang theo ngay ở cửa.", "Mong trả kết quả đúng hẹn.", "Chỗ để xe chật.",
	}
}

// Small tools of chance.

func pick(rng *rand.Rand, weights []float64) int {
	var total float64
	for _, w := range weights {
		total += w
	}
	x := rng.Float64() * total
	for i, w := range weights {
		if x -= w; x < 0 {
			return i
		}
	}
	return len(weights) - 1
}

func poisson(rng *rand.Rand, mean float64) int {
	if mean > 30 {
		return max(0, int(math.Round(mean+math.Sqrt(mean)*rng.NormFloat64())))
	}
	limit, p, k := math.Exp(-mean), rng.Float64(), 0
	for p > limit {
		p *= rng.Float64()
		k++
	}
	return k
}

func normal(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }

func quantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

// places resolves the points of a site as they are stored.
func places(ctx context.Context, st surveys.Store, s site, in *surveys.Instrument) ([]surveys.Place, error) {
	stored, err := surveys.Points().By(ctx, st, "facility", string(s.facility.ID))
	if err != nil {
		return nil, err
	}
	list := make([]surveys.Place, 0, len(stored))
	for _, p := range stored {
		list = append(list, surveys.Place{Point: p.Value, Facility: s.facility, Instrument: in})
	}
	return list, nil
}

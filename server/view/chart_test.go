package view_test

import (
	"html/template"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"hailong/server/view"
)

func drawing(t *testing.T, svg template.HTML) *goquery.Selection {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(svg)))
	if err != nil {
		t.Fatal(err)
	}
	return doc.Find("svg").First()
}

// shareOf reads an attribute given in percent.
func shareOf(t *testing.T, s *goquery.Selection, name string) float64 {
	t.Helper()
	v, ok := strings.CutSuffix(s.AttrOr(name, ""), "%")
	f, err := strconv.ParseFloat(v, 64)
	if !ok || err != nil {
		t.Fatalf("%s = %q is no percentage", name, s.AttrOr(name, ""))
	}
	return f
}

func TestHeroChart(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	c := view.ScoreChart{
		Name: "Trạm", Rate: 0.795, Interval: view.Interval{Low: 0.771, High: 0.816}, Target: 0.85, Verdict: view.VerdictNotMet,
	}
	svg := drawing(t, r.HeroChart(view.Vietnamese, c))
	ci := svg.Find("rect.ci.v-bad")
	if got := shareOf(t, ci, "x"); got != 77.1 {
		t.Errorf("interval starts at %v, want 77.1", got)
	}
	if got := shareOf(t, ci, "width"); got != 4.5 {
		t.Errorf("interval is %v wide, want 4.5", got)
	}
	if got := shareOf(t, svg.Find("circle"), "cx"); got != 79.5 {
		t.Errorf("dot at %v, want 79.5", got)
	}
	if got := shareOf(t, svg.Find("line.target"), "x1"); got != 85 {
		t.Errorf("target at %v, want 85", got)
	}
	for _, want := range []string{"79,5\u00a0%", "từ 77,1 đến 81,6", "chỉ tiêu 85\u00a0%", "0\u00a0%", "100\u00a0%"} {
		if !strings.Contains(svg.Find("text").Text(), want) {
			t.Errorf("no %q in %q", want, svg.Find("text").Text())
		}
	}
	if svg.Find("title").Text() == "" || svg.Find("desc").Text() == "" {
		t.Error("no title or description")
	}
	c.Target = 0
	if drawing(t, r.HeroChart(view.Vietnamese, c)).Find(".target, .target-label").Length() != 0 {
		t.Error("a target is drawn where there is none")
	}
}

func TestOnlyVerdictsHaveColours(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	for verdict, want := range map[string]string{
		view.VerdictMet: "v-good", view.VerdictNotMet: "v-bad", view.VerdictUndecided: "v-plain", view.VerdictNoTarget: "v-plain",
		view.VerdictNoPeriod: "v-plain", view.VerdictOpen: "v-hollow", view.VerdictIncomplete: "v-hollow", "": "v-plain",
	} {
		c := view.ScoreChart{Rate: 0.99, Interval: view.Interval{Low: 0.98, High: 1}, Target: 0.85, Verdict: verdict}
		if drawing(t, r.RowChart(view.Vietnamese, c)).Find("rect.ci."+want).Length() != 1 {
			t.Errorf("%q is not drawn as %s", verdict, want)
		}
	}
}

func TestStackChart(t *testing.T) {
	t.Parallel()
	c := view.StackChart{Name: "Câu", Counts: [5]int64{1, 9, 0, 40, 50}, Words: scaleWords(), Target: 0.85}
	svg := drawing(t, renderer(t).StackChart(view.Vietnamese, c))
	var classes []string
	end := 0.0
	svg.Find("rect").Each(func(_ int, s *goquery.Selection) {
		classes = append(classes, s.AttrOr("class", ""))
		if got := shareOf(t, s, "x"); got != end {
			t.Errorf("bar %s starts at %v, want %v", s.AttrOr("class", ""), got, end)
		}
		end += shareOf(t, s, "width")
	})
	if got := strings.Join(classes, " "); got != "a5 a4 a2 a1" {
		t.Errorf("bars %q, want from the best to the worst without the empty one", got)
	}
	if end != 100 {
		t.Errorf("bars end at %v, want 100", end)
	}
	if got := svg.Find("text").Text(); got != "50409" {
		t.Errorf("counts %q, want those that fit: 50, 40, 9", got)
	}
	if got := svg.Find("desc").Text(); !strings.HasPrefix(got, "Rất hài lòng: 50; Hài lòng: 40; Bình thường: 0;") {
		t.Errorf("description %q", got)
	}
	empty := drawing(t, renderer(t).StackChart(view.Vietnamese, view.StackChart{Name: "Câu", Target: 0.85}))
	if empty.Find("rect, line").Length() != 0 {
		t.Error("something is drawn for an item without answers")
	}
}

func TestTrendChart(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	months := view.TrendChart{Name: "Trạm", Points: monthTrend().Points, Target: 0.85}
	svg := drawing(t, r.TrendChart(view.Vietnamese, months))
	for what, want := range map[string]int{
		".node": 14, ".ci-line": 14, ".gap": 1, ".path": 12, ".figure": 2, "line.target": 1, ".now": 3, "text.forms": 16,
	} {
		if got := svg.Find(what).Length(); got != want {
			t.Errorf("%d × %s, want %d", got, what, want)
		}
	}
	text := svg.Find("text").Text()
	for _, want := range []string{"60\u00a0%", "100\u00a0%", "T7", "1.141", "81,4", "82,3", "2025", "2026"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %q", want, text)
		}
	}
	few := drawing(t, r.TrendChart(view.Vietnamese, view.TrendChart{Points: quarterTrend().Points, Target: 0.85}))
	if few.Find(".figure").Length() != 4 || few.Find(".path").Length() != 0 || few.Find(".gap").Length() != 1 {
		t.Error("a few points: each with its value, no line, the gap marked")
	}
	if !strings.Contains(few.Text(), "dưới 10") {
		t.Error("the gap does not say why")
	}
}

func TestTrendAxisHoldsEverything(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	c := view.TrendChart{Target: 0.55, Points: []view.TrendPoint{{
		Period: quarter(2026, 1), State: view.StateFull, Rate: 0.02, Interval: view.Interval{Low: 0, High: 0.1}, Forms: 30,
	}}}
	svg := drawing(t, r.TrendChart(view.Vietnamese, c))
	svg.Find("line, circle").Each(func(_ int, s *goquery.Selection) {
		for _, name := range []string{"y1", "y2", "cy"} {
			v, has := s.Attr(name)
			y, err := strconv.ParseFloat(v, 64)
			if has && (err != nil || y < 0 || y > 326) {
				t.Errorf("%s = %q lies outside", name, v)
			}
		}
	})
	if !strings.Contains(svg.Text(), "0\u00a0%") {
		t.Error("the axis does not begin at 0")
	}
	if drawing(t, r.TrendChart(view.Vietnamese, view.TrendChart{})).Find(".node").Length() != 0 {
		t.Error("a trend without points has nodes")
	}
}

func TestDrawingsEscape(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	words := [5]string{hostile, hostile, hostile, hostile, hostile}
	for name, svg := range map[string]template.HTML{
		"hero":  r.HeroChart(view.Vietnamese, view.ScoreChart{Name: hostile, Rate: 0.5}),
		"row":   r.RowChart(view.Vietnamese, view.ScoreChart{Name: hostile, Rate: 0.5}),
		"stack": r.StackChart(view.Vietnamese, view.StackChart{Name: hostile, Words: words, Counts: [5]int64{1, 2, 3, 4, 5}}),
		"trend": r.TrendChart(view.Vietnamese, view.TrendChart{Name: hostile, Points: monthTrend().Points}),
	} {
		if strings.Contains(string(svg), "<script") || !strings.Contains(string(svg), "&lt;script&gt;") {
			t.Errorf("%s: the name is not escaped", name)
		}
		if bad := regexp.MustCompile(`style=|NaN|Inf|%!`).FindString(string(svg)); bad != "" {
			t.Errorf("%s holds %q", name, bad)
		}
	}
}

package surveys_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hailong/surveys"
	"hailong/surveys/instruments"
)

// A wrong digit and two digits that changed places are found, wherever they stand.
func TestBatchNumber(t *testing.T) {
	t.Parallel()
	for _, count := range []int{1, 7, 42, 9999, 10000, 123456} {
		n := surveys.NewBatchNumber(2026, count)
		printed := n.String()
		if !strings.HasPrefix(printed, "26") || printed[len(printed)-2] != '-' {
			t.Errorf("the %d-th number is printed %q", count, printed)
		}
		for _, typed := range []string{string(n), printed, " " + strings.ReplaceAll(printed, "-", " - ") + "\t", strings.Join(strings.Split(string(n), ""), " ")} {
			if got, ok := surveys.ParseBatchNumber(typed); !ok || got != n {
				t.Errorf("%q reads %q, %t; want %q", typed, got, ok, n)
			}
		}
		for i := range n {
			for d := byte('0'); d <= '9'; d++ {
				wrong := []byte(n)
				wrong[i] = d
				if _, ok := surveys.ParseBatchNumber(string(wrong)); ok && d != n[i] {
					t.Errorf("%s passes for %s", wrong, n)
				}
			}
			if i > 0 && n[i] != n[i-1] {
				swapped := []byte(n)
				swapped[i], swapped[i-1] = swapped[i-1], swapped[i]
				if _, ok := surveys.ParseBatchNumber(string(swapped)); ok {
					t.Errorf("%s passes for %s", swapped, n)
				}
			}
		}
	}
	for _, bad := range []string{"", "-", "0", "26000", "2600017 OR 1=1", "٢٦٠٠٠١٧", "２６０００１７", strings.Repeat("0", 40), strings.Repeat("0", 1<<20), "26\x000017", "<b>"} {
		if n, ok := surveys.ParseBatchNumber(bad); ok {
			t.Errorf("%.20q reads %q", bad, n)
		}
	}
	if got := surveys.BatchNumber("").String(); got != "" {
		t.Errorf("no number is printed %q", got)
	}
}

// Printings at once get numbers of their own, and each year counts anew.
func TestIssueBatch(t *testing.T) {
	t.Parallel()
	m := newMemory()
	var mu sync.Mutex
	var got []string
	var work sync.WaitGroup
	for range 20 {
		work.Go(func() {
			b, err := surveys.IssueBatch(t.Context(), m, surveys.PaperBatch{Point: "p", Copies: 1, Printed: "2026-12-31"})
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			got = append(got, string(b.Number))
			mu.Unlock()
		})
	}
	work.Wait()
	slices.Sort(got)
	if n := len(slices.Compact(got)); n != 20 || got[0] != string(surveys.NewBatchNumber(2026, 1)) || got[19] != string(surveys.NewBatchNumber(2026, 20)) {
		t.Errorf("issued are %q", got)
	}
	b, err := surveys.IssueBatch(t.Context(), m, surveys.PaperBatch{Copies: 1, Printed: "2027-01-01"})
	if err != nil || b.Number != surveys.NewBatchNumber(2027, 1) || b.State != surveys.BatchOpen || b.Seed == "" {
		t.Errorf("the first of a year is %+v, %v", b, err)
	}
	for _, copies := range []int{0, -1, surveys.MostCopies + 1} {
		if _, err := surveys.IssueBatch(t.Context(), m, surveys.PaperBatch{Copies: copies, Printed: "2027-01-01"}); err == nil {
			t.Errorf("%d copies are printed", copies)
		}
	}
}

// A tenth is drawn, by the seed alone; over many seeds every sheet is as likely.
func TestSample(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{0: 0, 1: 1, 9: 1, 10: 1, 11: 2, 40: 4, 999: 100} {
		b := surveys.PaperBatch{Seed: "s", Sheets: make([]surveys.TypedSheet, n)}
		got := b.Sample()
		if len(got) != want || !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != want || !slices.Equal(got, b.Sample()) {
			t.Errorf("of %d sheets %v are drawn, want %d", n, got, want)
		}
		if want > 0 && (got[0] < 1 || got[want-1] > n) {
			t.Errorf("of %d sheets %v are drawn", n, got)
		}
	}
	drawn := make([]int, 20)
	for seed := range 2000 {
		b := surveys.PaperBatch{Seed: strings.Repeat("x", seed%7) + string(rune('a'+seed%26)) + string(surveys.NewBatchNumber(2026, seed)), Sheets: make([]surveys.TypedSheet, 20)}
		for _, sheet := range b.Sample() {
			drawn[sheet-1]++
		}
	}
	for i, n := range drawn { // 200 expected, 13 the standard deviation
		if n < 140 || n > 260 {
			t.Errorf("sheet %d of 20 is drawn %d times of 2000", i+1, n)
		}
	}
}

func TestErrorRate(t *testing.T) {
	t.Parallel()
	for want, c := range map[float64]surveys.PaperCheck{0: {}, 0.025: {Compared: 200, Differing: 5}, 1: {Compared: 3, Differing: 3}} {
		if got := c.Rate(); got != want {
			t.Errorf("%+v: %v, want %v", c, got, want)
		}
	}
}

// What is typed for an answer reads as that answer, for every item of every questionnaire; anything else is refused.
func TestTypeDigits(t *testing.T) {
	t.Parallel()
	all, err := instruments.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range all {
		for it := range in.Accepted() {
			var answers []surveys.Answer
			switch it.Kind {
			case surveys.Scale5:
				answers = []surveys.Answer{surveys.NumberAnswer(0), surveys.NumberAnswer(5)}
			case surveys.Percent:
				answers = []surveys.Answer{surveys.NumberAnswer(0), surveys.NumberAnswer(7), surveys.NumberAnswer(100)}
			case surveys.TextItem:
				answers = []surveys.Answer{surveys.TextAnswer("chờ lâu")}
			case surveys.Single, surveys.Multiple:
				for _, o := range it.Options {
					answers = append(answers, map[bool]surveys.Answer{true: surveys.TextAnswer(o.Code), false: surveys.ListAnswer(o.Code)}[it.Kind == surveys.Single])
				}
			}
			for i, a := range answers {
				got, blank, ok := it.TypeDigits(it.Digits(a))
				if diff := cmp.Diff(a, got); diff != "" || blank || !ok {
					t.Errorf("%s %s: %q (-want +got):\n%s", in.Key, it.Code, it.Digits(a), diff)
				}
				choice := it.Kind == surveys.Single || it.Kind == surveys.Multiple
				if choice && it.Sum(a) != i+1 || a.Kind == surveys.Number && it.Sum(a) != a.Number || it.Kind == surveys.TextItem && it.Sum(a) != 0 {
					t.Errorf("%s %s: %v adds %d", in.Key, it.Code, a, it.Sum(a))
				}
			}
			if it.Kind == surveys.TextItem {
				continue
			}
			if _, blank, ok := it.TypeDigits(it.Digits(surveys.Answer{})); !blank || !ok || it.Sum(surveys.Answer{}) != 0 {
				t.Errorf("%s %s: a blank is not read as one", in.Key, it.Code)
			}
			for _, bad := range []string{"", "-1", "+3", "101", "3x", "٣", "99999999999999999999", "0x3", "1e1", "..", "9 9 9"} {
				if a, _, ok := it.TypeDigits(bad); ok {
					t.Errorf("%s %s takes %q as %v", in.Key, it.Code, bad, a)
				}
			}
		}
	}
}

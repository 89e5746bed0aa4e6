package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"hailong/surveys"
	"hailong/surveys/poster/postertest"
)

func TestPaperForms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.points()
	out := filepath.Join(w.dir, "phiếu")
	w.run("paper", "--facility", "f_hall", "--form", "short", "--copies", "3", "--out", out).want(0, "3 copies of 1 pages")
	w.run("paper", "--point", "0000-0004", "--out", out, "--lang", "en").want(0, "20 copies of 3 pages", "Quầy 2")
	var numbers []string
	w.with(func(s surveys.Store) {
		all, err := surveys.PaperBatches().All(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range all {
			numbers = append(numbers, b.Value.Number.String())
			if b.Value.State != surveys.BatchOpen || b.Value.Instrument != "one_stop" {
				t.Errorf("on record is %+v", b.Value)
			}
		}
	})
	var want []string
	for i, n := range numbers {
		want = append(want, n+map[bool]string{true: "-full.pdf", false: "-short.pdf"}[i == 2])
	}
	if got := w.written(out); !slices.Equal(got, want) || len(got) != 3 {
		t.Errorf("written are %q, want %q", got, want)
	}
	pdf, err := os.ReadFile(filepath.Join(out, want[0]))
	if err != nil {
		t.Fatal(err)
	}
	if pages := postertest.Pages(t, pdf, 20); len(pages) != 3 {
		t.Errorf("%d pages, want 3 copies of one", len(pages))
	}
	for name, args := range map[string][]string{
		"nothing chosen": {"--out", out}, "both": {"--point", "00000004", "--facility", "f_hall", "--out", out}, "no folder": {"--point", "00000004"},
		"no token": {"--point", "x", "--out", out}, "none": {"--facility", "f_hall", "--copies", "0", "--out", out},
		"too many": {"--facility", "f_hall", "--copies", "101", "--out", out}, "no form": {"--facility", "f_hall", "--form", "long", "--out", out},
	} {
		if r := w.run(append([]string{"paper"}, args...)...); r.code != 2 {
			t.Errorf("%s: exit status %d, want 2: %s", name, r.code, r.err)
		}
	}
	w.run("paper", "--point", "00000005", "--out", out).want(1, "no point in use") // retired
	w.run("paper", "--point", "ZZZZZZZZ", "--out", out).want(1, "no point in use")
	w.run("paper", "--facility", "nowhere", "--out", out).want(1, "no point in use")
}

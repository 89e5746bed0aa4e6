package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hailong/surveys"
	"hailong/surveys/poster/postertest"
)

const printedAt = "https://khaosat.example"

// points are several of each kind: in use, retired, of a closed facility, with names that hurt.
func (w *world) points() {
	w.t.Helper()
	w.organise()
	w.with(func(s surveys.Store) {
		put := func(err error) {
			if err != nil {
				w.t.Fatal(err)
			}
		}
		for _, u := range []surveys.Unit{{Code: "36", Name: "Tỉnh", Kind: "province", From: "2025-07-01"}, {Code: "13900", Name: "Xã Đồng Thịnh", Kind: "commune", Parent: "36", From: "2025-07-01"}} {
			_, err := surveys.Units().Put(w.t.Context(), s, u, 0)
			put(err)
		}
		for _, f := range []surveys.Facility{
			{ID: "CON", Name: "=HYPERLINK(\"x\") 😀/..\\con", Kind: "primary"},
			{ID: "con", Name: "=HYPERLINK(\"x\") 😀/..\\con", Kind: "primary"},
			{ID: "f_closed", Name: "Trạm cũ", Kind: "station", To: "2026-01-31"},
			{ID: "f_empty", Name: "Chưa có điểm", Kind: "office"},
		} {
			f.Sector, f.Instrument, f.From = "education", "school", "2025-07-01"
			f.Placements = []surveys.Placement{{Unit: "13900", From: "2025-07-01"}}
			_, err := surveys.Facilities().Put(w.t.Context(), s, f, 0)
			put(err)
		}
		for _, p := range []surveys.Point{
			{ID: "p_1", Token: "00000001", Facility: "CON", Kind: "gate", Name: "Cổng Nghi\u0303a"},
			{ID: "p_2", Token: "00000002", Facility: "con", Kind: "gate", Name: "<script>"},
			{ID: "p_3", Token: "00000003", Facility: "f_closed", Kind: "gate", Name: "Cổng"},
			{ID: "p_4", Token: "00000004", Facility: "f_hall", Kind: "counter", Name: "Quầy 2"},
			{ID: "p_5", Token: "00000005", Facility: "f_hall", Kind: "counter", Name: "Quầy 9", Retired: "2026-03-10"},
		} {
			_, err := surveys.Points().Put(w.t.Context(), s, p, 0)
			put(err)
		}
		put(surveys.OrganisationChanged(w.t.Context(), s))
	})
}

// written lists a folder's files.
func (w *world) written(dir string) []string {
	w.t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		w.t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// codes reads the codes of a PDF's pages.
func (w *world) codes(path string) []string {
	w.t.Helper()
	pdf, err := os.ReadFile(path)
	if err != nil {
		w.t.Fatal(err)
	}
	var all []string
	for _, page := range postertest.Pages(w.t, pdf, 120) {
		all = append(all, postertest.Decode(w.t, page))
	}
	slices.Sort(all)
	return all
}

func TestQR(t *testing.T) {
	t.Parallel()
	long(t)
	w := newWorld(t)
	w.points()
	w.env["HAILONG_BASE_URL"] = printedAt + "/"
	out := filepath.Join(w.dir, "một", "hai")
	w.run("qr", "--facility", "f_hall", "--out", out).want(0, "2 posters on a4 in 1 files in "+out, "f_hall-mot-cua-a4.pdf", "!WARNING")
	if got, want := w.codes(filepath.Join(out, "f_hall-mot-cua-a4.pdf")), []string{printedAt + "/s/00000004", printedAt + "/s/" + string(hallToken)}; !slices.Equal(got, want) {
		t.Errorf("the codes lead to %q, want %q", got, want)
	}
	w.run("qr", "--unit", "36@2025-07-01", "--paper", "A5", "--out", out).want(0, "2 posters on a5 in 2 files")
	all := filepath.Join(w.dir, "all")
	w.run("qr", "--all", "--paper", "a6", "--out", all).want(0, "5 posters on a6 in 4 files", "all of them in "+filepath.Join(all, "all-a6.pdf"))
	want := []string{"all-a6.pdf", "con-2-hyperlink-x-con-a6.pdf", "con-hyperlink-x-con-a6.pdf", "f_clinic-tram-y-te-a6.pdf", "f_hall-mot-cua-a6.pdf"}
	if got := w.written(all); !slices.Equal(got, want) {
		t.Errorf("written are %q, want %q", got, want)
	}
	codes := []string{printedAt + "/s/00000001", printedAt + "/s/00000002", printedAt + "/s/00000004", printedAt + "/s/" + string(clinicToken), printedAt + "/s/" + string(hallToken)}
	if got := w.codes(filepath.Join(all, "all-a6.pdf")); !slices.Equal(got, codes) {
		t.Errorf("the codes of all lead to %q, want %q", got, codes)
	}
	before, err := os.ReadFile(filepath.Join(all, "all-a6.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	w.run("qr", "--all", "--paper", "a6", "--out", all).want(0)
	if after, err := os.ReadFile(filepath.Join(all, "all-a6.pdf")); err != nil || string(after) != string(before) {
		t.Errorf("printed again the file has other bytes (%v)", err)
	}
	w.with(func(s surveys.Store) {
		prints, err := surveys.Prints().All(t.Context(), s)
		if err != nil || len(prints) != 9 {
			t.Errorf("%d prints are on record (%v), want 9", len(prints), err)
		}
		for _, p := range prints {
			if p.Value.State != surveys.PrintPrinted || !strings.HasPrefix(p.Value.URL, printedAt+"/s/") {
				t.Errorf("on record is %+v", p.Value)
			}
		}
	})
}

func TestQREnglishSlips(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.points()
	w.run("qr", "--facility", "f_clinic", "--paper", "slips", "--lang", "en", "--base-url", "http://localhost:8080", "--out", w.dir, "--office", "Office", "--contact", "x@y.vn").
		want(0, "1 posters on slips", "WARNING: http://localhost:8080 opens on this machine only")
	pdf, err := os.ReadFile(filepath.Join(w.dir, "f_clinic-tram-y-te-slips.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	text := postertest.Text(t, pdf)
	for _, want := range []string{"satisfied today?", "or contact x@y.vn", "Office"} {
		if got := strings.Count(text, want); got != 8 {
			t.Errorf("%q stands %d times on the sheet, want 8", want, got)
		}
	}
}

// Slips carry the code of a point of their own where there is one; else those that hang, and it is said. A poster never
// carries the code of a slip or a link.
func TestQRSlips(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.points()
	w.with(func(s surveys.Store) {
		for _, p := range []surveys.Point{
			{ID: "p_slip", Token: "0000000S", Facility: "f_hall", Kind: "slip", Name: "Phiếu nhỏ"},
			{ID: "p_link", Token: "0000000N", Facility: "f_hall", Kind: "online", Name: "Cổng thông tin"},
			{ID: "p_alone", Token: "0000000A", Facility: "f_empty", Kind: "online", Name: "Cổng thông tin"},
		} {
			if _, err := surveys.Points().Put(t.Context(), s, p, 0); err != nil {
				t.Fatal(err)
			}
		}
	})
	based := []string{"--base-url", printedAt, "--out", w.dir}
	w.run(append([]string{"qr"}, append(based, "--facility", "f_hall", "--paper", "slips")...)...).want(0, "1 posters on slips", "!has no point of its own")
	for _, got := range w.codes(filepath.Join(w.dir, "f_hall-mot-cua-slips.pdf")) {
		if got != printedAt+"/s/0000000S" {
			t.Errorf("a slip leads to %q", got)
		}
	}
	w.run(append([]string{"qr"}, append(based, "--facility", "f_hall")...)...).want(0, "2 posters on a4", "!has no point of its own")
	if got, want := w.codes(filepath.Join(w.dir, "f_hall-mot-cua-a4.pdf")), []string{printedAt + "/s/00000004", printedAt + "/s/" + string(hallToken)}; !slices.Equal(got, want) {
		t.Errorf("the posters lead to %q, want %q", got, want)
	}
	w.run(append([]string{"qr"}, append(based, "--facility", "f_clinic", "--paper", "slips")...)...).want(0, "1 posters on slips", "(f_clinic) has no point of its own for slips")
	w.run(append([]string{"qr"}, append(based, "--facility", "f_empty")...)...).want(1, "there is no point in use: nothing was printed")
}

func TestQRRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run("qr", "--all", "--out", w.dir, "--base-url", printedAt).want(1, "there is no store")
	w.points()
	occupied := w.file("occupied", "a file")
	based := []string{"--base-url", printedAt}
	for name, one := range map[string]struct {
		code int
		args []string
		says []string
	}{
		"nothing":             {2, nil, []string{"one of --facility ID, --unit CODE[@DAY] or --all must say whose codes; 0 do", "--out FOLDER is missing"}},
		"two":                 {2, []string{"--all", "--facility", "f_hall", "--out", w.dir}, []string{"2 do"}},
		"three":               {2, []string{"--all", "--unit", "36", "--facility", "f_hall", "--out", w.dir}, []string{"3 do"}},
		"no base":             {2, []string{"--all", "--out", w.dir}, []string{"--base-url is missing: a printed code must last"}},
		"words":               {2, append(based, "--all", "--out", w.dir, "now"), []string{`it takes no "now"`}},
		"paper and day":       {2, append(based, "--unit", "36@2025-02-30", "--paper", "a3", "--out", w.dir), []string{`--paper "a3" is none of`, `"2025-02-30" is not a day`}},
		"unknown facility":    {1, append(based, "--facility", "nope", "--out", w.dir), []string{`there is no facility "nope"`}},
		"closed facility":     {1, append(based, "--facility", "f_closed", "--out", w.dir), []string{"has closed on 2026-01-31"}},
		"facility of nothing": {1, append(based, "--facility", "f_empty", "--out", w.dir), []string{"there is no point in use"}},
		"unknown unit":        {1, append(based, "--unit", "99", "--out", w.dir), []string{"there is no unit 99 on 2026-03-10"}},
		"unit of another day": {1, append(based, "--unit", "36@2020-01-01", "--out", w.dir), []string{"there is no unit 36 on 2020-01-01"}},
		"a file for a folder": {1, append(based, "--all", "--out", occupied), []string{"folder for the PDFs"}},
		"below a file":        {1, append(based, "--all", "--out", filepath.Join(occupied, "x")), []string{"folder for the PDFs"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := w.run(append([]string{"qr"}, one.args...)...)
			r.t = t
			r.want(one.code, one.says...)
		})
	}
	for _, name := range w.written(w.dir) {
		if strings.HasSuffix(name, ".pdf") || strings.HasSuffix(name, ".partial") {
			t.Errorf("refused, and yet it left %s", name)
		}
	}
}

// What cannot be written leaves no half file, and its posters are not on record as printed.
func TestQRUnwritable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.points()
	if err := os.Mkdir(filepath.Join(w.dir, "f_hall-mot-cua-a4.pdf"), 0o700); err != nil { // a folder where the file must go
		t.Fatal(err)
	}
	w.run("qr", "--facility", "f_hall", "--out", w.dir, "--base-url", printedAt).want(1, "f_hall-mot-cua-a4.pdf")
	for _, name := range w.written(w.dir) {
		if strings.HasSuffix(name, ".partial") {
			t.Errorf("it left %s", name)
		}
	}
	w.with(func(s surveys.Store) {
		if prints, err := surveys.Prints().All(t.Context(), s); err != nil || len(prints) != 0 {
			t.Errorf("%d prints are on record (%v), want none", len(prints), err)
		}
	})
}

// Progress is told on a terminal, where the names of files would drown it.
func TestQRProgress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.points()
	var out, words safeBuffer
	p := w.program(&out, &words)
	p.terminal = true
	if code := p.run(t.Context(), []string{"qr", "--all", "--out", w.dir, "--base-url", printedAt}); code != 0 {
		t.Fatalf("exit status %d: %s", code, words.String())
	}
	if said := words.String(); !strings.Contains(said, "(5/5") || !strings.Contains(said, "\n5 posters") || strings.Contains(said, "f_hall-mot-cua") {
		t.Errorf("it said %q", said)
	}
}

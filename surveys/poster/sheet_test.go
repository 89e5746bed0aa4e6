package poster_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hailong/surveys"
	"hailong/surveys/poster"
	"hailong/surveys/poster/postertest"
)

// Every questionnaire, form and language: each item stands on one page, in order, inside the margins, in 11 points or more,
// with circles of 8 mm or more that touch nothing; every page has place, token and batch.
func TestSheets(t *testing.T) {
	t.Parallel()
	press := newPress(t)
	for name, s := range sheets(t) {
		pages, err := press.Leaves(s)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, it := range s.Instrument.Asked(s.Form) {
			want = append(want, it.Code)
		}
		if diff := cmp.Diff(want, slices.Concat(pages...)); diff != "" {
			t.Errorf("%s: codes (-want +got):\n%s", name, diff)
		}
		if s.Form == surveys.ShortForm && len(pages) != 1 || len(pages) > 4 {
			t.Errorf("%s takes %d pages", name, len(pages))
		}
		if problem := press.SheetProblem(s); problem != "" {
			t.Errorf("%s: %s", name, problem)
		}
	}
}

// A form says whom it asks by its questions, not by the school: parents are asked at one with old pupils too.
func TestSheetAsksWhom(t *testing.T) {
	t.Parallel()
	school := surveys.Facility{Sector: "education", Kind: "upper_secondary"}
	for _, c := range []struct {
		place surveys.Place
		want  surveys.Audience
	}{
		{surveys.Place{Facility: surveys.Facility{Sector: "health", Kind: "station"}, Instrument: &surveys.Instrument{Key: "station"}}, ""},
		{surveys.Place{Facility: school, Instrument: &surveys.Instrument{Key: "school"}}, surveys.AskParents},
		{surveys.Place{Facility: school, Instrument: &surveys.Instrument{Key: surveys.Pupils, CopyOf: "school"}}, surveys.AskPupils},
	} {
		if got := poster.SheetOf(surveys.PaperBatch{}, &c.place, "", "").Asks; got != c.want {
			t.Errorf("%s at a place of kind %s asks %q, want %q", c.place.Instrument.Key, c.place.Facility.Kind, got, c.want)
		}
	}
}

// Names that hurt change nothing of that.
func TestSheetsOfHostileNames(t *testing.T) {
	t.Parallel()
	press := newPress(t)
	usual := sheets(t)["inpatient-full-vi"]
	for name, p := range samples() {
		s := usual
		s.Facility, s.Point, s.Office, s.Contact = p.Facility, p.Point, p.Office, p.Contact
		if problem := press.SheetProblem(s); problem != "" {
			t.Errorf("%s: %s", name, problem)
		}
	}
}

// What is asked of some only says of whom, in words.
func TestSheetConditions(t *testing.T) {
	t.Parallel()
	press := newPress(t)
	all := sheets(t)
	for name, want := range map[string][]string{
		"school-full-vi":    {"Không trả lời khi chọn 1 (Mầm non) ở câu K1.", "Chỉ trả lời khi chọn 2 (Tiểu học), 3 (Trung học cơ sở) hoặc 4 (Trung học phổ thông) ở câu K1.", "Dành cho cha mẹ học sinh"},
		"inpatient-full-vi": {"Chỉ trả lời khi chọn 1 hoặc 2 ở câu Z.", "Tôi trả lời thay người khác", "không hỏi tên", "Số từ 0 đến 100", "Xin không ghi tên"},
		"pulse-short-en":    {"Only if you chose 1 or 2 in P1.", "Please choose one", "does not ask your name"},
		"one_stop-full-en":  {"Very dissatisfied", "Batch", "260001-7", "7K3M PX9D", "Never gave feedback", "0229 000 0000"},
	} {
		said := strings.Join(strings.Fields(press.SheetText(all[name])), " ")
		for _, text := range want {
			if !strings.Contains(said, text) {
				t.Errorf("%s does not say %q; it says %s", name, text, said)
			}
		}
		if strings.Contains(name, "school") && strings.Contains(said, "thay người khác") {
			t.Errorf("%s asks for whom", name)
		}
	}
}

// The PDF and the screen show the same, and a photocopy of a photocopy keeps every digit in its circle apart.
func TestSheetPainted(t *testing.T) {
	t.Parallel()
	press := newPress(t)
	s := sheets(t)["station-full-vi"]
	book := press.Book("x", "vi", "2026-10-15")
	if err := book.AddSheet(s, 2); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := book.Write(&out); err != nil {
		t.Fatal(err)
	}
	pages, err := press.Leaves(s)
	if err != nil || book.Pages() != 2*len(pages) {
		t.Errorf("%d pages, %v; want twice %d", book.Pages(), err, len(pages))
	}
	if n := len(postertest.Pages(t, out.Bytes(), 30)); n != 2*len(pages) {
		t.Errorf("%d pages are drawn, want %d", n, 2*len(pages))
	}
	if bytes.Contains(out.Bytes(), []byte("/Subtype /Image")) {
		t.Error("the form is a picture")
	}
	for page := 1; page <= len(pages); page++ {
		drawn, err := press.PreviewSheet(s, page)
		if err != nil || !bytes.HasPrefix(drawn, []byte("<svg")) {
			t.Errorf("page %d: %.20q, %v", page, drawn, err)
		}
	}
	for _, page := range []int{-1, 0, len(pages) + 1} {
		if _, err := press.PreviewSheet(s, page); !errors.Is(err, poster.ErrPage) {
			t.Errorf("page %d: %v", page, err)
		}
	}
	s.Instrument = &surveys.Instrument{}
	if err := book.AddSheet(s, 1); !errors.Is(err, poster.ErrInstrument) {
		t.Errorf("a form without questions: %v", err)
	}
}

// A long questionnaire with long words is laid out all the same.
func TestSheetOfLongTexts(t *testing.T) {
	t.Parallel()
	press := newPress(t)
	s := sheets(t)["school-full-vi"]
	in := *s.Instrument
	in.Items = slices.Clone(in.Items)
	for i := range in.Items {
		in.Items[i].Text = surveys.Words{"vi": strings.TrimSpace(strings.Repeat("nghiêng ", 30)), "en": "x"}
		in.Items[i].Options = slices.Clone(in.Items[i].Options)
		for k := range in.Items[i].Options {
			in.Items[i].Options[k].Text = surveys.Words{"vi": fmt.Sprint(strings.Repeat("W", 60), k)}
		}
	}
	s.Instrument = &in
	if problem := press.SheetProblem(s); problem != "" {
		t.Error(problem)
	}
}

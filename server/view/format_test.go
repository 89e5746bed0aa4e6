package view_test

import (
	"testing"
	"time"

	"hailong/server/view"
)

func TestFormatNumbers(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, got, want string }{
		{"vi thousands", view.FormatInt(view.Vietnamese, 1234567), "1.234.567"},
		{"en thousands", view.FormatInt(view.English, 1234567), "1,234,567"},
		{"small", view.FormatInt(view.Vietnamese, 46), "46"},
		{"vi rate", view.FormatPercent(view.Vietnamese, 0.873), "87,3\u00a0%"},
		{"en rate", view.FormatPercent(view.English, 0.873), "87.3%"},
		{"all", view.FormatPercent(view.Vietnamese, 1), "100,0\u00a0%"},
		{"none", view.FormatPercent(view.English, 0), "0.0%"},
		{"vi decimal", view.FormatDecimal(view.Vietnamese, 4.256, 2), "4,26"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, tt.got, tt.want)
		}
	}
}

type day string

func TestFormatDate(t *testing.T) {
	t.Parallel()
	hanoi := time.FixedZone("ICT", 7*3600)
	tests := []struct {
		name   string
		day    any
		vi, en string
	}{
		{"text", "2026-10-15", "15/10/2026", "15 Oct 2026"},
		{"a type of text", day("2026-01-02"), "02/01/2026", "2 Jan 2026"},
		{"an instant keeps its own zone", time.Date(2026, 10, 15, 0, 30, 0, 0, hanoi), "15/10/2026", "15 Oct 2026"},
	}
	for _, tt := range tests {
		for lang, want := range map[view.Lang]string{view.Vietnamese: tt.vi, view.English: tt.en} {
			if got, err := view.FormatDate(lang, tt.day); err != nil || got != want {
				t.Errorf("%s %s: got %q, %v, want %q", tt.name, lang, got, err, want)
			}
		}
	}
	for _, bad := range []any{"15/10/2026", "", 20261015, nil} {
		if got, err := view.FormatDate(view.Vietnamese, bad); err == nil {
			t.Errorf("%v: got %q, want an error", bad, got)
		}
	}
}

func TestParseLang(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]view.Lang{"en": view.English, "vi": view.Vietnamese, "": view.Vietnamese, "EN": view.Vietnamese, "fr": view.Vietnamese} {
		if got := view.ParseLang(in, view.Vietnamese); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

func TestWordsKeepTogether(t *testing.T) {
	t.Parallel()
	page := shortForm(view.Vietnamese)
	doc := document(t, view.Vietnamese, page)
	if got := doc.Find("header b").Text(); got != "Trung tâm Phục\u00a0vụ hành\u00a0chính\u00a0công xã\u00a0Nghĩa\u00a0Hưng" {
		t.Errorf("place: %q", got)
	}
	if got := doc.Find("label[for=A3-5]").Text(); got != "Rất hài\u00a0lòng" {
		t.Errorf("label: %q", got)
	}
	if got := document(t, view.English, page).Find("label[for=A3-5]").Text(); got != "Rất hài lòng" {
		t.Errorf("label on an English page: %q", got)
	}
}

package poster_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"hailong/surveys"
	"hailong/surveys/instruments"
	"hailong/surveys/poster"
)

// TestLookSheets writes every questionnaire on paper to the folder named by HAILONG_PREVIEW, to be looked at.
func TestLookSheets(t *testing.T) {
	t.Parallel()
	dir, press := look(t)
	for name, s := range sheets(t) {
		var out bytes.Buffer
		book := press.Book(name, s.Lang, "2026-10-15")
		if err := book.AddSheet(s, 1); err != nil {
			t.Fatal(err)
		}
		if err := book.Write(&out); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "form-"+name+".pdf"), out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// sheets are the paper forms of every questionnaire, by key, form and language.
func sheets(t *testing.T) map[string]poster.Sheet {
	t.Helper()
	all, err := instruments.All()
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]poster.Sheet{}
	for _, in := range all {
		for _, form := range []surveys.Form{surveys.ShortForm, surveys.FullForm} {
			for _, lang := range []string{"vi", "en"} {
				s := poster.Sheet{
					Facility: "Trung tâm Phục vụ hành chính công xã Nghĩa Hưng", Point: "Quầy 2 – Trả kết quả", Token: "7K3MPX9D", Batch: "260001-7",
					Instrument: &in, Form: form, Office: "Văn phòng HĐND và UBND xã Nghĩa Hưng", Contact: "0229 000 0000", Lang: lang,
				}
				if in.Sector == "education" {
					s.Asks = surveys.AskParents
				}
				list[in.Key+"-"+string(form)+"-"+lang] = s
			}
		}
	}
	return list
}

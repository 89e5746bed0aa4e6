package server_test

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"hailong/server"
	"hailong/server/view"
	"hailong/static"
	"hailong/surveys"
)

// third is a language for private use; no test invents a real one.
const third = "qaa"

// withPack is the site's files with a third pack, made of the English one; lack names a text that it is without.
func withPack(t *testing.T, lack string) fs.FS {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(static.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(static.Files, name)
		files[name] = &fstest.MapFile{Data: raw}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]any{}
	if err := json.Unmarshal(files["i18n/citizen.en.json"].Data, &texts); err != nil {
		t.Fatal(err)
	}
	texts["common.language"], texts["citizen.send"] = "Third", "Third sends"
	delete(texts, lack)
	raw, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	files["i18n/citizen."+third+".json"] = &fstest.MapFile{Data: raw}
	return files
}

// A third complete pack is offered on every page of the citizen's, beside the other two; a form only where its questions
// are in that language too. The staff's pages know nothing of it.
func TestThirdLanguageIsOffered(t *testing.T) {
	t.Parallel()
	pages, err := view.NewFrom(withPack(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t)
	in, err := surveys.LatestInstrument(t.Context(), s.store, "one_stop")
	s.ok(err)
	raw, err := json.Marshal(in)
	s.ok(err)
	spoken := surveys.Instrument{}
	s.ok(json.Unmarshal([]byte(strings.ReplaceAll(string(raw), `"en":`, `"`+third+`":"In third.","en":`)), &spoken))
	spoken.Version, spoken.Published = 2, ""
	s.ok(surveys.PublishInstrument(t.Context(), s.store, spoken, "2026-01-01"))
	o := s.Options
	o.Store = s.store
	s.Server, err = server.NewWith(o, pages)
	s.ok(err)
	t.Cleanup(s.Server.Close)

	offered := func(path string) (names string) {
		r := s.get(path).want(http.StatusOK)
		for _, a := range r.doc().Find("header a").EachIter() {
			if a.AttrOr("hreflang", "") != a.AttrOr("lang", "-") || !strings.Contains(a.AttrOr("href", ""), "lang="+a.AttrOr("lang", "-")) {
				t.Errorf("%s: a link of the switch is %v", path, a.Nodes[0].Attr)
			}
			names += a.Text() + " "
			s.get(a.AttrOr("href", "")).want(http.StatusOK).must(`<html lang="` + a.AttrOr("lang", "-") + `"`)
		}
		return names
	}
	v := s.filled(hallToken, "?lang="+third, "Z", "5")
	to := s.post("/s/"+string(hallToken), v).want(http.StatusSeeOther).Header.Get("Location")
	hall, clinic := "/s/"+string(hallToken), "/s/"+string(clinicToken)
	for path, want := range map[string]string{
		"/": "English Third ", "/?lang=en": "Tiếng Việt Third ", "/?lang=" + third: "Tiếng Việt English ",
		hall: "English Third ", hall + "?form=full&lang=" + third: "Tiếng Việt English ", to: "Tiếng Việt English ",
		clinic: "English ", clinic + "?lang=" + third: "English ", "/login": "English ",
	} {
		if got := offered(path); got != want {
			t.Errorf("%s offers %q, want %q", path, got, want)
		}
	}
	s.get(hall+"?lang="+third).must("Third sends", "In third.", "!Gửi đánh")
	s.get(clinic+"?lang="+third).must("Gửi đánh", "!Third sends")
	s.get("/login?lang="+third).must("!Third", `<html lang="vi"`)
	if got := s.stored(v.Get("submission_id")); got.Lang != third {
		t.Errorf("stored in %q", got.Lang)
	}
}

// A pack without a single text of the citizen's is refused before anything is served.
func TestIncompletePackIsRefused(t *testing.T) {
	t.Parallel()
	for _, lack := range []string{"citizen.thanks", "common.language"} {
		if _, err := view.NewFrom(withPack(t, lack)); err == nil || !strings.Contains(err.Error(), lack) || !strings.Contains(err.Error(), third) {
			t.Errorf("without %s: %v", lack, err)
		}
	}
}

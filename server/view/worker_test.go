package view_test

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"hailong/server/view"
	"hailong/static"
)

// copied is the program's files, to be changed.
func copied(t *testing.T) fstest.MapFS {
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
	return files
}

// The service worker keeps pages and scripts until its own bytes change: they must with whatever makes a page.
func TestWorkerChangesWithTheProgram(t *testing.T) {
	t.Parallel()
	worker := func(files fs.FS) string {
		r, err := view.NewFrom(files)
		if err != nil {
			t.Fatal(err)
		}
		return string(r.Assets()[view.WorkerPath].Bytes)
	}
	was := worker(copied(t))
	if was != worker(copied(t)) {
		t.Error("the same program has two workers")
	}
	if !regexp.MustCompile(`current = prefix \+ "[0-9a-f]{12}"`).MatchString(was) {
		t.Errorf("the worker names no version: %.300s", was)
	}
	for _, name := range []string{"js/outbox.js", "js/sw.js", "css/citizen.css", "css/tokens.css", "templates/citizen/form.html", "templates/citizen/_faces.html"} {
		files := copied(t)
		files[name].Data = append(files[name].Data, "\n \n"...)
		if worker(files) == was {
			t.Errorf("another %s, and the same worker", name)
		}
	}
	files := copied(t)
	delete(files, "js/outbox.js")
	if _, err := view.NewFrom(files); err == nil {
		t.Error("a worker without an outbox is taken")
	}
}

// What the outbox says comes from the page, for one form and for several; the script puts the number in.
func TestOutboxTexts(t *testing.T) {
	t.Parallel()
	for _, lang := range view.Langs() {
		page := document(t, lang, shortForm(lang))
		line := page.Find("main > #outbox[role=status]")
		if line.Length() != 1 || line.Text() != "" {
			t.Errorf("%s: the line is not there or not empty", lang)
		}
		if line.AttrOr("data-sending", "") == "" {
			t.Errorf("%s: no word for sending", lang)
		}
		for _, state := range []string{"waiting", "sent", "refused"} {
			one, more, ok := strings.Cut(line.AttrOr("data-"+state, ""), "|")
			if !ok || strings.Contains(more, "|") || !strings.HasPrefix(strings.TrimPrefix(one, "Đã gửi "), "1 ") || strings.Count(more, "2") != 1 {
				t.Errorf("%s, %s: %q and %q", lang, state, one, more)
			}
		}
		for _, state := range []string{"waiting", "sent", "refused"} {
			if page.Find(`#kept[hidden] h1[data-on="`+state+`"][tabindex="-1"]`).Length() != 1 {
				t.Errorf("%s: no heading for %s", lang, state)
			}
		}
		if got, want := page.Find("#kept a").AttrOr("href", ""), "/s/K7QM2XHD?lang="+string(lang); got != want {
			t.Errorf("a new form is at %q, want %q", got, want)
		}
		if got := page.Find("#kept form, #kept input").Length(); got != 0 {
			t.Errorf("%d fields stand in what is kept", got)
		}
	}
	home := document(t, view.Vietnamese, view.HomePage{Action: "/s"})
	if home.Find("main > #outbox").Length() != 1 || home.Find("#kept").Length() != 0 {
		t.Error("every page tells what waits; only a form can be kept")
	}
}

package store_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hailong/surveys"
	"hailong/surveys/store"
)

func clock() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }

func TestOpenFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for name, address := range map[string]string{
		"plain":           "file:" + filepath.Join(folder, "a.db"),
		"as a URL":        "file://" + filepath.Join(folder, "b.db"),
		"odd letters":     "file:" + filepath.Join(folder, "sở y tế 100%20#1.db"),
		"in a new folder": "file:" + filepath.Join(folder, "x", "y", "c.db"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := store.Open(t.Context(), address, clock)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(s.Ping(t.Context()), s.Close()); err != nil {
				t.Error(err)
			}
		})
	}
}

// Whatever is wrong with an address, its password is not repeated.
func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t-Mật"
	for address, want := range map[string]string{
		"":                 "no store is named",
		"hailong.db":       "the store must be file:PATH.db or mongodb://HOST/DATABASE",
		"file:":            "must be followed by the path of a file",
		"file:///":         "it is a folder",
		"file::memory:":    "must be followed by the path of a file",
		"file:x.db?mode=r": "takes no options",
		"postgres://an:" + secret + "@db/hailong":                    "postgres:// is not known",
		"an:" + secret + "@db/hailong":                               "the store must be",
		secret + "://db/hailong":                                     "the store must be",
		"mongodb://an:" + secret + "@db":                             "names no database",
		"mongodb://an:" + secret + "@db:port:2/hailong":              "MongoDB",
		"mongodb://an:" + secret + "%zz@db/hailong":                  "MongoDB",
		"mongodb://an:" + secret + "@/hailong":                       "MongoDB",
		"mongodb://an:" + secret + "@db/hailong?w=x&authMechanism=y": "MongoDB",
	} {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			s, err := store.Open(t.Context(), address, clock)
			if err == nil {
				t.Fatal(errors.Join(errors.New("it was opened"), s.Close()))
			}
			if s != nil {
				t.Errorf("the store beside the error is %v, want nil", s)
			}
			if !strings.Contains(err.Error(), want) {
				t.Errorf("got %q, want it to contain %q", err, want)
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the password stands in %q", err)
			}
		})
	}
}

func TestOpenMongoThatIsNotThere(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t"
	// Port 1 of this machine refuses at once.
	_, err := store.Open(t.Context(), "mongodb://an:"+secret+"@127.0.0.1:1/hailong?serverSelectionTimeoutMS=50", clock)
	if !errors.Is(err, surveys.ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
	if err != nil && strings.Contains(err.Error(), secret) {
		t.Errorf("the password stands in %q", err)
	}
}

// The commands look for a file where Open does, and inspecting refuses what Open refuses.
func TestFile(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"file:a.db": "a.db", "file://a.db": "a.db", "file:///srv/a.db": "/srv/a.db", "file:sở y tế 100%.db": "sở y tế 100%.db",
		"file:": "", "file::memory:": "", "file:a.db?mode=ro": "", "mongodb://host/hailong": "", "mysql://host/hailong": "", "a.db": "", "": "",
	} {
		if path, ok := store.File(address); path != want || ok != (want != "") {
			t.Errorf("File(%q) is %q, %v, want %q", address, path, ok, want)
		}
		if want != "" || strings.HasPrefix(address, "mongodb") {
			continue
		}
		if _, s, err := store.Inspect(t.Context(), address, clock); s != nil || err == nil {
			t.Errorf("Inspect(%q) gave %v, %v, want a refusal", address, s, err)
		}
	}
}

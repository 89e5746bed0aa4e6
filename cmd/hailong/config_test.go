package main

import (
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hailong/server/account"
	"hailong/surveys"
)

func TestWrongUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run().want(2, "hailong serve")
	for _, help := range []string{"help", "-h", "--help"} {
		w.run(help).want(0, "hailong serve", "hailong export")
	}
	w.run("fly").want(2, `"fly"`)
	for _, cmd := range commands() {
		w.run(cmd.name, "-h").want(0, "--data", "HAILONG_STORE")
		w.run(cmd.name, "--no-such-flag").want(2, "no-such-flag")
		refused := 2
		if cmd.name == "doctor" {
			refused = 1 // it tells of it beside all else
		}
		w.run(cmd.name, "--lang", "fr").want(refused, `"fr"`)
	}
	w.run("serve", "everything").want(2, "everything")
	w.run("demo", "everything").want(2, "everything")
	w.run("import").want(2, "import units")
	w.run("import", "cats", w.file("cats.csv", "x\n")).want(2, "cats")
	w.run("import", "responses", w.file("r.csv", "token,date\n")).want(2, "--batch")
	w.run("export").want(2)
	w.run("export", "cats").want(2)
	w.run("token").want(2, "token create")
	w.run("token", "create").want(2, "name")
	w.run("token", "create", "--name", "x", "--role", "king").want(2, "king")
	w.run("token", "create", "--name", "x", "--role", "viewer", "--scope", "nowhere").want(2, "nowhere")
}

// All that is wrong is said at once, each by its name.
func TestMistakesComeTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mistakes := []string{`--lang "fr"`, `--month-start "7"`, `--base-url "ftp://x"`}
	w.run("serve", "--lang", "fr", "--month-start", "7", "--base-url", "ftp://x").want(2, mistakes...)
	w.env["HAILONG_LANG"], w.env["HAILONG_MONTH_START"], w.env["HAILONG_BASE_URL"] = "fr", "7", "ftp://x"
	w.env["HAILONG_ADMIN_PASSWORD_FILE"] = filepath.Join(w.dir, "nowhere")
	w.run("serve").want(2, append(mistakes, "HAILONG_ADMIN_PASSWORD_FILE")...)
	w.run("export", "responses", "--from", "2026-02-30", "--to", "tomorrow", "--lang", "vi", "--month-start", "1").want(2, "2026-02-30", "tomorrow")
}

func TestFlagBeatsEnvironmentBeatsDefault(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	read := func(args ...string) config {
		t.Helper()
		c, _, err := load("serve", args, func(name string) string { return w.env[name] })
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if c := read(); c.Lang != "vi" || c.Listen != "127.0.0.1:8080" || c.MonthStart != "1" || c.Store != "file:"+w.database() {
		t.Errorf("defaults are %+v", c)
	}
	w.env["HAILONG_LANG"], w.env["HAILONG_LISTEN"] = "en", ":9"
	if c := read(); c.Lang != "en" || c.Listen != ":9" {
		t.Errorf("the environment is not heard: %+v", c)
	}
	if c := read("--lang", "vi", "--listen=:10"); c.Lang != "vi" || c.Listen != ":10" {
		t.Errorf("the flags are not heard: %+v", c)
	}
	delete(w.env, "HAILONG_LISTEN")
	c, _, err := load("demo", nil, func(string) string { return "" })
	if err != nil || c.Listen != ":8080" || c.Store != "file:"+filepath.Join("hailong-data", "hailong.db") {
		t.Errorf("demo: %+v, %v", c, err)
	}
	c, _, err = load("import", []string{"units", "--dry-run", "x.csv", "--batch", "b"}, func(string) string { return "" })
	if err != nil || !c.DryRun || c.Batch != "b" {
		t.Errorf("words between flags: %+v, %v", c, err)
	}
}

func TestAdminPassword(t *testing.T) {
	t.Parallel()
	login := func(w *world, password string) error {
		t.Helper()
		var err error
		w.with(func(s surveys.Store) {
			_, err = account.New(s, w.program(nil, nil).clock).Login(t.Context(), password)
		})
		return err
	}
	t.Run("from a file", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.env["HAILONG_ADMIN_PASSWORD_FILE"] = w.file("secret", "mật khẩu trong tệp\r\n")
		s := w.serve()
		s.end()
		if err := login(w, "mật khẩu trong tệp"); err != nil {
			t.Error(err)
		}
		if strings.Contains(s.words.String(), "mật khẩu trong tệp") || strings.Contains(s.words.String(), "Mật khẩu quản trị") {
			t.Errorf("the password was said: %s", s.words)
		}
	})
	t.Run("from the environment, before the file", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.env["HAILONG_ADMIN_PASSWORD"] = "môi trường"
		w.env["HAILONG_ADMIN_PASSWORD_FILE"] = w.file("secret", "tệp")
		w.serve().end()
		if err := login(w, "môi trường"); err != nil {
			t.Error(err)
		}
		// A later start does not change it.
		w.env["HAILONG_ADMIN_PASSWORD"] = "khác"
		w.serve().end()
		if err := login(w, "môi trường"); err != nil {
			t.Error(err)
		}
	})
	t.Run("made up and shown once", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		s := w.serve()
		s.end()
		_, after, found := strings.Cut(s.words.String(), "shown once: ")
		password, _, _ := strings.Cut(after, "\n")
		if !found || len(password) < 16 {
			t.Fatalf("no password was shown: %s", s.words)
		}
		if err := login(w, password); err != nil {
			t.Error(err)
		}
		s = w.serve()
		s.end()
		if strings.Contains(s.words.String(), password) || strings.Contains(s.words.String(), "shown once") {
			t.Error("the password is shown again")
		}
	})
}

func TestMonthStartStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run("roll", "--month-start", "15").want(0)
	w.run("roll").want(0)
	w.env["HAILONG_MONTH_START"] = "1"
	w.run("roll").want(2, "day 15")
}

func TestTakenPort(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // the test is over
	w.run("serve", "--listen", l.Addr().String()).want(1, "cannot listen on "+l.Addr().String(), "!goroutine", "!Hailong: http")
	w.run("serve", "--listen", "nonsense").want(2, `--listen "nonsense" is not an address`)
	w.with(func(s surveys.Store) {
		if has, err := account.New(s, time.Now).HasPassword(t.Context()); has || err != nil {
			t.Errorf("a password was made that nobody saw: %t, %v", has, err)
		}
	})
}

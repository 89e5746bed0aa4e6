package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSettingsFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "hailong.env")
	text := "\ufeff# where it stands\r\nHAILONG_LANG=en\r\n\r\n HAILONG_OFFICE = \"Văn phòng = HĐND\" \nHAILONG_DATA='/var/lib/a b'\nHAILONG_LISTEN=:1\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"HAILONG_LISTEN": ":2"}
	for _, args := range [][]string{{"--settings", path}, {"--settings=" + path}, {"-settings", path}} {
		c, _, err := load("serve", append([]string{"--data", "elsewhere"}, args...), func(name string) string { return env[name] })
		if err != nil {
			t.Fatal(err)
		}
		if c.Lang != "en" || c.Office != "Văn phòng = HĐND" {
			t.Errorf("%v: lang %q, office %q: the file was not read", args, c.Lang, c.Office)
		}
		if c.Listen != ":2" {
			t.Errorf("%v: listen %q: the environment beats the file", args, c.Listen)
		}
		if c.Data != "elsewhere" {
			t.Errorf("%v: data %q: a flag beats the file", args, c.Data)
		}
	}
	env["HAILONG_SETTINGS"] = path
	if c, _, err := load("verify", nil, func(name string) string { return env[name] }); err != nil || c.Data != "/var/lib/a b" {
		t.Errorf("HAILONG_SETTINGS: data %q, %v", c.Data, err)
	}
}

func TestMistakesOfASettingsFileComeTogether(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "hailong.env")
	text := "HAILONG_LAN=vi\nsecret pass word\nHAILONG_LANG=fr\nHAILONG_STORE=file:x.db\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err := load("serve", []string{"--settings", path}, func(string) string { return "" })
	for _, want := range []string{"line 1: there is no setting HAILONG_LAN", "line 2: want HAILONG_NAME=value", `--lang "fr"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\ndoes not say %s", err, want)
		}
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("%v repeats the line", err)
	}
	if _, _, err = load("serve", []string{"--settings", path + ".not"}, func(string) string { return "" }); err == nil {
		t.Error("a settings file that is not there was passed over")
	}
}

package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What stands beside the program names its settings and commands, and only such as there are.
func TestPackagingNamesWhatThereIs(t *testing.T) {
	t.Parallel()
	var known []string
	for _, o := range options() {
		known = append(known, o.Env(), o.Env()+"_FILE")
	}
	named := regexp.MustCompile(`HAILONG_[A-Z_]*[A-Z]`)
	for _, file := range []string{"../../Dockerfile", "../../compose.yaml", "systemd/hailong.service", "systemd/hailong-backup.service"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		names := named.FindAllString(string(text), -1)
		if len(names) == 0 {
			t.Errorf("%s names no setting", file)
		}
		for _, name := range names {
			if !slices.Contains(append(known, "HAILONG_PORT"), name) { // which is compose.yaml's own
				t.Errorf("%s names %s, which is no setting", file, name)
			}
		}
	}
}

// What a unit, the image or compose.yaml starts is a command that takes these flags.
func TestPackagingStartsWhatThereIs(t *testing.T) {
	t.Parallel()
	starts := map[string]*regexp.Regexp{
		"../../Dockerfile":               regexp.MustCompile(`(?m)(?:^CMD \[|/hailong", )(.*)\]$`),
		"../../compose.yaml":             regexp.MustCompile(`(?m)^    command: \[(backup.*)\]$`),
		"systemd/hailong.service":        regexp.MustCompile(`(?m)^ExecStart=/usr/local/bin/hailong (.*)$`),
		"systemd/hailong-backup.service": regexp.MustCompile(`(?m)^ExecStart=/usr/local/bin/hailong (.*)$`),
	}
	for file, start := range starts {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found := start.FindAllStringSubmatch(string(text), -1)
		if len(found) == 0 {
			t.Errorf("%s starts nothing", file)
		}
		for _, f := range found {
			words := strings.FieldsFunc(f[1], func(r rune) bool { return strings.ContainsRune(`", `, r) })
			is := func(c command) bool { return c.name == words[0] }
			if !slices.ContainsFunc(commands(), is) {
				t.Errorf("%s starts %q, which is no command", file, words[0])
			}
			if _, rest, err := load(words[0], words[1:], func(string) string { return "" }); err != nil || len(rest) > 0 {
				t.Errorf("%s starts hailong %v: %v, left over %v", file, words, err, rest)
			}
		}
	}
}

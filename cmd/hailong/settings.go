package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// withSettings gives getenv the lines of the settings file behind it, so that a service and the commands beside it
// read one file. The path stands in --settings or HAILONG_SETTINGS; without one nothing changes.
func withSettings(args []string, getenv func(string) string) (func(string) string, error) {
	path := settingsPath(args, getenv)
	if path == "" {
		return getenv, nil
	}
	file, err := os.Open(path) //nolint:gosec // the administrator names the file
	if err != nil {
		return getenv, fmt.Errorf("settings: %w", err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	lines, mistakes := map[string]string{}, []error(nil)
	scanner := bufio.NewScanner(file)
	for n := 1; scanner.Scan(); n++ {
		name, value, err := settingsLine(scanner.Text())
		switch {
		case err != nil:
			mistakes = append(mistakes, fmt.Errorf("%s, line %d: %w", path, n, err))
		case name != "":
			lines[name] = value
		}
	}
	mistakes = append(mistakes, scanner.Err())
	return func(name string) string {
		if v := getenv(name); v != "" {
			return v
		}
		return lines[name]
	}, errors.Join(mistakes...)
}

// settingsPath looks for the flag before the flags are read: their defaults come from the file.
func settingsPath(args []string, getenv func(string) string) string {
	path := getenv("HAILONG_SETTINGS")
	for i, arg := range args {
		name, value, joined := strings.Cut(strings.TrimPrefix(arg, "-"), "=")
		switch {
		case name != "-settings" && (name != "settings" || arg == name):
		case joined:
			path = value
		case i+1 < len(args):
			path = args[i+1]
		}
	}
	return path
}

var errSettingsLine = errors.New("want HAILONG_NAME=value")

// settingsLine reads a line as systemd's EnvironmentFile= does where it is plain: the value is taken as it stands, but
// for quotes around it. Empty lines and those that begin with # say nothing.
func settingsLine(line string) (name, value string, err error) {
	line = strings.TrimSpace(strings.TrimPrefix(line, "\ufeff"))
	if line == "" || strings.HasPrefix(line, "#") {
		return "", "", nil
	}
	name, value, ok := strings.Cut(line, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !ok || name == "" {
		return "", "", errSettingsLine // the line itself may hold a password
	}
	is := func(o option) bool { return name == o.Env() || name == o.Env()+"_FILE" }
	if !slices.ContainsFunc(options(), is) {
		return "", "", fmt.Errorf("there is no setting %s", name)
	}
	if q := len(value) - 1; q > 0 && (value[0] == '"' || value[0] == '\'') && value[q] == value[0] {
		value = value[1:q]
	}
	return name, value, nil
}

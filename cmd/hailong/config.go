package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"hailong/server/view"
)

// config is everything that flags and environment settle. Flag beats environment beats settings file beats default.
// Each command's own part stands in its file, with its options and what must hold of them.
type config struct {
	Settings   string
	Data       string
	Store      string
	Lang       string
	MonthStart string
	// monthStartGiven says that it is no default: then it must be what the store was made with.
	monthStartGiven bool
	// mistakes are what is wrong with the values, where the command itself tells of them.
	mistakes []error

	serveConfig
	tlsConfig
	healthConfig
	fileConfig
	tokenConfig
	backupConfig
	migrateConfig
	retentionConfig
	qrConfig
	paperConfig
	loadConfig
}

// option is one line of the configuration table: the README's and the program's are the same.
type option struct {
	Flag     string   // without dashes; "" has no flag
	Default  string   // "" none
	Help     string   // one line, as in README.md
	Secret   bool     // no flag, which would stand in the list of processes; read from a …_FILE too
	FromFile bool     // read from a …_FILE too
	Commands []string // nil: every command that opens a store
	text     func(*config) *string
	truth    func(*config) *bool
}

// Env is the option's environment twin.
func (o option) Env() string {
	return "HAILONG_" + strings.ToUpper(strings.ReplaceAll(o.Flag, "-", "_"))
}

// of says whether the option is one of a command's.
func (o option) of(command string) bool {
	return o.Commands == nil || slices.Contains(o.Commands, command)
}

// options lists every option once.
func options() []option {
	return slices.Concat(storeOptions(), serveOptions(), tlsOptions(), healthOptions(), fileOptions(), tokenOptions(), backupOptions(),
		migrateOptions(), retentionOptions(), qrOptions(), paperOptions(), loadOptions())
}

// storeOptions are those of every command that opens a store.
func storeOptions() []option {
	return []option{
		{Flag: "settings", Help: "file of lines HAILONG_NAME=value, read behind the environment", text: func(c *config) *string { return &c.Settings }},
		{Flag: "data", Default: "./hailong-data", Help: "folder of the embedded store", text: func(c *config) *string { return &c.Data }},
		{Flag: "store", FromFile: true, Help: "store: file:PATH.db or mongodb://HOST/DATABASE; default hailong.db in --data", text: func(c *config) *string { return &c.Store }},
		{Flag: "lang", Default: "vi", Help: "language of pages and messages: vi or en", text: func(c *config) *string { return &c.Lang }},
		{Flag: "month-start", Default: "1", Help: "1: calendar months; 15: reporting months from the 15th to the 14th; settled when the store is made", text: func(c *config) *string { return &c.MonthStart }},
	}
}

// errUsage is a wrong use of the program: exit status 2.
var errUsage = errors.New("wrong use")

// noWords refuses words behind a command that takes none.
func noWords(words []string) error {
	if len(words) > 0 {
		return fmt.Errorf("%w: it takes no %q", errUsage, words[0])
	}
	return nil
}

// load reads the configuration of a command; args are what follows its name. All mistakes come in one error.
func load(command string, args []string, getenv func(string) string) (config, []string, error) {
	var c config
	var mistakes []error
	getenv, err := withSettings(args, getenv)
	mistakes = append(mistakes, err)
	flags := flag.NewFlagSet(command, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	for _, o := range options() {
		if o.of(command) {
			mistakes = append(mistakes, o.register(flags, &c, getenv))
		}
	}
	rest, err := parse(flags, args)
	if errors.Is(err, flag.ErrHelp) {
		return c, nil, err
	}
	c.monthStartGiven = getenv("HAILONG_MONTH_START") != ""
	c.keepRawGiven = getenv("HAILONG_KEEP_RAW") != ""
	flags.Visit(func(f *flag.Flag) {
		c.monthStartGiven = c.monthStartGiven || f.Name == "month-start"
		c.keepRawGiven = c.keepRawGiven || f.Name == "keep-raw"
	})
	mistakes = append(mistakes, c.check()...)
	if command == "doctor" && err == nil {
		c.mistakes, mistakes = slices.DeleteFunc(mistakes, func(err error) bool { return err == nil }), nil
	}
	mistakes = append(mistakes, err)
	if err := errors.Join(mistakes...); err != nil {
		return c, nil, fmt.Errorf("%w: %w", errUsage, err)
	}
	return c, rest, nil
}

// register makes the option's flag; its default is what the environment, the settings file or the program says.
func (o option) register(flags *flag.FlagSet, c *config, getenv func(string) string) error {
	value, err := fromEnvironment(o, getenv)
	if flags.Name() == "demo" && o.Flag == "listen" && getenv(o.Env()) == "" {
		value = ":8080"
	}
	switch {
	case o.truth != nil:
		yes, wrong := truth(o, value)
		flags.BoolVar(o.truth(c), o.Flag, yes, o.Help)
		return errors.Join(err, wrong)
	case o.Secret:
		*o.text(c) = value
	default:
		flags.StringVar(o.text(c), o.Flag, value, o.Help)
	}
	return err
}

// truth reads an environment twin of a flag without a value.
func truth(o option, value string) (bool, error) {
	switch strings.ToLower(value) {
	case "", "0", "false", "no":
		return false, nil
	case "1", "true", "yes":
		return true, nil
	}
	return false, fmt.Errorf("%s=%q is neither true nor false", o.Env(), value)
}

// parse lets flags and words stand in any order, and tells every wrong flag.
func parse(flags *flag.FlagSet, args []string) (words []string, err error) {
	var wrong []error
	for {
		err := flags.Parse(args)
		if errors.Is(err, flag.ErrHelp) {
			return words, err //nolint:wrapcheck // it is compared with
		}
		wrong = append(wrong, err)
		args = flags.Args()
		if len(args) == 0 {
			return words, errors.Join(wrong...)
		}
		if err == nil {
			words, args = append(words, args[0]), args[1:]
		}
	}
}

func fromEnvironment(o option, getenv func(string) string) (string, error) {
	if v := getenv(o.Env()); v != "" {
		return v, nil
	}
	path := getenv(o.Env() + "_FILE")
	if !o.Secret && !o.FromFile || path == "" {
		return o.Default, nil
	}
	raw, err := os.ReadFile(path) //nolint:gosec // the administrator names the file
	if err != nil {
		return "", fmt.Errorf("%s_FILE: %w", o.Env(), err)
	}
	return strings.TrimRight(string(raw), "\r\n"), nil
}

// check lists what is wrong with the values.
func (c *config) check() []error {
	var mistakes []error
	if c.Store == "" {
		c.Store = "file:" + filepath.Join(c.Data, "hailong.db")
	}
	if string(view.ParseLang(c.Lang, "")) == "" {
		mistakes = append(mistakes, fmt.Errorf("--lang %q is neither vi nor en", c.Lang))
	}
	if c.MonthStart != "1" && c.MonthStart != "15" {
		mistakes = append(mistakes, fmt.Errorf("--month-start %q is neither 1 nor 15", c.MonthStart))
	}
	return slices.Concat(mistakes, c.serveConfig.check(), c.tlsConfig.check(c.BaseURL), c.healthConfig.check(), c.fileConfig.check(),
		c.backupConfig.check(), c.retentionConfig.check(), c.qrConfig.check(), c.paperConfig.check(), c.loadConfig.check())
}

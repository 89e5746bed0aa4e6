package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"hailong/server/view"
	"hailong/surveys"
	"hailong/surveys/backup"
)

// config is everything that flags and environment settle. Flag beats environment beats default.
type config struct {
	Data       string
	Store      string
	Listen     string
	BaseURL    string
	Lang       string
	MonthStart string
	// monthStartGiven says that it is no default: then it must be what the store was made with.
	monthStartGiven bool

	Office        string
	Contact       string
	AdminPassword string // environment only: a flag would stand in the list of processes

	Batch  string
	DryRun bool
	From   string
	To     string
	Out    string
	Name   string
	Role   string
	Scope  string

	Dir       string
	Every     string
	Keep      string
	Recipient string
	Identity  string
	every     time.Duration
	keep      int
}

// recipients are the age keys that a backup is encrypted to.
func (c *config) recipients() []string {
	return strings.FieldsFunc(c.Recipient, func(r rune) bool { return r == ',' || r == ' ' })
}

// option is one line of the configuration table: the README's and the program's are the same.
type option struct {
	Flag     string   // without dashes; "" has no flag
	Default  string   // "" none
	Help     string   //
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
	serving := []string{"serve", "demo"}
	return []option{
		{Flag: "data", Default: "./hailong-data", Help: "folder of the embedded store", text: func(c *config) *string { return &c.Data }},
		{Flag: "store", FromFile: true, Help: "store: file:PATH.db or mongodb://HOST/DATABASE; default hailong.db in --data", text: func(c *config) *string { return &c.Store }},
		{Flag: "lang", Default: "vi", Help: "language of pages and messages: vi or en", text: func(c *config) *string { return &c.Lang }},
		{Flag: "month-start", Default: "1", Help: "1: calendar months; 15: reporting months from the 15th to the 14th; settled when the store is made", text: func(c *config) *string { return &c.MonthStart }},
		{Flag: "listen", Default: "127.0.0.1:8080", Help: "address to listen on; demo: :8080", Commands: serving, text: func(c *config) *string { return &c.Listen }},
		{Flag: "base-url", Help: "address that the printed codes lead to, as https://HOST; default from --listen", Commands: serving, text: func(c *config) *string { return &c.BaseURL }},
		{Flag: "office", Help: "the body that runs the survey, named in the privacy notice", Commands: serving, text: func(c *config) *string { return &c.Office }},
		{Flag: "contact", Help: "how to reach that body", Commands: serving, text: func(c *config) *string { return &c.Contact }},
		{Flag: "admin-password", Secret: true, Help: "sets the first administrator's password; without it a random one is printed once", Commands: serving, text: func(c *config) *string { return &c.AdminPassword }},
		{Flag: "batch", Help: "name of the batch: the same row of the same batch is stored once", Commands: []string{"import"}, text: func(c *config) *string { return &c.Batch }},
		{Flag: "dry-run", Help: "check the whole file and change nothing", Commands: []string{"import", "restore"}, truth: func(c *config) *bool { return &c.DryRun }},
		{Flag: "from", Help: "first day, YYYY-MM-DD", Commands: []string{"export"}, text: func(c *config) *string { return &c.From }},
		{Flag: "to", Help: "last day, YYYY-MM-DD", Commands: []string{"export"}, text: func(c *config) *string { return &c.To }},
		{Flag: "out", Help: "file to write; default standard output", Commands: []string{"export"}, text: func(c *config) *string { return &c.Out }},
		{Flag: "name", Help: "what the token is for", Commands: []string{"token"}, text: func(c *config) *string { return &c.Name }},
		{Flag: "role", Help: "viewer, manager, office or admin", Commands: []string{"token"}, text: func(c *config) *string { return &c.Role }},
		{Flag: "dir", Help: "folder for the backups", Commands: []string{"backup"}, text: func(c *config) *string { return &c.Dir }},
		{Flag: "every", Help: "make a backup again after so long, as 24h, until stopped", Commands: []string{"backup"}, text: func(c *config) *string { return &c.Every }},
		{Flag: "keep", Default: "0", Help: "how many backups stay in the folder; 0 all", Commands: []string{"backup"}, text: func(c *config) *string { return &c.Keep }},
		{Flag: "recipient", Help: "age keys (age1…, apart by commas) that the backup is encrypted to", Commands: []string{"backup"}, text: func(c *config) *string { return &c.Recipient }},
		{Flag: "identity", Help: "age key file that opens an encrypted backup", Commands: []string{"restore"}, text: func(c *config) *string { return &c.Identity }},
		{Flag: "scope", Default: "all", Help: "what the token may see: facility:ID, unit:CODE, sector:NAME or all", Commands: []string{"token"}, text: func(c *config) *string { return &c.Scope }},
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
	flags := flag.NewFlagSet(command, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	for _, o := range options() {
		if !o.of(command) {
			continue
		}
		value, err := fromEnvironment(o, getenv)
		if err != nil {
			mistakes = append(mistakes, err)
		}
		if command == "demo" && o.Flag == "listen" && getenv(o.Env()) == "" {
			value = ":8080"
		}
		switch {
		case o.truth != nil:
			yes, err := truth(o, value)
			mistakes = append(mistakes, err)
			flags.BoolVar(o.truth(&c), o.Flag, yes, o.Help)
		case o.Secret:
			*o.text(&c) = value
		default:
			flags.StringVar(o.text(&c), o.Flag, value, o.Help)
		}
	}
	rest, err := parse(flags, args)
	if errors.Is(err, flag.ErrHelp) {
		return c, nil, err
	}
	c.monthStartGiven = getenv("HAILONG_MONTH_START") != ""
	flags.Visit(func(f *flag.Flag) { c.monthStartGiven = c.monthStartGiven || f.Name == "month-start" })
	mistakes = append(append(mistakes, err), c.check()...)
	if err := errors.Join(mistakes...); err != nil {
		return c, nil, fmt.Errorf("%w: %w", errUsage, err)
	}
	return c, rest, nil
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
	if c.BaseURL != "" && !isBase(c.BaseURL) {
		mistakes = append(mistakes, fmt.Errorf("--base-url %q is not an address such as https://HOST", c.BaseURL))
	}
	if _, _, err := net.SplitHostPort(c.Listen); c.Listen != "" && err != nil {
		mistakes = append(mistakes, fmt.Errorf("--listen %q is not an address such as 127.0.0.1:8080", c.Listen))
	}
	if c.From != "" && c.To != "" && c.From > c.To {
		mistakes = append(mistakes, fmt.Errorf("--from %s is after --to %s", c.From, c.To))
	}
	for name, day := range map[string]string{"from": c.From, "to": c.To} {
		if day == "" {
			continue
		}
		if _, err := surveys.ParseDay(day); err != nil {
			mistakes = append(mistakes, fmt.Errorf("--%s: %w", name, err))
		}
	}
	return append(mistakes, c.checkBackup()...)
}

// isBase says whether printed addresses may begin so: a host, and nothing behind it that a token could not follow.
func isBase(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil &&
		strings.Trim(u.Path, "/") == "" && u.RawQuery == "" && u.Fragment == ""
}

func (c *config) checkBackup() []error {
	var mistakes []error
	var err error
	if c.every, err = time.ParseDuration(cmp.Or(c.Every, "0")); err != nil || c.every < 0 || c.every > 0 && c.every < time.Minute {
		mistakes = append(mistakes, fmt.Errorf("--every %q is no time of a minute or more, as 24h", c.Every))
	}
	if c.keep, err = strconv.Atoi(cmp.Or(c.Keep, "0")); err != nil || c.keep < 0 {
		mistakes = append(mistakes, fmt.Errorf("--keep %q is no number of backups", c.Keep))
	}
	if err = backup.CheckRecipients(c.recipients()); err != nil {
		mistakes = append(mistakes, fmt.Errorf("--recipient: %w", err))
	}
	return mistakes
}

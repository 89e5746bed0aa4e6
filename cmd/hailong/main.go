// Command hailong is the citizen-satisfaction survey platform in one program: it serves the forms and the staff
// pages, and imports, exports, counts, releases and verifies on the command line.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // a bare container has no zone files

	"hailong/surveys"
)

// program is what a command runs with; tests give their own.
type program struct {
	stdout, stderr io.Writer
	getenv         func(string) string
	clock          surveys.Clock
	zone           *time.Location
	terminal       bool // stderr is a terminal: progress may be shown
	bar            *bar // that is being drawn
}

// command is one subcommand.
type command struct {
	name, words, help string
	run               func(ctx context.Context, p *program, c config, words []string) error
}

func commands() []command {
	return []command{
		{"serve", "", "serve forms, staff pages and API", serve},
		{"demo", "", "make a demo store with invented answers and serve it", runDemo},
		{"import", "units|facilities|responses|visits FILE", "read a CSV or XLSX file; nothing of it is stored if a row is wrong", importFile},
		{"export", "responses|comments|days|releases|facilities|units", "write a CSV or XLSX file", exportFile},
		{"qr", "--facility ID|--unit CODE|--all", "write codes as posters or slips (PDF) into a folder", qr},
		{"paper", "--point TOKEN|--facility ID", "write forms to be filled in by pen (PDF) into a folder, under a batch number", paperForms},
		{"token", "create", "make an API token and print it once", token},
		{"roll", "", "count dirty days and run the release pass", roll},
		{"rebuild", "", "count every day again from its responses", rebuild},
		{"verify", "", "recount responses and hold them against days and releases", verify},
		{"backup", "", "write everything into one file in a folder, while serving", backUp},
		{"restore", "FILE", "read a backup into a new store of either kind", restore},
		{"migrate", "", "bring the store to the schema of this program, with a copy of before", migrate},
		{"retention", "", "say or settle how long single forms are kept", retention},
		{"doctor", "", "say in words what is wrong with configuration, store, clock, disk, certificates and backups", doctor},
		{"health", "", "ask the running server whether it can take answers", health},
		{"loadtest", "", "let invented people answer on a running server and measure it", loadtest},
	}
}

func main() {
	zone, err := time.LoadLocation(surveys.Zone)
	if err != nil {
		fmt.Fprintln(os.Stderr, "hailong:", err)
		os.Exit(1)
	}
	info, err := os.Stderr.Stat()
	p := &program{
		stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv, clock: func() time.Time { return time.Now().In(zone) }, zone: zone,
		terminal: err == nil && info.Mode()&os.ModeCharDevice != 0,
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() {
		<-ctx.Done()
		stop() // a second signal ends the program at once
	}()
	os.Exit(p.run(ctx, os.Args[1:]))
}

// run runs one command and gives the exit status: 0 done, 1 failed, 2 wrong use.
func (p *program) run(ctx context.Context, args []string) int {
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		p.usage()
		if len(args) == 0 {
			return 2
		}
		return 0
	}
	for _, cmd := range commands() {
		if cmd.name != args[0] {
			continue
		}
		c, words, err := load(cmd.name, args[1:], p.getenv)
		if errors.Is(err, flag.ErrHelp) {
			p.help(cmd)
			return 0
		}
		if err == nil {
			err = cmd.run(ctx, p, c, words)
		}
		return p.exit(cmd, err)
	}
	p.say("hailong: there is no command %q\n", args[0])
	p.usage()
	return 2
}

func (p *program) exit(cmd command, err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errUsage):
		p.say("hailong %s: %s\n", cmd.name, strings.TrimPrefix(err.Error(), errUsage.Error()+": "))
		return 2
	default:
		p.say("hailong %s: %v\n", cmd.name, err)
		return 1
	}
}

// say writes words to stderr; data goes to stdout.
func (p *program) say(format string, args ...any) {
	p.endProgress()
	fmt.Fprintf(p.stderr, format, args...) //nolint:errcheck // nothing is left to say it to
}

func (p *program) usage() {
	p.say("hailong – citizen-satisfaction surveys\n\n")
	for _, cmd := range commands() {
		p.say("  hailong %-45s %s\n", strings.TrimSpace(cmd.name+" "+cmd.words), cmd.help)
	}
	p.say("\nhailong COMMAND -h lists the flags of a command; each has a twin HAILONG_… in the environment.\n")
}

func (p *program) help(cmd command) {
	p.say("hailong %s – %s\n\n", strings.TrimSpace(cmd.name+" "+cmd.words), cmd.help)
	for _, o := range options() {
		if !o.of(cmd.name) {
			continue
		}
		name := "--" + o.Flag
		if o.Secret {
			name = "(environment only)"
		}
		p.say("  %-18s %s  [%s] %s\n", name, o.Help, o.Env(), o.Default)
	}
}

func (p *program) logger() *slog.Logger { return slog.New(slog.NewTextHandler(p.stderr, nil)) }

func (p *program) today() surveys.Day { return surveys.DayOf(p.clock(), p.zone) }

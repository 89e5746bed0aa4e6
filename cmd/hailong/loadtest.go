package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"hailong/cmd/hailong/openloop"
	"hailong/surveys"
)

// loadConfig is a load and where it goes.
type loadConfig struct {
	LoadURL     string
	Rate        string
	Duration    string
	Connections string
	Scenario    string
	Arrivals    string
	Tokens      string
	Bearer      string
	Seed        string
	Report      string
	Yes         bool
	Insecure    bool

	plan        openloop.Plan
	target      *url.URL
	connections int
	seed        uint64
	scenario    openloop.Scenario
	patience    time.Duration
}

func loadOptions() []option {
	of := []string{"loadtest"}
	return []option{
		{Flag: "url", Default: "http://127.0.0.1:8080", Help: "server to load; it must be this machine's own unless --yes", Commands: of, text: func(c *config) *string { return &c.LoadURL }},
		{Flag: "rate", Default: "50", Help: "visits a second, or a ramp with its durations, as 50:10s,200:30s", Commands: of, text: func(c *config) *string { return &c.Rate }},
		{Flag: "duration", Help: "how long, where --rate is no ramp; default 30s", Commands: of, text: func(c *config) *string { return &c.Duration }},
		{Flag: "connections", Default: "64", Help: "the most requests under way at once", Commands: of, text: func(c *config) *string { return &c.Connections }},
		{Flag: "scenario", Default: "mixed", Help: "answers: straight to the API; forms: open the page, think, send it; mixed: half of each; hall: 200 people in an hour at the first code; flood: among them 2,000 scripted forms in ten minutes; insider: 40 perfect forms by hand (in these three --duration, default 2m, stands for the hour, and how long one takes to fill in a form is not compressed)", Commands: of, text: func(c *config) *string { return &c.Scenario }},
		{Flag: "arrivals", Default: "poisson", Help: "poisson: as people come; constant: at even distances", Commands: of, text: func(c *config) *string { return &c.Arrivals }},
		{Flag: "tokens", Help: "file with the codes to answer, one a line; without it the API is asked", Commands: of, text: func(c *config) *string { return &c.Tokens }},
		{Flag: "token", Secret: true, Help: "API token that lists the codes", Commands: of, text: func(c *config) *string { return &c.Bearer }},
		{Flag: "seed", Default: "1", Help: "the same seed makes the same arrivals and answers", Commands: of, text: func(c *config) *string { return &c.Seed }},
		{Flag: "report", Help: "file for the report as JSON", Commands: of, text: func(c *config) *string { return &c.Report }},
		{Flag: "insecure", Help: "take any certificate of a server on this machine", Commands: of, truth: func(c *config) *bool { return &c.Insecure }},
		{Flag: "yes", Help: "write invented answers into the store of a server on another machine", Commands: of, truth: func(c *config) *bool { return &c.Yes }},
	}
}

func (c *loadConfig) check() []error {
	if c.LoadURL == "" {
		return nil // another command
	}
	mistakes := slices.Concat(c.checkTarget(), c.checkPlan())
	note := func(format string, args ...any) { mistakes = append(mistakes, fmt.Errorf(format, args...)) }
	var err error
	if c.connections, err = strconv.Atoi(c.Connections); err != nil || c.connections < 1 || c.connections > mostConnections {
		note("--connections %q is no number from 1 to %d", c.Connections, mostConnections)
	}
	names := slices.Concat(slices.Sorted(maps.Keys(openloop.Scenarios())), slices.Sorted(maps.Keys(openloop.Stories())))
	if !slices.Contains(names, c.Scenario) {
		note("--scenario %q is none of %s", c.Scenario, strings.Join(names, ", "))
	}
	if c.Arrivals != "poisson" && c.Arrivals != "constant" {
		note("--arrivals %q is neither poisson nor constant", c.Arrivals)
	}
	if c.seed, err = strconv.ParseUint(c.Seed, 10, 64); err != nil {
		note("--seed %q is no number", c.Seed)
	}
	if c.Tokens == "" && c.Bearer == "" {
		note("it needs codes to answer: HAILONG_TOKEN, an API token that lists them, or --tokens FILE")
	}
	return mistakes
}

func (c *loadConfig) checkTarget() (mistakes []error) {
	var err error
	if c.target, err = url.Parse(c.LoadURL); err != nil || !isBase(c.LoadURL) {
		return []error{fmt.Errorf("--url %q is not an address such as http://127.0.0.1:8080", c.LoadURL)}
	}
	if isLoopback(c.target.Hostname()) {
		return nil
	}
	if !c.Yes {
		mistakes = append(mistakes, fmt.Errorf(
			"--url %s is another machine: invented answers would go into its store and count there as citizens'; --yes if that is meant", c.LoadURL))
	}
	if c.Insecure {
		mistakes = append(mistakes, errors.New("--insecure is for a server on this machine only"))
	}
	return mistakes
}

func (c *loadConfig) checkPlan() (mistakes []error) {
	if story := openloop.Stories()[c.Scenario]; story != nil {
		return c.checkStory(story)
	}
	c.scenario = openloop.Scenarios()[c.Scenario]
	var duration time.Duration
	var err error
	if c.Duration != "" || !strings.Contains(c.Rate, ":") {
		if duration, err = time.ParseDuration(cmp.Or(c.Duration, "30s")); err != nil || duration <= 0 {
			mistakes = append(mistakes, fmt.Errorf("--duration %q is no duration, as 30s", c.Duration))
			duration = time.Second // so that the rate is judged by itself
		}
	}
	if c.plan, err = openloop.ParsePlan(c.Rate, duration); err != nil {
		mistakes = append(mistakes, fmt.Errorf("--rate: %w", err))
	}
	return mistakes
}

const mostConnections = 10_000

// errLost says that the server forgot what it had acknowledged.
var errLost = errors.New("the server does not know every submission that it acknowledged")

// loadtest lets invented people answer on a running server and reports how it took them.
func loadtest(ctx context.Context, p *program, c config, words []string) error {
	if err := noWords(words); err != nil {
		return err
	}
	client := openloop.NewClient(openloop.Options{URL: c.target, Connections: c.connections, Bearer: c.Bearer, Insecure: c.Insecure})
	defer client.Close()
	sheets, err := c.sheets(ctx, client)
	if err != nil {
		return err
	}
	p.say("%s: invented answers to %d codes, which go into its store beside the citizens' answers; %s in all\n", c.LoadURL, len(sheets), c.plan.Lasts())
	run := openloop.Run{
		Plan: c.plan, Poisson: c.Arrivals == "poisson", Connections: c.connections, Seed: c.seed,
		Scenario: c.scenario, Sheets: sheets, Sender: client, Patience: c.patience, Progress: p.loadProgress(),
	}
	before, told := c.standing(ctx, p, client)
	gauge := openloop.NewGauge()
	outcome := run.Do(ctx)
	report := openloop.Report{
		URL: c.LoadURL, Scenario: c.Scenario, Arrivals: c.Arrivals, Seed: c.seed, Connections: c.connections,
		Crowds: outcome.Crowds, Seconds: outcome.Took.Seconds(), Interrupted: outcome.Interrupted, Stages: outcome.Stages, Generator: gauge.Generator(outcome.LateShare),
	}
	if p.terminal {
		p.say("\n") // the progress leaves its line open
	}
	// Also after the first signal: what was acknowledged must be there. A second one ends the program.
	report.Check = openloop.Check(context.WithoutCancel(ctx), client, outcome.Sample, sheets)
	if told {
		report.Standing = c.standingSince(context.WithoutCancel(ctx), p, client, before, report.Acknowledged())
	}
	return p.tellLoad(c, report)
}

// sheets finds the codes and reads their forms.
func (c *loadConfig) sheets(ctx context.Context, client *openloop.Client) ([]*openloop.Sheet, error) {
	tokens, err := c.tokens(ctx, client)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.LoadURL, err)
	}
	sheets, err := client.Learn(ctx, tokens)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.LoadURL, err)
	}
	return sheets, nil
}

func (c *loadConfig) tokens(ctx context.Context, client *openloop.Client) (tokens []surveys.Token, err error) {
	if c.Tokens == "" {
		return client.Tokens(ctx)
	}
	raw, err := os.ReadFile(c.Tokens)
	if err != nil {
		return nil, fmt.Errorf("--tokens: %w", err)
	}
	var mistakes []error
	for i, line := range strings.Split(string(raw), "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		token, ok := surveys.ParseToken(line)
		if !ok {
			mistakes = append(mistakes, fmt.Errorf("%s: line %d is no code", c.Tokens, i+1))
		}
		tokens = append(tokens, token)
	}
	if len(tokens) == 0 {
		mistakes = append(mistakes, fmt.Errorf("%s holds no code", c.Tokens))
	}
	return tokens, errors.Join(mistakes...)
}

// tellLoad writes the report and judges it.
func (p *program) tellLoad(c config, report openloop.Report) error {
	if _, err := fmt.Fprint(p.stdout, report.Text()); err != nil {
		return err //nolint:wrapcheck // a broken pipe says it all
	}
	if c.Report != "" {
		raw, err := json.MarshalIndent(report, "", "  ")
		if err == nil {
			err = os.WriteFile(c.Report, append(raw, '\n'), 0o600)
		}
		if err != nil {
			return fmt.Errorf("--report: %w", err)
		}
	}
	switch {
	case report.Check.Lost > 0:
		return fmt.Errorf("%w: %d of %d", errLost, report.Check.Lost, report.Check.Asked)
	case report.Check.Asked > 0 && report.Check.Unknown == report.Check.Asked:
		return errors.New("afterwards the server did not answer")
	case report.Acknowledged() == 0 && !report.Interrupted:
		return errors.New("not one answer was acknowledged")
	}
	return nil
}

// loadProgress tells how a load goes, on a terminal only.
func (p *program) loadProgress() func(openloop.Snapshot) {
	if !p.terminal {
		return nil
	}
	return func(s openloop.Snapshot) {
		p.say("\r%3.0f/%.0f s  asked %.0f/s, acknowledged %.0f/s, under way %d, p99 %.1f ms, busy %d, errors %d \x1b[K",
			s.At.Seconds(), s.Of.Seconds(), s.Rate, s.Achieved, s.InFlight, float64(s.P99.Microseconds())/1000, s.Busy, s.Faults)
	}
}

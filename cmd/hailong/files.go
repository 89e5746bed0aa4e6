package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"hailong/surveys"
	"hailong/surveys/transfer"
)

// fileConfig is which files are read and written, and what of them.
type fileConfig struct {
	Batch  string
	DryRun bool
	From   string
	To     string
	Out    string
}

func fileOptions() []option {
	return []option{
		{Flag: "batch", Help: "name of the batch: the same row of the same batch is stored once", Commands: []string{"import"}, text: func(c *config) *string { return &c.Batch }},
		{Flag: "dry-run", Help: "check the whole file and change nothing", Commands: []string{"import", "restore"}, truth: func(c *config) *bool { return &c.DryRun }},
		{Flag: "from", Help: "first day, YYYY-MM-DD", Commands: []string{"export"}, text: func(c *config) *string { return &c.From }},
		{Flag: "to", Help: "last day, YYYY-MM-DD", Commands: []string{"export"}, text: func(c *config) *string { return &c.To }},
		{Flag: "out", Help: "file to write; default standard output", Commands: []string{"export"}, text: func(c *config) *string { return &c.Out }},
	}
}

func (c *fileConfig) check() []error {
	var mistakes []error
	if c.From != "" && c.To != "" && c.From > c.To {
		mistakes = append(mistakes, fmt.Errorf("--from %s is after --to %s", c.From, c.To))
	}
	for _, day := range []struct{ flag, value string }{{"from", c.From}, {"to", c.To}} {
		if day.value == "" {
			continue
		}
		if _, err := surveys.ParseDay(day.value); err != nil {
			mistakes = append(mistakes, fmt.Errorf("--%s: %w", day.flag, err))
		}
	}
	return mistakes
}

// importFile reads a file into the store; an import of responses ends with a release pass.
func importFile(ctx context.Context, p *program, c config, words []string) error {
	if len(words) != 2 {
		return fmt.Errorf("%w: hailong import units|facilities|responses FILE.csv", errUsage)
	}
	file, err := os.Open(words[1]) //nolint:gosec // the administrator names the file
	if err != nil {
		return err //nolint:wrapcheck // it names the file
	}
	defer file.Close() //nolint:errcheck // it was only read
	err = p.withStore(ctx, c, func(s surveys.Store, in surveys.Installation) error {
		report, importErr := p.importInto(ctx, s, c, words[0], file)
		if importErr != nil {
			return importErr
		}
		p.say("%d rows: %d new, %d changed, %d known, %d new points\n",
			report.Rows, report.New, report.Changed, report.Known, report.Points)
		for _, id := range report.Adrift {
			p.say("facility %s is in no unit now: it needs a further placement, or an end\n", id)
		}
		if words[0] != "responses" || c.DryRun {
			return nil
		}
		return p.pass(ctx, s, in)
	})
	var wrong *transfer.FileError
	if errors.As(err, &wrong) {
		p.say("%s\n", wrong.Text(c.Lang))
		return fmt.Errorf("%s: nothing was imported", words[1])
	}
	return err
}

func (p *program) importInto(ctx context.Context, s surveys.Store, c config, what string, file *os.File) (transfer.Report, error) {
	switch what {
	case "units":
		return transfer.ImportUnits(ctx, s, file, transfer.RecordOptions{DryRun: c.DryRun})
	case "facilities":
		return transfer.ImportFacilities(ctx, s, file, transfer.RecordOptions{DryRun: c.DryRun})
	case "responses":
		if c.Batch == "" {
			return transfer.Report{}, fmt.Errorf("%w: --batch is missing: it makes the import repeatable", errUsage)
		}
		ingest := surveys.NewIngest(s, p.logger())
		defer ingest.Close()
		return transfer.ImportResponses(ctx, s, ingest, file, transfer.ResponseOptions{
			Batch: c.Batch, RecordOptions: transfer.RecordOptions{DryRun: c.DryRun}, Clock: p.clock, Zone: p.zone, Progress: p.progress("rows:"),
		})
	default:
		return transfer.Report{}, fmt.Errorf("%w: %q is none of units, facilities, responses", errUsage, what)
	}
}

// exportFile writes responses or days as CSV.
func exportFile(ctx context.Context, p *program, c config, words []string) error {
	if len(words) != 1 || words[0] != "responses" && words[0] != "days" {
		return fmt.Errorf("%w: hailong export responses|days", errUsage)
	}
	return p.withStore(ctx, c, func(s surveys.Store, _ surveys.Installation) error {
		out, closeOut, err := p.output(c.Out)
		if err != nil {
			return err
		}
		rows, err := p.export(ctx, s, words[0], c, out)
		if err = errors.Join(err, closeOut()); err != nil {
			return err
		}
		p.say("%d rows\n", rows)
		return nil
	})
}

func (p *program) export(ctx context.Context, s surveys.Store, what string, c config, out io.Writer) (int, error) {
	from, to := surveys.Day(c.From), surveys.Day(c.To)
	if what == "responses" {
		return transfer.ExportResponses(ctx, s, out, from, to)
	}
	if _, err := countDirty(ctx, s); err != nil {
		return 0, err
	}
	return transfer.ExportDays(ctx, s, out, from, to)
}

// output opens the file to write, or standard output.
func (p *program) output(path string) (w *bufio.Writer, done func() error, err error) {
	if path == "" {
		w = bufio.NewWriter(p.stdout)
		return w, w.Flush, nil
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // the administrator names the file
	if err != nil {
		return nil, nil, err //nolint:wrapcheck // it names the file
	}
	w = bufio.NewWriter(file)
	return w, func() error { return errors.Join(w.Flush(), file.Close()) }, nil
}

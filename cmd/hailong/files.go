package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"syscall"

	"hailong/surveys"
	"hailong/surveys/transfer"
)

// fileConfig is which files are read and written, and what of them.
type fileConfig struct {
	Batch    string
	DryRun   bool
	Expect   string
	From     string
	To       string
	Out      string
	Format   string
	Codebook string
}

func fileOptions() []option {
	return []option{
		{Flag: "batch", Help: "name of the batch: the same row of the same batch is stored once", Commands: []string{"import"}, text: func(c *config) *string { return &c.Batch }},
		{Flag: "dry-run", Help: "check the whole file and change nothing", Commands: []string{"import", "restore"}, truth: func(c *config) *bool { return &c.DryRun }},
		{Flag: "expect", Help: "SHA-256 (or its first 12 digits or more) that a dry run printed: no other file is imported", Commands: []string{"import"}, text: func(c *config) *string { return &c.Expect }},
		{Flag: "from", Help: "first day, YYYY-MM-DD", Commands: []string{"export"}, text: func(c *config) *string { return &c.From }},
		{Flag: "to", Help: "last day, YYYY-MM-DD", Commands: []string{"export"}, text: func(c *config) *string { return &c.To }},
		{Flag: "out", Help: "file to write; default standard output", Commands: []string{"export"}, text: func(c *config) *string { return &c.Out }},
		{Flag: "format", Help: "csv or xlsx; default by the ending of --out, else csv", Commands: []string{"export"}, text: func(c *config) *string { return &c.Format }},
		{Flag: "codebook", Help: "file for the meaning of every column and value of the export, .csv or .xlsx", Commands: []string{"export"}, text: func(c *config) *string { return &c.Codebook }},
	}
}

var digestStart = regexp.MustCompile(`^[0-9A-Fa-f]{12,64}$`)

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
	if c.Expect != "" && !digestStart.MatchString(c.Expect) {
		mistakes = append(mistakes, fmt.Errorf("--expect %q is no SHA-256 of 12 to 64 digits", c.Expect))
	}
	if c.Format != "" && c.Format != "csv" && c.Format != "xlsx" {
		mistakes = append(mistakes, fmt.Errorf("--format %q is neither csv nor xlsx", c.Format))
	}
	if c.Out != "" && c.Out == c.Codebook {
		mistakes = append(mistakes, errors.New("--out and --codebook name the same file"))
	}
	return mistakes
}

// importFile reads a file into the store; an import of responses ends with a release pass.
func importFile(ctx context.Context, p *program, c config, words []string) error {
	if len(words) != 2 {
		return fmt.Errorf("%w: hailong import units|facilities|responses|visits FILE", errUsage)
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
		p.sayReport(report, c)
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

// sayReport says what an import did, and what of the file somebody may not expect.
func (p *program) sayReport(report transfer.Report, c config) {
	if report.Sheet != "" && len(report.OtherSheets) > 0 {
		p.say("sheet %q was read; these hold something too and were not: %s\n", report.Sheet, strings.Join(report.OtherSheets, ", "))
	}
	if e := report.Earlier; e != nil {
		p.say("batch %s was imported from another file before (%s, %d rows, sha256 %.12s…): rows it holds stay as they are\n",
			c.Batch, e.Day, e.Rows, e.Digest)
	}
	if report.Differing != nil {
		p.say("%s\n", report.Differing.Text(c.Lang))
	}
	p.say("%d rows: %d new, %d changed, %d known, %d new points\n",
		report.Rows, report.New, report.Changed, report.Known, report.Points)
	if report.Digest != "" {
		p.say("file sha256=%s\n", report.Digest)
	}
	for _, id := range report.Adrift {
		p.say("facility %s is in no unit now: it needs a further placement, or an end\n", id)
	}
}

func (p *program) importInto(ctx context.Context, s surveys.Store, c config, what string, file *os.File) (transfer.Report, error) {
	opt := transfer.RecordOptions{DryRun: c.DryRun, Expect: c.Expect}
	switch what {
	case "units":
		return transfer.ImportUnits(ctx, s, file, opt)
	case "facilities":
		return transfer.ImportFacilities(ctx, s, file, opt)
	case "visits":
		return transfer.ImportVisits(ctx, s, file, opt)
	case "responses":
		if c.Batch == "" {
			return transfer.Report{}, fmt.Errorf("%w: --batch is missing: it makes the import repeatable", errUsage)
		}
		ingest := surveys.NewIngest(s, p.logger())
		defer ingest.Close()
		return transfer.ImportResponses(ctx, s, ingest, file, transfer.ResponseOptions{
			Batch: c.Batch, RecordOptions: opt, Clock: p.clock, Zone: p.zone, Progress: p.progress("rows:"),
		})
	default:
		return transfer.Report{}, fmt.Errorf("%w: %q is none of units, facilities, responses, visits", errUsage, what)
	}
}

// exportFile writes one kind of what the store holds, and what its columns mean.
func exportFile(ctx context.Context, p *program, c config, words []string) error {
	kind, err := exportKind(words, c)
	if err != nil {
		return err
	}
	opt := transfer.ExportOptions{
		From: surveys.Day(c.From), To: surveys.Day(c.To), Today: p.today(), Progress: p.progress("rows:"),
		XLSX: c.Format == "xlsx" || c.Format == "" && isXLSX(c.Out),
	}
	if opt.XLSX {
		// A workbook's writer holds 16 MB at a time: collected twice as often, the whole stays at 80 MB, not 100.
		defer debug.SetGCPercent(debug.SetGCPercent(40))
	}
	if c.Out != "" {
		opt.TempDir = filepath.Dir(c.Out) // where there is room for the file
	}
	return p.withStore(ctx, c, func(s surveys.Store, _ surveys.Installation) error {
		if kind == transfer.Days {
			if _, err := countDirty(ctx, s); err != nil {
				return err
			}
		}
		var done transfer.Exported
		err := p.output(c.Out, func(w io.Writer) (err error) {
			done, err = transfer.Export(ctx, s, w, kind, opt)
			return err
		})
		if err == nil && c.Codebook != "" {
			opt.XLSX = isXLSX(c.Codebook)
			err = p.output(c.Codebook, func(w io.Writer) error { return transfer.Codebook(ctx, s, w, kind, opt) })
		}
		if err != nil {
			return err
		}
		p.say("%d rows\n", done.Rows)
		return nil
	})
}

func exportKind(words []string, c config) (transfer.Kind, error) {
	var names []string
	for _, k := range transfer.Kinds() {
		if len(words) != 1 || words[0] != string(k) {
			names = append(names, string(k))
			continue
		}
		if !k.Dated() && c.From+c.To != "" {
			return "", fmt.Errorf("%w: --from and --to do not apply to %s", errUsage, k)
		}
		return k, nil
	}
	return "", fmt.Errorf("%w: hailong export %s", errUsage, strings.Join(names, "|"))
}

func isXLSX(path string) bool { return strings.EqualFold(filepath.Ext(path), ".xlsx") }

// output writes a file, or standard output. The file gets its name when it is whole; until then, and after an
// error, what stood under that name stays.
func (p *program) output(path string, write func(io.Writer) error) error {
	var err error
	info, statErr := os.Stat(path) //nolint:gosec // the administrator names the file
	switch {
	case path == "":
		w := bufio.NewWriter(p.stdout)
		err = errors.Join(write(w), w.Flush())
	case statErr == nil && !info.Mode().IsRegular():
		err = writeInto(path, write)
	default:
		err = writeWhole(path, 0o600, write)
	}
	if errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("the disk is full, the export was not written: %w", err)
	}
	return err
}

// writeInto writes into what is no file, as a pipe or a device.
func writeInto(path string, write func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0) //nolint:gosec // the administrator names it
	if err != nil {
		return err //nolint:wrapcheck // it names the file
	}
	return errors.Join(write(file), file.Close())
}

// writeWhole writes under another name first.
func writeWhole(path string, mode os.FileMode, write func(io.Writer) error) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".hailong-*.partial")
	if err != nil {
		return err //nolint:wrapcheck // it names the file
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name())) //nolint:gosec // it was just made
		}
	}()
	err = write(file)
	if err = errors.Join(err, file.Chmod(mode), file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path) //nolint:gosec,wrapcheck // the administrator names the file, and the error does
}

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"hailong/surveys"
	"hailong/surveys/poster"
)

// paperConfig is which paper forms are printed, beside the facility and folder of qrConfig.
type paperConfig struct {
	Point  string
	Copies string
	Form   string
	copies int
}

func paperOptions() []option {
	only := []string{"paper"}
	return []option{
		{Flag: "point", Help: "form of one point, by the token on its poster", Commands: only, text: func(c *config) *string { return &c.Point }},
		{Flag: "form", Default: "full", Help: "short or full", Commands: only, text: func(c *config) *string { return &c.Form }},
		{Flag: "copies", Default: "20", Help: "how many forms of each point, 1 to 100", Commands: only, text: func(c *config) *string { return &c.Copies }},
	}
}

func (c *paperConfig) check() []error {
	var mistakes []error
	if c.Form != "" && !slices.Contains([]string{"short", "full"}, c.Form) {
		mistakes = append(mistakes, fmt.Errorf("--form %q is neither short nor full", c.Form))
	}
	if c.Copies == "" {
		return mistakes
	}
	var err error
	if c.copies, err = strconv.Atoi(c.Copies); err != nil || c.copies < 1 || c.copies > surveys.MostCopies {
		mistakes = append(mistakes, fmt.Errorf("--copies %q is no number from 1 to %d", c.Copies, surveys.MostCopies))
	}
	if _, ok := surveys.ParseToken(c.Point); c.Point != "" && !ok {
		mistakes = append(mistakes, fmt.Errorf("--point %q is no token: it has 8 letters and digits", c.Point))
	}
	return mistakes
}

// paperForms writes the paper forms of a point, or of every point of a facility, each under a batch number of its own.
func paperForms(ctx context.Context, p *program, c config, words []string) error {
	var mistakes []error
	if err := noWords(words); err != nil {
		mistakes = append(mistakes, err)
	}
	if (c.Point == "") == (c.Facility == "") {
		mistakes = append(mistakes, fmt.Errorf("%w: one of --point TOKEN or --facility ID must say whose forms", errUsage))
	}
	if c.Out == "" {
		mistakes = append(mistakes, fmt.Errorf("%w: --out FOLDER is missing", errUsage))
	}
	if err := errors.Join(mistakes...); err != nil {
		return err
	}
	return p.withExisting(ctx, c, func(s surveys.Store, _ surveys.Installation) error {
		points, err := p.paperPoints(ctx, s, c)
		if err != nil {
			return err
		}
		if err = os.MkdirAll(c.Out, 0o750); err != nil { //nolint:gosec // the administrator names the folder
			return fmt.Errorf("folder for the PDFs: %w", err)
		}
		press, err := poster.NewPress()
		if err != nil {
			return err
		}
		for _, point := range points {
			if err = p.printForms(ctx, s, c, press, point); err != nil {
				return err
			}
		}
		return nil
	})
}

// paperPoints are the points in use that were chosen.
func (p *program) paperPoints(ctx context.Context, s surveys.Store, c config) ([]surveys.Point, error) {
	index, value := "facility", c.Facility
	if c.Point != "" {
		token, _ := surveys.ParseToken(c.Point)
		index, value = "token", string(token)
	}
	stored, err := surveys.Points().By(ctx, s, index, value)
	if err != nil {
		return nil, err
	}
	var points []surveys.Point
	for _, one := range stored {
		f, err := surveys.Facilities().Find(ctx, s, string(one.Value.Facility))
		if err != nil {
			return nil, err
		}
		if !surveys.IsRetired(one.Value, f.Value, p.today()) {
			points = append(points, one.Value)
		}
	}
	if len(points) == 0 {
		return nil, fmt.Errorf("there is no point in use of %s %q: nothing was printed", index, value)
	}
	return points, nil
}

// printForms issues a batch of one point and writes it.
func (p *program) printForms(ctx context.Context, s surveys.Store, c config, press *poster.Press, point surveys.Point) error {
	f, err := surveys.Facilities().Find(ctx, s, string(point.Facility))
	if err != nil {
		return err
	}
	b, place, err := surveys.DraftBatch(ctx, s, point, f.Value, surveys.PaperBatch{
		Form: surveys.Form(c.Form), Lang: c.Lang, Copies: c.copies, Printed: p.today(),
	})
	if err != nil {
		return err
	}
	if b, err = surveys.IssueBatch(ctx, s, b); err != nil {
		return err
	}
	book, err := press.BatchBook(b, place, c.Office, c.Contact)
	if err != nil {
		return err
	}
	path := filepath.Join(c.Out, poster.PaperName(b))
	if err = writeWhole(path, 0o644, book.Write); err != nil { // a form is for everybody
		return err
	}
	p.say("%s: batch %s, %d copies of %d pages, %s – %s\n", path, b.Number, b.Copies, book.Pages()/b.Copies, f.Value.Name, point.Name)
	return nil
}

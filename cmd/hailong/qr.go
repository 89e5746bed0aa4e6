package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"hailong/surveys"
	"hailong/surveys/poster"
)

// qrConfig is which codes are put on paper.
type qrConfig struct {
	Facility string
	Unit     string
	All      bool
	Paper    string
}

func qrOptions() []option {
	only := []string{"qr"}
	return []option{
		{Flag: "facility", Help: "codes of one facility, by its id", Commands: only, text: func(c *config) *string { return &c.Facility }},
		{Flag: "unit", Help: "codes of the facilities of a unit and all below it, by CODE[@DAY]; without a day, today's", Commands: only, text: func(c *config) *string { return &c.Unit }},
		{Flag: "all", Help: "codes of every facility, and all of them in one file more", Commands: only, truth: func(c *config) *bool { return &c.All }},
		{Flag: "paper", Default: "a4", Help: "a4, a5, a6 or slips (eight on a sheet of A4)", Commands: only, text: func(c *config) *string { return &c.Paper }},
		{Flag: "out", Help: "folder for the PDFs, one a facility", Commands: only, text: func(c *config) *string { return &c.Out }},
	}
}

func (c *qrConfig) check() []error {
	var mistakes []error
	if _, ok := poster.ParsePaper(c.Paper); c.Paper != "" && !ok {
		mistakes = append(mistakes, fmt.Errorf("--paper %q is none of a4, a5, a6, slips", c.Paper))
	}
	if _, day, dated := strings.Cut(c.Unit, "@"); dated {
		if _, err := surveys.ParseDay(day); err != nil {
			mistakes = append(mistakes, fmt.Errorf("--unit %q: %w", c.Unit, err))
		}
	}
	return mistakes
}

// scopes counts how many of the three ways to choose facilities were taken.
func (c *qrConfig) scopes() int {
	n := 0
	for _, chosen := range []bool{c.Facility != "", c.Unit != "", c.All} {
		if chosen {
			n++
		}
	}
	return n
}

// qr writes posters into a folder and notes in the print queue that they are printed.
func qr(ctx context.Context, p *program, c config, words []string) error {
	var mistakes []error
	if err := noWords(words); err != nil {
		mistakes = append(mistakes, err)
	}
	if n := c.scopes(); n != 1 {
		mistakes = append(mistakes, fmt.Errorf("%w: one of --facility ID, --unit CODE[@DAY] or --all must say whose codes; %d do", errUsage, n))
	}
	if c.Out == "" {
		mistakes = append(mistakes, fmt.Errorf("%w: --out FOLDER is missing", errUsage))
	}
	if err := errors.Join(mistakes...); err != nil {
		return err
	}
	return p.withExisting(ctx, c, func(s surveys.Store, in surveys.Installation) error {
		base, err := p.printedBase(c, in)
		if err != nil {
			return err
		}
		return p.printCodes(ctx, s, c, base)
	})
}

// printedBase is the address that the codes lead to. A printed code must last, so nothing is guessed: but in a demo.
func (p *program) printedBase(c config, in surveys.Installation) (string, error) {
	base := strings.TrimRight(c.BaseURL, "/")
	switch {
	case base != "":
	case in.Demo:
		base = "http://" + ownAddress() + ":8080"
		p.say("this is a demo: its codes lead to %s; --base-url says another\n", base)
	default:
		return "", fmt.Errorf("%w: --base-url is missing: a printed code must last, so say the address that it leads to, as https://HOST", errUsage)
	}
	if poster.IsLocal(base) {
		p.say("WARNING: %s opens on this machine only: nobody who scans these codes will get anywhere\n", base)
	}
	return base, nil
}

// job is the printing of many facilities.
type job struct {
	*program
	store surveys.Store
	press *poster.Press
	conf  config
	paper poster.Paper
	base  string
	taken map[string]bool // file names
	done  int             // posters
}

// printCodes writes one PDF a facility, and with --all one of everything.
func (p *program) printCodes(ctx context.Context, s surveys.Store, c config, base string) error {
	facilities, err := p.facilitiesOf(ctx, s, c)
	if err != nil {
		return err
	}
	if err = os.MkdirAll(c.Out, 0o750); err != nil {
		return fmt.Errorf("folder for the PDFs: %w", err)
	}
	press, err := poster.NewPress()
	if err != nil {
		return err
	}
	paper, _ := poster.ParsePaper(c.Paper)
	j := &job{program: p, store: s, press: press, conf: c, paper: paper, base: base, taken: map[string]bool{}}
	whole := press.Book("Hailong", c.Lang, p.today())
	files, err := j.eachFacility(ctx, facilities, whole)
	if err != nil {
		return err
	}
	if j.done == 0 {
		return errors.New("there is no point in use: nothing was printed")
	}
	said := fmt.Sprintf("%d posters on %s in %d files in %s", j.done, paper, files, c.Out)
	if c.All {
		path, err := j.write("all", "", whole)
		if err != nil {
			return err
		}
		said += ", and all of them in " + path
	}
	p.say("%s\n", said)
	return nil
}

// eachFacility prints one after the other and gives the number of files.
func (j *job) eachFacility(ctx context.Context, facilities []surveys.Facility, whole *poster.Book) (files int, err error) {
	tell := j.progress("facilities:")
	for i, f := range facilities {
		if err := ctx.Err(); err != nil {
			return files, err //nolint:wrapcheck // it was told to stop
		}
		path, err := j.printFacility(ctx, f, whole)
		if err != nil {
			return files, err
		}
		switch {
		case tell != nil:
			tell(i+1, len(facilities))
		case path != "":
			j.say("%s\n", path)
		}
		if path != "" {
			files++
		}
	}
	return files, nil
}

// facilitiesOf lists the open facilities that were chosen, by name.
func (p *program) facilitiesOf(ctx context.Context, s surveys.Store, c config) ([]surveys.Facility, error) {
	org, err := surveys.LoadOrganisation(ctx, s)
	if err != nil {
		return nil, err
	}
	day := p.today()
	if c.Facility != "" {
		f, ok := org.Facility(surveys.FacilityID(c.Facility))
		if !ok {
			return nil, fmt.Errorf("there is no facility %q", c.Facility)
		}
		if f.To != "" && f.To < day {
			return nil, fmt.Errorf("facility %s (%s) has closed on %s: its codes are not printed", f.ID, f.Name, f.To)
		}
		return []surveys.Facility{f}, nil
	}
	code, named, dated := strings.Cut(c.Unit, "@")
	if dated {
		day = surveys.Day(named)
	}
	unit, ok := org.Unit(code, day)
	if !c.All && !ok {
		return nil, fmt.Errorf("there is no unit %s on %s", code, day)
	}
	return slices.DeleteFunc(org.Facilities(), func(f surveys.Facility) bool {
		return f.To != "" && f.To < p.today() || !c.All && !org.Within(f, unit, day)
	}), nil
}

// printFacility writes a facility's posters; "" if it has no point in use.
func (j *job) printFacility(ctx context.Context, f surveys.Facility, whole *poster.Book) (path string, err error) {
	stored, err := surveys.Points().By(ctx, j.store, "facility", string(f.ID))
	if err != nil {
		return "", err
	}
	book := j.press.Book(f.Name, j.conf.Lang, j.today())
	var printed []surveys.PrintSubject
	for _, point := range j.pointsFor(f, stored) {
		says := poster.Poster{
			Facility: f.Name, Point: point.Name, BaseURL: j.base, Token: point.Token,
			Office: j.conf.Office, Contact: j.conf.Contact, Lang: j.conf.Lang,
		}
		err = book.Add(j.paper, says)
		if j.conf.All && err == nil {
			err = whole.Add(j.paper, says)
		}
		if err != nil {
			return "", err
		}
		printed = append(printed, surveys.PrintSubject{Point: point, Facility: f, URL: says.URL()})
	}
	if len(printed) == 0 {
		return "", nil
	}
	if path, err = j.write(string(f.ID), f.Name, book); err != nil {
		return "", err
	}
	j.done += len(printed)
	return path, j.remember(ctx, printed)
}

// pointsFor are the points whose codes belong on the paper. Slips without a point of their own carry the codes that hang,
// and it is said.
func (j *job) pointsFor(f surveys.Facility, stored []surveys.Stored[surveys.Point]) []surveys.Point {
	var inUse []surveys.Point
	for _, p := range stored {
		if !surveys.IsRetired(p.Value, f, j.today()) {
			inUse = append(inUse, p.Value)
		}
	}
	points, own := surveys.ForPaper(inUse, j.paper == poster.Slips)
	if !own && len(points) > 0 {
		j.say("%s (%s) has no point of its own for slips: they carry the codes that hang there, and nobody will know which forms came from a slip. Make one on the facility's page, or import one of kind slip\n", f.Name, f.ID)
	}
	return points
}

// remember notes in the print queue what is printed now.
func (j *job) remember(ctx context.Context, printed []surveys.PrintSubject) error {
	for _, of := range printed {
		m := surveys.PrintMove{To: surveys.PrintPrinted, Now: of, Today: j.today()}
		if _, err := surveys.OrderPrint(ctx, j.store, string(j.paper), m); err != nil {
			return err
		}
	}
	return nil
}

// write writes a PDF under another name first, so that what has a poster's name is whole. Ids that differ in capitals
// only are one name on Windows: the second gets a number.
func (j *job) write(id, name string, book *poster.Book) (path string, err error) {
	file := poster.FileName(id, name, j.paper)
	for n := 2; j.taken[file]; n++ {
		file = poster.FileName(fmt.Sprintf("%s-%d", id, n), name, j.paper)
	}
	j.taken[file] = true
	path = filepath.Join(j.conf.Out, file)
	return path, writeWhole(path, 0o644, book.Write) // a poster is for everybody
}

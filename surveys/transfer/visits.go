package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"hailong/surveys"
)

func visitColumns() []string { return []string{"facility", "from", "to", "visits"} }

var visitCount = regexp.MustCompile(`^[0-9]{1,8}$`)

// ImportVisits adds what facilities declare to have served, by spans of days, or changes the number of a span that is there;
// a blank last day is the first. Spans may overlap: of a day the shortest tells.
func ImportVisits(ctx context.Context, store surveys.RecordStore, r io.Reader, opt RecordOptions) (Report, error) {
	in := visitsImport{bad: &complaints{}, lines: map[string]int{}, facilities: map[surveys.FacilityID]bool{}}
	err := in.run(ctx, store, r, opt)
	if wrong := in.bad.orNil(); wrong != nil {
		return Report{}, wrong
	}
	if err != nil {
		return Report{}, fmt.Errorf("import visits: %w", err)
	}
	return in.report, nil
}

// visitsImport is an import under way.
type visitsImport struct {
	bad        *complaints
	report     Report
	spans      []surveys.Visits
	lines      map[string]int // of each span, by its id
	facilities map[surveys.FacilityID]bool
}

func (in *visitsImport) run(ctx context.Context, store surveys.RecordStore, r io.Reader, opt RecordOptions) error {
	sum, err := opt.digest(r)
	if err != nil {
		return err
	}
	all, err := surveys.Facilities().All(ctx, store)
	if err != nil {
		return err
	}
	for _, f := range all {
		in.facilities[f.Value.ID] = true
	}
	source := openRows(r)
	if err = eachRow(source, in.bad, visitColumns(), func(string) bool { return false }, in.read); err != nil {
		return err
	}
	in.report.Digest = sum
	in.report.about(source)
	if in.bad.count() > 0 {
		return nil // ImportVisits tells them
	}
	for _, v := range in.spans {
		if err = in.put(ctx, store, v, opt.DryRun); err != nil {
			return err
		}
	}
	return nil
}

func (in *visitsImport) read(c *cells) {
	in.report.Rows++
	v := surveys.Visits{Facility: surveys.FacilityID(c.code("facility", facilityID, true))}
	v.From, v.To = c.span()
	if v.To == "" {
		v.To = v.From
	}
	if v.Facility != "" && !c.wrong && !in.facilities[v.Facility] {
		c.complain("facility", "import.facility", brief(string(v.Facility)))
	}
	if n := c.code("visits", visitCount, true); !c.wrong {
		v.Count, _ = strconv.Atoi(n) //nolint:errcheck // at most eight digits
	}
	if c.wrong {
		return
	}
	id := surveys.DeclaredVisits().ID(v)
	if line := in.lines[id]; line > 0 {
		c.complain("facility", "import.again", strconv.Itoa(line))
		return
	}
	in.lines[id] = c.row.line
	in.spans = append(in.spans, v)
}

// put stores one span. Whoever declares the same at the same time is told.
func (in *visitsImport) put(ctx context.Context, store surveys.RecordStore, v surveys.Visits, dryRun bool) error {
	was, err := surveys.DeclaredVisits().Find(ctx, store, surveys.DeclaredVisits().ID(v))
	switch {
	case errors.Is(err, surveys.ErrNotFound):
		in.report.New++
	case err != nil:
		return err
	case was.Value == v:
		in.report.Known++
		return nil
	default:
		in.report.Changed++
	}
	if dryRun {
		return nil
	}
	_, err = surveys.DeclaredVisits().Put(ctx, store, v, was.Rev)
	return err
}

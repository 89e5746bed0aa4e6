package main

import (
	"context"
	"fmt"
	"strconv"

	"hailong/analytics"
	"hailong/surveys"
)

// retentionConfig is for how long single responses are kept.
type retentionConfig struct {
	KeepRaw string
	Months  string
	keepRaw int
	// keepRawGiven says that it is no default.
	keepRawGiven bool
	months       int // -1: not given
}

func retentionOptions() []option {
	return []option{
		{Flag: "keep-raw", Default: "24", Help: "months that single forms are kept, then only their counts; 3 or more, 0 for ever; settled when the store is made, changed by hailong retention", text: func(c *config) *string { return &c.KeepRaw }},
		{Flag: "months", Help: "single forms are kept for so many months from tomorrow on; 0 for ever", Commands: []string{"retention"}, text: func(c *config) *string { return &c.Months }},
	}
}

func (c *retentionConfig) check() []error {
	var mistakes []error
	c.months = -1
	for _, o := range []struct {
		flag, value string
		to          *int
	}{{"keep-raw", c.KeepRaw, &c.keepRaw}, {"months", c.Months, &c.months}} {
		if o.value == "" {
			continue
		}
		n, err := strconv.Atoi(o.value)
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("--%s %q is no number of months", o.flag, o.value))
			continue
		}
		if err = surveys.CheckKeepRaw(n); err != nil {
			mistakes = append(mistakes, fmt.Errorf("--%s %d: %w", o.flag, n, err))
		}
		*o.to = n
	}
	return mistakes
}

// retention says, or settles, for how long single responses are kept.
func retention(ctx context.Context, p *program, c config, words []string) error {
	if err := noWords(words); err != nil {
		return err
	}
	return p.withExisting(ctx, c, func(s surveys.Store, in surveys.Installation) error {
		if c.months < 0 {
			p.say("single forms are kept %s\n", keptFor(in.KeepRaw))
			return nil
		}
		if err := analytics.Retain(ctx, s, c.months, p.today()); err != nil {
			return err
		}
		p.say("single forms are kept %s, as of tomorrow; the notice of the form says so when the server is started again\n", keptFor(c.months))
		if c.months > 0 {
			p.say("older ones are deleted for good after the next nightly pass, their counts stay; until then hailong retention takes it back\n")
		}
		return nil
	})
}

func keptFor(months int) string {
	if months == 0 {
		return "for ever"
	}
	return fmt.Sprintf("for %d months", months)
}

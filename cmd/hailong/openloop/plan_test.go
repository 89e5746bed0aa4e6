package openloop_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hailong/cmd/hailong/openloop"
)

func TestParsePlan(t *testing.T) {
	t.Parallel()
	for text, c := range map[string]struct {
		lasts time.Duration
		want  openloop.Plan
	}{
		"50":                {30 * time.Second, openloop.Plan{{50, 30 * time.Second}}},
		"0.5":               {time.Minute, openloop.Plan{{0.5, time.Minute}}},
		"50:10s":            {0, openloop.Plan{{50, 10 * time.Second}}},
		"50:10s, 200:1m30s": {0, openloop.Plan{{50, 10 * time.Second}, {200, 90 * time.Second}}},
	} {
		got, err := openloop.ParsePlan(text, c.lasts)
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got)\n%s", text, err, diff)
		}
	}
	for text, c := range map[string]struct {
		lasts time.Duration
		says  []string
	}{
		"":                   {time.Second, []string{`"" is no rate`}},
		"-1":                 {time.Second, []string{`"-1" is no rate`}},
		"NaN":                {time.Second, []string{`"NaN" is no rate`}},
		"1e9":                {time.Second, []string{`"1e9" is no rate`}},
		"fast:10s,50:soon,7": {0, []string{`"fast" is no rate`, `"soon" is no duration`, `"7" does not say how long`}},
		"50:-1s":             {0, []string{`"-1s" is no duration`}},
		"50:1s":              {time.Second, []string{"a ramp has its own durations"}},
		"50,60":              {time.Second, []string{`"60" does not say how long`}},
		"50:10s,":            {0, []string{`"" is no rate`}},
	} {
		_, err := openloop.ParsePlan(text, c.lasts)
		if err == nil {
			t.Errorf("%q was taken", text)
			continue
		}
		for _, want := range c.says {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q: %q does not say %q", text, err, want)
			}
		}
	}
}

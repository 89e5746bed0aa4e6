package surveys_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hailong/surveys"
)

func TestParseSpans(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                            "",
		" , ;":                        "",
		"7:30-11:30, 13:30-17:00":     "7:30–11:30, 13:30–17:00",
		"13h30 – 17h; 7g30—11g30":     "7:30–11:30, 13:30–17:00",
		"7-11":                        "7:00–11:00",
		"0:00-24:00":                  "0:00–24:00",
		"8:00-9:00,9:00-10:00":        "8:00–9:00, 9:00–10:00",
		"1-2,3-4,5-6,7-8":             "1:00–2:00, 3:00–4:00, 5:00–6:00, 7:00–8:00",
		"7:30–11:30, 13:30–17:00":     "7:30–11:30, 13:30–17:00",
		"17-7":                        "!",
		"8-8":                         "!",
		"8:00-12:00, 11:00-13:00":     "!",
		"8:60-9:00":                   "!",
		"8:00-24:01":                  "!",
		"8:00-25:00":                  "!",
		"sáng":                        "!",
		"8:00":                        "!",
		"8:00-":                       "!",
		"-8:00":                       "!",
		"8:0-9:00":                    "!",
		"<script>":                    "!",
		"1-2,3-4,5-6,7-8,9-10":        "!",
		"٨-٩":                         "!",
		"8:00-9:00 10:00-11:00":       "!",
		"99999999999999999999-9:00":   "!",
		"8:00-9:00, 8:00-9:00, rác":   "!",
		"8 : 00 - 9 : 00":             "8:00–9:00",
		"8:00-9:00,\n10:00-11:00\r\n": "8:00–9:00, 10:00–11:00",
	} {
		spans, err := surveys.ParseSpans(text)
		if want == "!" {
			if !errors.Is(err, surveys.ErrHours) || spans != nil {
				t.Errorf("%q is taken for %v, %v", text, spans, err)
			}
			continue
		}
		if got := surveys.SpansText(spans); err != nil || got != want {
			t.Errorf("%q reads %q, %v; want %q", text, got, err, want)
		}
		if again, err := surveys.ParseSpans(want); err != nil || cmp.Diff(spans, again) != "" {
			t.Errorf("%q does not read as it is written: %v, %v", want, again, err)
		}
	}
}

func setting() surveys.KioskSetting {
	return surveys.KioskSetting{Point: "p_k", Interval: 5, Idle: 30, Hours: surveys.UsualWeek(), Since: "2026-03-01"}
}

// An hour is open if a moment of it is, with a quarter of an hour to spare: only the hour of an answer is known.
func TestKioskOpen(t *testing.T) {
	t.Parallel()
	k := setting()
	for at, want := range map[surveys.Moment]bool{
		{Day: "2026-03-10", Hour: 6}:  false,
		{Day: "2026-03-10", Hour: 7}:  true,
		{Day: "2026-03-10", Hour: 11}: true,
		{Day: "2026-03-10", Hour: 12}: false,
		{Day: "2026-03-10", Hour: 13}: true,
		{Day: "2026-03-10", Hour: 16}: true,
		{Day: "2026-03-10", Hour: 17}: true, // begun before five
		{Day: "2026-03-10", Hour: 18}: false,
		{Day: "2026-03-14", Hour: 9}:  false, // a Saturday
		{Day: "2026-03-15", Hour: 9}:  false, // a Sunday
		{Day: "2026-03-16", Hour: 9}:  true,
		{Day: "2026-02-28", Hour: 3}:  true,  // before these hours held
		{Day: "2026-03-10", Hour: -1}: true,  // nothing is known
		{Day: "2026-03-01", Hour: 9}:  false, // the first day that they hold for
	} {
		if got := k.Open(at); got != want {
			t.Errorf("open on %s at %d o'clock: %v, want %v", at.Day, at.Hour, got, want)
		}
	}
	k.Hours = surveys.Week{6: {{From: 22 * 60, To: 24 * 60}}} // late on Sunday
	for at, want := range map[surveys.Moment]bool{
		{Day: "2026-03-15", Hour: 20}: false, {Day: "2026-03-15", Hour: 21}: true, {Day: "2026-03-15", Hour: 23}: true,
		{Day: "2026-03-16", Hour: 0}: true, {Day: "2026-03-16", Hour: 1}: false, {Day: "2026-03-14", Hour: 23}: false,
	} {
		if got := k.Open(at); got != want {
			t.Errorf("past midnight: open on %s at %d o'clock: %v, want %v", at.Day, at.Hour, got, want)
		}
	}
	k.Hours = surveys.Week{0: {{From: 0, To: 60}}} // early on Monday
	if !k.Open(surveys.Moment{Day: "2026-03-15", Hour: 23}) || k.Open(surveys.Moment{Day: "2026-03-15", Hour: 22}) {
		t.Error("the quarter before midnight")
	}
}

func TestKioskPermits(t *testing.T) {
	t.Parallel()
	k := setting()
	for part, want := range map[time.Duration]int{0: 2, 4 * time.Second: 2, 5 * time.Second: 3, time.Minute: 14, time.Hour: 722} {
		if got := k.Permits(part); got != want {
			t.Errorf("in %s there can be %d, want %d", part, got, want)
		}
	}
}

func TestKioskCheck(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*surveys.KioskSetting)
		field  string
	}{
		"right":           {func(*surveys.KioskSetting) {}, ""},
		"at the limits":   {func(k *surveys.KioskSetting) { k.Interval, k.Idle = 3, 300 }, ""},
		"too quick":       {func(k *surveys.KioskSetting) { k.Interval = 2 }, "interval"},
		"too slow":        {func(k *surveys.KioskSetting) { k.Interval = 301 }, "interval"},
		"hardly idle":     {func(k *surveys.KioskSetting) { k.Idle = 9 }, "idle"},
		"idle for ever":   {func(k *surveys.KioskSetting) { k.Idle = 1 << 40 }, "idle"},
		"never open":      {func(k *surveys.KioskSetting) { k.Hours = surveys.Week{} }, "hours"},
		"open on Sundays": {func(k *surveys.KioskSetting) { k.Hours = surveys.Week{6: {{From: 1, To: 2}}} }, ""},
	} {
		k := setting()
		c.change(&k)
		err := k.Check()
		var invalid *surveys.InvalidError
		if !errors.As(err, &invalid) {
			if err != nil || c.field != "" {
				t.Errorf("%s: %v, want a mistake in %q", name, err, c.field)
			}
			continue
		}
		if len(invalid.Fields) != 1 || invalid.Fields[0].Field != c.field {
			t.Errorf("%s: %v, want a mistake in %q", name, err, c.field)
		}
	}
}

package surveys_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"hailong/surveys"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]surveys.Token{
		"7H2M4K9P": "7H2M4K9P", "7h2m4k9p": "7H2M4K9P", "7h2m-4k9p -": "7H2M4K9P", "oIlL0123": "01110123",
		"": "", "7H2M4K9": "", "7H2M4K9P1": "", "7H2M4K9U": "", "7H2M4K9!": "", "７H2M4K9": "", "7H2M\x004K9P": "", "đH2M4K9P": "",
		strings.Repeat("-", 24) + "7H2M4K9P": "7H2M4K9P",
	} {
		got, ok := surveys.ParseToken(typed)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q %v, want %q", typed, got, ok, want)
		}
	}
	seen := map[surveys.Token]bool{}
	for range 2000 {
		token := surveys.NewToken()
		if got, ok := surveys.ParseToken(string(token)); !ok || got != token || seen[token] {
			t.Fatalf("%q reads as %q %v", token, got, ok)
		}
		seen[token] = true
	}
	if id := surveys.NewID("f"); !regexp.MustCompile(`^f_[0-9a-hjkmnp-tv-z]{12}$`).MatchString(id) {
		t.Errorf("id %q", id)
	}
}

func FuzzTokensAndReceipts(f *testing.F) {
	for _, seed := range []string{"7H2M4K9P", "7h2m 4k9p ol", "ıſK", "\xff", "ﬀ"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if token, ok := surveys.ParseToken(s); ok {
			again, ok := surveys.ParseToken(string(token))
			if !ok || again != token || len(token) != 8 {
				t.Errorf("%q reads as %q, and that as %q", s, token, again)
			}
			lower, ok := surveys.ParseToken(strings.ToLower(string(token)))
			if !ok || lower != token {
				t.Errorf("%q in small letters reads as %q", token, lower)
			}
		}
		if receipt, ok := surveys.ParseReceipt(s); ok {
			if again, ok := surveys.ParseReceipt(string(receipt)); !ok || again != receipt || len(receipt) != 12 {
				t.Errorf("%q reads as %q, and that as %q", s, receipt, again)
			}
		}
		if id, err := surveys.ParseSubmissionID(s); err == nil {
			again, err := surveys.ParseSubmissionID(string(id))
			if err != nil || again != id || len(id) != 36 || id[14] != '4' {
				t.Errorf("%q reads as %q, and that as %q", s, id, again)
			}
			if _, ok := surveys.ParseReceipt(string(id.Receipt())); !ok {
				t.Errorf("receipt %q cannot be typed", id.Receipt())
			}
		}
		if day, err := surveys.ParseDay(s); err == nil {
			if again, err := surveys.ParseDay(string(day)); err != nil || again != day || string(day) != s || day.Add(0) != day {
				t.Errorf("day %q reads as %q", s, day)
			}
		}
	})
}

func TestSubmissionIDs(t *testing.T) {
	t.Parallel()
	const known = "7d444840-9641-42d7-a0b5-d09d4b6f2b1a"
	for s, ok := range map[string]bool{
		known: true, strings.ToUpper(known): true, " " + known + "\n": true, "{" + known + "}": false, known + "0": false, "": false,
		"7d444840-9641-12d7-a0b5-d09d4b6f2b1a": false, "7d444840-9641-82d7-a0b5-d09d4b6f2b1a": false, "7d444840-9641-42d7-c0b5-d09d4b6f2b1a": false, "7d444840964142d7a0b5d09d4b6f2b1a": false,
	} {
		id, err := surveys.ParseSubmissionID(s)
		if (err == nil) != ok || ok && id != known {
			t.Errorf("%q: %q %v", s, id, err)
		}
	}
	receipts := map[surveys.Receipt]bool{}
	for range 2000 {
		id := surveys.NewSubmissionID()
		if again, err := surveys.ParseSubmissionID(string(id)); err != nil || again != id {
			t.Fatalf("%q: %v", id, err)
		}
		if receipts[id.Receipt()] || strings.Contains(strings.ReplaceAll(string(id), "-", ""), strings.ToLower(string(id.Receipt()))) {
			t.Fatalf("receipt %q of %q", id.Receipt(), id)
		}
		receipts[id.Receipt()] = true
	}
	row := surveys.RowSubmissionID("lô 1", "23")
	if row != surveys.RowSubmissionID("lô 1", "23") || row == surveys.RowSubmissionID("lô 12", "3") || row == surveys.RowSubmissionID("lô 1", "24") || row[14] != '8' {
		t.Errorf("row id %q", row)
	}
}

func TestDays(t *testing.T) {
	t.Parallel()
	for s, ok := range map[string]bool{
		"2026-03-10": true, "2024-02-29": true, "2026-02-29": false, "2026-13-01": false, "2026-3-1": false, "": false, "10/03/2026": false, "2026-03-10T00:00": false, "02026-03-10": false,
	} {
		if d, err := surveys.ParseDay(s); (err == nil) != ok || ok && string(d) != s {
			t.Errorf("%q: %q %v", s, d, err)
		}
	}
	zone, err := time.LoadLocation(surveys.Zone)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 2, 28, 17, 0, 0, 0, time.UTC)
	if d := surveys.DayOf(at, zone); d != "2026-03-01" {
		t.Errorf("midnight in Việt Nam is %s", d)
	}
	if d := surveys.DayOf(at.Add(-time.Second), zone); d != "2026-02-28" {
		t.Errorf("the second before is %s", d)
	}
	d := surveys.Day("2024-02-28")
	if d.Add(2) != "2024-03-01" || d.Add(-59) != "2023-12-31" || surveys.DateDay(2026, 14, 31) != "2027-03-03" {
		t.Errorf("arithmetic: %s %s %s", d.Add(2), d.Add(-59), surveys.DateDay(2026, 14, 31))
	}
	for _, c := range []struct {
		from, to surveys.Day
		in       bool
	}{{"", "", true}, {"2024-02-28", "2024-02-28", true}, {"2024-02-29", "", false}, {"", "2024-02-27", false}, {"2020-01-01", "", true}} {
		if d.Within(c.from, c.to) != c.in {
			t.Errorf("%s within %q–%q: %v", d, c.from, c.to, !c.in)
		}
	}
}

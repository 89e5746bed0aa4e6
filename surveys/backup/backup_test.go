package backup_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"hailong/surveys"
	"hailong/surveys/backup"
	"hailong/surveys/store/sqlite"
)

func open(t *testing.T) surveys.Store {
	t.Helper()
	st, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "hailong.db"), time.Now) //nolint:forbidigo // a test has no other clock
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if closeErr := st.Close(); closeErr != nil {
			t.Error(closeErr)
		}
	})
	return st
}

// full is a store with some of everything, hostile texts among them.
func full(t *testing.T) surveys.Store {
	t.Helper()
	st := open(t)
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range []surveys.Record{
		{Kind: "point", ID: "p_điểm 1", Keys: map[string]string{"token": "7KQM2F4X"}, Body: []byte("{\"name\":\"Quầy số 1 😀\"}")},
		{Kind: "instrument", ID: "one_stop.1", Body: []byte("{}"), Frozen: true},
		{Kind: "session", ID: "s", Body: []byte("{}")},
	} {
		_, err := st.PutRecord(ctx, r)
		must(err)
	}
	for i := range 501 {
		_, err := st.PutRecord(ctx, surveys.Record{Kind: "unit", ID: fmt.Sprintf("u%03d", i), Body: []byte("{}")})
		must(err)
	}
	must(st.AddRelease(ctx, surveys.ReleaseRecord{
		ID: "f1/one_stop.1/answers/2026-01-01..2026-03-31/1", Facility: "f1", From: "2026-01-01", To: "2026-03-31",
		Released: "2026-04-15", Format: 1, Head: []byte(`{"a":1}`), Parts: []byte{0, 1, 255},
	}))
	_, err := st.PutDays(ctx, []surveys.CountedDay{
		{Book: surveys.DayBook{Facility: "f1", Day: "2024-02-01", Format: 1, Forms: 12, Sealed: true, Body: []byte("sealed")}},
		{Book: surveys.DayBook{Facility: "f1", Day: "2026-02-01", Format: 1, Forms: 2, Body: []byte("{}")}},
	})
	must(err)
	var batch []surveys.Response
	for i := range 2500 {
		id := surveys.RowSubmissionID("test", fmt.Sprint(i))
		batch = append(batch, surveys.Response{
			ID: id, Receipt: id.Receipt(), Facility: "f1", Point: "p_điểm 1", Instrument: "one_stop", Version: 1, Form: surveys.FullForm,
			Channel: surveys.QR, Standing: surveys.Counted, Pace: []surveys.Pace{"", surveys.Quick, surveys.Slow}[i%3], Lang: "vi", Day: "2026-02-01", Hour: i%25 - 1, Arrived: "2026-02-01",
			Answers: surveys.Answers{"A1": surveys.NumberAnswer(i % 6), "K1": surveys.ListAnswer("a", "b"), "T": surveys.TextAnswer("\"<>\n😀")},
			Comment: "=1+1\nCảm ơn",
		})
	}
	_, err = st.AddResponses(ctx, batch)
	must(err)
	must(st.Move(ctx, batch[0].ID, surveys.Counted, surveys.Withdrawn, ""))
	must(st.Move(ctx, batch[1].ID, surveys.Counted, surveys.Aside, surveys.ReasonBurst))
	return st
}

// content is all that a store holds but sessions, without revisions.
func content(t *testing.T, st surveys.Store) []any {
	t.Helper()
	ctx := t.Context()
	var all []any
	kinds, err := st.Kinds(ctx)
	for _, kind := range kinds {
		records, listErr := st.Records(ctx, surveys.RecordQuery{Kind: kind})
		err = errors.Join(err, listErr)
		for _, r := range records {
			if r.Rev = 0; kind != "session" {
				all = append(all, r)
			}
		}
	}
	err = errors.Join(
		err,
		st.EachRelease(ctx, surveys.ReleaseQuery{}, func(r surveys.ReleaseRecord) error { all = append(all, r); return nil }),
		st.EachDay(ctx, surveys.DayQuery{}, func(b surveys.DayBook) error { b.Rev = 0; all = append(all, b); return nil }),
		st.EachResponse(ctx, surveys.ResponseQuery{}, func(r surveys.Response) error { all = append(all, r); return nil }),
	)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func write(t *testing.T, st surveys.Store, recipients ...string) []byte {
	t.Helper()
	var file bytes.Buffer
	counts, err := backup.Write(t.Context(), st, &file, backup.Options{
		Made: "2026-11-24", Recipients: recipients, Passing: []string{"session"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := (backup.Counts{Records: 503, Releases: 1, Days: 2, Responses: 2500}); counts != want {
		t.Errorf("got %+v, want %+v", counts, want)
	}
	return file.Bytes()
}

func source(file []byte, identities string) backup.Source {
	return backup.Source{Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(file)), nil }, Identities: identities}
}

func TestRestoreGivesWhatWasBackedUp(t *testing.T) {
	t.Parallel()
	st := full(t)
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		recipients []string
		identities string
	}{
		"plain":     {},
		"encrypted": {[]string{key.Recipient().String()}, "# a comment\n" + key.String() + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := write(t, st, c.recipients...)
			if bytes.Contains(file, []byte("Quầy")) {
				t.Error("the file can be read as it is")
			}
			again := open(t)
			if _, restoreErr := backup.Restore(t.Context(), again, source(file, c.identities), nil); restoreErr != nil {
				t.Fatal(restoreErr)
			}
			if diff := cmp.Diff(content(t, st), content(t, again), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("restored otherwise (-was +is):\n%s", diff)
			}
			dirty, listErr := again.DirtyDays(t.Context(), surveys.DirtyQuery{})
			if listErr != nil || len(dirty) != 1 || dirty[0].Day != "2026-02-01" {
				t.Errorf("dirty: %v, %v; want the day with responses", dirty, listErr)
			}
			if finishedErr := backup.Finished(t.Context(), again); finishedErr != nil {
				t.Error(finishedErr)
			}
		})
	}
}

// What is wrong with a file is said, and nothing of it is stored.
func TestRestoreRefusesBadFiles(t *testing.T) {
	t.Parallel()
	file := write(t, full(t))
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	other, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	locked := write(t, full(t), key.Recipient().String())
	for name, c := range map[string]struct {
		file       []byte
		identities string
		want       string
	}{
		"empty":                  {nil, "", "no backup"},
		"a text":                 {[]byte("token,date\n"), "", "no backup"},
		"half":                   {file[:len(file)/2], "", "cut short"},
		"a byte less":            {file[:len(file)-1], "", "cut short"},
		"its head":               {file[:5], "", "cut short"},
		"a byte flipped":         {flip(file, len(file)/2), "", "damaged"},
		"another gzip":           {packed(t, "{}\n"), "", "no backup"},
		"no end":                 {packed(t, `{"hailong_backup":{"format":1}}`+"\n"), "", "cut short"},
		"a newer format":         {packed(t, `{"hailong_backup":{"format":9}}`+"\n"), "", "format 9"},
		"a false sum":            {packed(t, `{"hailong_backup":{"format":1}}`+"\n"+`{"end":{"sha256":"00"}}`+"\n"), "", "damaged"},
		"encrypted":              {locked, "", "the backup is encrypted: name the file with its key by --identity"},
		"the wrong key":          {locked, other.String(), "none of the keys"},
		"no key":                 {locked, "hello", "key file"},
		"encrypted, flipped":     {flip(locked, len(locked)/2), key.String(), "damaged"},
		"encrypted, head":        {letter(locked, 60), key.String(), "none of the keys"},
		"encrypted, bad head":    {set(locked, 60, '@'), key.String(), "or damaged"},
		"encrypted, a byte less": {locked[:len(locked)-1], key.String(), "cut short"},
		"encrypted, half":        {locked[:len(locked)/2], key.String(), "damaged"},
		"encrypted, short":       {locked[:40], key.String(), "no backup"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := open(t)
			_, restoreErr := backup.Restore(t.Context(), st, source(c.file, c.identities), nil)
			if restoreErr == nil || !strings.Contains(restoreErr.Error(), c.want) {
				t.Errorf("Restore: got error %v, want one with %q", restoreErr, c.want)
			}
			if all := content(t, st); len(all) > 0 {
				t.Errorf("it left %v", all[0])
			}
			if _, checkErr := backup.Check(source(c.file, c.identities)); checkErr == nil {
				t.Error("Check found nothing wrong")
			}
		})
	}
}

// flip damages a byte.
func flip(file []byte, at int) []byte {
	file = bytes.Clone(file)
	file[at] ^= 1
	return file
}

// letter puts another letter of Base64 in place of one.
func letter(file []byte, at int) []byte {
	if file[at] == 'A' {
		return set(file, at, 'B')
	}
	return set(file, at, 'A')
}

func set(file []byte, at int, b byte) []byte {
	file = bytes.Clone(file)
	file[at] = b
	return file
}

func packed(t *testing.T, text string) []byte {
	t.Helper()
	var file bytes.Buffer
	w := gzip.NewWriter(&file)
	_, err := io.WriteString(w, text)
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestRestoreRefusesWhatIsThere(t *testing.T) {
	t.Parallel()
	file := write(t, full(t))
	st := open(t)
	if _, err := st.PutRecord(t.Context(), surveys.Record{Kind: "setting", ID: "installation", Body: []byte("{}")}); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(t.Context(), st, source(file, ""), nil); !errors.Is(err, backup.ErrNotEmpty) {
		t.Errorf("got error %v, want ErrNotEmpty", err)
	}
	if _, err := backup.Restore(t.Context(), full(t), source(file, ""), nil); !errors.Is(err, backup.ErrNotEmpty) {
		t.Errorf("got error %v, want ErrNotEmpty", err)
	}
}

// A restore that is cut off leaves a store that is known for it.
func TestRestoreCutOff(t *testing.T) {
	t.Parallel()
	file := write(t, full(t))
	for _, lines := range []int{1, 300, 2000} {
		st := open(t)
		ctx, stop := context.WithCancel(t.Context())
		cut := &cutter{Store: st, left: lines, stop: stop}
		if _, err := backup.Restore(ctx, cut, source(file, ""), nil); !errors.Is(err, context.Canceled) {
			t.Fatalf("got error %v, want Canceled", err)
		}
		if err := backup.Finished(t.Context(), st); !errors.Is(err, backup.ErrUnfinished) {
			t.Errorf("after %d records: got %v, want ErrUnfinished", lines, err)
		}
		if _, err := backup.Restore(t.Context(), st, source(file, ""), nil); !errors.Is(err, backup.ErrUnfinished) {
			t.Errorf("a second restore: got %v, want ErrUnfinished", err)
		}
	}
}

// cutter ends the context after some records.
type cutter struct {
	surveys.Store

	left int
	stop func()
}

func (c *cutter) PutRecord(ctx context.Context, r surveys.Record) (int64, error) {
	rev, err := c.Store.PutRecord(ctx, r)
	if c.left--; c.left <= 0 {
		c.stop()
	}
	return rev, err
}

func (c *cutter) AddResponses(ctx context.Context, batch []surveys.Response) ([]bool, error) {
	c.stop()
	return c.Store.AddResponses(ctx, batch)
}

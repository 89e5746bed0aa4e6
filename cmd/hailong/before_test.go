package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hailong/surveys"
)

// The store file of the version before, and what it showed. It is made anew by the program of that version:
//
//	git switch --detach COMMIT && go test ./cmd/hailong -run TestMakeStoreOfBefore -make-before FOLDER
//
// and both files of the folder are put into testdata under the schema they have. The test itself was written at the
// commit that made schema 1.
var makeBefore = flag.String("make-before", "", "folder to put the store file of this version into") //nolint:gochecknoglobals // flags are

// shown is what an office sees of a store, all of it.
type shown struct {
	Secret    string            `json:"secret"` // of an API token
	Summaries map[string]string `json:"summaries"`
	Releases  []string          `json:"releases"`
	Receipts  []surveys.Receipt `json:"receipts"`
	Responses string            `json:"responses"`
	Days      string            `json:"days"`
}

// addedSince are the fields of a summary that the version which made the oldest store of testdata did not have.
var addedSince = regexp.MustCompile(`"reliability":\{[^}]*\},`)

// withoutColumn is an export without its last column, which that version did not have either, and without the digest of
// all columns.
func withoutColumn(out, name string) string {
	rows, last, _ := strings.Cut(out, "\n# rows=")
	rows = strings.Replace(rows, ","+name+"\n", "\n", 1)
	if rows != out[:len(rows)] {
		rows = strings.ReplaceAll(rows, ",\n", "\n")
		rows = strings.TrimSuffix(rows, ",")
	}
	n, _, _ := strings.Cut(last, " ")
	return rows + "\n# rows=" + n
}

// show reads what a store shows.
func (w *world) show(secret string) shown {
	w.t.Helper()
	all := shown{Secret: secret, Summaries: map[string]string{}}
	s := w.serve()
	for _, scope := range []string{"facility:f_clinic", "facility:f_hall", "unit:13891", "sector:health", "all"} {
		for _, window := range []string{
			"from=2025-09-01&to=2025-09-30", "from=2025-07-01&to=2025-09-30", "from=2025-10-01&to=2025-12-31",
			"from=2025-07-01&to=2025-12-31", "from=2026-01-01&to=2026-03-31", "from=2026-02-01&to=2026-02-28&asof=2026-03-02",
		} {
			path := "/api/v1/summary?scope=" + scope + "&" + window
			a := s.get(path, "Authorization", "Bearer "+secret)
			if a.status != 200 {
				w.t.Fatalf("%s: %d %s", path, a.status, a.body)
			}
			all.Summaries[path] = addedSince.ReplaceAllString(a.body, "")
		}
	}
	s.end()
	w.with(func(s surveys.Store) {
		err := s.EachRelease(w.t.Context(), surveys.ReleaseQuery{}, func(r surveys.ReleaseRecord) error {
			all.Releases = append(all.Releases, r.ID)
			return nil
		})
		if err == nil {
			err = s.EachResponse(w.t.Context(), surveys.ResponseQuery{}, func(r surveys.Response) error {
				all.Receipts = append(all.Receipts, r.Receipt)
				return nil
			})
		}
		if err != nil {
			w.t.Fatal(err)
		}
	})
	slices.Sort(all.Receipts)
	all.Responses = withoutColumn(w.run("export", "responses").want(0).out, surveys.OnBehalf)
	all.Days = w.run("export", "days").want(0).out
	return all
}

// months fills a store as an office does: two facilities, seven months, a pass each month, citizens and paper, a form
// withdrawn and a few that wait.
func (w *world) months() (secret string) {
	w.t.Helper()
	w.now = time.Date(2025, 9, 1, 9, 0, 0, 0, testZone(w.t))
	w.organise()
	for month := range 7 {
		first := surveys.Day("2025-09-01")
		for range month {
			first = first.Add(31)[:8] + "01"
		}
		var clinic, hall strings.Builder
		clinic.WriteString("token,date,id,channel,form,B2,B7,C3,Z,comment\n")
		hall.WriteString("token,date,id,channel,form,A3,B1,Z,comment\n")
		for i := range 40 + 3*month {
			channel := []string{"qr", "qr", "paper", "kiosk", "link"}[i%5]
			fmt.Fprintf(&clinic, "%s,%s,r%d,%s,full,%d,%d,%d,%d,Cảm ơn %d\n", clinicToken, first.Add(i%28), i, channel, 1+(i*i+month)%5, 2+i%4, i%6, 3+i%3, i)
		}
		for i := range 9 + 2*month { // some months make no release
			fmt.Fprintf(&hall, "%s,%s,h%d,qr,short,%d,%d,4,\n", hallToken, first.Add(i%27), i, 1+(i+month)%5, 3+i%3)
		}
		w.now = w.now.AddDate(0, 1, 0)
		w.now = time.Date(w.now.Year(), w.now.Month(), 2, 9, 0, 0, 0, w.now.Location())
		batch := string(first[:7])
		w.run("import", "responses", w.file("clinic.csv", clinic.String()), "--batch", batch).want(0)
		w.run("import", "responses", w.file("hall.csv", hall.String()), "--batch", batch+" hall").want(0)
		w.run("roll").want(0)
	}
	w.with(func(s surveys.Store) {
		for _, row := range []string{"h3", "h4"} { // of March, not released yet
			id := surveys.RowSubmissionID("2026-03 hall", row)
			if err := s.Move(w.t.Context(), id, surveys.Counted, surveys.Withdrawn, ""); err != nil {
				w.t.Fatal(err)
			}
		}
	})
	w.run("roll").want(0)
	return strings.TrimSpace(w.run("token", "create", "--name", "trước", "--role", "admin").want(0).out)
}

func TestMakeStoreOfBefore(t *testing.T) { //nolint:paralleltest // it is no test
	if *makeBefore == "" {
		return
	}
	w := newWorld(t)
	golden, err := json.MarshalIndent(w.show(w.months()), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(w.database())
	if err != nil {
		t.Fatal(err)
	}
	pack(t, "before.db.gz", raw)
	pack(t, "before.json.gz", golden)
}

func pack(t *testing.T, name string, raw []byte) {
	t.Helper()
	var packed bytes.Buffer
	to := gzip.NewWriter(&packed)
	_, err := to.Write(raw)
	if err = errors.Join(err, to.Close(), os.WriteFile(filepath.Join(*makeBefore, name), packed.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
}

func unpack(t *testing.T, name string) []byte {
	t.Helper()
	packed, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close() //nolint:errcheck // it was only read
	from, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// before puts a store file of an earlier version into the world and gives what it showed then.
func (w *world) before() (was shown) {
	w.t.Helper()
	w.now = time.Date(2026, 4, 2, 9, 0, 0, 0, testZone(w.t))
	err := json.Unmarshal(unpack(w.t, "schema-1.json.gz"), &was)
	if err != nil {
		w.t.Fatal(err)
	}
	was.Responses = withoutColumn(was.Responses, surveys.OnBehalf)
	if err = os.MkdirAll(filepath.Dir(w.database()), 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err = os.WriteFile(w.database(), unpack(w.t, "schema-1.db.gz"), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return was
}

// An upgrade keeps every figure, release and receipt, counted again or not.
func TestUpgradeKeepsEveryFigure(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	was := w.before()
	for _, step := range []string{"roll", "rebuild", "roll"} {
		w.run(step).want(0)
		if diff := cmp.Diff(was, w.show(was.Secret)); diff != "" {
			t.Fatalf("after the upgrade and %s (-was +is):\n%s", step, diff)
		}
		w.run("verify").want(0, "448 responses", "0 mismatches", "0 dirty")
	}
}

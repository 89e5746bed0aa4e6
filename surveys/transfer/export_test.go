package transfer_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hailong/analytics"
	"hailong/surveys"
	"hailong/surveys/transfer"
)

var lastLine = regexp.MustCompile(`(?s)^(.*\n)# rows=(\d+) sha256=([0-9a-f]{64})\n$`)

// parse holds an export against its last line and gives its rows as maps by column.
func parse(t *testing.T, out []byte, rows int) (header []string, table []map[string]string) {
	t.Helper()
	parts := lastLine.FindSubmatch(out)
	if parts == nil {
		t.Fatalf("no last line in %q", out)
	}
	if got := fmt.Sprintf("%x", sha256.Sum256(parts[1])); got != string(parts[3]) {
		t.Errorf("digest %s, the bytes have %s", parts[3], got)
	}
	all, err := csv.NewReader(bytes.NewReader(parts[1])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := strconv.Itoa(len(all) - 1); got != string(parts[2]) || got != strconv.Itoa(rows) {
		t.Errorf("%s rows, %s in the last line, %d reported", got, parts[2], rows)
	}
	for _, cells := range all[1:] {
		line := map[string]string{}
		for i, cell := range cells {
			if cell != "" {
				line[all[0][i]] = cell
			}
		}
		table = append(table, line)
	}
	return all[0], table
}

func filled(t *testing.T) surveys.Store {
	t.Helper()
	s := settled(t)
	file := "token,date,channel,lang,comment,A3,Z,G2,G4,T1\n" +
		fmt.Sprintf("%s,2026-03-02,,,MARK-comment,4,5,,,yes\n", token(t, s, "Quầy 1")) +
		fmt.Sprintf("%s,2026-03-01,assisted,en,,0,,,,\n", token(t, s, "Quầy 1")) +
		fmt.Sprintf("%s,2025-12-31,,,,,1,maybe,MARK-text,\n", token(t, s, "Phòng chờ"))
	must(t)(importResponses(t, s, "e", file))
	extra := surveys.Response{
		ID: surveys.NewSubmissionID(), Facility: "hall", Point: "=p", Instrument: "one_stop", Version: 1, Form: surveys.ShortForm,
		Channel: surveys.QR, Standing: surveys.Counted, Lang: "@vi", Day: "2026-03-03", Hour: 9, Arrived: "2026-03-03",
		Answers: surveys.Answers{"C1": surveys.NumberAnswer(2)},
	}
	extra.Receipt = extra.ID.Receipt()
	gone := extra
	gone.ID = surveys.NewSubmissionID()
	gone.Receipt = gone.ID.Receipt()
	if _, err := s.AddResponses(t.Context(), []surveys.Response{extra, gone}); err != nil {
		t.Fatal(err)
	}
	if err := s.Move(t.Context(), gone.ID, surveys.Counted, surveys.Withdrawn, ""); err != nil {
		t.Fatal(err)
	}
	if err := s.Move(t.Context(), extra.ID, surveys.Counted, surveys.Aside, "MARK-reason"); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestExportResponses(t *testing.T) {
	t.Parallel()
	s := filled(t)
	out, header, table := exported(t, s, "", "")
	if again, _, _ := exported(t, s, "", ""); again != out {
		t.Error("two exports differ")
	}
	fixed := []string{"facility", "point", "instrument", "version", "form", "channel", "standing", "lang", "date", "hour", "arrived"}
	if diff := cmp.Diff(fixed, header[:len(fixed)]); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	for _, line := range table {
		delete(line, "point")
	}
	want := []map[string]string{
		{"facility": "f-old", "instrument": "station", "version": "1", "form": "full", "channel": "paper", "standing": "answers", "lang": "vi", "date": "2025-12-31", "arrived": "2026-03-06", "Z": "1", "G2": "maybe"},
		{"facility": "hall", "instrument": "one_stop", "version": "1", "form": "full", "channel": "assisted", "standing": "answers", "lang": "en", "date": "2026-03-01", "arrived": "2026-03-06", "A3": "0"},
		{"facility": "hall", "instrument": "one_stop", "version": "1", "form": "full", "channel": "paper", "standing": "answers", "lang": "vi", "date": "2026-03-02", "arrived": "2026-03-06", "A3": "4", "Z": "5", "T1": "yes"},
		{"facility": "hall", "instrument": "one_stop", "version": "1", "form": "short", "channel": "qr", "standing": "aside", "lang": "'@vi", "date": "2026-03-03", "hour": "9", "arrived": "2026-03-03", "C1": "2"},
	}
	if diff := cmp.Diff(want, table); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if !strings.Contains(out, "hall,'=p,") {
		t.Error("a cell begins a formula")
	}
}

func TestExportLeadsToNobody(t *testing.T) {
	t.Parallel()
	s := filled(t)
	out, header, _ := exported(t, s, "", "")
	if slices.Contains(header, "G4") || strings.Contains(out, "MARK") {
		t.Error("free texts, comments and reasons do not belong in this export")
	}
	for _, r := range responses(t, s) {
		if strings.Contains(out, string(r.ID)) || strings.Contains(out, string(r.Receipt)) {
			t.Error("an id or a receipt leads to the person")
		}
	}
}

func TestExportOfSomeDays(t *testing.T) {
	t.Parallel()
	s := filled(t)
	if _, _, table := exported(t, s, "2026-03-01", "2026-03-02"); len(table) != 2 {
		t.Errorf("two days: got %v, want 2 rows", table)
	}
	if _, _, table := exported(t, s, "2027-01-01", ""); len(table) != 0 {
		t.Errorf("no days: got %v", table)
	}
}

func exported(t *testing.T, s surveys.Store, from, to surveys.Day) (out string, header []string, table []map[string]string) {
	t.Helper()
	var b bytes.Buffer
	done, err := transfer.Export(t.Context(), s, &b, transfer.Responses, transfer.ExportOptions{From: from, To: to})
	if err != nil {
		t.Fatal(err)
	}
	header, table = parse(t, b.Bytes(), done.Rows)
	return b.String(), header, table
}

func TestExportDays(t *testing.T) {
	t.Parallel()
	s := filled(t)
	if _, err := analytics.NewRoller(s).Roll(t.Context(), "", nil); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	done, err := transfer.Export(t.Context(), s, &out, transfer.Days, transfer.ExportOptions{From: "2026-03-01", To: "2026-03-03"})
	if err != nil {
		t.Fatal(err)
	}
	_, table := parse(t, out.Bytes(), done.Rows)
	forms := 0
	for _, line := range table {
		n, err := strconv.Atoi(line["forms"])
		if err != nil {
			t.Fatal(err)
		}
		forms += n
		var items map[string][]int64
		if err := json.Unmarshal([]byte(line["items"]), &items); err != nil {
			t.Errorf("items %q: %v", line["items"], err)
		}
	}
	// The form of 1 March has no answered core item: it is in no figure.
	if forms != 2 {
		t.Errorf("forms add up to %d, want 2", forms)
	}
	for _, line := range table {
		delete(line, "point")
	}
	want := []map[string]string{
		{"facility": "hall", "date": "2026-03-02", "instrument": "one_stop", "version": "1", "stream": "answers", "form": "full", "channel": "paper", "arrived": "2026-03-06", "forms": "1", "stream_forms": "1", "satisfied": "1", "answered": "1", "satisfied_sq": "1", "cross": "1", "answered_sq": "1", "points": "4", "complete": "1", "items": `{"A3":[0,0,0,0,1,0],"Z":[0,0,0,0,0,1]}`},
		{"facility": "hall", "date": "2026-03-02", "instrument": "one_stop", "version": "1", "stream": "restricted", "form": "full", "channel": "paper", "arrived": "2026-03-06", "forms": "0", "stream_forms": "1", "satisfied": "0", "answered": "0", "satisfied_sq": "0", "cross": "0", "answered_sq": "0", "points": "0", "complete": "0", "items": `{"T1":[0,1,0]}`},
		{"facility": "hall", "date": "2026-03-03", "instrument": "one_stop", "version": "1", "stream": "aside", "form": "short", "channel": "qr", "arrived": "2026-03-03", "forms": "1", "stream_forms": "1", "satisfied": "0", "answered": "1", "satisfied_sq": "0", "cross": "0", "answered_sq": "1", "points": "2", "complete": "0", "items": `{"C1":[0,0,1,0,0,0]}`},
	}
	if diff := cmp.Diff(want, table); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// full is a writer that takes so many bytes.
type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errBroken
	}
	return len(p), nil
}

func TestExportTellsThatItIsCutShort(t *testing.T) {
	t.Parallel()
	s := filled(t)
	for _, kind := range transfer.Kinds() {
		for _, xlsx := range []bool{false, true} {
			opt := transfer.ExportOptions{XLSX: xlsx, Today: "2027-01-01", TempDir: t.TempDir()}
			if _, err := transfer.Export(t.Context(), s, &full{left: 10}, kind, opt); err == nil {
				t.Errorf("%s: got no error from a full disk", kind)
			}
			if left, err := os.ReadDir(opt.TempDir); err != nil || len(left) > 0 {
				t.Errorf("%s left %v behind, %v", kind, left, err)
			}
		}
	}
}

package transfer_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"hailong/analytics"
	"hailong/surveys"
	"hailong/surveys/transfer"
)

// export writes a kind and gives its bytes and its rows by column.
func export(t *testing.T, s surveys.Store, kind transfer.Kind, opt transfer.ExportOptions) (out []byte, table []map[string]string) {
	t.Helper()
	var b bytes.Buffer
	done, err := transfer.Export(t.Context(), s, &b, kind, opt)
	if err != nil {
		t.Fatal(err)
	}
	if !opt.XLSX {
		_, table = parse(t, b.Bytes(), done.Rows)
	}
	return b.Bytes(), table
}

const hostile = "=1+1 \u202eệ 𠄼 \"a\", b\\c; d: e"

// hostileStore has what office names can hold in every name, stored as no import would.
func hostileStore(t *testing.T) surveys.Store {
	t.Helper()
	s := settled(t)
	f, err := surveys.Facilities().Find(t.Context(), s, "hall")
	if err != nil {
		t.Fatal(err)
	}
	f.Value.Name, f.Value.Address = "=1+1 ệ 𠄼 \"a\", b", "'@x"
	f.Value.Placements = []surveys.Placement{{Unit: "13891", From: "2025-07-01"}}
	u, err := surveys.Units().Find(t.Context(), s, "13891@2025-07-01")
	if err != nil {
		t.Fatal(err)
	}
	u.Value.Name = "+ệ 𠄼"
	p := surveys.Point{ID: "p_x", Token: "AAAA2222", Facility: "hall", Kind: "counter", Name: "=a; b: c\\d"}
	gone := surveys.Point{ID: "p_y", Token: "AAAA3333", Facility: "hall", Kind: "counter", Name: "tháo rồi", Retired: "2026-01-01"}
	for _, err := range []error{
		second(surveys.Facilities().Put(t.Context(), s, f.Value, f.Rev)), second(surveys.Units().Put(t.Context(), s, u.Value, u.Rev)),
		second(surveys.Points().Put(t.Context(), s, p, 0)), second(surveys.Points().Put(t.Context(), s, gone, 0)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func second[T any](_ T, err error) error { return err }

// What is exported of the organisation and imported again changes nothing, and makes the same in a new store.
func TestOrganisationGoesRound(t *testing.T) {
	t.Parallel()
	s := hostileStore(t)
	more := "id,unit,name,sector,kind,address,from,to,instrument,points\n" +
		"moved,13906,Trạm,health,station,,2024-09-01,,,gate:Cổng:pulse\nmoved,13891@2025-07-01,Trạm,health,station,,2025-07-01,2026-02-01,,\n"
	must(t)(importFacilities(t, s, more))
	before := dump(t, s)
	for _, xlsx := range []bool{false, true} {
		units, _ := export(t, s, transfer.Units, transfer.ExportOptions{XLSX: xlsx})
		facilities, _ := export(t, s, transfer.Facilities, transfer.ExportOptions{XLSX: xlsx})
		if got := must(t)(importUnits(t, s, string(units))); got.New+got.Changed > 0 || len(got.OtherSheets) > 0 {
			t.Errorf("units again: %+v", got)
		}
		if got := must(t)(importFacilities(t, s, string(facilities))); got.New+got.Changed+got.Points > 0 {
			t.Errorf("facilities again: %+v", got)
		}
		if diff := cmp.Diff(before, dump(t, s)); diff != "" {
			t.Errorf("the store changed (-before +after):\n%s", diff)
		}
		other := emptyStore(t)
		must(t)(importUnits(t, other, string(units)))
		must(t)(importFacilities(t, other, string(facilities)))
		for _, kind := range []transfer.Kind{transfer.Units, transfer.Facilities} {
			want, _ := export(t, s, kind, transfer.ExportOptions{})
			if got, _ := export(t, other, kind, transfer.ExportOptions{}); !bytes.Equal(got, want) {
				t.Errorf("%s of another store (-want +got):\n%s", kind, cmp.Diff(string(want), string(got)))
			}
		}
	}
	out, _ := export(t, s, transfer.Facilities, transfer.ExportOptions{})
	if text := string(out); strings.Contains(text, "tháo rồi") || !strings.Contains(text, `"'=1+1`) || !strings.Contains(text, `''@x`) {
		t.Errorf("got %s", text)
	}
}

// commented is a store with released and waiting comments.
func commented(t *testing.T) surveys.Store {
	t.Helper()
	s := settled(t)
	var batch []surveys.Response
	give := func(facility surveys.FacilityID, day surveys.Day, n int, comment string) {
		for i := range n {
			r := surveys.Response{
				ID: surveys.NewSubmissionID(), Facility: facility, Point: "p", Instrument: "one_stop", Version: 1, Form: surveys.FullForm,
				Channel: surveys.QR, Standing: surveys.Counted, Lang: "vi", Day: day, Hour: 9, Arrived: day,
				Answers: surveys.Answers{"A3": surveys.NumberAnswer(5)}, Comment: fmt.Sprintf("%s %d", comment, i),
			}
			if facility == "f-old" {
				r.Instrument = "station"
				r.Answers = surveys.Answers{"D1": surveys.NumberAnswer(5), "A1": surveys.NumberAnswer(5), "G4": surveys.TextAnswer("G4 " + r.Comment)}
			}
			batch = append(batch, r)
		}
	}
	give("hall", "2026-01-05", 31, "=released")
	give("hall", "2026-02-20", 3, "waiting")
	give("f-old", "2026-01-05", 30, "station")
	give("f-old", "2026-02-10", 2, "alone")
	give("f-old", "2026-03-04", 2, "fresh")
	batch[0].Standing, batch[0].Comment = surveys.Aside, "aside"
	for i := range batch {
		batch[i].Receipt = batch[i].ID.Receipt()
	}
	if _, err := s.AddResponses(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	calendar, err := analytics.NewCalendar(1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := analytics.NewReleaser(s, analytics.NewRoller(s), calendar).Pass(t.Context(), "2026-03-06", nil); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestComments(t *testing.T) {
	t.Parallel()
	s := commented(t)
	opt := transfer.ExportOptions{Today: "2026-03-06", TempDir: t.TempDir()}
	out, table := export(t, s, transfer.Comments, opt)
	counts := map[string]int{}
	for _, line := range table {
		counts[strings.Join([]string{line["facility"], line["stream"], line["from"], line["to"], line["item"]}, " ")]++
	}
	// Of those that waited for 14 days: one aside, two alone, in comment and in G4; of 20 February none yet.
	want := map[string]int{
		"hall answers 2026-01-05 2026-01-05 comment": 30, "hall    comment": 1, "f-old    comment": 2, "f-old    G4": 2,
		"f-old answers 2026-01-05 2026-01-05 comment": 30, "f-old detail 2026-01-05 2026-01-05 G4": 30,
	}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if !bytes.Contains(out, []byte("'=released")) || bytes.Contains(out, []byte("waiting")) || bytes.Contains(out, []byte("fresh")) {
		t.Errorf("got %s", out)
	}
	for _, r := range responses(t, s) {
		if bytes.Contains(out, []byte(r.ID)) || bytes.Contains(out, []byte(r.Receipt)) {
			t.Error("a row leads to its response")
		}
	}
	if again, _ := export(t, s, transfer.Comments, opt); bytes.Equal(again, out) {
		t.Error("two exports have the same order")
	}
	if left, err := os.ReadDir(opt.TempDir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	later := opt
	later.Today = "2026-03-07"
	if out, _ = export(t, s, transfer.Comments, later); !bytes.Contains(out, []byte("waiting")) {
		t.Error("what waited for more than 14 days does not come out")
	}
	// A window would tell the day of what has only waited, and the day of what was released with others.
	for _, window := range [][2]surveys.Day{{"2026-01-10", "2026-01-10"}, {"2026-01-06", ""}} {
		cut := later
		cut.From, cut.To = window[0], window[1]
		if _, table = export(t, s, transfer.Comments, cut); len(table) > 0 {
			t.Errorf("%v: got %v", window, table)
		}
	}
}

// Names after a title stay in the words, and are marked beside them for whoever reads these before they go on.
func TestCommentsMarkNames(t *testing.T) {
	t.Parallel()
	s := settled(t)
	words := map[string]string{
		"Cảm ơn bác sĩ Hoa và ông Trần Văn Ba ở quầy 2": "Hoa; Trần Văn Ba", "Cán bộ nhiệt tình": "", "Gặp chị =Lan": "",
	}
	var file strings.Builder
	file.WriteString("token,date,Z,comment\n")
	for w := range words {
		fmt.Fprintf(&file, "%s,2026-01-01,5,%s\n", token(t, s, "Quầy 1"), w)
	}
	must(t)(importResponses(t, s, "c", file.String()))
	_, table := export(t, s, transfer.Comments, transfer.ExportOptions{Today: "2026-12-01"})
	if len(table) != len(words) {
		t.Errorf("%d rows", len(table))
	}
	for _, line := range table {
		if got, known := words[line["text"]]; !known || got != line["names"] {
			t.Errorf("%q has the names %q, want %q", line["text"], line["names"], got)
		}
	}
}

func TestCommentsAreShuffledEvenly(t *testing.T) {
	t.Parallel()
	s := settled(t)
	var file strings.Builder
	file.WriteString("token,date,Z,comment\n")
	for i := range 5 {
		fmt.Fprintf(&file, "%s,2026-01-01,5,c%d\n", token(t, s, "Quầy 1"), i)
	}
	must(t)(importResponses(t, s, "c", file.String()))
	first := map[string]int{}
	for range 250 {
		_, table := export(t, s, transfer.Comments, transfer.ExportOptions{Today: "2026-12-01"})
		first[table[0]["text"]]++
	}
	for text, n := range first { // 50 expected each; 20 and 90 lie beyond five deviations
		if n < 20 || n > 90 {
			t.Errorf("%s came first %d times of 250", text, n)
		}
	}
	if len(first) != 5 {
		t.Errorf("first came %v", first)
	}
}

func TestReleasesHoldWhatMayBeShown(t *testing.T) {
	t.Parallel()
	s := commented(t)
	out, table := export(t, s, transfer.Releases, transfer.ExportOptions{})
	var forms, items int
	for _, line := range table {
		switch {
		case line["facility"] != "hall":
		case line["item"] == "" && line["stream"] == "answers":
			forms++
			if line["forms"] != "30" || line["answered"] != "30" || line["satisfied"] != "30" || line["correction"] != "0" {
				t.Errorf("release %v", line)
			}
		case line["item"] == "A3":
			items++
			if line["n5"] != "30" || line["none"] != "0" || line["withheld"] != "0" {
				t.Errorf("item %v", line)
			}
		case line["item"] == "B2" && (line["withheld"] != "1" || line["n1"] != ""):
			t.Errorf("withheld item %v", line)
		}
	}
	if forms != 1 || items != 1 {
		t.Errorf("%d releases of answers, %d rows of A3: %s", forms, items, out)
	}
	if _, table := export(t, s, transfer.Releases, transfer.ExportOptions{From: "2026-01-06"}); len(table) > 0 {
		t.Errorf("a node that lies not wholly inside: %v", table)
	}
}

// Whatever the kind, the workbook holds what the CSV holds, text as text, and the same digest.
func TestWorkbooksHoldTheSame(t *testing.T) {
	t.Parallel()
	s := commented(t)
	if _, err := analytics.NewRoller(s).Roll(t.Context(), "", nil); err != nil {
		t.Fatal(err)
	}
	for _, kind := range transfer.Kinds() {
		if kind == transfer.Comments {
			continue // each export has an order of its own
		}
		plain, _ := export(t, s, kind, transfer.ExportOptions{})
		packed, _ := export(t, s, kind, transfer.ExportOptions{XLSX: true})
		f, err := excelize.OpenReader(bytes.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		got, err := f.GetRows(string(kind))
		if err != nil {
			t.Fatal(err)
		}
		r := csv.NewReader(bytes.NewReader(plain))
		r.FieldsPerRecord = -1
		want, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			for len(want[i]) > 0 && want[i][len(want[i])-1] == "" {
				want[i] = want[i][:len(want[i])-1]
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-csv +xlsx):\n%s", kind, diff)
		}
		if index, err := f.GetRows("#index"); err != nil || !strings.Contains(want[len(want)-1][0], index[2][1]) || index[4][0] != string(kind) {
			t.Errorf("%s: index %v, %v", kind, index, err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestWorkbookOfHostileText(t *testing.T) {
	t.Parallel()
	s := hostileStore(t)
	file := fmt.Sprintf("token,date,Z,comment\n%s,2026-01-01,5,\"%s\"\n", token(t, s, "Quầy 1"), strings.ReplaceAll(hostile, `"`, `""`))
	must(t)(importResponses(t, s, "h", file))
	packed, _ := export(t, s, transfer.Comments, transfer.ExportOptions{XLSX: true, Today: "2027-01-01"})
	f, err := excelize.OpenReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	cell, err := f.GetCellValue("comments", "G2")
	if err != nil || cell != hostile {
		t.Errorf("got %q, %v", cell, err)
	}
	if formula, err := f.GetCellFormula("comments", "G2"); formula != "" || err != nil {
		t.Errorf("formula %q, %v", formula, err)
	}
}

func TestCodebook(t *testing.T) {
	t.Parallel()
	s := commented(t)
	for _, kind := range transfer.Kinds() {
		var out bytes.Buffer
		if err := transfer.Codebook(t.Context(), s, &out, kind, transfer.ExportOptions{}); err != nil {
			t.Fatal(err)
		}
		_, book := parse(t, out.Bytes(), bytes.Count(out.Bytes(), []byte("\n"))-2-strings.Count(out.String(), "\n\n"))
		data, _ := export(t, s, kind, transfer.ExportOptions{Today: "2027-01-01"})
		header, _, _ := strings.Cut(string(data), "\n")
		var columns []string
		for _, line := range book {
			if line["vi"] == "" || line["en"] == "" {
				t.Errorf("%s: no words in both languages: %v", kind, line)
			}
			if line["part"] == "column" {
				columns = append(columns, line["column"])
			}
		}
		if diff := cmp.Diff(strings.Split(header, ","), columns); diff != "" {
			t.Errorf("columns of %s (-export +codebook):\n%s", kind, diff)
		}
		if kind == transfer.Responses && !regexp.MustCompile(`item,A1,one_stop,1,`).Match(out.Bytes()) {
			t.Error("no text of item A1")
		}
		var packed bytes.Buffer
		if err := transfer.Codebook(t.Context(), s, &packed, kind, transfer.ExportOptions{XLSX: true}); err != nil || !bytes.HasPrefix(packed.Bytes(), []byte("PK")) {
			t.Errorf("%s as a workbook: %v", kind, err)
		}
	}
}

// Every coded value that the product knows has its words.
func TestCodebookKnowsAllValues(t *testing.T) {
	t.Parallel()
	s := emptyStore(t)
	values := map[transfer.Kind][]string{}
	for _, c := range surveys.Channels() {
		values[transfer.Responses] = append(values[transfer.Responses], "value,channel,,,"+string(c)+",")
	}
	for _, k := range surveys.UnitKinds() {
		values[transfer.Units] = append(values[transfer.Units], "value,kind,,,"+string(k)+",")
	}
	for _, k := range surveys.FacilityKinds() {
		values[transfer.Facilities] = append(values[transfer.Facilities], "value,kind,,,"+string(k)+",")
	}
	for _, k := range surveys.Sectors() {
		values[transfer.Facilities] = append(values[transfer.Facilities], "value,sector,,,"+string(k)+",")
	}
	for _, k := range []analytics.Stream{analytics.Answers, analytics.Aside, analytics.Detail, analytics.Restricted} {
		values[transfer.Releases] = append(values[transfer.Releases], "value,stream,,,"+string(k)+",")
	}
	for kind, wanted := range values {
		var out bytes.Buffer
		if err := transfer.Codebook(t.Context(), s, &out, kind, transfer.ExportOptions{}); err != nil {
			t.Fatal(err)
		}
		for _, w := range wanted {
			if !strings.Contains(out.String(), w) {
				t.Errorf("the codebook of %s lacks %s", kind, w)
			}
		}
	}
}

func TestExportThatIsStopped(t *testing.T) {
	t.Parallel()
	s := commented(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	for _, kind := range transfer.Kinds() {
		var out bytes.Buffer
		_, err := transfer.Export(ctx, s, &out, kind, transfer.ExportOptions{XLSX: true, TempDir: dir})
		if err == nil || out.Len() > 0 {
			t.Errorf("%s: got %d bytes, error %v", kind, out.Len(), err)
		}
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if !slices.Contains(transfer.Kinds(), transfer.Comments) || transfer.Facilities.Dated() || !transfer.Days.Dated() {
		t.Error("kinds")
	}
}

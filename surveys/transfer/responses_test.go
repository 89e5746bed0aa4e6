package transfer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hailong/surveys"
	"hailong/surveys/transfer"
)

func options(tb testing.TB, batch string) transfer.ResponseOptions {
	tb.Helper()
	return transfer.ResponseOptions{Batch: batch, Clock: clock, Zone: zone(tb)}
}

func importResponses(tb testing.TB, s surveys.Store, batch, file string) (transfer.Report, error) {
	tb.Helper()
	return transfer.ImportResponses(tb.Context(), s, newIngest(tb, s), strings.NewReader(file), options(tb, batch))
}

func TestResponses(t *testing.T) {
	t.Parallel()
	s := settled(t)
	counter, station, pulse := token(t, s, "Quầy 1"), token(t, s, "Phòng chờ"), token(t, s, "Một câu")
	file := "\ufeffdate,token,A3,id,channel,form,lang,comment,Z,G1,G2,G4,P1,K1\r\n" +
		fmt.Sprintf("2025-07-02, %s ,4,r1,,,,\"nhanh,\r\nlịch s\u01b0\u0323\",5,,,,,\r\n", strings.ToLower(string(counter))) +
		fmt.Sprintf("2026-03-06,%s-%s,,r2,assisted,short,en,,,,,,4,\r\n", pulse[:4], pulse[4:]) +
		fmt.Sprintf("2024-09-01,%s,,r3,,,,,1,80,maybe,\"Xa quá 𠄼\",,patient\r\n", station)
	dry := options(t, "2026-03")
	dry.DryRun = true
	sameReport(t, must(t)(transfer.ImportResponses(t.Context(), s, nil, strings.NewReader(file), dry)),
		transfer.Report{Rows: 3, New: 3})
	if n := len(responses(t, s)); n > 0 {
		t.Fatalf("a dry run stored %d responses", n)
	}
	sameReport(t, must(t)(importResponses(t, s, "2026-03", file)), transfer.Report{Rows: 3, New: 3})
	got := map[surveys.SubmissionID]surveys.Response{}
	for _, r := range responses(t, s) {
		got[r.ID] = r
	}
	id := func(row string) surveys.SubmissionID { return surveys.RowSubmissionID("2026-03", row) }
	for _, want := range []surveys.Response{
		{
			ID: id("r1"), Facility: "hall", Instrument: "one_stop", Form: surveys.FullForm, Channel: surveys.Paper, Lang: "vi",
			Day: "2025-07-02", Comment: "nhanh,\nlịch sự",
			Answers: surveys.Answers{"A3": surveys.NumberAnswer(4), "Z": surveys.NumberAnswer(5)},
		},
		{
			ID: id("r2"), Facility: "hall", Instrument: "pulse", Form: surveys.ShortForm, Channel: surveys.Assisted, Lang: "en",
			Day: "2026-03-06", Answers: surveys.Answers{"P1": surveys.NumberAnswer(4)},
		},
		{
			ID: id("r3"), Facility: "f-old", Instrument: "station", Form: surveys.FullForm, Channel: surveys.Paper, Lang: "vi",
			Day: "2024-09-01", Answers: surveys.Answers{
				"Z": surveys.NumberAnswer(1), "G1": surveys.NumberAnswer(80), "G2": surveys.TextAnswer("maybe"),
				"G4": surveys.TextAnswer("Xa quá 𠄼"), "K1": surveys.TextAnswer("patient"),
			},
		},
	} {
		r := got[want.ID]
		want.Receipt, want.Version, want.Standing, want.Hour, want.Arrived = want.ID.Receipt(), 1, surveys.Counted, -1, today
		want.Point = r.Point
		if diff := cmp.Diff(want, r); diff != "" {
			t.Errorf("response (-want +got):\n%s", diff)
		}
	}
	before := dump(t, s)
	sameReport(t, must(t)(importResponses(t, s, " 2026-03 ", file)), transfer.Report{Rows: 3, Known: 3})
	sameReport(t, must(t)(transfer.ImportResponses(t.Context(), s, nil, strings.NewReader(file), dry)),
		transfer.Report{Rows: 3, Known: 3})
	more := file + fmt.Sprintf("2025-07-02,%s,1,r4,,,,,,,,,,\n", counter)
	sameReport(t, must(t)(importResponses(t, s, "2026-03", strings.Replace(more, ",4,r1", ",1,r1", 1))),
		transfer.Report{Rows: 4, New: 1, Known: 3})
	if after := dump(t, s); len(after) != len(before)+1 {
		t.Errorf("%d records, want one more than %d", len(after), len(before))
	}
	sameReport(t, must(t)(importResponses(t, s, "another", file)), transfer.Report{Rows: 3, New: 3})
}

func TestRowsAreKnownByTheirNumber(t *testing.T) {
	t.Parallel()
	s := settled(t)
	counter := token(t, s, "Quầy 1")
	line := fmt.Sprintf("%s,2026-03-01,4\n", counter)
	sameReport(t, must(t)(importResponses(t, s, "b", "token,date,A3\n"+line+line+line)), transfer.Report{Rows: 3, New: 3})
	// An emptied row keeps its place, so that the others keep their numbers; so does a cell of two lines.
	sameReport(t, must(t)(importResponses(t, s, "b", "token,date,A3\n"+line+"\n"+line+line)),
		transfer.Report{Rows: 3, New: 1, Known: 2})
	commented := strings.Replace(line, "\n", ",\"a\n\nb\"\n", 1)
	plain := strings.Replace(line, "\n", ",\n", 1)
	sameReport(t, must(t)(importResponses(t, s, "b", "token,date,A3,comment\n"+commented+plain+",,,\n"+plain)),
		transfer.Report{Rows: 3, Known: 3})
	// An id is never taken for a number.
	numbered := fmt.Sprintf("token,date,A3,id\n%s,2026-03-01,4,2\n%s,2026-03-01,4,\n", counter, counter)
	sameReport(t, must(t)(importResponses(t, s, "c", numbered)), transfer.Report{Rows: 2, New: 2})
}

func TestRetiredPointsTakeLateRows(t *testing.T) {
	t.Parallel()
	s := settled(t)
	points, err := surveys.Points().By(t.Context(), s, "token", string(token(t, s, "Quầy 1")))
	if err != nil {
		t.Fatal(err)
	}
	points[0].Value.Retired = "2026-01-01"
	if _, err := surveys.Points().Put(t.Context(), s, points[0].Value, points[0].Rev); err != nil {
		t.Fatal(err)
	}
	file := fmt.Sprintf("token,date,A3,Z\n%s,2025-12-31,4,\n%s,2026-01-31,,5\n", token(t, s, "Quầy 1"), token(t, s, "Phòng chờ"))
	sameReport(t, must(t)(importResponses(t, s, "late", file)), transfer.Report{Rows: 2, New: 2})
}

func TestResponseMistakes(t *testing.T) {
	t.Parallel()
	s := settled(t)
	counter, station, pulse := token(t, s, "Quầy 1"), token(t, s, "Phòng chờ"), token(t, s, "Một câu")
	long := strings.Repeat("ệ", 1001)
	refused(t, s, []mistake{
		{"empty", "", []string{"dòng 1: tệp trống, không có dòng tiêu đề"}},
		{"header", "token,Date,A3,A99,A3\n", []string{
			"dòng 1, cột Date: không có cột nào tên như vậy", "dòng 1, cột A99: không có cột nào tên như vậy",
			"dòng 1, cột A3: cột này có hai lần", "dòng 1, cột date: thiếu cột này",
		}},
		{"tokens", fmt.Sprintf("token,date,A3\n,2026-03-01,4\nABC,2026-03-01,4\n00000000,2026-03-01,4\n%s,2026-03-01,4\n", counter), []string{
			"dòng 2, cột token: không được để trống", "dòng 3, cột token: không phải mã điểm (8 chữ và số)",
			"dòng 4, cột token: không có điểm nào mang mã này",
		}},
		{"dates", fmt.Sprintf("token,date,Z\n%[1]s,,4\n%[1]s,06/03/2026,4\n%[1]s,2026-03-07,4\n%[1]s,2025-06-30,4\n%[2]s,2026-02-01,4\n", counter, station), []string{
			"dòng 2, cột date: không được để trống", "dòng 3, cột date: “06/03/2026” không phải ngày dạng NNNN-TT-NN",
			"dòng 4, cột date: ngày 2026-03-07 chưa tới", "dòng 5, cột date: cơ sở không hoạt động vào ngày 2025-06-30",
			"dòng 6, cột date: cơ sở không hoạt động vào ngày 2026-02-01",
		}},
		{"what the row is", fmt.Sprintf("token,date,Z,channel,form,lang,id\n%s,2026-03-01,4,fax,long,Việt,%s\n", counter, long), []string{
			"dòng 2, cột id: dài quá 100 ký tự", "dòng 2, cột form: “long” không có trong danh mục: short, full",
			"dòng 2, cột channel: “fax” không có trong danh mục: qr, kiosk, paper, assisted, link",
			"dòng 2, cột lang: “Việt” có ký tự không được dùng hoặc quá dài",
		}},
		{"values", fmt.Sprintf("token,date,A3,Z,K1,G1,G4,comment\n%[1]s,2026-03-01,6,x,nobody,,,\n%[1]s,2026-03-01,4.5,-1,,,,%[3]s\n%[2]s,2026-01-01,4,1,,101,%[3]s,\n", counter, station, long), []string{
			"dòng 2, cột Z: câu Z không có trả lời “x”", "dòng 2, cột A3: câu A3 không có trả lời “6”", "dòng 2, cột K1: câu K1 không có trả lời “nobody”",
			"dòng 3, cột A3: câu A3 không có trả lời “4.5”", "dòng 3, cột comment: dài quá 1000 ký tự (thừa 1)",
			"dòng 3, cột Z: câu Z không có trả lời “-1”",
			"dòng 4, cột A3: bộ câu hỏi của điểm này không có câu A3", "dòng 4, cột G1: câu G1 không có trả lời “101”",
			"dòng 4, cột G4: dài quá 300 ký tự (thừa 701)",
		}},
		{"nothing answered", fmt.Sprintf("token,date,A3,comment\n%s,2026-03-01,,xin chào\n", counter), []string{"dòng 2: không có câu nào được trả lời"}},
		{"not asked", fmt.Sprintf("token,date,P1,K1\n%s,2026-03-01,5,waiting\n", pulse), []string{
			"dòng 2, cột K1: câu K1 không được hỏi khi trả lời câu P1 như vậy",
		}},
		{"an id twice", fmt.Sprintf("token,date,Z,id\n%[1]s,2026-03-01,5,a\n\n%[1]s,2026-03-02,5,a\n", counter), []string{"dòng 4, cột id: trùng với dòng 2"}},
		{"good rows and one bad", "token,date,Z\n" + strings.Repeat(fmt.Sprintf("%s,2026-03-01,5\n", counter), 1200) + string(counter) + ",2026-03-01\n", []string{
			"dòng 1202: có 2 ô, tiêu đề có 3 cột",
		}},
	}, func(t *testing.T, s surveys.Store, file string) (transfer.Report, error) {
		t.Helper()
		return importResponses(t, s, "b", file)
	})
}

func TestBatchNeedsAName(t *testing.T) {
	t.Parallel()
	s := emptyStore(t)
	for _, batch := range []string{"", " \t", strings.Repeat("b", 101)} {
		if _, err := importResponses(t, s, batch, "token,date\n"); !errors.Is(err, transfer.ErrBatch) {
			t.Errorf("batch %q: got error %v", batch, err)
		}
	}
}

func TestMultipleChoices(t *testing.T) {
	t.Parallel()
	s := settled(t)
	in, err := surveys.LatestInstrument(t.Context(), s, "pulse")
	if err != nil {
		t.Fatal(err)
	}
	words := surveys.Words{"vi": "a", "en": "a"}
	in.Version = 2
	in.Items = append(in.Items, surveys.Item{
		Code: "M1", Kind: surveys.Multiple, Role: surveys.Context, Text: words, Max: 2,
		Options: []surveys.Option{{Code: "a", Text: words}, {Code: "b", Text: words}, {Code: "c", Text: words}},
	})
	if err = surveys.PublishInstrument(t.Context(), s, *in, today); err != nil {
		t.Fatal(err)
	}
	pulse := token(t, s, "Một câu")
	file := fmt.Sprintf("token,date,P1,M1\n%[1]s,2026-03-01,5,c; a ;;a\n%[1]s,2026-03-01,5,;\n", pulse)
	must(t)(importResponses(t, s, "m", file))
	lists := map[string]bool{}
	for _, r := range responses(t, s) {
		lists[strings.Join(r.Answers["M1"].Strings(), " ")] = r.Version == 2
	}
	if diff := cmp.Diff(map[string]bool{"a c": true, "": true}, lists); diff != "" {
		t.Errorf("lists (-want +got):\n%s", diff)
	}
	_, err = importResponses(t, s, "n", fmt.Sprintf("token,date,P1,M1\n%[1]s,2026-03-01,5,a;b;c\n%[1]s,2026-03-01,5,a;x\n", pulse))
	if got, want := err.Error(), "line 2, column M1: at most 2 may be chosen\nline 3, column M1: “x” is no answer to item M1"; got != want {
		t.Errorf("got %q", got)
	}
	var out bytes.Buffer
	if _, err := transfer.Export(t.Context(), s, &out, transfer.Responses, transfer.ExportOptions{}); err != nil || !strings.Contains(out.String(), ",a;c") {
		t.Errorf("exported %s, %v", out.String(), err)
	}
}

// manyRows is a file of n rows of a one-stop point.
func manyRows(tok surveys.Token, n int) string {
	var b strings.Builder
	b.WriteString("token,date,id,A1,A2,A3,B1,B2,B3,B4,C1,C2,C3,D1,D2,D3,E1,E2,E3,Z,T1,K1,K2\n")
	for i := range n {
		fmt.Fprintf(&b, "%s,2026-0%d-0%d,r%d,4,5,3,4,,5,2,4,4,1,5,5,0,4,3,4,%d,no,individual,land\n", tok, 1+i%2, 1+i%9, i, 1+i%5)
	}
	return b.String()
}

func TestCancelledAndAgain(t *testing.T) {
	t.Parallel()
	s := settled(t)
	ingest := newIngest(t, s)
	file := manyRows(token(t, s, "Quầy 1"), 25_000)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	opt := options(t, "big")
	var told []int
	opt.Progress = func(done, of int) {
		told = append(told, done, of)
		if of > 0 && done >= 10_000 {
			cancel()
		}
	}
	got, err := transfer.ImportResponses(ctx, s, ingest, strings.NewReader(file), opt)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got error %v, want context.Canceled", err)
	}
	if n := len(responses(t, s)); n < 10_000 || n == 25_000 || got.New < 10_000 {
		t.Errorf("%d stored, %d reported when it was cancelled at 10000", n, got.New)
	}
	if want := []int{10_000, 0, 20_000, 0, 25_000, 0, 10_000, 25_000}; !slices.Equal(told, want) {
		t.Errorf("progress told %v, want %v", told, want)
	}
	again, err := transfer.ImportResponses(t.Context(), s, ingest, strings.NewReader(file), options(t, "big"))
	if err != nil || again.New+again.Known != 25_000 || again.Rows != 25_000 {
		t.Errorf("got %+v, %v", again, err)
	}
	if n := len(responses(t, s)); n != 25_000 {
		t.Errorf("%d responses, want 25_000", n)
	}
}

// Two who import the same batch at once store every row once.
func TestTwoImportsAtOnce(t *testing.T) {
	t.Parallel()
	s := settled(t)
	file := manyRows(token(t, s, "Quầy 1"), 4000)
	ingest, opt := newIngest(t, s), options(t, "b")
	var reports [2]transfer.Report
	var errs [2]error
	var wg sync.WaitGroup
	for i := range reports {
		wg.Go(func() {
			reports[i], errs[i] = transfer.ImportResponses(t.Context(), s, ingest, strings.NewReader(file), opt)
		})
	}
	wg.Wait()
	if err := errors.Join(errs[:]...); err != nil || reports[0].New+reports[1].New != 4000 || reports[0].Known+reports[1].Known != 4000 {
		t.Errorf("got %+v and %+v, %v", reports[0], reports[1], err)
	}
	if n := len(responses(t, s)); n != 4000 {
		t.Errorf("%d stored", n)
	}
}

// changing is a file that reads otherwise once it was sent back to its start so many times.
type changing struct {
	*strings.Reader
	then  string
	after int
}

func (c *changing) Seek(offset int64, whence int) (int64, error) {
	if whence == io.SeekStart {
		if c.after--; c.after < 0 {
			c.Reader = strings.NewReader(c.then)
		}
	}
	return c.Reader.Seek(offset, whence)
}

func TestFileThatChangesMeanwhile(t *testing.T) {
	t.Parallel()
	s := settled(t)
	good := fmt.Sprintf("token,date,A3,Z\n%s,2026-03-01,5,5\n", token(t, s, "Quầy 1"))
	for _, other := range []string{
		strings.Replace(good, "5,5", "5,9", 1), strings.Replace(good, "5,5", "4,5", 1), "token,date,Z\n", good[:30],
		strings.Replace(good, ",A3", "", 1), good + good[15:], strings.Replace(good, "A3,Z", "A3,C1", 1),
	} {
		// The file goes to its start for the digest, back, for the check, for the digest, back, and to be stored.
		for after := 2; after <= 5; after++ {
			file := &changing{Reader: strings.NewReader(good), then: other, after: after}
			_, err := transfer.ImportResponses(t.Context(), s, newIngest(t, s), file, options(t, "c"))
			var wrong *transfer.FileError
			if refused := after == 2 && errors.As(err, &wrong); !refused && !errors.Is(err, transfer.ErrChanged) {
				t.Errorf("%q after %d: got error %v", other, after, err)
			}
		}
	}
	if n := len(responses(t, s)); n > 0 {
		t.Errorf("%d stored", n)
	}
	var wrong *transfer.FileError
	opt := options(t, "c")
	opt.Expect = strings.Repeat("0", 64)
	if _, err := transfer.ImportResponses(t.Context(), s, nil, strings.NewReader(good), opt); !errors.As(err, &wrong) {
		t.Errorf("another file than the one that was checked: got error %v", err)
	}
	dry := options(t, "c")
	dry.DryRun = true
	checked := must(t)(transfer.ImportResponses(t.Context(), s, nil, strings.NewReader(good), dry))
	opt.Expect = strings.ToUpper(checked.Digest[:16])
	must(t)(transfer.ImportResponses(t.Context(), s, newIngest(t, s), strings.NewReader(good), opt))
}

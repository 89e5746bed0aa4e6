package transfer_test

import (
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"hailong/surveys"
	"hailong/surveys/transfer"
)

// benchRows is 20,000, or 1,000,000 with HAILONG_BENCH_LARGE=1.
func benchRows() int {
	if os.Getenv("HAILONG_BENCH_LARGE") == "1" {
		return 1_000_000
	}
	return 20_000
}

// peak gives the most memory of the process since it was last asked, in MB; 0 where the system does not tell.
func peak(tb testing.TB) float64 {
	tb.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var kb float64
	if _, err := fmt.Sscan(rest, &kb); err != nil {
		return 0
	}
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o600); err != nil {
		tb.Log(err)
	}
	return kb / 1024
}

// source is a file of many rows that takes no memory: it begins again wherever it is read.
type source struct {
	token surveys.Token
	rows  int
	at    int
	rest  string
}

func (s *source) Seek(int64, int) (int64, error) {
	s.at, s.rest = 0, "token,date,id,A1,A2,A3,B1,B2,B3,B4,C1,C2,C3,D1,D2,D3,E1,E2,E3,Z,T1,K1,K2\n"
	return 0, nil
}

func (s *source) Read(p []byte) (int, error) {
	if s.rest == "" {
		if s.at == s.rows {
			return 0, io.EOF
		}
		i := s.at
		s.at++
		day := surveys.Day("2026-01-01").Add(i * 50 / s.rows) // in order, as forms are typed
		s.rest = fmt.Sprintf("%s,%s,r%d,4,5,3,4,,5,2,4,4,1,5,5,0,4,3,4,%d,no,individual,land\n", s.token, day, i, 1+i%5)
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// BenchmarkImport sets an import against bare inserts of the same responses into another store.
func BenchmarkImport(b *testing.B) {
	n := benchRows()
	for b.Loop() {
		s := settled(b)
		file := &source{token: token(b, s, "Quầy 1"), rows: n}
		peak(b)
		began := time.Now()
		got, err := transfer.ImportResponses(b.Context(), s, newIngest(b, s), file, options(b, "bench"))
		if err != nil || got.New != n {
			b.Fatal(got, err)
		}
		imported := time.Since(began)
		b.ReportMetric(peak(b), "MB")
		bare := bareInserts(b, n)
		b.ReportMetric(float64(n)/imported.Seconds(), "rows/s")
		b.ReportMetric(float64(n)/bare.Seconds(), "bare-rows/s")
		b.ReportMetric(imported.Seconds()/bare.Seconds(), "times-bare")
	}
}

// bareInserts is how long the store takes for as many responses when nothing is read or checked.
func bareInserts(b *testing.B, n int) time.Duration {
	b.Helper()
	s := settled(b)
	must(b)(transfer.ImportResponses(b.Context(), s, newIngest(b, s), &source{token: token(b, s, "Quầy 1"), rows: 9}, options(b, "samples")))
	samples := responses(b, s)
	ingest := newIngest(b, settled(b))
	var took time.Duration
	for done := 0; done < n; {
		batch := make([]surveys.Response, 0, 10_000)
		for len(batch) < cap(batch) && done < n {
			r := samples[done%len(samples)]
			r.ID = surveys.NewSubmissionID()
			r.Receipt = r.ID.Receipt()
			batch = append(batch, r)
			done++
		}
		began := time.Now()
		if _, err := ingest.AddAll(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
		took += time.Since(began)
	}
	return took
}

// BenchmarkDryRun is reading, checking and looking up alone.
func BenchmarkDryRun(b *testing.B) {
	s := settled(b)
	opt := options(b, "bench")
	opt.DryRun = true
	for b.Loop() {
		must(b)(transfer.ImportResponses(b.Context(), s, nil, &source{token: token(b, s, "Quầy 1"), rows: benchRows()}, opt))
	}
	b.ReportMetric(float64(benchRows()*b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkExport sets an export, as CSV and as a workbook, against bare reading of the store and bare writing of
// CSV of the same shape.
func BenchmarkExport(b *testing.B) {
	n := benchRows()
	s := settled(b)
	must(b)(transfer.ImportResponses(b.Context(), s, newIngest(b, s), &source{token: token(b, s, "Quầy 1"), rows: n}, options(b, "bench")))
	for b.Loop() {
		began := time.Now()
		read := 0
		if err := s.EachResponse(b.Context(), surveys.ResponseQuery{}, func(surveys.Response) error { read++; return nil }); err != nil || read != n {
			b.Fatal(read, err)
		}
		bare := time.Since(began) + bareCSV(b, n)
		for _, c := range []struct {
			name string
			xlsx bool
		}{{"csv", false}, {"xlsx", true}} {
			peak(b)
			began = time.Now()
			done, err := transfer.Export(b.Context(), s, io.Discard, transfer.Responses, transfer.ExportOptions{XLSX: c.xlsx})
			if err != nil || done.Rows != n {
				b.Fatal(done, err)
			}
			took := time.Since(began)
			b.ReportMetric(float64(n)/took.Seconds(), c.name+"-rows/s")
			b.ReportMetric(took.Seconds()/bare.Seconds(), c.name+"-times-bare")
			b.ReportMetric(peak(b), c.name+"-MB")
		}
		b.ReportMetric(float64(n)/bare.Seconds(), "bare-rows/s")
	}
}

func bareCSV(b *testing.B, n int) time.Duration {
	b.Helper()
	row := strings.Split("hall,p_0123456789abcdef,one_stop,1,full,paper,answers,vi,2026-01-01,,2026-03-06,4,5,3,4,,5,2,4,4,1,5,5,0,4,3,4,1,no,individual,land"+strings.Repeat(",", 60), ",")
	began := time.Now()
	w := csv.NewWriter(io.Discard)
	for range n {
		if err := w.Write(row); err != nil {
			b.Fatal(err)
		}
	}
	w.Flush()
	return time.Since(began)
}

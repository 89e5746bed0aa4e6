package transfer_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"hailong/surveys/transfer"
)

const benchRows = 100_000

func BenchmarkImport(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		s := settled(b)
		ingest := newIngest(b, s)
		file := strings.NewReader(manyRows(token(b, s, "Quầy 1"), benchRows))
		b.StartTimer()
		got, err := transfer.ImportResponses(b.Context(), s, ingest, file, options(b, "bench"))
		if err != nil || got.New != benchRows {
			b.Fatal(got, err)
		}
	}
	b.ReportMetric(benchRows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkDryRun is the reading and checking alone, twice.
func BenchmarkDryRun(b *testing.B) {
	s := settled(b)
	file := strings.NewReader("token,date,A3\n" + strings.Repeat(string(token(b, s, "Quầy 1"))+",2026-03-01,4\n", benchRows))
	opt := options(b, "bench")
	opt.DryRun = true
	for b.Loop() {
		if _, err := transfer.ImportResponses(b.Context(), s, nil, file, opt); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(benchRows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkBareIngest is what the store takes when nothing is read or checked.
func BenchmarkBareIngest(b *testing.B) {
	from := settled(b)
	file := strings.NewReader(manyRows(token(b, from, "Quầy 1"), benchRows))
	must(b)(transfer.ImportResponses(b.Context(), from, newIngest(b, from), file, options(b, "bench")))
	all := responses(b, from)
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] }) // sorted, they would be quicker
	for b.Loop() {
		b.StopTimer()
		ingest := newIngest(b, settled(b))
		b.StartTimer()
		for rest := all; len(rest) > 0; rest = rest[2000:] {
			if _, err := ingest.AddAll(b.Context(), rest[:2000]); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(benchRows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

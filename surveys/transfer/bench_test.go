package transfer_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"hailong/surveys"
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
	file := strings.NewReader(manyRows(token(b, s, "Quầy 1"), benchRows))
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
	// Listed by id they would be stored more quickly than an import's, which come in no order of their ids.
	slices.SortFunc(all, func(a, b surveys.Response) int { return cmp.Compare(a.Receipt, b.Receipt) })
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

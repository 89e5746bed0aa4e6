package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"hailong/surveys"
	"hailong/surveys/store/storetest"
)

// BenchmarkAddResponses measures the cost of one response in a batch, in turns with a bare insert of the same rows into
// a file of its own: what SQLite and the driver cost without us.
func BenchmarkAddResponses(b *testing.B) {
	for _, size := range []int{1, 16, 512} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) {
			p := newPair(b)
			for range b.N {
				p.add(b, batch(size))
			}
			p.report(b, b.N*size)
		})
	}
}

// BenchmarkFill does the same for a year at 150 facilities in batches as of an import, in two orders of the file.
// HAILONG_BENCH_LARGE=1 takes 1,000,000 responses; the rate of the last tenth tells whether it falls with the size.
func BenchmarkFill(b *testing.B) {
	n := 10_000
	if os.Getenv("HAILONG_BENCH_LARGE") != "" {
		n = 1_000_000
	}
	for name, byFacility := range map[string]bool{"by=day": false, "by=facility": true} {
		b.Run(name, func(b *testing.B) {
			y := storetest.Year{Responses: n, Facilities: 150, First: "2025-10-01", Days: 365, ByFacility: byFacility}
			for range b.N {
				p := newPair(b)
				var before time.Duration
				done, late := 0, 0
				for batch, err := range y.Batches(10000) {
					if err != nil {
						b.Fatal(err)
					}
					p.add(b, batch)
					if done += len(batch); done <= n-n/10 {
						before, late = p.ours, n-done
					}
				}
				p.report(b, n)
				b.ReportMetric(float64(late)/(p.ours-before).Seconds(), "last-rows/s")
			}
		})
	}
}

// pair is a store and a bare table beside it, with the time that each took.
type pair struct {
	s          surveys.Store
	db         *sql.DB
	insert     *sql.Stmt
	ours, bare time.Duration
}

// newPair opens both with the same durability: the bare table has the same columns, no key, no index, no mark and no
// check for repeats.
func newPair(b *testing.B) *pair {
	b.Helper()
	b.ResetTimer()
	dir := b.TempDir()
	p := &pair{s: open(b, filepath.Join(dir, "hailong.db"))}
	var err error
	p.db, err = sql.Open("sqlite", filepath.Join(dir, "bare.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		b.Fatal(err)
	}
	p.db.SetMaxOpenConns(1)
	b.Cleanup(func() { p.db.Close() }) //nolint:errcheck // the file goes with the test
	if _, err = p.db.ExecContext(b.Context(), `CREATE TABLE r (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p)`); err != nil {
		b.Fatal(err)
	}
	p.insert, err = p.db.PrepareContext(b.Context(), `INSERT INTO r VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		b.Fatal(err)
	}
	return p
}

// add stores a batch in each.
func (p *pair) add(b *testing.B, batch []surveys.Response) {
	b.Helper()
	rows := make([][]any, len(batch))
	for i, r := range batch {
		answers, err := r.Answers.MarshalJSON()
		if err != nil {
			b.Fatal(err)
		}
		rows[i] = []any{
			[]byte(r.ID[:16]), string(r.Receipt), string(r.Facility), string(r.Point), r.Instrument, int64(r.Version), string(r.Form),
			string(r.Channel), string(r.Standing), r.Reason, r.Lang, string(r.Day), int64(r.Hour), string(r.Arrived), string(answers), r.Comment,
		}
	}
	began := time.Now()
	if _, err := p.s.AddResponses(b.Context(), batch); err != nil {
		b.Fatal(err)
	}
	p.ours += time.Since(began)
	began = time.Now()
	if err := p.bareInsert(b.Context(), rows); err != nil {
		b.Fatal(err)
	}
	p.bare += time.Since(began)
}

func (p *pair) bareInsert(ctx context.Context, rows [][]any) error {
	tx, err := p.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if _, err = tx.StmtContext(ctx, p.insert).ExecContext(ctx, row...); err != nil { //nolint:sqlclosecheck // the transaction closes it
			return err
		}
	}
	return tx.Commit()
}

func (p *pair) report(b *testing.B, responses int) {
	b.Helper()
	b.ReportMetric(float64(responses)/p.ours.Seconds(), "rows/s")
	b.ReportMetric(float64(responses)/p.bare.Seconds(), "bare-rows/s")
	b.ReportMetric(p.ours.Seconds()/p.bare.Seconds(), "ours/bare")
}

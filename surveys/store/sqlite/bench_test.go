package sqlite_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
)

// The cost of one response in a batch, beside that of a bare insert of the same row into the same file.
func BenchmarkAddResponses(b *testing.B) {
	for _, size := range []int{1, 16, 512} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) {
			s := open(b, filepath.Join(b.TempDir(), "hailong.db"))
			for b.Loop() {
				b.StopTimer()
				list := batch(size)
				b.StartTimer()
				if _, err := s.AddResponses(b.Context(), list); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size), "ns/response")
		})
	}
}

// BenchmarkBareInsert is what SQLite and the driver cost without us: the same columns, one transaction a
// batch, no index, no mark, no repeat check.
func BenchmarkBareInsert(b *testing.B) {
	for _, size := range []int{1, 16, 512} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "bare.db")
			db, err := sql.Open("sqlite", path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
			if err != nil {
				b.Fatal(err)
			}
			db.SetMaxOpenConns(1)
			defer db.Close() //nolint:errcheck // the file goes with the test
			if _, err = db.ExecContext(b.Context(), `CREATE TABLE r (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p)`); err != nil {
				b.Fatal(err)
			}
			stmt, err := db.PrepareContext(b.Context(), `INSERT INTO r VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
			if err != nil {
				b.Fatal(err)
			}
			r := batch(1)[0]
			for b.Loop() {
				tx, err := db.BeginTx(b.Context(), nil)
				for range size {
					if err == nil {
						_, err = tx.StmtContext(b.Context(), stmt).ExecContext(b.Context(), []byte(r.ID[:16]), r.Receipt, r.Facility, r.Point, //nolint:sqlclosecheck // the transaction closes it
							r.Instrument, r.Version, r.Form, r.Channel, r.Standing, r.Reason, r.Lang, r.Day, r.Hour, r.Arrived,
							`{"A1":4,"A3":5,"B2":3,"C1":4,"D2":5,"Z":4}`, r.Comment)
					}
				}
				if err == nil {
					err = tx.Commit()
				}
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size), "ns/response")
		})
	}
}

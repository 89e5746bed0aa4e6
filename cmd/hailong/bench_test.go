package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"hailong/analytics"
	"hailong/surveys"
	"hailong/surveys/instruments"
	"hailong/surveys/store"
	"hailong/surveys/store/storetest"
)

// BenchmarkRebuild counts all days of a year at 150 facilities again, in turns with a bare reading of the responses and
// their answers. HAILONG_BENCH_LARGE=1 takes 1,000,000 responses.
func BenchmarkRebuild(b *testing.B) {
	n, facilities := 10_000, 5
	if os.Getenv("HAILONG_BENCH_LARGE") != "" {
		n, facilities = 1_000_000, 150
	}
	ctx, path := b.Context(), filepath.Join(b.TempDir(), "hailong.db")
	s, err := store.Open(ctx, "file:"+path, time.Now)
	if err == nil {
		err = instruments.Publish(ctx, s, "2021-01-01")
	}
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // the file goes with the test
	y := storetest.Year{Responses: n, Facilities: facilities, First: "2025-10-01", Days: 365}
	for batch, err := range y.Batches(5000) {
		if err == nil {
			_, err = s.AddResponses(ctx, batch)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	var ours, bare time.Duration
	b.ResetTimer()
	for range b.N {
		began := time.Now()
		if err = s.MarkAllDirty(ctx); err == nil {
			_, err = analytics.NewRoller(s).Roll(ctx, "", nil)
		}
		ours += time.Since(began)
		began = time.Now()
		read, err2 := bareRead(ctx, path)
		bare += time.Since(began)
		if err != nil || err2 != nil || read != n {
			b.Fatal(err, err2, read)
		}
	}
	b.ReportMetric(float64(n*b.N)/ours.Seconds(), "responses/s")
	b.ReportMetric(ours.Seconds()/bare.Seconds(), "rebuild/read")
}

// bareRead reads every response with one query, as plain SQL and encoding/json do.
func bareRead(ctx context.Context, path string) (n int, err error) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return 0, err
	}
	defer db.Close() //nolint:errcheck // it was only read
	rows, err := db.QueryContext(ctx, `SELECT facility, point, instrument, version, form, channel, standing, day, hour, arrived, answers FROM responses`)
	if err != nil {
		return 0, err
	}
	defer rows.Close() //nolint:errcheck // it was only read
	for ; rows.Next(); n++ {
		var r surveys.Response
		var answers []byte
		err = rows.Scan(&r.Facility, &r.Point, &r.Instrument, &r.Version, &r.Form, &r.Channel, &r.Standing, &r.Day, &r.Hour, &r.Arrived, &answers)
		if err == nil {
			err = json.Unmarshal(answers, &r.Answers)
		}
		if err != nil {
			return n, err
		}
	}
	return n, rows.Err()
}

package server

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"hailong/surveys"
)

// BenchmarkList measures the facility list of 150 facilities over a quarter from ten times as many responses,
// in turns in one run: its cost must not grow with them. HAILONG_BENCH_LARGE=1 takes 100,000 and 1,000,000.
func BenchmarkList(b *testing.B) {
	small := 10_000
	if os.Getenv("HAILONG_BENCH_LARGE") != "" {
		small = 100_000
	}
	var lists [2]func()
	for i, n := range []int{small, 10 * small} {
		lists[i] = listOf(b, n)
		lists[i]()
	}
	var spent [2]time.Duration
	b.ResetTimer()
	for range b.N {
		for i, list := range lists {
			began := time.Now()
			list()
			spent[i] += time.Since(began)
		}
	}
	b.ReportMetric(spent[1].Seconds()/spent[0].Seconds(), "10x/1x")
	b.ReportMetric(spent[1].Seconds()*1000/float64(b.N), "ms/list")
}

// listOf makes a year of responses in 150 facilities and gives a function that asks for the list.
func listOf(b *testing.B, responses int) func() {
	b.Helper()
	s, st, _ := benchServer(b)
	ctx := b.Context()
	const facilities, days = 150, 365
	for i := range facilities {
		f := surveys.Facility{
			ID: surveys.FacilityID(fmt.Sprintf("f%03d", i)), Name: fmt.Sprintf("Trạm Y tế số %d", i), Sector: "health", Kind: "station",
			Instrument: "one_stop", From: "2021-01-01",
		}
		if _, err := surveys.Facilities().Put(ctx, st, f, 0); err != nil {
			b.Fatal(err)
		}
	}
	first := s.today().Add(-days - 30)
	rng := rand.New(rand.NewPCG(1, 2))
	batch := make([]surveys.Response, 0, 5000)
	for i := range responses {
		r := benchResponse(surveys.NewSubmissionID())
		r.Facility = surveys.FacilityID(fmt.Sprintf("f%03d", i*facilities/responses))
		r.Day = first.Add(rng.IntN(days))
		r.Arrived = r.Day
		batch = append(batch, r)
		if len(batch) == cap(batch) || i == responses-1 {
			if _, err := st.AddResponses(ctx, batch); err != nil {
				b.Fatal(err)
			}
			batch = batch[:0]
		}
	}
	if _, err := s.releaser.Pass(ctx, s.today(), nil); err != nil {
		b.Fatal(err)
	}
	if _, err := s.accounts.SetFirstPassword(ctx, "bench"); err != nil {
		b.Fatal(err)
	}
	secret, err := s.accounts.Login(ctx, "bench")
	if err != nil {
		b.Fatal(err)
	}
	client := listen(b, s.app)
	return func() {
		req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
		defer fasthttp.ReleaseRequest(req)
		defer fasthttp.ReleaseResponse(resp)
		req.SetRequestURI("http://bench/app")
		req.Header.SetCookie(s.cookieName(sessionCookie), secret)
		if err := client.DoTimeout(req, resp, time.Minute); err != nil {
			b.Fatal(err)
		}
		if resp.StatusCode() != fiber.StatusOK {
			b.Fatalf("got %d, want 200", resp.StatusCode())
		}
	}
}

package server

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"hailong/surveys"
	"hailong/surveys/store/storetest"
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
	y := storetest.Year{Responses: responses, Facilities: 150, First: s.today().Add(-365 - 30), Days: 365, ByFacility: true}
	for i := range y.Facilities {
		f := surveys.Facility{
			ID: y.FacilityID(i), Name: fmt.Sprintf("Trạm Y tế số %d", i), Sector: "health", Kind: "station",
			Instrument: "one_stop", From: "2021-01-01",
		}
		if _, err := surveys.Facilities().Put(ctx, st, f, 0); err != nil {
			b.Fatal(err)
		}
	}
	for batch, err := range y.Batches(5000) {
		if err == nil {
			_, err = st.AddResponses(ctx, batch)
		}
		if err != nil {
			b.Fatal(err)
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

package server

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"hailong/surveys"
	"hailong/surveys/instruments"
	"hailong/surveys/store/sqlite"
)

// benchServer is a server on a fresh SQLite store with one hall and its point.
func benchServer(b *testing.B) (*Server, surveys.Store, surveys.Point) {
	b.Helper()
	ctx := b.Context()
	st, err := sqlite.Open(ctx, filepath.Join(b.TempDir(), "bench.db"), time.Now)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if closeErr := st.Close(); closeErr != nil {
			b.Error(closeErr)
		}
	})
	if err = instruments.Publish(ctx, st, "2026-01-01"); err != nil {
		b.Fatal(err)
	}
	hall := surveys.Facility{ID: "hall", Name: "Trung tâm Phục vụ hành chính công", Sector: "one_stop", Kind: "one_stop_hall", Instrument: "one_stop", From: "2021-01-01"}
	point := surveys.Point{ID: "p1", Token: "ABCD2345", Facility: "hall", Kind: "counter", Name: "Quầy 1"}
	if _, err = surveys.Facilities().Put(ctx, st, hall, 0); err != nil {
		b.Fatal(err)
	}
	if _, err = surveys.Points().Put(ctx, st, point, 0); err != nil {
		b.Fatal(err)
	}
	zone, err := time.LoadLocation(surveys.Zone)
	if err != nil {
		b.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil)) //nolint:sloglint // its lines are made, as in service
	s, err := New(Options{
		Store: st, Log: log, Clock: time.Now, Zone: zone, BaseURL: "http://127.0.0.1", Lang: "vi",
		Install: surveys.Installation{MonthStart: 1, FormKey: make([]byte, 32)},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.ingest.Close)
	return s, st, point
}

// listen serves an app on loopback and gives a client to it.
func listen(b *testing.B, app *fiber.App) *fasthttp.Client {
	b.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- app.Listener(ln) }()
	client := &fasthttp.Client{MaxConnsPerHost: 1024, Dial: func(string) (net.Conn, error) { return net.Dial("tcp", ln.Addr().String()) }}
	b.Cleanup(func() {
		client.CloseIdleConnections()
		if shutdownErr := errors.Join(app.Shutdown(), <-served); shutdownErr != nil {
			b.Error(shutdownErr)
		}
	})
	return client
}

// BenchmarkFormPage sets GET /s/{token} against a bare Fiber handler sending the same bytes, headers too, in turns
// in one run; the metric form/bare is the rate of ours as a share of the bare one's.
func BenchmarkFormPage(b *testing.B) {
	s, _, point := benchServer(b)
	ours := listen(b, s.app)
	page := fasthttp.AcquireResponse()
	get(b, ours, "/s/"+string(point.Token), page)
	heads := page.Header.PeekKeys()
	bare := fiber.New(fiber.Config{DisableStartupMessage: true})
	bare.Get("/s/:token", func(c *fiber.Ctx) error {
		for _, name := range heads {
			c.Response().Header.SetBytesKV(name, page.Header.PeekBytes(name))
		}
		return c.Send(page.Body())
	})
	theirs := listen(b, bare)
	var spent [2]time.Duration
	const turn, connections = 2000, 64
	for done := 0; done < b.N; done += turn {
		for i, client := range []*fasthttp.Client{ours, theirs} {
			began := time.Now()
			crowd(turn, connections, func() { get(b, client, "/s/"+string(point.Token), nil) })
			spent[i] += time.Since(began)
		}
	}
	b.ReportMetric(spent[1].Seconds()/spent[0].Seconds(), "form/bare")
	b.ReportMetric(float64(len(page.Body())), "bytes")
}

// BenchmarkFormPageCounted sets openings of the form that are counted, as a phone's, against those that are not, as a
// program's, in turns in one run; the metric counted/plain is the rate of the one as a share of the other's.
func BenchmarkFormPageCounted(b *testing.B) {
	s, _, point := benchServer(b)
	client := listen(b, s.app)
	var spent [2]time.Duration
	const turn, connections = 2000, 64
	for done := 0; done < b.N; done += turn {
		for i, agent := range []string{benchPhone, ""} {
			began := time.Now()
			crowd(turn, connections, func() { getAs(b, client, agent, "/s/"+string(point.Token), nil) })
			spent[i] += time.Since(began)
		}
	}
	b.ReportMetric(spent[1].Seconds()/spent[0].Seconds(), "counted/plain")
	b.ReportMetric(float64(len(s.usage.sums)), "sums")
}

const benchPhone = "Mozilla/5.0 (Linux; Android 13; SM-A042F) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/118.0.0.0 Mobile Safari/537.36 Zalo android/12090674"

// BenchmarkCountOpening is the counting alone.
func BenchmarkCountOpening(b *testing.B) {
	s, _, point := benchServer(b)
	place, err := s.doorway.Find(b.Context(), point.Token)
	if err != nil {
		b.Fatal(err)
	}
	c := s.app.AcquireCtx(&fasthttp.RequestCtx{})
	defer s.app.ReleaseCtx(c)
	c.Request().Header.SetUserAgent(benchPhone)
	b.ReportAllocs()
	for b.Loop() {
		s.countOpening(c, place)
	}
	if n := s.usage.sums[usageKey{surveys.PointAt{Facility: "hall", Point: "p1"}, s.today()}].Opened; n == 0 {
		b.Fatal("nothing was counted")
	}
}

// get keeps the response where there is somewhere to keep it.
func get(b *testing.B, client *fasthttp.Client, path string, keep *fasthttp.Response) {
	getAs(b, client, "", path, keep)
}

func getAs(b *testing.B, client *fasthttp.Client, agent, path string, keep *fasthttp.Response) {
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)
	req.SetRequestURI("http://bench" + path)
	req.Header.Set("Accept-Encoding", "gzip")
	if agent != "" {
		req.Header.SetUserAgent(agent)
	}
	if err := client.Do(req, resp); err != nil {
		b.Fatal(err)
	}
	if resp.StatusCode() != fiber.StatusOK {
		b.Fatalf("got %d, want 200", resp.StatusCode())
	}
	if keep != nil {
		resp.CopyTo(keep)
	}
}

// BenchmarkSubmit compares, in one run, durable submissions from 256 connections: ours over HTTP, one
// transaction an insert over the same HTTP (they wait for the one writing connection), and the bare group-commit
// writer without HTTP.
func BenchmarkSubmit(b *testing.B) {
	const connections = 256
	s, _, point := benchServer(b)
	naive, naiveStore, _ := benchServer(b)
	app := fiber.New(fiber.Config{DisableStartupMessage: true, Immutable: true})
	app.Post("/api/v1/responses", func(c *fiber.Ctx) error {
		var in responseInput
		if err := naive.shapes.read(c.Body(), &in); err != nil {
			return err
		}
		_, err := naiveStore.AddResponses(c.UserContext(), []surveys.Response{benchResponse(surveys.SubmissionID(in.SubmissionID))})
		return err
	})
	ours, theirs := listen(b, s.app), listen(b, app)
	bare, _, _ := benchServer(b)
	post := func(client *fasthttp.Client) func() {
		return func() { submit(b, client, s, point) }
	}
	write := func() {
		if _, err := bare.ingest.Add(b.Context(), benchResponse(surveys.NewSubmissionID())); err != nil {
			b.Error(err)
		}
	}
	var group, single, writer measured
	const turn = 4096
	for range b.N {
		group.add(crowd(turn, connections, post(ours)))
		single.add(crowd(turn/4, connections, post(theirs)))
		writer.add(crowd(turn, connections, write))
	}
	b.ReportMetric(group.rate()/single.rate(), "ours/one-tx")
	b.ReportMetric(group.p99().Seconds()/single.p99().Seconds(), "p99/one-tx")
	b.ReportMetric(group.rate()/writer.rate(), "ours/bare-writer")
	b.ReportMetric(group.rate(), "ours/s")
}

// measured is how long calls took: each, and all of them together.
type measured struct {
	latencies []time.Duration
	spent     time.Duration
}

func (m *measured) add(other measured) {
	m.latencies = append(m.latencies, other.latencies...)
	m.spent += other.spent
}

func (m *measured) rate() float64 { return float64(len(m.latencies)) / m.spent.Seconds() }

func (m *measured) p99() time.Duration {
	slices.Sort(m.latencies)
	return m.latencies[len(m.latencies)*99/100]
}

// crowd calls f n times from so many goroutines at once.
func crowd(n, at int, f func()) measured {
	latencies := make([]time.Duration, n)
	var next atomic.Int64
	var wg sync.WaitGroup
	began := time.Now()
	for range at {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				start := time.Now()
				f()
				latencies[i] = time.Since(start)
			}
		})
	}
	wg.Wait()
	return measured{latencies, time.Since(began)}
}

// submit sends a form that s opened forty seconds ago.
func submit(b *testing.B, client *fasthttp.Client, s *Server, point surveys.Point) {
	id := surveys.NewSubmissionID()
	opened := s.formTokenOf(point.ID, id, time.Now().Add(-40*time.Second))
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)
	req.SetRequestURI("http://bench/api/v1/responses")
	req.Header.SetMethod(fiber.MethodPost)
	req.SetBodyString(fmt.Sprintf(`{"token":%q,"submission_id":%q,"form_token":%q,"answers":{"A3":4,"B2":5,"C1":5,"C2":3,"D1":4,"Z":4},"comment":"Nhanh, cán bộ hướng dẫn rõ"}`,
		point.Token, id, opened))
	if err := client.Do(req, resp); err != nil {
		b.Error(err)
		return
	}
	if resp.StatusCode() >= fiber.StatusBadRequest {
		b.Errorf("got %d: %s", resp.StatusCode(), resp.Body())
	}
}

func benchResponse(id surveys.SubmissionID) surveys.Response {
	answers := surveys.Answers{}
	for code, v := range map[string]int{"A3": 4, "B2": 5, "C1": 5, "C2": 3, "D1": 4, "Z": 4} {
		answers[code] = surveys.NumberAnswer(v)
	}
	return surveys.Response{
		ID: id, Receipt: id.Receipt(), Facility: "hall", Point: "p1", Instrument: "one_stop", Version: 1, Form: surveys.ShortForm,
		Channel: surveys.QR, Standing: surveys.Counted, Lang: "vi", Day: "2026-07-01", Hour: 9, Arrived: "2026-07-01",
		Answers: answers, Comment: "Nhanh, cán bộ hướng dẫn rõ",
	}
}

// BenchmarkArrival is what judging an answer costs when it arrives, beside the store.
func BenchmarkArrival(b *testing.B) {
	s, _, point := benchServer(b)
	id := surveys.NewSubmissionID()
	token := s.formTokenOf(point.ID, id, time.Now().Add(-40*time.Second))
	for b.Loop() {
		o, ok := s.readFormToken(token, point.ID, id)
		e := surveys.Evidence{Opened: ok, Pace: surveys.PaceOf(s.Clock().Sub(o.at), 6, 6)}
		if e.Reason() != "" {
			b.Fatal(e.Reason())
		}
	}
}

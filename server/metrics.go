package server

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"

	"hailong/server/account"
	"hailong/surveys"
)

// metrics are the server's own figures, in registries of their own. No label names a facility, point, questionnaire,
// address or person, and no figure of answers tells of fewer than heldLeast: a monitoring system keeps every minute,
// and would else know when a lone form came.
type metrics struct {
	open *prometheus.Registry // told as they stand
	held *heldGatherer        // told when heldLeast more answers are in

	routes map[routeKey]*routeMetrics
	stray  map[string]*routeMetrics // by method: what no route took

	answers      [2]prometheus.Counter // repeated, accepted
	batch        prometheus.Histogram
	storeSeconds map[string]prometheus.Observer
	storeErrors  *prometheus.CounterVec

	passLast, passSeconds, rollLast, dirtyDays prometheus.Gauge
	releases, passFailures, sealFailures       prometheus.Counter
	rolls, rollFailures                        prometheus.Counter
}

type routeKey struct{ method, path string }

// routeMetrics are a route's counters by status class: those of the server's own failures are open always.
type routeMetrics struct {
	requests [6]prometheus.Counter
	seconds  prometheus.Observer
}

const (
	opAddResponses = "add_responses"
	opPing         = "ping"
	strayRoute     = "none"
	// heldLeast is the least number of answers between two tellings: that of a release (design.md §6).
	heldLeast = 10
)

func storeOperations() []string {
	return []string{
		opAddResponses, "response", "responses_by_receipt", "move", "each_response", "delete_responses", "dirty_days", "mark_dirty",
		"mark_all_dirty", "day", "put_days", "each_day", "add_release", "each_release", "record", "put_record", "delete_record", "records",
		"kinds", opPing,
	}
}

func newMetrics() *metrics {
	m := &metrics{open: prometheus.NewRegistry(), storeSeconds: map[string]prometheus.Observer{}}
	m.held = &heldGatherer{registry: prometheus.NewRegistry()}
	m.open.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.ofAnswers()
	m.ofStore()
	m.ofCounting()
	return m
}

func (m *metrics) ofAnswers() {
	answers := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "hailong_answers_total", Help: "Answers acknowledged: new ones, and repeats of one that was stored already. Told in steps of ten or more.",
	}, []string{"outcome"})
	m.answers = [2]prometheus.Counter{answers.WithLabelValues("repeated"), answers.WithLabelValues("accepted")}
	m.batch = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "hailong_commit_answers", Help: "Answers stored by one commit.", Buckets: prometheus.ExponentialBuckets(1, 4, 6),
	})
	m.held.registry.MustRegister(answers, m.batch)
}

func (m *metrics) ofStore() {
	seconds := func(to *prometheus.Registry) *prometheus.HistogramVec {
		v := prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "hailong_store_seconds", Help: "How long operations of the store took; add_responses is a commit.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 4, 8),
		}, []string{"operation"})
		to.MustRegister(v)
		return v
	}
	held, open := seconds(m.held.registry), seconds(m.open)
	m.storeErrors = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "hailong_store_errors_total", Help: "Operations of the store that failed.",
	}, []string{"operation", "class"})
	m.open.MustRegister(m.storeErrors)
	for _, op := range storeOperations() {
		// A look at a point or a new dirty day tells of a citizen; the probe of readyz does not.
		m.storeSeconds[op] = held.WithLabelValues(op)
		m.storeErrors.WithLabelValues(op, "unavailable")
	}
	m.storeSeconds[opPing] = open.WithLabelValues(opPing)
	held.DeleteLabelValues(opPing)
}

func (m *metrics) ofCounting() {
	gauge := func(name, help string) prometheus.Gauge {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
		m.open.MustRegister(g)
		return g
	}
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
		m.open.MustRegister(c)
		return c
	}
	m.passLast = gauge("hailong_release_pass_last_timestamp_seconds", "When the last release pass of this server ended well.")
	m.passSeconds = gauge("hailong_release_pass_last_seconds", "How long it took.")
	m.releases = counter("hailong_releases_total", "Releases made by this server.")
	m.passFailures = counter("hailong_release_pass_failures_total", "Release passes that failed; each is tried again within a minute.")
	m.sealFailures = counter("hailong_seal_failures_total", "Times that sealing old days failed; each is tried again within a minute.")
	m.rollLast = gauge("hailong_roll_last_timestamp_seconds", "When dirty days were last counted without a failure.")
	m.rolls = counter("hailong_rolls_total", "Times that dirty days were counted.")
	m.rollFailures = counter("hailong_roll_failures_total", "Times that counting dirty days failed.")
	m.dirtyDays = gauge("hailong_dirty_days", "Days still to be counted when counting had ended; 0 when under ten. Some that stay are a fault.")
}

// ofServer are those that stand elsewhere already.
func (m *metrics) ofServer(ingest *surveys.Ingest, certificateEnds func() time.Time) {
	m.open.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "hailong_ingest_queue", Help: "Submissions that wait for the writer.",
		}, func() float64 { return float64(ingest.Waiting()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "hailong_ingest_queue_capacity", Help: "Submissions that may wait; when so many do, the next is answered 503.",
		}, func() float64 { return float64(ingest.Room()) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "hailong_answers_refused_total", Help: "Submissions answered 503 because the queue was full or closed.",
		}, func() float64 { return float64(ingest.Refused()) }))
	if certificateEnds == nil {
		return
	}
	m.open.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "hailong_tls_certificate_expiry_timestamp_seconds", Help: "When the certificate in use expires; 0 while there is none.",
	}, func() float64 {
		if ends := certificateEnds(); !ends.IsZero() {
			return float64(ends.Unix())
		}
		return 0
	}))
}

// ofRoutes makes the counters of every route beforehand, so that a request looks them up and no more.
func (m *metrics) ofRoutes(routes []fiber.Route) {
	opts := prometheus.CounterOpts{Name: "hailong_http_requests_total", Help: "Requests by method, route and status class."}
	labels := []string{"method", "route", "status"}
	open, held := prometheus.NewCounterVec(opts, labels), prometheus.NewCounterVec(opts, labels)
	duration := prometheus.HistogramOpts{
		Name: "hailong_http_request_seconds", Help: "How long requests took, by method and route.",
		Buckets: []float64{0.001, 0.005, 0.02, 0.1, 0.5, 2, 10},
	}
	openSeconds, heldSeconds := prometheus.NewHistogramVec(duration, labels[:2]), prometheus.NewHistogramVec(duration, labels[:2])
	m.open.MustRegister(open, openSeconds)
	m.held.registry.MustRegister(held, heldSeconds)
	add := func(method, path string, discreet bool) *routeMetrics {
		counts, seconds := open, openSeconds
		if discreet {
			counts, seconds = held, heldSeconds
		}
		rm := &routeMetrics{seconds: seconds.WithLabelValues(method, path)}
		for class := 2; class < len(rm.requests); class++ {
			from := counts
			if class >= fiber.StatusInternalServerError/100 {
				from = open
			}
			rm.requests[class] = from.WithLabelValues(method, path, strconv.Itoa(class)+"xx")
		}
		return rm
	}
	m.routes, m.stray = map[routeKey]*routeMetrics{}, map[string]*routeMetrics{}
	for _, r := range routes {
		switch r.Method {
		case fiber.MethodGet, fiber.MethodHead, fiber.MethodPost:
		default:
			continue // they have no route but those of all methods
		}
		if m.stray[r.Method] == nil {
			m.stray[r.Method] = add(r.Method, strayRoute, false)
		}
		if key := (routeKey{r.Method, r.Path}); m.routes[key] == nil {
			m.routes[key] = add(r.Method, r.Path, discreet(r.Path))
		}
	}
	m.stray["other"] = add("other", strayRoute, false)
	_, _ = m.held.Gather() //nolint:errcheck // the first telling: nothing; an error is kept and told
}

// discreet says whether a visit of the route tells that a citizen is there. Staff and probes may be counted one by one.
func discreet(route string) bool {
	switch route {
	case "/healthz", "/readyz", "/metrics", "/login", "/logout":
		return false
	}
	return !strings.HasPrefix(route, "/app")
}

// request counts one answered request. The route of what no route took is that of the last handler, "/".
func (m *metrics) request(c *fiber.Ctx, took time.Duration) {
	route := m.strayOf(c.Method())
	if path := c.Route().Path; path != "/" || c.Path() == "/" && c.Method() != fiber.MethodPost {
		if r := m.routes[routeKey{c.Method(), path}]; r != nil {
			route = r
		}
	}
	route.count(c.Response().StatusCode())
	route.seconds.Observe(took.Seconds())
}

// refused counts a request that was refused before its route was known.
func (m *metrics) refused(method string, status int) { m.strayOf(method).count(status) }

func (m *metrics) strayOf(method string) *routeMetrics {
	if r := m.stray[method]; r != nil {
		return r
	}
	return m.stray["other"]
}

func (r *routeMetrics) count(status int) {
	class := status / 100
	if class < 2 || class >= len(r.requests) {
		class = 5
	}
	r.requests[class].Inc()
}

// stored counts a batch that is durable.
func (m *metrics) stored(added []bool) {
	accepted := 0
	for _, is := range added {
		if is {
			accepted++
		}
	}
	m.held.add(accepted, func() {
		m.batch.Observe(float64(len(added)))
		m.answers[1].Add(float64(accepted))
		m.answers[0].Add(float64(len(added) - accepted))
	})
}

func (m *metrics) storeDone(operation string, took time.Duration, err error) {
	if seconds := m.storeSeconds[operation]; seconds != nil {
		seconds.Observe(took.Seconds())
	}
	if class := errorClass(err); class != "" {
		m.storeErrors.WithLabelValues(operation, class).Inc()
	}
}

// Gather gives all families.
func (m *metrics) Gather() ([]*dto.MetricFamily, error) {
	return prometheus.Gatherers{m.open, m.held}.Gather() //nolint:wrapcheck // promhttp tells it
}

// heldGatherer tells what it told before until heldLeast more answers are in, so that no two tellings differ by fewer.
type heldGatherer struct {
	registry *prometheus.Registry
	mu       sync.Mutex
	waiting  int
	told     []*dto.MetricFamily
	err      error
}

// add counts answers; count is called while nothing is told.
func (h *heldGatherer) add(answers int, count func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	count()
	h.waiting += answers
}

// Gather gives the last telling, or a new one.
func (h *heldGatherer) Gather() ([]*dto.MetricFamily, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.told == nil || h.waiting >= heldLeast {
		h.told, h.err = h.registry.Gather()
		h.waiting = 0
	}
	return h.told, h.err
}

// MetricsHandler tells the metrics to whoever asks: for a listener that only the monitoring system reaches.
func (s *Server) MetricsHandler() http.Handler {
	return promhttp.HandlerFor(s.metrics, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
}

// showMetrics tells them on the public listener, to an administrator's token over everything. A loopback address opens
// nothing: behind a proxy on the same machine the whole world has it.
func (s *Server) showMetrics(c *fiber.Ctx) error {
	caller := callerOf(c)
	if caller.Role != account.Admin || caller.Scope != "all" {
		return fiber.ErrForbidden
	}
	return adaptor.HTTPHandler(s.MetricsHandler())(c)
}

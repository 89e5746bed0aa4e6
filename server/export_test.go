package server

import (
	"context"
	"net/http"
	"time"

	"github.com/valyala/fasthttp"

	"hailong/server/view"
	"hailong/surveys"
)

// NewWith is New with other pages.
func NewWith(o Options, r *view.Renderer) (*Server, error) { return newServer(o, r) }

// Try hands one request to the server without a socket.
func (s *Server) Try(r *http.Request) (*http.Response, error) { return s.app.Test(r, -1) }

// Handle hands one request straight to the handlers.
func (s *Server) Handle(c *fasthttp.RequestCtx) { s.app.Handler()(c) }

// Count does what the server does once a minute; the release pass of the day too, if it is due.
func (s *Server) Count(ctx context.Context) error {
	return s.Counting()(ctx)
}

// Counting is Count by one server, which remembers what it has done today.
func (s *Server) Counting() func(context.Context) error {
	var done night
	return func(ctx context.Context) error { return s.countOnce(ctx, &done) }
}

// Enqueue puts a response into the writer's queue; with a ctx that has ended it does not wait for the store.
func (s *Server) Enqueue(ctx context.Context, r surveys.Response) error {
	_, err := s.ingest.Add(ctx, r)
	return err
}

// Waiting is the length of the writer's queue.
func (s *Server) Waiting() int { return s.ingest.Waiting() }

// Ready is what readyz asks first.
func (s *Server) Ready() bool { return s.ready.Load() }

// SetReady plays the start of Serve.
func (s *Server) SetReady(ready bool) { s.ready.Store(ready) }

// FormCacheMost and BodyLimit are limits that tests reach.
const (
	FormCacheMost = formCacheMost
	BodyLimit     = bodyLimit
)

// Watched is a store as a server uses it.
func Watched(s surveys.Store, clock surveys.Clock) surveys.Store {
	return &watchedStore{Store: s, metrics: newMetrics(), clock: clock}
}

// StoreOperations are those whose time is told.
func StoreOperations() []string { return storeOperations() }

// Routes lists the methods and patterns of every route.
func (s *Server) Routes() (all [][2]string) {
	for _, r := range s.app.GetRoutes(true) {
		all = append(all, [2]string{r.Method, r.Path})
	}
	return all
}

// Pause takes the place of the waiting after too many wrong codes.
func (s *Server) Pause(f func(context.Context, time.Duration)) { s.guesses.pause = f }

// StoreUsage does what the server does every few minutes.
func (s *Server) StoreUsage(ctx context.Context) error { return s.usage.flush(ctx) }

// FloodUsage counts many openings of one point.
func (s *Server) FloodUsage(ctx context.Context, token surveys.Token, n int) error {
	place, err := s.doorway.Find(ctx, token)
	for range n {
		s.usage.add(place, s.today(), surveys.Use{Opened: 1})
	}
	return err
}

// UsageHeld is how many sums wait to be stored.
func (s *Server) UsageHeld() int { return len(s.usage.sums) }

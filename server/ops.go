package server

import (
	"context"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

// healthz says that the process answers.
func (s *Server) healthz(c *fiber.Ctx) error { return c.SendString("ok\n") }

// readyz says that answers can be taken: started, not stopping, and the store can write.
func (s *Server) readyz(c *fiber.Ctx) error {
	if !s.ready.Load() {
		return c.Status(fiber.StatusServiceUnavailable).SendString("not ready\n")
	}
	if err := s.ping(c.UserContext()); err != nil {
		s.Log.Warn("store does not answer", "error", err)
		return c.Status(fiber.StatusServiceUnavailable).SendString("store unavailable\n")
	}
	return c.SendString("ready\n")
}

// pingEvery is how long an answer of the store stands: looking writes to it, and anybody may ask.
const pingEvery = time.Second

// pinged is the last look at the store.
type pinged struct {
	mu  sync.Mutex
	at  time.Time
	err error
}

func (s *Server) ping(ctx context.Context) error {
	s.pinged.mu.Lock()
	defer s.pinged.mu.Unlock()
	if now := s.Clock(); s.pinged.at.IsZero() || now.Sub(s.pinged.at).Abs() >= pingEvery {
		s.pinged.at, s.pinged.err = now, s.Store.Ping(ctx)
	}
	return s.pinged.err
}

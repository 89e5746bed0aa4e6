package server

import (
	"github.com/gofiber/fiber/v2"
)

// healthz says that the process answers.
func (s *Server) healthz(c *fiber.Ctx) error { return c.SendString("ok\n") }

// readyz says that answers can be taken: started, not stopping, and the store can write.
func (s *Server) readyz(c *fiber.Ctx) error {
	if !s.ready.Load() {
		return c.Status(fiber.StatusServiceUnavailable).SendString("not ready\n")
	}
	if err := s.Store.Ping(c.UserContext()); err != nil {
		s.Log.Warn("store does not answer", "error", err)
		return c.Status(fiber.StatusServiceUnavailable).SendString("store unavailable\n")
	}
	return c.SendString("ready\n")
}

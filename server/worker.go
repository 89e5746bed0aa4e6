package server

import (
	"github.com/gofiber/fiber/v2"

	"hailong/server/view"
)

// serviceWorker sends the script that keeps the form usable without network. It always has this address, so browsers
// ask for it anew.
func (s *Server) serviceWorker(c *fiber.Ctx) error {
	err := s.asset(c)
	c.Set(fiber.HeaderCacheControl, "no-cache")
	c.Set(fiber.HeaderContentSecurityPolicy, view.WorkerCSP)
	return err
}

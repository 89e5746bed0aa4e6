package server

import (
	"github.com/gofiber/fiber/v2"

	"hailong/server/view"
)

// serviceWorker sends the script that keeps the form usable without network. It always has this address, so browsers
// ask for it anew.
func (s *Server) serviceWorker(c *fiber.Ctx) error {
	worker := s.render.Worker()
	c.Set(fiber.HeaderCacheControl, "no-cache")
	c.Set(fiber.HeaderContentSecurityPolicy, view.WorkerCSP)
	c.Set(fiber.HeaderContentType, worker.ContentType)
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	if takesGzip(c) {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Send(worker.Gzip)
	}
	return c.Send(worker.Bytes)
}

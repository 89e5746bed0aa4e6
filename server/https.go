package server

import (
	"net"
	"net/netip"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// isHTTPS says that the world knows this site by https.
func (s *Server) isHTTPS() bool { return strings.HasPrefix(s.BaseURL, "https://") }

// byHTTPS says whether the citizen's or clerk's own connection was HTTPS: here, or at a proxy that we trust. Where no
// proxy is named the base URL is taken at its word.
func (s *Server) byHTTPS(c *fiber.Ctx) bool {
	switch {
	case c.Context().IsTLS():
		return true
	case len(s.TrustedProxies) == 0:
		return s.isHTTPS()
	default:
		return s.fromProxy(c) && forwardedProto(c) == "https"
	}
}

// insecure says that a page was asked for by plain HTTP, and we know it. Probes may come as they like.
func (s *Server) insecure(c *fiber.Ctx) bool {
	if len(s.TrustedProxies) == 0 || !s.isHTTPS() || s.byHTTPS(c) {
		return false
	}
	switch c.Path() {
	case "/healthz", "/readyz", "/metrics":
		return false
	}
	return true
}

// toHTTPS sends a reader to the same address by HTTPS. What has a body has come in clear already: it is refused.
func (s *Server) toHTTPS(c *fiber.Ctx) error {
	if c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead {
		return fiber.ErrForbidden
	}
	return c.Redirect(s.BaseURL+string(c.Request().URI().RequestURI()), fiber.StatusPermanentRedirect)
}

// fromProxy says whether the peer is a proxy that we trust. The address is looked at and forgotten.
func (s *Server) fromProxy(c *fiber.Ctx) bool {
	tcp, ok := c.Context().RemoteAddr().(*net.TCPAddr)
	if !ok {
		return false
	}
	peer, ok := netip.AddrFromSlice(tcp.IP)
	if !ok {
		return false
	}
	for _, network := range s.TrustedProxies {
		if network.Contains(peer.Unmap()) {
			return true
		}
	}
	return false
}

// forwardedProto is what the nearest proxy says: the last word of the last header. Whatever stands before it may have
// been written by the visitor.
func forwardedProto(c *fiber.Ctx) string {
	lines := c.Request().Header.PeekAll(fiber.HeaderXForwardedProto)
	if len(lines) == 0 {
		return ""
	}
	words := strings.Split(string(lines[len(lines)-1]), ",")
	return strings.ToLower(strings.TrimSpace(words[len(words)-1]))
}

// hostOnly is the prefix that ties a cookie to this host, its root and HTTPS.
const hostOnly = "__Host-"

// cookieName is a cookie's name in the browser.
func (s *Server) cookieName(name string) string {
	if s.isHTTPS() {
		return hostOnly + name
	}
	return name
}

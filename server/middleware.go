package server

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"

	"github.com/gofiber/fiber/v2"

	"hailong/server/view"
	"hailong/surveys"
)

// What a request carries from its frame on.
const (
	localRequestID = "request_id"
	localProblem   = "problem" // errors are answered as application/problem+json
	localCaller    = "caller"  // account.Token of an API request
	localSession   = "session" // account.Session of a staff request
)

// staffCSP lets a staff page load our own style sheet and pictures and nothing else.
const staffCSP = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; " +
	"base-uri 'none'; frame-ancestors 'none'"

// frame is around every request: id, deadline, headers, a panic turned into an error, a line of log where it failed.
// The line names the route, never the address, token or browser of a person; what a citizen did, well or not, is written
// for debugging only, as its time would tell when a lone form came. The server's own failures are always written.
func (s *Server) frame(c *fiber.Ctx) (err error) {
	started := s.Clock()
	id := newRequestID()
	c.Locals(localRequestID, id)
	// Fiber does not end a request's context when the client leaves; this bounds its work.
	ctx, cancel := context.WithTimeout(c.UserContext(), requestWithin)
	defer cancel()
	c.SetUserContext(ctx)
	s.secure(c)
	if s.insecure(c) {
		err = s.toHTTPS(c)
	} else {
		err = s.protect(c)
	}
	if err != nil {
		err = s.handleError(c, err)
	}
	took := s.Clock().Sub(started)
	s.metrics.request(c, took)
	level, status := slog.LevelDebug, c.Response().StatusCode()
	if status >= fiber.StatusInternalServerError || status >= fiber.StatusBadRequest && !discreet(c.Route().Path) {
		level = slog.LevelInfo
	}
	s.Log.LogAttrs(ctx, level, "request", slog.String("id", id), slog.String("method", c.Method()),
		slog.String("route", c.Route().Path), slog.Int("status", status),
		slog.Int64("ms", took.Milliseconds()))
	return err
}

// secure sets the headers that every answer has. What a browser could do for a page and ours never asks for is refused.
func (s *Server) secure(c *fiber.Ctx) {
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderContentSecurityPolicy, staffCSP)
	c.Set(fiber.HeaderPermissionsPolicy, "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.Set("Cross-Origin-Resource-Policy", "same-origin")
	c.Set("X-Robots-Tag", "noindex")
	if s.byHTTPS(c) {
		c.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000")
	}
}

var errPanic = errors.New("panic")

// protect turns a panic of a handler into an error.
func (s *Server) protect(c *fiber.Ctx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v\n%s", errPanic, r, debug.Stack())
		}
	}()
	return c.Next()
}

func newRequestID() string {
	var b [6]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

func requestID(c *fiber.Ctx) string {
	id, _ := c.Locals(localRequestID).(string) //nolint:errcheck // none is empty
	return id
}

// lang is the language asked for by ?lang= or the form's field, else the installation's.
func (s *Server) lang(c *fiber.Ctx) view.Lang { return view.ParseLang(c.Query("lang"), s.Lang) }

// citizenLang is lang among those of the citizen's pages.
func (s *Server) citizenLang(c *fiber.Ctx) view.Lang { return s.render.Pack(c.Query("lang"), s.Lang) }

// formLang is a language that a form can be shown in: one that its questions are in too, else the installation's.
func (s *Server) formLang(name string, in *surveys.Instrument) view.Lang {
	if lang := s.render.Pack(name, s.Lang); in.Speaks(string(lang)) {
		return lang
	}
	return s.Lang
}

// formLangs are those languages.
func (s *Server) formLangs(in *surveys.Instrument) []view.Lang {
	return slices.DeleteFunc(s.render.Packs(), func(l view.Lang) bool { return !in.Speaks(string(l)) })
}

// send renders a page with a status.
func (s *Server) send(c *fiber.Ctx, status int, lang view.Lang, page view.Page) error {
	c.Status(status)
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return s.render.Render(c, lang, page)
}

// sendCitizen renders a citizen page, with the policy of its inline style.
func (s *Server) sendCitizen(c *fiber.Ctx, status int, lang view.Lang, page view.Page) error {
	c.Set(fiber.HeaderContentSecurityPolicy, s.render.CitizenCSP())
	return s.send(c, status, lang, page)
}

// takesGzip: Fiber takes a missing header for consent; a program that sends none unpacks nothing.
func takesGzip(c *fiber.Ctx) bool {
	return c.Get(fiber.HeaderAcceptEncoding) != "" && c.AcceptsEncodings("gzip") == "gzip"
}

// asset sends a style sheet or a script; its name changes with its bytes, so browsers keep it.
func (s *Server) asset(c *fiber.Ctx) error {
	a, ok := s.render.Assets()[c.Path()]
	if !ok {
		return fiber.ErrNotFound
	}
	c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	c.Set(fiber.HeaderContentType, a.ContentType)
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	if takesGzip(c) {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Send(a.Gzip)
	}
	return c.Send(a.Bytes)
}

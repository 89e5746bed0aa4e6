package server

import (
	"errors"
	"maps"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"hailong/server/account"
	"hailong/server/view"
	"hailong/surveys"
)

const (
	sessionCookie = "hailong_session"
	loginCookie   = "hailong_login" // ties a login form to the browser that asked for it
)

// staffFrame is what every staff page carries.
func (s *Server) staffFrame(c *fiber.Ctx) view.StaffFrame {
	session, signedIn := c.Locals(localSession).(account.Session)
	frame := view.StaffFrame{Organisation: s.Office, Demo: s.Install.Demo, SignedIn: signedIn, CSRF: session.CSRF}
	if signedIn && session.Role().MayReview() {
		frame.MayReview, frame.Reviewing = true, s.reviewing.Load()
	}
	if c.Method() == fiber.MethodGet {
		q, err := url.ParseQuery(string(c.Request().URI().QueryString()))
		if err == nil {
			q.Set("lang", string(s.lang(c).Other()))
			frame.Switch = c.Path() + "?" + q.Encode()
		}
	}
	return frame
}

// staffLink is an address of the staff's pages with a query, in the language that is shown; the usual one is left out.
func (s *Server) staffLink(c *fiber.Ctx, path string, q url.Values) string {
	if lang := s.lang(c); lang != s.Lang {
		q = maps.Clone(q)
		if q == nil {
			q = url.Values{}
		}
		q.Set("lang", string(lang))
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

func facilityPath(id surveys.FacilityID) string {
	return "/app/facilities/" + url.PathEscape(string(id))
}

// signedIn lets only the administrator pass, and only same-site posts with the session's CSRF token.
func (s *Server) signedIn(c *fiber.Ctx) error {
	session, err := s.accounts.Session(c.UserContext(), c.Cookies(s.cookieName(sessionCookie)))
	if errors.Is(err, account.ErrExpired) {
		next := ""
		if c.Method() == fiber.MethodGet {
			next = "?next=" + url.QueryEscape(c.OriginalURL())
		}
		return c.Redirect("/login"+next, fiber.StatusSeeOther)
	}
	if err != nil {
		return err
	}
	if c.Method() != fiber.MethodGet && !surveys.SameSecret(c.FormValue("csrf"), session.CSRF) {
		return fiber.ErrForbidden
	}
	c.Locals(localSession, session)
	return c.Next()
}

// showLogin asks for the password.
func (s *Server) showLogin(c *fiber.Ctx) error { return s.loginPage(c, fiber.StatusOK, "") }

func (s *Server) loginPage(c *fiber.Ctx, status int, problem view.LoginProblem) error {
	secret := account.NewSecret()
	c.Cookie(s.cookie(loginCookie, secret, fiber.CookieSameSiteStrictMode))
	next := c.Query("next")
	if c.Method() == fiber.MethodPost {
		next = c.FormValue("next")
	}
	page := view.LoginPage{StaffFrame: s.staffFrame(c), Next: localPath(next), Problem: problem}
	page.CSRF = secret
	return s.send(c, status, s.lang(c), page)
}

// login opens a session for the administrator.
func (s *Server) login(c *fiber.Ctx) error {
	if cookie := c.Cookies(s.cookieName(loginCookie)); cookie == "" || !surveys.SameSecret(c.FormValue("csrf"), cookie) {
		return s.loginPage(c, fiber.StatusForbidden, view.LoginExpired)
	}
	secret, err := s.accounts.Login(c.UserContext(), c.FormValue("password"))
	switch {
	case errors.Is(err, account.ErrTooMany):
		return s.loginPage(c, fiber.StatusTooManyRequests, view.LoginTooMany)
	case errors.Is(err, account.ErrWrong):
		return s.loginPage(c, fiber.StatusUnauthorized, view.LoginWrong)
	case err != nil:
		return err
	}
	c.Cookie(s.cookie(sessionCookie, secret, fiber.CookieSameSiteLaxMode))
	return c.Redirect(localPath(c.FormValue("next")), fiber.StatusSeeOther)
}

// logout ends the session.
func (s *Server) logout(c *fiber.Ctx) error {
	if session, ok := c.Locals(localSession).(account.Session); ok {
		if err := s.accounts.Logout(c.UserContext(), session); err != nil {
			return err
		}
	}
	gone := s.cookie(sessionCookie, "", fiber.CookieSameSiteLaxMode)
	gone.Expires = time.Unix(0, 0)
	c.Cookie(gone)
	return c.Redirect("/login", fiber.StatusSeeOther)
}

func (s *Server) cookie(name, value, sameSite string) *fiber.Cookie {
	return &fiber.Cookie{
		Name: s.cookieName(name), Value: value, Path: "/", HTTPOnly: true, SameSite: sameSite,
		Secure: s.isHTTPS(), SessionOnly: true,
	}
}

// localPath is a path of this site, /app for anything else.
func localPath(p string) string {
	rest, ours := strings.CutPrefix(p, "/app")
	if !ours || rest != "" && !strings.ContainsAny(rest[:1], "/?") || strings.ContainsAny(p, "\\\r\n") {
		return "/app"
	}
	return p
}

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"hailong/server"
	"hailong/server/view"
	"hailong/surveys"
)

// serveConfig is how requests are answered.
type serveConfig struct {
	Listen        string
	MetricsListen string
	BaseURL       string
	Office        string
	Contact       string
	AdminPassword string // environment only: a flag would stand in the list of processes
}

func serveOptions() []option {
	asking := []string{"serve", "demo", "health", "doctor"}
	looking := []string{"serve", "demo", "doctor"}
	naming := append(slices.Clone(looking), "qr", "paper")
	return []option{
		{Flag: "listen", Default: "127.0.0.1:8080", Help: "address to listen on; demo: :8080", Commands: asking, text: func(c *config) *string { return &c.Listen }},
		{Flag: "metrics-listen", Help: "address that answers /metrics without a token, as 127.0.0.1:9090; without it /metrics asks for an admin token", Commands: []string{"serve", "doctor"}, text: func(c *config) *string { return &c.MetricsListen }},
		{Flag: "base-url", Help: "address that the printed codes lead to, as https://HOST; default from --listen; qr must be told", Commands: append(slices.Clone(asking), "qr"), text: func(c *config) *string { return &c.BaseURL }},
		{Flag: "office", Help: "the body that runs the survey, named in the privacy notice", Commands: naming, text: func(c *config) *string { return &c.Office }},
		{Flag: "contact", Help: "how to reach that body", Commands: naming, text: func(c *config) *string { return &c.Contact }},
		{Flag: "admin-password", Secret: true, Help: "sets the first administrator's password; without it a random one is printed once", Commands: looking, text: func(c *config) *string { return &c.AdminPassword }},
	}
}

func (c *serveConfig) check() []error {
	var mistakes []error
	if c.BaseURL != "" && !isBase(c.BaseURL) {
		mistakes = append(mistakes, fmt.Errorf("--base-url %q is not an address such as https://HOST", c.BaseURL))
	}
	if _, _, err := net.SplitHostPort(c.Listen); c.Listen != "" && err != nil {
		mistakes = append(mistakes, fmt.Errorf("--listen %q is not an address such as 127.0.0.1:8080", c.Listen))
	}
	if _, _, err := net.SplitHostPort(c.MetricsListen); c.MetricsListen != "" && err != nil {
		mistakes = append(mistakes, fmt.Errorf("--metrics-listen %q is not an address such as 127.0.0.1:9090", c.MetricsListen))
	}
	return mistakes
}

// isBase says whether printed addresses may begin so: a host, and nothing behind it that a token could not follow.
func isBase(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil &&
		strings.Trim(u.Path, "/") == "" && u.RawQuery == "" && u.Fragment == ""
}

// serve answers requests until it is told to stop.
func serve(ctx context.Context, p *program, c config, words []string) error {
	if err := noWords(words); err != nil {
		return err
	}
	s, in, err := p.openStore(ctx, c, false)
	if err != nil {
		return err
	}
	err = p.whileHeld(ctx, c, s, func() error {
		return p.serveStore(ctx, c, s, in, func(base string) error {
			p.say("Hailong: %s  ·  %s/login\n", base, base)
			return nil
		})
	})
	return errors.Join(err, s.Close())
}

// serveStore listens first, so that a taken port is said at once and no password is made that nobody sees; announce tells where to click.
func (p *program) serveStore(ctx context.Context, c config, s surveys.Store, in surveys.Installation,
	announce func(base string) error,
) (err error) {
	f, err := p.openFront(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.close()) }()
	password, err := p.firstPassword(ctx, s, c)
	if err != nil {
		return err
	}
	srv, err := server.New(server.Options{
		Store: s, Log: p.logger(), Clock: p.clock, Zone: p.zone, BaseURL: f.base, Lang: view.Lang(c.Lang),
		Office: c.Office, Contact: c.Contact, Install: in, TrustedProxies: c.trustedProxies, CertificateEnds: f.ends,
	})
	if err != nil {
		return err
	}
	if err := announce(f.base); err != nil {
		srv.Close()
		return err
	}
	if password != "" {
		p.say("Mật khẩu quản trị (chỉ hiện một lần) / administrator's password, shown once: %s\n", password)
	}
	return f.serve(ctx, srv, p.logger())
}

// isLoopback says whether a host is this machine and no other.
func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

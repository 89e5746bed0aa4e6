package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/acme"

	"hailong/server"
)

// front is all that listens, and how HTTPS comes about.
type front struct {
	base     string // that printed codes lead to
	listener net.Listener
	redirect net.Listener // plain HTTP beside HTTPS; nil: none
	metrics  net.Listener // nil: none

	ends   func() time.Time                // of the certificate; nil: this server speaks no TLS
	warm   func(context.Context)           // gets certificates while serving; nil: none to get
	answer func(http.Handler) http.Handler // answers ACME over plain HTTP; nil: nothing to answer
}

// openFront takes every address and reads the certificate, so that what is wrong with them is said at once.
func (p *program) openFront(ctx context.Context, c config) (f *front, err error) {
	f = &front{}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.close())
		}
	}()
	for _, l := range []struct {
		address string
		into    *net.Listener
	}{{c.Listen, &f.listener}, {c.HTTPRedirect, &f.redirect}, {c.MetricsListen, &f.metrics}} {
		if l.address == "" && l.into != &f.listener {
			continue
		}
		var lc net.ListenConfig
		if *l.into, err = lc.Listen(ctx, "tcp", l.address); err != nil {
			return f, fmt.Errorf("cannot listen on %s: %w", l.address, err)
		}
	}
	f.base = strings.TrimRight(c.base(f.listener.Addr()), "/")
	return f, p.secureFront(c, f)
}

// secureFront puts TLS on the listener, if there is to be any. HTTP/2 is not offered: the HTTP server has none.
func (p *program) secureFront(c config, f *front) error {
	config := &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
	switch {
	case c.Cert != "":
		files, err := openCertFiles(c, hostOf(c.BaseURL), p.clock, p.logger())
		if err != nil {
			return err
		}
		config.GetCertificate, f.ends = files.GetCertificate, files.ends
	case c.ACME != "":
		certs, err := openACME(c, p.clock, p.logger())
		if err != nil {
			return err
		}
		config.GetCertificate, f.ends, f.warm = certs.GetCertificate, certs.ends, certs.warm
		config.NextProtos = append(config.NextProtos, acme.ALPNProto)
		f.answer = certs.manager.HTTPHandler
	default:
		return nil
	}
	f.listener = tls.NewListener(f.listener, config)
	return nil
}

// serve answers on all addresses until ctx ends.
func (f *front) serve(ctx context.Context, srv *server.Server, log *slog.Logger) error {
	log.InfoContext(ctx, "listening", "address", f.listener.Addr().String())
	beside, stop := context.WithCancel(ctx)
	var work sync.WaitGroup
	if f.redirect != nil {
		plain := toHTTPS(f.base)
		if f.answer != nil {
			plain = f.answer(plain)
		}
		a := newAside("http-redirect", f.redirect, plain)
		log.InfoContext(ctx, "listening", "name", a.name, "address", f.redirect.Addr().String())
		work.Go(func() { a.run(beside, log) })
	}
	if f.metrics != nil {
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", srv.MetricsHandler())
		a := newAside("metrics-listen", f.metrics, mux)
		log.InfoContext(ctx, "listening", "name", a.name, "address", f.metrics.Addr().String())
		work.Go(func() { a.run(beside, log) })
	}
	if f.warm != nil {
		go f.warm(beside) // not waited for: the authority may take its time
	}
	err := srv.Serve(ctx, f.listener)
	stop()
	work.Wait()
	return err
}

func (f *front) close() error {
	var all []error
	for _, l := range []net.Listener{f.listener, f.redirect, f.metrics} {
		if l != nil {
			all = append(all, ignoreClosed(l.Close()))
		}
	}
	return errors.Join(all...)
}

// base is the address that printed codes lead to: as configured, else by the certificate's host, else the listener's.
func (c *config) base(addr net.Addr) string {
	if c.BaseURL != "" {
		return c.BaseURL
	}
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		host, port = addr.String(), ""
	}
	if len(c.acmeHosts) > 0 {
		if port == "443" || port == "" {
			return "https://" + c.acmeHosts[0]
		}
		return "https://" + net.JoinHostPort(c.acmeHosts[0], port)
	}
	// One on every interface is named by the machine's own address, so that a phone beside it can scan.
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = ownAddress()
	}
	scheme := "http://"
	if c.on() {
		scheme = "https://"
	}
	return scheme + net.JoinHostPort(host, port)
}

// hostOf is the host of an address, "" if it has none.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// ownAddress is the machine's first IPv4 address on a network, 127.0.0.1 if it is on none.
func ownAddress() string {
	addrs, err := net.InterfaceAddrs()
	if err == nil {
		for _, a := range addrs {
			if ipnet, ok := a.(*net.IPNet); ok && !ipnet.IP.IsLoopback() && ipnet.IP.To4() != nil {
				return ipnet.IP.String()
			}
		}
	}
	return "127.0.0.1"
}

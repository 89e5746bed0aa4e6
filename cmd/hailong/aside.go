package main

import (
	"context"
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// aside is a small HTTP server beside the main one. It keeps no log of its own: net/http's would name addresses.
type aside struct {
	name     string
	listener net.Listener
	server   *http.Server
}

const (
	asideWithin = 10 * time.Second
	asideHeader = 16 << 10
)

func newAside(name string, listener net.Listener, handler http.Handler) *aside {
	return &aside{name, listener, &http.Server{
		Handler: handler, ReadTimeout: asideWithin, WriteTimeout: asideWithin, IdleTimeout: asideWithin,
		MaxHeaderBytes: asideHeader, ErrorLog: log.New(io.Discard, "", 0),
	}}
}

// run answers until ctx ends.
func (a *aside) run(ctx context.Context, logger *slog.Logger) {
	stop := context.AfterFunc(ctx, func() { a.close(logger) })
	defer stop()
	if err := a.server.Serve(a.listener); !errors.Is(err, http.ErrServerClosed) {
		logger.ErrorContext(ctx, "a listener failed", "name", a.name, "error", err)
	}
}

func (a *aside) close(logger *slog.Logger) {
	if err := errors.Join(a.server.Close(), ignoreClosed(a.listener.Close())); err != nil {
		logger.Error("a listener does not close", "name", a.name, "error", err)
	}
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// toHTTPS sends whoever comes by plain HTTP to the same address under base. What comes with a body has gone over the
// wire in clear: it is refused, so that the mistake shows.
func toHTTPS(base string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.Error(w, "use "+base, http.StatusForbidden)
			return
		}
		http.Redirect(w, r, base+r.URL.RequestURI(), http.StatusPermanentRedirect) //nolint:gosec // the host is ours, the path is behind it
	})
}

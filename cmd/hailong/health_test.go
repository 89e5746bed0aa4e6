package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve()
	address := strings.TrimPrefix(s.base, "http://")
	w.run("health", "--url", s.base).want(0, "ready")
	w.run("health", "--listen", address).want(0, "ready")
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	w.run("health", "--listen", ":"+port).want(0, s.base)
	w.env["HAILONG_LISTEN"] = "0.0.0.0:" + port
	w.run("health").want(0, s.base+": ready")
	// A proxy of the environment is not asked, nor is the store opened.
	w.env["HTTP_PROXY"], w.env["http_proxy"], w.env["HAILONG_DATA"] = "http://127.0.0.1:1", "http://127.0.0.1:1", "/nonexistent"
	w.run("health").want(0)
	s.end()
	w.run("health").want(1, "does not answer", "connection refused")
	w.run("health", "now").want(2, "now")
	w.run("health", "--listen", "127.0.0.1:0").want(2, "--url")
	w.run("health", "--url", "ftp://x").want(2, `--url "ftp://x"`)
}

// A server whose store is gone is not healthy, and a stranger's answer is none.
func TestHealthOfTheSick(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clock := &stepClock{now: w.now}
	s := w.serveAt(clock.Now)
	if err := os.Remove(w.database()); err != nil {
		t.Fatal(err)
	}
	w.run("health", "--url", s.base).want(1, "store unavailable")
	s.end()
	for body, status := range map[string]int{"ready\n": http.StatusAccepted, "hello": http.StatusOK, "ready, steady": http.StatusOK, "busy": http.StatusServiceUnavailable} {
		other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			w.Write([]byte(body)) //nolint:errcheck // the client says what it missed
		}))
		w.run("health", "--url", other.URL).want(1, "another program answers")
		other.Close()
	}
	moved := httptest.NewServer(http.RedirectHandler("http://127.0.0.1:1/", http.StatusFound))
	defer moved.Close()
	w.run("health", "--url", moved.URL).want(1, "another program answers")
}

// The own certificate is for the public name and may have expired: the server is healthy all the same.
func TestHealthOverTLS(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(makePair(t, 1, "khaosat.example", w.now.AddDate(-1, 0, 0), w.now.AddDate(0, 0, -1)))
	s := w.serve(w.tlsFlags()...)
	w.run(append([]string{"health", "--listen", s.address()}, w.tlsFlags()...)...).want(0, "https://127.0.0.1")
	w.run("health", "--listen", s.address()).want(1) // plain HTTP
	w.run("health", "--url", "https://"+s.address()).want(0)
	// By its public name it is looked at.
	w.run("health", "--url", "https://"+strings.Replace(s.address(), "127.0.0.1", "localhost.localdomain", 1)).want(1)
	s.end()
}

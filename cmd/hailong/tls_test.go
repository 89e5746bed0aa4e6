package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// stepClock is a clock that a test moves.
type stepClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *stepClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *stepClock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// closed closes what a test has done with.
func closed(t testing.TB, c io.Closer) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

// pair is a self-signed certificate and its key, in PEM.
type pair struct{ cert, key string }

func makePair(t testing.TB, serial int64, host string, from, to time.Time) pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: from, NotAfter: to, BasicConstraintsValid: true, IsCA: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pair{
		string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})),
	}
}

// good is a pair that is valid on the day of the world.
func (w *world) good(serial int64, host string) pair {
	w.t.Helper()
	return makePair(w.t, serial, host, w.now.AddDate(0, -1, 0), w.now.AddDate(0, 2, 0))
}

// put writes the pair under other names and renames them into place, as who renews certificates does.
func (w *world) put(p pair) {
	w.t.Helper()
	for name, text := range map[string]string{"cert.pem": p.cert, "key.pem": p.key} {
		if err := os.Rename(w.file(name+".new", text), filepath.Join(w.dir, name)); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) tlsFlags() []string {
	return []string{"--tls-cert", filepath.Join(w.dir, "cert.pem"), "--tls-key", filepath.Join(w.dir, "key.pem"), "--base-url", "https://khaosat.example"}
}

// serial connects anew and gives the serial number of the certificate that is shown.
func (s *served) serial(host string) int64 {
	s.t.Helper()
	conn, err := (&tls.Dialer{Config: &tls.Config{ServerName: host, InsecureSkipVerify: true}}).DialContext(s.t.Context(), "tcp", s.address())
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // it was only looked at
	tlsConn, ok := conn.(*tls.Conn)
	if !ok {
		s.t.Fatalf("%T is no TLS", conn)
	}
	return tlsConn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

// address is where the server listens: its log says.
func (s *served) address() string {
	s.t.Helper()
	var found string
	eventually(s.t, "the address is said", func() bool {
		_, after, ok := strings.Cut(s.words.String(), "msg=listening address=")
		found, _, _ = strings.Cut(after, "\n")
		return ok && found != ""
	})
	return found
}

func TestTLSByFiles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clock := &stepClock{now: w.now}
	first := w.good(1, "khaosat.example")
	w.put(first)
	s := w.serveAt(clock.Now, append(w.tlsFlags(), "--http-redirect", "127.0.0.1:0")...)
	if s.base != "https://khaosat.example" || s.serial("khaosat.example") != 1 {
		t.Fatalf("base %s, serial %d", s.base, s.serial("khaosat.example"))
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(first.cert))
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "khaosat.example", Time: clock.Now}}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Get("https://" + s.address() + "/login")
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("status %d, headers %v", resp.StatusCode, resp.Header)
	}
	for _, c := range resp.Cookies() {
		if !c.Secure || !c.HttpOnly || !strings.HasPrefix(c.Name, "__Host-") {
			t.Errorf("cookie %v", c)
		}
	}
	if _, err := tls.Dial("tcp", s.address(), &tls.Config{RootCAs: roots, ServerName: "khaosat.example", Time: clock.Now, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 is answered")
	}

	// Renewed: within seconds the new one is shown.
	w.put(w.good(2, "khaosat.example"))
	clock.add(lookEvery)
	if got := s.serial("khaosat.example"); got != 2 {
		t.Errorf("after renewal serial %d is shown", got)
	}
	// Each that is broken is said, once, and the old one stays.
	keep := func(what, want string, change func()) {
		t.Helper()
		before := len(s.words.String())
		change()
		for range 3 {
			clock.add(lookEvery)
			if got := s.serial("khaosat.example"); got != 2 {
				t.Errorf("%s: serial %d is shown", what, got)
			}
		}
		said := s.words.String()[before:]
		if strings.Count(said, "the old one stays") != 1 || !strings.Contains(said, want) {
			t.Errorf("%s: said %q, want once %q", what, said, want)
		}
	}
	other := w.good(3, "khaosat.example")
	keep("a certificate without its key", "the key is not that of the certificate", func() { w.file("cert.pem", other.cert) })
	keep("cut short", "cut short", func() { w.file("cert.pem", other.cert[:100]) })
	keep("gone", "no such file", func() {
		if err := os.Remove(filepath.Join(w.dir, "key.pem")); err != nil {
			t.Fatal(err)
		}
	})
	keep("expired", "it expired on 2026-03-01", func() {
		w.put(makePair(t, 4, "khaosat.example", w.now.AddDate(-1, 0, 0), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)))
	})
	keep("not yet valid", "it is not valid before 2026-04-01", func() {
		w.put(makePair(t, 5, "khaosat.example", time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), w.now.AddDate(1, 0, 0)))
	})
	keep("of another host", "it is for khac.example and not for khaosat.example", func() { w.put(w.good(6, "khac.example")) })
	// The one that came too early is taken when its time has come: nobody touches the files then.
	w.put(makePair(t, 7, "khaosat.example", w.now.Add(time.Hour), w.now.AddDate(1, 0, 0)))
	clock.add(lookEvery)
	if got := s.serial("khaosat.example"); got != 2 {
		t.Errorf("serial %d is shown before its time", got)
	}
	clock.add(time.Hour)
	if got := s.serial("khaosat.example"); got != 7 {
		t.Errorf("serial %d is shown when the time of 7 has come", got)
	}
	s.end()
}

// Kubernetes puts a folder behind a link in its place.
func TestTLSFilesBehindALink(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clock := &stepClock{now: w.now}
	for i, name := range []string{"one", "two"} {
		p := w.good(int64(i+1), "khaosat.example")
		if err := os.Mkdir(filepath.Join(w.dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		w.file(filepath.Join(name, "cert.pem"), p.cert)
		w.file(filepath.Join(name, "key.pem"), p.key)
	}
	link := func(to string) {
		t.Helper()
		if err := os.Symlink(to, filepath.Join(w.dir, "..new")); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(w.dir, "..new"), filepath.Join(w.dir, "..data")); err != nil {
			t.Fatal(err)
		}
	}
	link("one")
	for _, name := range []string{"cert.pem", "key.pem"} {
		if err := os.Symlink(filepath.Join("..data", name), filepath.Join(w.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	s := w.serveAt(clock.Now, w.tlsFlags()...)
	if got := s.serial(""); got != 1 {
		t.Errorf("serial %d", got)
	}
	link("two")
	clock.add(lookEvery)
	if got := s.serial(""); got != 2 {
		t.Errorf("after the link moved, serial %d", got)
	}
	s.end()
}

func TestTLSThatCannotStart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p, other := w.good(1, "khaosat.example"), w.good(2, "khaosat.example")
	serve := func(cert, key string) result {
		t.Helper()
		return w.run("serve", "--listen", "127.0.0.1:0", "--tls-cert", cert, "--tls-key", key)
	}
	cert, key := w.file("cert.pem", p.cert), w.file("key.pem", p.key)
	serve(filepath.Join(w.dir, "none.pem"), key).want(1, "none.pem", "no such file", "!Hailong: http", "!shown once")
	serve(cert, w.file("other.pem", other.key)).want(1, "the key is not that of the certificate", "!shown once")
	serve(w.file("rubbish.pem", "rubbish"), key).want(1, "not a certificate and a key in PEM")
	serve(w.file("short.pem", p.cert[:len(p.cert)/2]), key).want(1, "cut short")
	serve(key, cert).want(1, "PEM")
	w.run("serve", "--tls-cert", cert).want(2, "--tls-cert and --tls-key go together")
	w.run("serve", "--acme", "localhost", "--http-redirect", "80", "--trusted-proxies", "all", "--acme-directory", "http://x").want(2,
		`--acme "localhost"`, `--http-redirect "80"`, `--trusted-proxies "all"`, `--acme-directory "http://x"`, "--trusted-proxies needs --base-url")
	w.run("serve", "--acme", "a.example", "--tls-cert", cert, "--tls-key", key, "--base-url", "http://a.example").want(2, "exclude each other", "plain HTTP")
	w.run("serve", "--acme-contact", "a@b.example", "--http-redirect", ":80").want(2, "need --acme", "--http-redirect needs")
	w.run("serve", "--metrics-listen", "9090").want(2, `--metrics-listen "9090"`)
	w.run("serve", "--acme", "a.example", "--acme-root", filepath.Join(w.dir, "none")).want(1, "--acme-root", "no such file")
	w.run("serve", "--acme", "a.example", "--acme-root", w.file("x", "x")).want(1, "no certificate in PEM")
}

// A certificate that expired over night, or is for another host, is served and said: browsers warn, but a server that
// does not start takes no answers at all.
func TestTLSWithABadCertificateStartsAndSays(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		host     string
		from, to time.Duration
		want     string
	}{
		"expired":       {"khaosat.example", -1000 * time.Hour, -24 * time.Hour, "it expired on 2026-03-09"},
		"not yet valid": {"khaosat.example", 24 * time.Hour, 1000 * time.Hour, "it is not valid before 2026-03-11"},
		"another host":  {"khac.example", -1000 * time.Hour, 1000 * time.Hour, "it is for khac.example and not for khaosat.example"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.put(makePair(t, 9, c.host, w.now.Add(c.from), w.now.Add(c.to)))
			s := w.serve(w.tlsFlags()...)
			if got := s.serial("khaosat.example"); got != 9 {
				t.Errorf("serial %d", got)
			}
			s.end()
			if said := s.words.String(); !strings.Contains(said, "level=ERROR msg=certificate") || !strings.Contains(said, c.want) {
				t.Errorf("said %s, want %q", said, c.want)
			}
		})
	}
}

// A handshake that fails leaves no address in the log: net/http and fasthttp would write one.
func TestFailedHandshakeLeavesNoAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(w.good(1, "khaosat.example"))
	s := w.serve(w.tlsFlags()...)
	for _, text := range []string{"GET / HTTP/1.1\r\nHost: MARK\r\n\r\n", "\x16\x03\x01MARK", ""} {
		conn, err := net.Dial("tcp", s.address())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, text); err != nil {
			t.Fatal(err)
		}
		if tcp, ok := conn.(*net.TCPConn); ok && text != "" {
			if err := tcp.CloseWrite(); err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, conn) //nolint:errcheck // the server may well break it off
		}
		closed(t, conn)
	}
	s.end()
	_, said, _ := strings.Cut(s.words.String(), "msg=listening")
	_, said, _ = strings.Cut(said, "\n")
	for _, bad := range []string{"MARK", "127.0.0.1"} {
		if strings.Contains(said, bad) {
			t.Errorf("the log holds %q: %s", bad, said)
		}
	}
}

func TestPlainHTTPIsSentToHTTPS(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(w.good(1, "khaosat.example"))
	s := w.serve(append(w.tlsFlags(), "--http-redirect", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0")...)
	redirect := "http://" + s.besideAddress("http-redirect")
	for path, want := range map[string]string{
		"/s/6T9C4N8R?form=full": "https://khaosat.example/s/6T9C4N8R?form=full",
		"//evil.example/x":      "https://khaosat.example//evil.example/x",
		"/":                     "https://khaosat.example/",
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, redirect+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = "evil.example"
		resp, err := s.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
		if got := resp.Header.Get("Location"); resp.StatusCode != http.StatusPermanentRedirect || got != want {
			t.Errorf("%s leads to %q with %d, want %q", path, got, resp.StatusCode, want)
		}
	}
	resp, err := s.http.Post(redirect+"/login", "application/x-www-form-urlencoded", strings.NewReader("password=x"))
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
	if resp.StatusCode != http.StatusForbidden || resp.Header.Get("Location") != "" {
		t.Errorf("a post in clear is answered %d", resp.StatusCode)
	}
	metrics := "http://" + s.besideAddress("metrics-listen")
	for path, want := range map[string]int{"/metrics": http.StatusOK, "/": http.StatusNotFound, "/login": http.StatusNotFound} {
		resp, err := s.http.Get(metrics + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
		if resp.StatusCode != want || (want == http.StatusOK) != strings.Contains(string(body), "hailong_tls_certificate_expiry_timestamp_seconds 1.") {
			t.Errorf("%s is answered %d: %.300s", path, resp.StatusCode, body)
		}
	}
	s.end()
}

// besideAddress is where a listener beside the main one is: the log says.
func (s *served) besideAddress(name string) string {
	s.t.Helper()
	var found string
	eventually(s.t, name+" is said", func() bool {
		_, after, ok := strings.Cut(s.words.String(), "name="+name+" address=")
		found, _, _ = strings.Cut(after, "\n")
		return ok && found != ""
	})
	return found
}

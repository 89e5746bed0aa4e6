package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/letsencrypt/challtestsrv"
	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
)

// authority is an ACME authority (Let's Encrypt's own test server) that looks at challenges on ports of ours.
type authority struct {
	directory string
	root      string // file with the certificate of its HTTPS
	roots     *x509.CertPool
}

// startAuthority says where it will look for TLS-ALPN-01 and HTTP-01. Its names are all on 127.0.0.1.
func (w *world) startAuthority(tlsPort, httpPort int) authority {
	w.t.Helper()
	quiet := log.New(io.Discard, "", 0)
	dns := freePort(w.t)
	names, err := challtestsrv.New(challtestsrv.Config{DNSAddrs: []string{dns}, Log: quiet})
	if err != nil {
		w.t.Fatal(err)
	}
	names.SetDefaultDNSIPv4("127.0.0.1")
	names.SetDefaultDNSIPv6("")
	go names.Run()
	w.t.Cleanup(names.Shutdown)
	memory := db.NewMemoryStore()
	issuer := ca.New(quiet, memory, "", "ecdsa", 0, 1, map[string]ca.Profile{"default": {Description: "default"}})
	looker := va.New(quiet, httpPort, tlsPort, true, dns, memory)
	front := wfe.New(quiet, memory, looker, issuer, []string{"ca.example"}, true, false, 1, 1)
	server := httptest.NewUnstartedServer(front.Handler())
	server.Config.ErrorLog = quiet
	server.StartTLS()
	w.t.Cleanup(server.Close)
	a := authority{directory: server.URL + wfe.DirectoryPath, roots: x509.NewCertPool()}
	a.root = w.file("authority.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	a.roots.AppendCertsFromPEM(issuer.GetRootCert(0).PEM())
	return a
}

// freePort is an address that was free a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // it was only asked for its port
	return l.Addr().String()
}

func portOf(t *testing.T, address string) int {
	t.Helper()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A certificate is got from a real ACME server before anybody asks for it, by TLS-ALPN-01 alone and by HTTP-01 where
// the TLS port cannot be reached; it is kept, so that the next start needs no authority.
func TestACME(t *testing.T) {
	t.Setenv("PEBBLE_VA_NOSLEEP", "1")
	for name, byHTTP := range map[string]bool{"TLS-ALPN-01": false, "HTTP-01": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.now = time.Now() // the authority's clock is the machine's
			address, plain := freePort(t), freePort(t)
			tlsPort := portOf(t, address)
			if byHTTP {
				tlsPort = portOf(t, freePort(t)) // nothing answers there
			}
			a := w.startAuthority(tlsPort, portOf(t, plain))
			flags := []string{
				"--listen", address, "--acme", "khaosat.example.vn,www.khaosat.example.vn", "--acme-directory", a.directory,
				"--acme-root", a.root, "--acme-contact", "quantri@example.vn",
			}
			if byHTTP {
				flags = append(flags, "--http-redirect", plain)
			}
			s := w.serve(flags...)
			if want := "https://khaosat.example.vn:" + strconv.Itoa(portOf(t, address)); s.base != want {
				t.Errorf("base is %s, want %s", s.base, want)
			}
			eventually(t, "both certificates are there", func() bool { return strings.Count(s.words.String(), "certificate by ACME") == 2 })
			for _, host := range []string{"khaosat.example.vn", "www.khaosat.example.vn"} {
				visit(t, s, a, host)
			}
			if conn, err := tls.Dial("tcp", address, &tls.Config{ServerName: "khac.example.vn", InsecureSkipVerify: true}); err == nil {
				closed(t, conn)
				t.Error("a host that is not ours gets a certificate")
			}
			s.end()
			if strings.Contains(s.words.String(), "khac.example.vn") {
				t.Errorf("a foreign host is logged: %s", s.words)
			}
			folder := filepath.Join(w.dir, "data", acmeFolder)
			info, err := os.Stat(folder)
			if err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("the folder: %v, %v", info, err)
			}
			if leaf, err := cachedACME(filepath.Join(w.dir, "data"), "khaosat.example.vn"); err != nil || leaf.VerifyHostname("khaosat.example.vn") != nil {
				t.Errorf("the kept certificate: %v", err)
			}
			// The authority is out of reach now: what is kept serves.
			flags[5] = "https://" + freePort(t) + "/dir"
			s = w.serve(flags...)
			visit(t, s, a, "khaosat.example.vn")
			s.end()
		})
	}
}

func visit(t *testing.T, s *served, a authority, host string) {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: a.roots, ServerName: host}}
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport}).Get("https://" + s.address() + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // it was only read
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "ok\n" || resp.Proto != "HTTP/1.1" {
		t.Errorf("%s: %q, %v", resp.Proto, body, err)
	}
}

// An authority that does not answer is said, with the host; the server goes on.
func TestACMEOutOfReach(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve("--acme", "khaosat.example.vn", "--acme-directory", "https://"+freePort(t)+"/dir")
	eventually(t, "it is said", func() bool { return strings.Contains(s.words.String(), "no certificate by ACME") })
	for range 3 {
		if conn, err := tls.Dial("tcp", s.address(), &tls.Config{ServerName: "khaosat.example.vn", InsecureSkipVerify: true}); err == nil {
			closed(t, conn)
			t.Error("there is a certificate from nowhere")
		}
	}
	s.end()
	if n := strings.Count(s.words.String(), "no certificate by ACME"); n != 1 || !strings.Contains(s.words.String(), "host=khaosat.example.vn") {
		t.Errorf("said %d times: %s", n, s.words)
	}
}

package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"hailong/surveys"
)

// acmeFolder, in --data, holds the account key and the certificates. It is of this machine: servers that share a
// database each get their own.
const acmeFolder = "acme"

// acmeCerts are certificates that an ACME authority gives and renews, thirty days before they end.
type acmeCerts struct {
	manager *autocert.Manager
	hosts   []string
	clock   surveys.Clock
	log     *slog.Logger

	expires atomic.Int64 // Unix seconds of the one last used, 0 none

	mu   sync.Mutex
	said time.Time // when a failure was last logged
}

// complainEvery is how often a failure of the authority is said: every visitor meets it.
const complainEvery = time.Minute

func openACME(c config, clock surveys.Clock, log *slog.Logger) (*acmeCerts, error) {
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment}
	if c.ACMERoot != "" {
		pem, err := os.ReadFile(c.ACMERoot)
		if err != nil {
			return nil, fmt.Errorf("--acme-root: %w", err)
		}
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("--acme-root: %s holds no certificate in PEM", c.ACMERoot)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	}
	return &acmeCerts{
		hosts: c.acmeHosts, clock: clock, log: log,
		manager: &autocert.Manager{
			Prompt:     autocert.AcceptTOS,
			Cache:      autocert.DirCache(filepath.Join(c.Data, acmeFolder)), // made 0700, its files 0600
			HostPolicy: onlyHosts(c.acmeHosts),
			Email:      c.ACMEContact,
			Client: &acme.Client{
				DirectoryURL: c.ACMEDirectory, UserAgent: "hailong", // an empty directory is Let's Encrypt's
				HTTPClient: &http.Client{Transport: transport, Timeout: time.Minute},
			},
		},
	}, nil
}

// onlyHosts is autocert's list of hosts, which would take a port for a part of the name.
func onlyHosts(hosts []string) autocert.HostPolicy {
	listed := autocert.HostWhitelist(hosts...)
	return func(ctx context.Context, host string) error {
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		return listed(ctx, host)
	}
}

// GetCertificate answers a handshake, also that by which the authority sees that the host is ours (TLS-ALPN-01).
func (a *acmeCerts) GetCertificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	cert, err := a.manager.GetCertificate(hello)
	switch {
	case err != nil:
		a.complain(hello.ServerName, err)
	case !slices.Contains(hello.SupportedProtos, acme.ALPNProto) && cert.Leaf != nil:
		a.expires.Store(cert.Leaf.NotAfter.Unix())
	}
	return cert, err //nolint:wrapcheck // crypto/tls drops it
}

// complain says why there is no certificate for a host of ours, once in a while. Other names are made up by whoever
// scans the net.
func (a *acmeCerts) complain(host string, err error) {
	if !slices.Contains(a.hosts, host) {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if now := a.clock(); a.said.IsZero() || now.Sub(a.said).Abs() >= complainEvery {
		a.said = now
		a.log.Error("no certificate by ACME", "host", host, "error", err)
	}
}

func (a *acmeCerts) ends() time.Time {
	if at := a.expires.Load(); at != 0 {
		return time.Unix(at, 0)
	}
	return time.Time{}
}

// warm gets what is missing before the first citizen would wait for it. It works only while the server answers.
func (a *acmeCerts) warm(ctx context.Context) {
	for _, host := range a.hosts {
		// What every phone of the last ten years can.
		hello := &tls.ClientHelloInfo{ServerName: host, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}}
		if _, err := a.GetCertificate(hello); err == nil {
			a.log.InfoContext(ctx, "certificate by ACME", "host", host, "expires", a.ends().Format(time.DateOnly))
		}
	}
}

// cachedACME finds the certificate of a host in the folder, or none.
func cachedACME(data, host string) (*x509.Certificate, error) {
	raw, err := os.ReadFile(filepath.Join(data, acmeFolder, host)) //nolint:gosec // the administrator names the folder
	if err != nil {
		return nil, err //nolint:wrapcheck // it names the file
	}
	pair, err := tls.X509KeyPair(raw, raw)
	if err != nil {
		return nil, errors.New("the file in the folder is damaged")
	}
	return pair.Leaf, nil
}

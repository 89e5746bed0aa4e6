package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// healthConfig is whom health asks.
type healthConfig struct {
	URL string
}

func healthOptions() []option {
	return []option{
		{Flag: "url", Help: "server to ask, as https://HOST; default the one that --listen names", Commands: []string{"health"}, text: func(c *config) *string { return &c.URL }},
	}
}

func (c *healthConfig) check() []error {
	if c.URL != "" && !isBase(c.URL) {
		return []error{fmt.Errorf("--url %q is not an address such as https://HOST", c.URL)}
	}
	return nil
}

// healthWithin bounds the question: Docker's own patience is 30 s.
const healthWithin = 5 * time.Second

// health asks a server whether it can take answers: exit status 0 if so. It is the container's HEALTHCHECK, where there
// is no shell and no curl.
func health(ctx context.Context, p *program, c config, words []string) error {
	if err := noWords(words); err != nil {
		return err
	}
	address, err := c.ownURL()
	if err != nil {
		return err
	}
	if err = c.ask(ctx, address); err != nil {
		return err
	}
	p.say("%s: ready\n", address)
	return nil
}

// ownURL is where a server with this configuration answers on this machine.
func (c *config) ownURL() (string, error) {
	if c.URL != "" {
		return strings.TrimRight(c.URL, "/"), nil
	}
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil || port == "0" {
		return "", fmt.Errorf("%w: --listen %q does not say where to ask; name it by --url", errUsage, c.Listen)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	scheme := "http://"
	if c.on() {
		scheme = "https://"
	}
	return scheme + net.JoinHostPort(host, port), nil
}

// errNotOurs is an answer that no hailong gives.
var errNotOurs = errors.New("another program answers there")

// ask asks a server's readyz; nil means ready.
func (c *config) ask(ctx context.Context, address string) error {
	transport := &http.Transport{TLSClientConfig: c.askTLS(address)}
	defer transport.CloseIdleConnections()
	client := &http.Client{
		Transport: transport, Timeout: healthWithin,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/readyz", http.NoBody) //nolint:gosec // the administrator names the server
	if err != nil {
		return fmt.Errorf("ask %s: %w", address, err)
	}
	resp, err := client.Do(req) //nolint:gosec // the administrator names the server
	if err != nil {
		return fmt.Errorf("the server does not answer: %w", err)
	}
	defer resp.Body.Close() //nolint:errcheck // it was only read
	body, err := io.ReadAll(io.LimitReader(resp.Body, 100))
	if err != nil {
		return fmt.Errorf("the server does not answer: %w", err)
	}
	switch said := strings.TrimSpace(string(body)); {
	case resp.StatusCode == http.StatusOK && said == "ready":
		return nil
	case resp.StatusCode == http.StatusServiceUnavailable && (said == "not ready" || said == "store unavailable"):
		return fmt.Errorf("%s: %s", address, said)
	default:
		return fmt.Errorf("%s: %w (status %d)", address, errNotOurs, resp.StatusCode)
	}
}

// askTLS is how the server's certificate is looked at. On this machine it is not: it is for the public name, may have
// expired, and the question is only whether the server answers; nothing secret is said. Elsewhere it is.
func (c *config) askTLS(address string) *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.URL != "" && !isLoopback(hostOf(address)) {
		return config
	}
	config.InsecureSkipVerify = true
	config.ServerName = hostOf(c.BaseURL)
	if len(c.acmeHosts) > 0 {
		config.ServerName = c.acmeHosts[0]
	}
	return config
}

package openloop

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"syscall"
	"time"

	"github.com/valyala/fasthttp"
)

// Sender sends one request. Client is the one that does; tests have their own.
type Sender interface {
	Send(ctx context.Context, q Request) (Reply, error)
}

// Request is what is sent.
type Request struct {
	Method, Path, Type string
	Body               []byte
	WithToken          bool // the API token goes along; citizens have none
}

// Reply is what came back.
type Reply struct {
	Status     int
	Location   string
	RetryAfter string
	Body       []byte
}

// Client talks to one server. It is fasthttp's, which costs about half of net/http's processor time: the generator
// often shares the machine with what it measures.
type Client struct {
	host   *fasthttp.HostClient
	base   string
	bearer string
}

const (
	answerWithin = 30 * time.Second // what a phone waits about
	mostBody     = 4 << 20
)

// Options are what a client needs to know.
type Options struct {
	URL         *url.URL // of the server, without a path
	Connections int
	Bearer      string // an API token, "" none
	Insecure    bool   // any certificate will do
}

// NewClient makes a client; nothing is sent yet.
func NewClient(o Options) *Client {
	port := o.URL.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[o.URL.Scheme]
	}
	return &Client{
		base: o.URL.Scheme + "://" + o.URL.Host, bearer: o.Bearer,
		host: &fasthttp.HostClient{
			Addr: net.JoinHostPort(o.URL.Hostname(), port), Name: "hailong loadtest",
			IsTLS: o.URL.Scheme == "https", MaxConns: o.Connections, MaxResponseBodySize: mostBody,
			TLSConfig:                 &tls.Config{InsecureSkipVerify: o.Insecure, ServerName: o.URL.Hostname(), MinVersion: tls.VersionTLS12}, //nolint:gosec // only of this machine itself, where the administrator says so
			MaxIdemponentCallAttempts: 1,                                                                                                       // a silent second try would hide the first
			Dial:                      dial,
		},
	}
}

// dial is the library's, which looks names up as the system does; fasthttp's keeps a goroutine of its own for that.
func dial(address string) (net.Conn, error) {
	d := net.Dialer{Timeout: answerWithin}
	return d.DialContext(context.Background(), "tcp", address) //nolint:wrapcheck // kindOf looks into it
}

// Close lets go of the connections.
func (c *Client) Close() { c.host.CloseIdleConnections() }

// Send sends a request and reads the whole answer.
func (c *Client) Send(_ context.Context, q Request) (Reply, error) {
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)
	req.Header.SetMethod(q.Method)
	req.SetRequestURI(c.base + q.Path)
	req.Header.Set("Accept-Encoding", "gzip") // as every browser does
	if q.Type != "" {
		req.Header.SetContentType(q.Type)
		req.SetBodyRaw(q.Body)
	}
	if q.WithToken {
		req.Header.Set("Authorization", "Bearer "+c.bearer)
	}
	if err := c.host.DoTimeout(req, resp, answerWithin); err != nil {
		return Reply{}, fmt.Errorf("%s %s: %w", q.Method, c.base, err)
	}
	body, err := resp.BodyUncompressed()
	if err != nil {
		return Reply{}, fmt.Errorf("%w: %w", errMalformed, err)
	}
	return Reply{
		Status: resp.StatusCode(), Location: string(resp.Header.Peek("Location")),
		RetryAfter: string(resp.Header.Peek("Retry-After")), Body: append([]byte(nil), body...),
	}, nil
}

// kindOf names an error in the report.
func kindOf(err error) string {
	var timeout net.Error
	var certificate *tls.CertificateVerificationError
	var status statusError
	switch {
	case errors.As(err, &status):
		return status.Error()
	case errors.Is(err, errMalformed):
		return errMalformed.Error()
	case errors.Is(err, fasthttp.ErrTimeout), errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.As(err, &certificate):
		return "certificate"
	case errors.Is(err, fasthttp.ErrConnectionClosed), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET),
		errors.Is(err, syscall.EPIPE):
		return "connection closed"
	default:
		return "broken answer"
	}
}

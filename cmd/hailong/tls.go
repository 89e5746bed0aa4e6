package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"hailong/surveys"
)

// tlsConfig is how HTTPS comes about: by our own certificate files, by ACME, or by a proxy in front.
type tlsConfig struct {
	Cert, Key      string
	ACME           string // host names
	ACMEDirectory  string
	ACMEContact    string
	ACMERoot       string
	HTTPRedirect   string
	TrustedProxies string

	acmeHosts      []string
	trustedProxies []netip.Prefix
}

func tlsOptions() []option {
	asking := []string{"serve", "health", "doctor"}
	looking := []string{"serve", "doctor"}
	return []option{
		{Flag: "tls-cert", Help: "certificate with its chain, PEM; read again when it changes", Commands: asking, text: func(c *config) *string { return &c.Cert }},
		{Flag: "tls-key", Help: "key of the certificate, PEM", Commands: asking, text: func(c *config) *string { return &c.Key }},
		{Flag: "acme", Help: "host names, apart by commas, to get certificates for by ACME (Let's Encrypt); kept in acme in --data", Commands: asking, text: func(c *config) *string { return &c.ACME }},
		{Flag: "acme-directory", Help: "directory URL of another ACME authority", Commands: looking, text: func(c *config) *string { return &c.ACMEDirectory }},
		{Flag: "acme-contact", Help: "e-mail that the ACME authority may write to", Commands: looking, text: func(c *config) *string { return &c.ACMEContact }},
		{Flag: "acme-root", Help: "certificate of an ACME authority of one's own, PEM", Commands: looking, text: func(c *config) *string { return &c.ACMERoot }},
		{Flag: "http-redirect", Help: "address, as :80, that sends plain HTTP to HTTPS and answers ACME", Commands: looking, text: func(c *config) *string { return &c.HTTPRedirect }},
		{Flag: "trusted-proxies", Help: "networks or addresses, apart by commas, of the proxies whose X-Forwarded-Proto is believed", Commands: looking, text: func(c *config) *string { return &c.TrustedProxies }},
	}
}

func (c *tlsConfig) check(baseURL string) []error {
	var mistakes []error
	wrong := func(format string, args ...any) { mistakes = append(mistakes, fmt.Errorf(format, args...)) }
	if (c.Cert == "") != (c.Key == "") {
		wrong("--tls-cert and --tls-key go together")
	}
	if _, _, err := net.SplitHostPort(c.HTTPRedirect); c.HTTPRedirect != "" && err != nil {
		wrong("--http-redirect %q is not an address such as :80", c.HTTPRedirect)
	}
	if c.HTTPRedirect != "" && !c.on() {
		wrong("--http-redirect needs --tls-cert or --acme")
	}
	if c.on() && strings.HasPrefix(baseURL, "http://") {
		wrong("--base-url %q is plain HTTP, and this server would answer HTTPS", baseURL)
	}
	c.checkACME(wrong)
	c.checkProxies(baseURL, wrong)
	return mistakes
}

func (c *tlsConfig) checkACME(wrong func(format string, args ...any)) {
	if c.Cert != "" && c.ACME != "" {
		wrong("--acme and --tls-cert exclude each other")
	}
	c.acmeHosts = list(c.ACME)
	for _, host := range c.acmeHosts {
		if !isHostName(host) {
			wrong("--acme %q is no host name such as khaosat.example.vn", host)
		}
	}
	if u, err := url.Parse(c.ACMEDirectory); c.ACMEDirectory != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		wrong("--acme-directory %q is no https:// address", c.ACMEDirectory)
	}
	if c.ACME == "" && c.ACMEDirectory+c.ACMEContact+c.ACMERoot != "" {
		wrong("--acme-directory, --acme-contact and --acme-root need --acme")
	}
}

func (c *tlsConfig) checkProxies(baseURL string, wrong func(format string, args ...any)) {
	for _, text := range list(c.TrustedProxies) {
		prefix, err := parsePrefix(text)
		if err != nil {
			wrong("--trusted-proxies %q is no network such as 10.0.0.0/8", text)
			continue
		}
		c.trustedProxies = append(c.trustedProxies, prefix)
	}
	if c.TrustedProxies == "" {
		return
	}
	if !strings.HasPrefix(baseURL, "https://") {
		wrong("--trusted-proxies needs --base-url https://HOST, the address before the proxy")
	}
	if c.on() {
		wrong("--trusted-proxies is for a proxy that ends TLS: without --tls-cert and --acme")
	}
}

// on says that this server itself speaks TLS.
func (c *tlsConfig) on() bool { return c.Cert != "" || c.ACME != "" }

// list cuts a list with commas.
func list(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

func isHostName(host string) bool {
	return strings.Contains(strings.Trim(host, "."), ".") && !strings.ContainsAny(host, "/:*@?#") && net.ParseIP(host) == nil
}

func parsePrefix(text string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(text)
	return prefix.Masked(), err
}

// lookEvery is how often the certificate files are looked at, when somebody connects.
const lookEvery = 2 * time.Second

// certFiles is a certificate in two files. A pair that is put in their place is taken up while serving, whether it
// is written over, renamed into place or behind a link; one that is broken, or less good than what we have, is said
// in the log and left.
type certFiles struct {
	cert, key string
	host      string // that it should be for, "" unknown
	clock     surveys.Clock
	log       *slog.Logger

	inUse atomic.Pointer[tls.Certificate]

	mu     sync.Mutex
	looked time.Time
	seen   [2]os.FileInfo // of the pair in use
	said   string         // the last complaint
}

// openCertFiles reads the pair for the first time: without one there is nothing to serve with. One that has expired
// is served all the same, and said: browsers warn of it, while a server that does not start takes no answers at all.
func openCertFiles(c config, host string, clock surveys.Clock, log *slog.Logger) (*certFiles, error) {
	f := &certFiles{cert: c.Cert, key: c.Key, host: host, clock: clock, log: log, looked: clock()}
	pair, seen, err := f.read()
	if err != nil {
		return nil, err
	}
	f.inUse.Store(pair)
	f.seen = seen
	if err := certProblem(pair.Leaf, f.host, clock()); err != nil {
		log.Error("certificate", "file", f.cert, "error", err)
	}
	return f, nil
}

// read reads the pair and what the files looked like before.
func (f *certFiles) read() (*tls.Certificate, [2]os.FileInfo, error) {
	seen, err := f.stat()
	if err != nil {
		return nil, seen, err
	}
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return nil, seen, fmt.Errorf("certificate %s and key %s: %w", f.cert, f.key, pairProblem(err))
	}
	return &pair, seen, nil
}

func (f *certFiles) stat() (seen [2]os.FileInfo, err error) {
	for i, name := range []string{f.cert, f.key} {
		if seen[i], err = os.Stat(name); err != nil {
			return seen, fmt.Errorf("certificate: %w", err)
		}
	}
	return seen, nil
}

// pairProblem says in words what crypto/tls means.
func pairProblem(err error) error {
	switch text := err.Error(); {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return err
	case strings.Contains(text, "private key does not match"), strings.Contains(text, "private key type does not match"):
		return errors.New("the key is not that of the certificate")
	case strings.Contains(text, "failed to find any PEM data"), strings.Contains(text, "PEM"):
		return fmt.Errorf("they are not a certificate and a key in PEM, or cut short (%w)", err)
	default:
		return fmt.Errorf("they cannot be read as a certificate and its key (%w)", err)
	}
}

// certProblem says what is wrong with a certificate today.
func certProblem(leaf *x509.Certificate, host string, now time.Time) error {
	var mistakes []error
	if now.After(leaf.NotAfter) {
		mistakes = append(mistakes, fmt.Errorf("it expired on %s", leaf.NotAfter.Format(time.DateOnly)))
	}
	if now.Before(leaf.NotBefore) {
		mistakes = append(mistakes, fmt.Errorf("it is not valid before %s", leaf.NotBefore.Format(time.DateOnly)))
	}
	if host != "" && leaf.VerifyHostname(host) != nil {
		mistakes = append(mistakes, fmt.Errorf("it is for %s and not for %s", strings.Join(certNames(leaf), ", "), host))
	}
	return errors.Join(mistakes...)
}

func certNames(leaf *x509.Certificate) []string {
	names := leaf.DNSNames
	for _, ip := range leaf.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		names = []string{"no host"}
	}
	return names
}

// look takes up a new pair, if there is one.
func (f *certFiles) look() {
	if !f.mu.TryLock() {
		return // somebody else is looking
	}
	defer f.mu.Unlock()
	now := f.clock()
	if now.Sub(f.looked).Abs() < lookEvery {
		return
	}
	f.looked = now
	seen, err := f.stat()
	if err == nil && same(seen, f.seen) {
		return
	}
	if err == nil {
		err = f.take(now)
	}
	if err == nil {
		f.said = ""
		return
	}
	if err.Error() != f.said { // once, not at every visit
		f.said = err.Error()
		f.log.Error("the new certificate is not used, the old one stays", "file", f.cert, "error", err,
			"old_expires", f.inUse.Load().Leaf.NotAfter.Format(time.DateOnly))
	}
}

func same(a, b [2]os.FileInfo) bool {
	for i := range a {
		if !os.SameFile(a[i], b[i]) || a[i].Size() != b[i].Size() || !a[i].ModTime().Equal(b[i].ModTime()) {
			return false
		}
	}
	return true
}

// take reads the new pair and puts it in use, unless it has faults that the old one has not.
func (f *certFiles) take(now time.Time) error {
	pair, seen, err := f.read()
	if err != nil {
		return err
	}
	problem := certProblem(pair.Leaf, f.host, now)
	if problem != nil && certProblem(f.inUse.Load().Leaf, f.host, now) == nil {
		return problem
	}
	f.inUse.Store(pair)
	f.seen = seen
	f.log.Info("certificate read again", "file", f.cert, "expires", pair.Leaf.NotAfter.Format(time.DateOnly))
	if problem != nil {
		f.log.Error("certificate", "file", f.cert, "error", problem)
	}
	return nil
}

// GetCertificate answers a handshake.
func (f *certFiles) GetCertificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.look()
	return f.inUse.Load(), nil
}

// ends is when the certificate in use expires.
func (f *certFiles) ends() time.Time { return f.inUse.Load().Leaf.NotAfter }

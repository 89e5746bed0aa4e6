package main

import (
	"context"
	"crypto/x509"
	"errors"
	"io/fs"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// expiresSoon is when a certificate that is renewed by itself would have been: ACME renews thirty days before.
const expiresSoon = 14 * 24 * time.Hour

// lookAtCertificate looks at what HTTPS would be answered with.
func (d *patient) lookAtCertificate(context.Context) {
	switch {
	case d.c.Cert != "" && d.c.Key != "":
		d.lookAtPair()
	case len(d.c.acmeHosts) > 0:
		d.lookAtACME()
	case strings.HasPrefix(d.c.BaseURL, "https://"):
		if d.c.TrustedProxies == "" {
			d.note(warned, phrase{
				"HTTPS do máy chủ khác đứng trước lo, nhưng chưa nêu → đặt --trusted-proxies để biết ai vào bằng HTTPS",
				"HTTPS is left to a proxy in front that is not named → set --trusted-proxies, to know who came by HTTPS",
			})
			return
		}
		d.note(fine, phrase{"HTTPS do proxy %s lo", "HTTPS is left to the proxy at %s"}, d.c.TrustedProxies)
	default:
		d.note(warned, phrase{
			"không có HTTPS → dùng --acme, --tls-cert hoặc một proxy",
			"there is no HTTPS → use --acme, --tls-cert or a proxy",
		})
	}
}

func (d *patient) lookAtPair() {
	files := &certFiles{cert: d.c.Cert, key: d.c.Key}
	pair, _, err := files.read()
	if err != nil {
		d.note(wrong, phrase{"%v", "%v"}, err)
		return
	}
	d.lookAtLeaf(pair.Leaf, hostOf(d.c.BaseURL), d.c.Cert)
	d.lookAtSecret(d.c.Key)
	if err := chainProblem(pair.Certificate, d.now); err != nil {
		d.note(warned, phrase{
			"chứng thư %s không nối tới cơ quan cấp mà máy này tin: %v → thêm chứng thư trung gian vào tệp, hoặc dùng chứng thư của cơ quan được tin cậy",
			"certificate %s does not lead to an authority that this machine trusts: %v → add the intermediate certificates to the file, or get one of a trusted authority",
		}, d.c.Cert, err)
	}
}

// chainProblem says whether phones would find the way from the certificate to an authority. Expiry is said elsewhere.
func chainProblem(ders [][]byte, now time.Time) error {
	between := x509.NewCertPool()
	for _, der := range ders[1:] {
		if c, err := x509.ParseCertificate(der); err == nil {
			between.AddCert(c)
		}
	}
	leaf, err := x509.ParseCertificate(ders[0])
	if err != nil {
		return err //nolint:wrapcheck // the finding says what it is about
	}
	_, err = leaf.Verify(x509.VerifyOptions{Intermediates: between, CurrentTime: now})
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) && invalid.Reason == x509.Expired {
		return nil
	}
	return err //nolint:wrapcheck // the finding says what it is about
}

func (d *patient) lookAtLeaf(leaf *x509.Certificate, host, where string) {
	if err := certProblem(leaf, host, d.now); err != nil {
		said := phrase{"%[1]s: %[2]v → xin chứng thư mới", "%[1]s: %[2]v → get a new one"}
		d.note(wrong, said, where, strings.ReplaceAll(err.Error(), "\n", "; "))
		return
	}
	left := leaf.NotAfter.Sub(d.now)
	days := int(left.Hours() / 24)
	if left < expiresSoon {
		d.note(warned, phrase{
			"%s hết hạn ngày %s, còn %d ngày → gia hạn; tệp mới được đọc ngay khi thay",
			"%s expires on %s, in %d days → renew it; new files are read as soon as they are there",
		}, where, leaf.NotAfter.Format(time.DateOnly), days)
		return
	}
	d.note(fine, phrase{"%s có hạn đến %s, còn %d ngày", "%s is valid until %s, for %d days"}, where, leaf.NotAfter.Format(time.DateOnly), days)
}

func (d *patient) lookAtACME() {
	if host := hostOf(d.c.BaseURL); host != "" && !slices.Contains(d.c.acmeHosts, host) {
		d.note(wrong, phrase{
			"--base-url dùng %s nhưng --acme không xin chứng thư cho tên đó → thêm vào --acme",
			"--base-url is at %s, and --acme gets no certificate for it → add it to --acme",
		}, host)
	}
	if _, port, err := net.SplitHostPort(d.c.Listen); err == nil && port != "443" && d.c.HTTPRedirect == "" {
		d.note(warned, phrase{
			"cơ quan cấp chứng thư gọi tới cổng 443, còn máy chủ nghe ở %s → dùng --listen :443, chuyển tiếp cổng, hoặc --http-redirect :80",
			"the authority calls at port 443, and the server listens on %s → use --listen :443, forward the port, or --http-redirect :80",
		}, d.c.Listen)
	}
	for _, host := range d.c.acmeHosts {
		leaf, err := cachedACME(d.c.Data, host)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			d.note(warned, phrase{
				"chưa có chứng thư cho %s: máy chủ sẽ xin khi chạy → tên miền phải trỏ tới máy này",
				"there is no certificate for %s yet: the server gets it when it runs → its name must lead to this machine",
			}, host)
		case err != nil:
			d.note(wrong, phrase{"chứng thư của %s: %v → xóa tệp đó, máy chủ sẽ xin lại", "certificate of %s: %v → delete that file, the server gets it anew"}, host, err)
		default:
			d.lookAtLeaf(leaf, host, host)
		}
	}
	d.lookAtSecret(filepath.Join(d.c.Data, acmeFolder))
}

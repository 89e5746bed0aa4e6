package main

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/url"
	"strings"
	"syscall"

	"hailong/surveys/poster"
)

// lookAtConfiguration names every mistake, and what is no mistake and yet not meant.
func (d *patient) lookAtConfiguration(ctx context.Context) {
	for _, mistake := range d.c.mistakes {
		d.note(wrong, phrase{"%v", "%v"}, mistake)
	}
	d.lookAtBase()
	d.lookAtListen(ctx)
	if d.c.Office == "" || d.c.Contact == "" {
		d.note(warned, phrase{
			"thông báo quyền riêng tư chưa nêu cơ quan chịu trách nhiệm hoặc cách liên hệ → đặt --office và --contact",
			"the privacy notice names no office or no way to reach it → set --office and --contact",
		})
	}
	if host, _, err := net.SplitHostPort(d.c.MetricsListen); err == nil && !isLoopback(host) {
		d.note(warned, phrase{
			"--metrics-listen %s trả lời không cần mã, ai tới được địa chỉ này đều đọc được → chỉ mở trong mạng giám sát",
			"--metrics-listen %s answers without a token to whoever reaches it → keep it inside the monitoring network",
		}, d.c.MetricsListen)
	}
}

// lookAtBase looks at where printed codes lead: they hang for years.
func (d *patient) lookAtBase() {
	base := d.c.BaseURL
	if base == "" && len(d.c.acmeHosts) == 0 {
		d.note(warned, phrase{
			"chưa đặt --base-url: mã in ra sẽ dẫn tới địa chỉ của --listen (%s), không phải địa chỉ chính thức → đặt --base-url https://TÊN-MIỀN trước khi in",
			"--base-url is not set: printed codes lead to the address of --listen (%s) and not to a name of yours → set --base-url https://HOST before printing",
		}, d.c.Listen)
		if host, _, err := net.SplitHostPort(d.c.Listen); err == nil && isLoopback(host) && !d.c.on() {
			d.note(wrong, phrase{
				"mã in ra sẽ dẫn tới %s: điện thoại của người dân không mở được → đặt --base-url",
				"printed codes would lead to %s, which no phone can open → set --base-url",
			}, host)
		}
		return
	}
	u, err := url.Parse(base)
	if base == "" || err != nil || !isBase(base) {
		return // said already, or by the certificate
	}
	switch {
	case poster.IsLocal(base):
		d.note(wrong, phrase{
			"--base-url %s là chính máy này: điện thoại của người dân không mở được mã in ra → dùng tên miền",
			"--base-url %s is this machine itself: no phone can open a printed code → use a name",
		}, base)
	case u.Scheme == "http":
		d.note(warned, phrase{
			"--base-url %s không mã hóa: ai ở cùng mạng cũng đọc được câu trả lời và mật khẩu → dùng https",
			"--base-url %s is not encrypted: whoever shares the network reads answers and the password → use https",
		}, base)
	case u.Port() != "":
		d.note(warned, phrase{
			"--base-url %s có số cổng: mã in ra sẽ hỏng nếu đổi cổng → tốt hơn là dùng cổng 443",
			"--base-url %s has a port: printed codes break when it changes → better use port 443",
		}, base)
	default:
		d.note(fine, phrase{"mã in ra dẫn tới %s", "printed codes lead to %s"}, base)
	}
}

// lookAtListen says whether the address is free, ours, or another program's.
func (d *patient) lookAtListen(ctx context.Context) {
	if _, _, err := net.SplitHostPort(d.c.Listen); err != nil {
		return // said already
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", d.c.Listen)
	if err == nil {
		err = listener.Close()
		d.note(fine, phrase{"%s còn trống: máy chủ không chạy", "%s is free: the server is not running"}, d.c.Listen)
	}
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrPermission) && d.serves(ctx): // only the service has the right
		d.lookAtServer(ctx)
	case errors.Is(err, fs.ErrPermission):
		d.note(wrong, phrase{
			"không được phép mở %s → cấp quyền cho cổng dưới 1024 (systemd: AmbientCapabilities=CAP_NET_BIND_SERVICE) hoặc dùng cổng khác",
			"no right to listen on %s → grant ports below 1024 (systemd: AmbientCapabilities=CAP_NET_BIND_SERVICE) or take another",
		}, d.c.Listen)
	case errors.Is(err, syscall.EADDRINUSE) || strings.Contains(err.Error(), "Only one usage"): // Windows says so
		d.lookAtServer(ctx)
	default:
		d.note(wrong, phrase{"không mở được %s: %v", "cannot listen on %s: %v"}, d.c.Listen, err)
	}
}

// serves says whether a server of ours answers and is ready.
func (d *patient) serves(ctx context.Context) bool {
	address, err := d.c.ownURL()
	return err == nil && d.c.ask(ctx, address) == nil
}

func (d *patient) lookAtServer(ctx context.Context) {
	address, err := d.c.ownURL()
	if err == nil {
		err = d.c.ask(ctx, address)
	}
	switch {
	case err == nil:
		d.note(fine, phrase{"máy chủ đang chạy và sẵn sàng tại %s", "the server runs and is ready at %s"}, address)
	case errors.Is(err, errNotOurs):
		d.note(wrong, phrase{
			"%s đã bị chương trình khác chiếm → dừng chương trình đó hoặc đổi --listen",
			"%s is taken by another program → stop that or change --listen",
		}, d.c.Listen)
	default:
		d.note(wrong, phrase{
			"%s đã bị chiếm và không trả lời như hailong đang sẵn sàng: %v → xem nhật ký máy chủ",
			"%s is taken and does not answer as a hailong that is ready: %v → see the server's log",
		}, d.c.Listen, err)
	}
}

package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hailong/surveys"
)

const kioskSettings = "/app/points/p_kiosk/kiosk"

// settled signs in before a kiosk that nobody has set up.
func settled(t *testing.T) *browser {
	t.Helper()
	b := signedIn(t)
	b.point(surveys.Point{ID: "p_kiosk", Token: kioskToken, Facility: "f_hall", Kind: "kiosk", Name: "Máy ở sảnh"})
	return b
}

// settle sends the settings as the page has them, with changes: name, value, name, value.
func (b *browser) settle(changes ...string) *reply {
	b.t.Helper()
	page := b.open(kioskSettings).want(http.StatusOK)
	v := page.fields()
	v.Set("form", page.doc().Find("input[name=form][checked]").AttrOr("value", ""))
	for i := 0; i < len(changes); i += 2 {
		v.Set(changes[i], changes[i+1])
	}
	return b.sendForm(kioskSettings, v)
}

func (b *browser) setting() *surveys.KioskSetting {
	b.t.Helper()
	k, _, err := surveys.FindKiosk(b.t.Context(), b.store, "p_kiosk")
	b.ok(err)
	return k
}

// From the facility's page to a kiosk that is set up, and set anew.
func TestKioskSetting(t *testing.T) {
	t.Parallel()
	b := settled(t)
	b.open("/app/facilities/f_hall").want(http.StatusOK).must(`href="/app/points/p_kiosk/kiosk"`, "!/app/points/p_hall/kiosk")
	first := b.open(kioskSettings).want(http.StatusOK).must("https://khaosat.example/k/"+string(kioskToken), "Chưa có mã PIN thì máy chưa nhận phiếu.", "7:30–11:30, 13:30–17:00")
	checkStaff(t, first)
	b.follow(b.settle("pin", kioskPIN, "hours6", "8-11", "interval", " 7 ")).want(http.StatusOK).must("Đã lưu cài đặt.", "8:00–11:00", "Để trống để giữ mã đang dùng", "!"+kioskPIN)
	was := b.setting()
	if was.Interval != 7 || was.Idle != 30 || was.Since != "2026-03-10" || was.Hours[5][0] != (surveys.Span{From: 480, To: 660}) || was.Hours[6] != nil {
		t.Errorf("set is %+v", was)
	}
	if !strings.HasPrefix(was.PIN, "$argon2id$") || was.Term == "" {
		t.Errorf("the PIN is kept as %q, term %q", was.PIN, was.Term)
	}
	point, err := surveys.Points().Find(t.Context(), b.store, "p_kiosk")
	b.ok(err)
	if point.Value.Instrument != surveys.Pulse {
		t.Errorf("it asks %q", point.Value.Instrument)
	}
	b.clock.Add(24 * time.Hour)
	b.signIn("", password).want(http.StatusSeeOther)
	b.settle("idle", "45", "form", "short").want(http.StatusSeeOther)
	now := b.setting()
	if now.PIN != was.PIN || now.Term != was.Term || now.Since != was.Since || now.Idle != 45 {
		t.Errorf("another idle time changes %+v to %+v", was, now)
	}
	point, err = surveys.Points().Find(t.Context(), b.store, "p_kiosk")
	b.ok(err)
	if point.Value.Instrument != "" {
		t.Errorf("it asks %q, want what its facility asks", point.Value.Instrument)
	}
	b.clock.Add(2 * time.Second)
	b.get("/k/"+string(kioskToken)).want(http.StatusOK).must(`data-code="A3"`, "!data-pulse>")
	b.settle("hours1", "").want(http.StatusSeeOther)
	if got := b.setting().Since; got != "2026-03-11" {
		t.Errorf("other hours hold from %s", got)
	}
	b.settle("pin", "902831").want(http.StatusSeeOther)
	if now = b.setting(); now.PIN == was.PIN || now.Term == was.Term {
		t.Error("another PIN, and the same term")
	}
	checkStaff(t, b.open(kioskSettings+"?lang=en").want(http.StatusOK).must("New PIN"))
}

// What cannot be is said in words, nothing is stored, and what was typed stays, but for the PIN.
func TestKioskSettingRefuses(t *testing.T) {
	t.Parallel()
	b := settled(t)
	for _, c := range []struct {
		name, value, says string
	}{
		{"pin", "", "Xin đặt mã PIN"},
		{"pin", "12345", "từ 6 đến 12 chữ số"},
		{"pin", "1234567890123", "từ 6 đến 12 chữ số"},
		{"pin", "27490a", "từ 6 đến 12 chữ số"},
		{"pin", "٢٧٤٩٠٦", "từ 6 đến 12 chữ số"},
		{"pin", "111111", "quá dễ đoán"},
		{"pin", "456789", "quá dễ đoán"},
		{"pin", "7890123", "quá dễ đoán"},
		{"pin", "987654", "quá dễ đoán"},
		{"interval", "2", "từ 3 đến 300"},
		{"interval", "301", "từ 3 đến 300"},
		{"interval", "năm", "từ 3 đến 300"},
		{"interval", "", "từ 3 đến 300"},
		{"interval", "99999999999999999999", "từ 3 đến 300"},
		{"idle", "9", "từ 10 đến 300"},
		{"idle", "-30", "từ 10 đến 300"},
		{"hours3", "8-7", "Giờ của Thứ Tư chưa đọc được"},
		{"hours7", "<script>", "Giờ của Chủ Nhật chưa đọc được"},
		{"form", "full", "Xin chọn loại câu hỏi"},
	} {
		changes := []string{"pin", kioskPIN, c.name, c.value}
		r := b.settle(changes...).want(http.StatusUnprocessableEntity).must("Chưa lưu.", c.says, "!"+kioskPIN, "!<script>")
		checkStaff(t, r)
		if c.name != "pin" && c.name != "form" && r.doc().Find("input[name="+c.name+"][aria-invalid=true]").AttrOr("value", "") != c.value {
			t.Errorf("%s=%q is not kept, or not marked", c.name, c.value)
		}
		if href := r.doc().Find(".problem a").AttrOr("href", ""); r.doc().Find(href).Length() != 1 {
			t.Errorf("%s: the mistake leads to %q", c.name, href)
		}
		if b.setting() != nil {
			t.Fatalf("%s=%q is stored", c.name, c.value)
		}
	}
	var closed []string
	for i := range 7 {
		closed = append(closed, "hours"+string(rune('1'+i)), "")
	}
	b.settle(append(closed, "pin", kioskPIN)...).want(http.StatusUnprocessableEntity).must("Phải có ít nhất một ngày mở cửa.")
	// Who has not signed in, comes from elsewhere, or means another point.
	b.site.get(kioskSettings).want(http.StatusSeeOther)
	b.site.post(kioskSettings, url.Values{"pin": {kioskPIN}}).want(http.StatusSeeOther)
	b.settle("csrf", "forged", "pin", kioskPIN).want(http.StatusForbidden)
	b.open("/app/points/p_hall/kiosk").want(http.StatusNotFound)
	b.open("/app/points/p_nowhere/kiosk").want(http.StatusNotFound)
	if b.setting() != nil {
		t.Error("stored all the same")
	}
}

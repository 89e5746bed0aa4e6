package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"hailong/server/account"
	"hailong/surveys"
	"hailong/surveys/transfer"
)

// What people get wrong is said in words, and what they typed stays.
func TestTypedWrong(t *testing.T) {
	t.Parallel()
	b := signedIn(t)
	batch := b.paper("p_hall", "short")
	for _, one := range []struct{ name, handedIn, day, want string }{
		{"nothing came back", "0", "10032026", "từ 1 đến 999"},
		{"no number", "nhiều", "10032026", "từ 1 đến 999"},
		{"no day", "3", "31022026", "Không đọc được ngày"},
		{"no day at all", "3", "ngày mai", "Không đọc được ngày"},
		{"tomorrow", "3", "11032026", "chưa tới"},
		{"before it was printed", "3", "9/3/26", "trước ngày in"},
	} {
		b.act(batch, "begin", "channel", "paper", "handed_in", one.handedIn, "day", one.day).want(http.StatusUnprocessableEntity).must(one.want)
	}
	b.act(batch, "begin", "channel", "qr", "handed_in", "3", "day", "").want(http.StatusUnprocessableEntity)
	b.begin(batch, "3")
	for name, digits := range map[string][]string{
		"a blank": {"5", "", "5", "5", "5", "5"}, "a six": {"6", "5", "5", "5", "5", "5"}, "a word": {"năm", "5", "5", "5", "5", "5"},
		"a sign": {"-5", "5", "5", "5", "5", "5"}, "two": {"5", "55", "5", "5", "5", "5"},
	} {
		r := b.typeSheet(batch, digits...).want(http.StatusUnprocessableEntity).must("chưa gõ hoặc gõ số không có")
		if got := r.doc().Find(".ask input").Last().AttrOr("value", ""); got != "5" || r.doc().Find(".ask.wrong").Length() != 1 {
			t.Errorf("%s: what was typed is %q, %d marked", name, got, r.doc().Find(".ask.wrong").Length())
		}
	}
	b.typeSheet(batch, short(".")...).want(http.StatusUnprocessableEntity).must("không có câu nào được trả lời")
	v := b.open(batch + "/type").typingForm(short("5")...)
	v.Set("day", "2026-03-11")
	b.sendForm(batch+"/type", v).want(http.StatusUnprocessableEntity)
	v.Set("day", "2026-03-10")
	v.Set("comment", strings.Repeat("ă", 1001))
	b.sendForm(batch+"/type", v).want(http.StatusUnprocessableEntity).must("1.000 ký tự")
	v.Set("csrf", "x")
	b.sendForm(batch+"/type", v).want(http.StatusForbidden)
	if n := len(b.typed()); n != 0 || len(b.batch(batch).Sheets) != 0 {
		t.Errorf("%d forms are stored, want none", n)
	}
	csrf := b.open("/app/entry").doc().Find("input[name=csrf]").AttrOr("value", "")
	for _, number := range []string{
		"", "260001", "2600010", "0000000", "26000179", "9999999", "2600017'; DROP TABLE", "<script>", "٢٦٠٠٠١٧", "2\u202e600017", strings.Repeat("1", 5000), "../..", "-260001-7",
	} {
		if strings.ReplaceAll(number, "-", "") == strings.TrimPrefix(batch, "/app/entry/") {
			continue
		}
		r := b.sendForm("/app/entry", url.Values{"csrf": {csrf}, "number": {number}}).want(http.StatusNotFound).must("Không có lô này")
		if len(r.body) > 20000 {
			t.Errorf("%.20q comes back whole", number)
		}
	}
	for _, path := range []string{"/app/entry/x", "/app/entry/2600010", "/app/entry/%2e%2e", "/app/entry/9999999/type", batch + "/check/x", batch + "/nothing"} {
		b.open(path).want(http.StatusNotFound)
	}
	stranger := b.browser()
	for _, path := range []string{"/app/entry", batch, batch + "/type", batch + "/form.pdf"} {
		stranger.open(path).want(http.StatusSeeOther).must("!Quầy 1")
	}
}

// A comment passes the masks, and what is typed comes out in the export under its channel.
func TestTypedExport(t *testing.T) {
	t.Parallel()
	b := signedIn(t)
	batch := b.paper("p_hall", "full")
	b.act(batch, "begin", "channel", "assisted", "handed_in", "1", "day", "").want(http.StatusSeeOther)
	page := b.open(batch + "/type")
	digits := []string{}
	page.doc().Find(".ask").Each(func(_ int, s *goquery.Selection) {
		digits = append(digits, map[string]string{"scale5": "4", "single": "2", "percent": "85", "multiple": "1", "text": ""}[s.AttrOr("data-kind", "")])
	})
	v := page.typingForm(digits...)
	v.Set("comment", "Gọi tôi 0912 345 678 nhé")
	v.Set("FOR", "1")
	b.sendForm(batch+"/type", v).want(http.StatusSeeOther)
	got := b.typed()
	if len(got) != 1 || got[0].Channel != surveys.Assisted || got[0].Form != surveys.FullForm || strings.Contains(got[0].Comment, "345") {
		t.Fatalf("stored is %+v", got)
	}
	in, err := surveys.LatestInstrument(t.Context(), b.store, "one_stop")
	b.ok(err)
	if len(got[0].Answers) != len(in.Items)+1 {
		t.Errorf("%d answers, want %d and for whom", len(got[0].Answers), len(in.Items))
	}
	if log := b.log.String(); strings.Contains(log, "0912") || strings.Contains(log, string(got[0].ID)) {
		t.Error("the log tells of the form")
	}
}

// Typed forms come out in the raw export under their channel, and ride along in a release as the rule has it: 40 typed come
// out, the 5 that people sent themselves wait for the minimum.
func TestTypedCountAsTyped(t *testing.T) {
	t.Parallel()
	b := signedIn(t)
	for range 5 {
		b.post("/s/"+string(hallToken), b.filled(hallToken, "", "A3", "5", "B2", "5", "Z", "5")).want(http.StatusSeeOther)
	}
	batch := b.paper("p_hall", "short")
	b.begin(batch, "40")
	for range 40 {
		b.typeSheet(batch, short("4")...).want(http.StatusSeeOther)
	}
	var out strings.Builder
	_, err := transfer.Export(t.Context(), b.store, &out, transfer.Responses, transfer.ExportOptions{})
	b.ok(err)
	if n := strings.Count(out.String(), ",paper,"); n != 40 {
		t.Errorf("%d rows of the export are of paper, want 40:\n%.400s", n, out.String())
	}
	b.clock.Add(40 * 24 * time.Hour)
	b.release()
	var got struct{ Forms, Waiting int }
	secret := b.token(account.Admin, "all")
	b.get("/api/v1/summary?scope=facility:f_hall&from=2026-03-01&to=2026-03-31&instrument=one_stop", bearer(secret)...).want(http.StatusOK).json(&got)
	if got.Forms != 40 || got.Waiting != 5 {
		t.Errorf("%d forms are out and %d wait, want 40 and 5", got.Forms, got.Waiting)
	}
}

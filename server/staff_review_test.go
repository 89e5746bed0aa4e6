package server_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"hailong/analytics"
	"hailong/server/account"
	"hailong/surveys"
	"hailong/surveys/backup"
	"hailong/surveys/store/sqlite"
)

const asideComment = "gọi tôi theo số bí mật"

// setAside stores forms that a rule set aside.
func (s *site) setAside(n int, facility surveys.FacilityID, point surveys.PointID, day surveys.Day, reason string) []surveys.Response {
	s.t.Helper()
	instrument := map[surveys.FacilityID]string{"f_hall": "one_stop", "f_clinic": "station"}[facility]
	codes := map[string]string{"one_stop": "A3", "station": "B2"}
	batch := make([]surveys.Response, n)
	for i := range batch {
		id := surveys.NewSubmissionID()
		batch[i] = surveys.Response{
			ID: id, Receipt: id.Receipt(), Facility: facility, Point: point, Instrument: instrument, Version: 1, Form: surveys.ShortForm,
			Channel: surveys.QR, Standing: surveys.Aside, Reason: reason, Pace: surveys.Quick, Lang: "vi", Day: day, Hour: 17, Arrived: day,
			Answers: surveys.Answers{codes[instrument]: surveys.NumberAnswer(1 + i%5)}, Comment: asideComment,
		}
	}
	_, err := s.store.AddResponses(s.t.Context(), batch)
	s.ok(err)
	s.ok(s.Count(s.t.Context()))
	return batch
}

func (s *site) acts() []surveys.Review {
	s.t.Helper()
	stored, err := surveys.Reviews().All(s.t.Context(), s.store)
	s.ok(err)
	var list []surveys.Review
	for _, a := range stored {
		list = append(list, a.Value)
	}
	return list
}

// decide opens a group, fills in its form and sends it with a decision.
func (b *browser) decide(page *reply, decision, note string, change ...func(url.Values)) *reply {
	b.t.Helper()
	v := page.fields()
	form := page.doc().Find("form.decide").First()
	v = url.Values{"csrf": v["csrf"][:1]}
	form.Find("input").Each(func(_ int, in *goquery.Selection) {
		if _, checked := in.Attr("checked"); checked || in.AttrOr("type", "") == "hidden" && in.AttrOr("name", "") != "csrf" {
			v.Add(in.AttrOr("name", ""), in.AttrOr("value", ""))
		}
	})
	v.Set("decision", decision)
	v.Set("note", note)
	for _, f := range change {
		f(v)
	}
	return b.sendForm("/app/review/group", v)
}

const burstGroup = "/app/review/group?facility=f_hall&day=2026-03-09&reason=burst"

// From the list over the queue to a decision and its place on record, blind to what the forms say.
func TestReview(t *testing.T) {
	t.Parallel()
	b := signedIn(t)
	b.open("/app/review").want(http.StatusOK).must("Không có phiếu nào chờ xem", `href="/app/review"`)
	b.open("/app/review/acts").want(http.StatusOK).must("Chưa có lần quyết định nào")
	forms := b.setAside(12, "f_hall", "p_hall", "2026-03-09", surveys.ReasonBurst)
	b.setAside(3, "f_clinic", "p_clinic", "2026-03-08", surveys.ReasonNoToken)
	b.clock.Add(2 * time.Second)
	queue := b.open("/app/review").want(http.StatusOK).must("Bộ phận Một cửa Nghĩa Hưng", "12 phiếu", "Chờ xem (15)", "10&#43;</span>",
		"!"+asideComment, "!"+string(forms[0].ID), "!"+string(forms[0].Receipt), "!17:00", "!17 giờ")
	checkStaff(t, queue)
	if n := queue.doc().Find(".reviews li").Length(); n != 2 {
		t.Errorf("%d groups", n)
	}
	b.open("/app/review?lang=en&unit=13891&reason=no_token&q=lieu+de").want(http.StatusOK).must("Forms set aside", "3 forms", "!Bộ phận Một cửa")
	b.open("/app/review?q=khong+co").want(http.StatusOK).must("Không có phiếu nào khớp")
	group := b.open(burstGroup).want(http.StatusOK).must("12 phiếu chờ quyết định", "!"+asideComment, "!"+string(forms[0].ID), "!"+string(forms[0].Receipt))
	checkStaff(t, group)
	if n := group.doc().Find("input[name=form][checked]").Length(); n != 12 {
		t.Errorf("%d forms can be ticked", n)
	}
	five := func(v url.Values) { v["form"] = v["form"][:5] }
	b.follow(b.decide(group, "accept", "Cả đoàn cùng đến.", five)).want(http.StatusOK).must("Đã cho 5 phiếu tính vào kết quả.", "7 phiếu chờ quyết định")
	rest := b.open(burstGroup)
	b.follow(b.decide(rest, "exclude", "Gửi bằng máy.")).want(http.StatusOK).must("Đã để 7 phiếu ngoài kết quả.", "Chờ xem (3)", "!Bộ phận Một cửa Nghĩa Hưng")
	b.open("/app/review/acts").want(http.StatusOK).must("Cả đoàn cùng đến.", "Gửi bằng máy.", "5 phiếu ngày 09/03/2026", "10/03/2026", "quản trị viên", "!"+asideComment)
	b.open(burstGroup).want(http.StatusOK).must("Không còn phiếu chờ quyết định ở đây")
	counted := 0
	for _, r := range b.responses() {
		if r.Standing == surveys.Counted && r.Reason == surveys.ReasonAccepted {
			counted++
		}
	}
	if acts := b.acts(); counted != 5 || len(acts) != 2 || acts[0].By != account.Administrator || acts[0].On != "2026-03-10" {
		t.Errorf("%d count; on record %+v", counted, acts)
	}
	if strings.Contains(b.log.String(), "Cả đoàn") || strings.Contains(b.log.String(), string(acts0(b).Forms[0])) {
		t.Error("the log tells of an act")
	}
}

func acts0(b *browser) surveys.Review { return b.acts()[0] }

// Beyond twenty a second person is needed, and one account is never two.
func TestReviewNeedsTwo(t *testing.T) {
	t.Parallel()
	b := signedIn(t)
	b.setAside(130, "f_hall", "p_hall", "2026-03-09", surveys.ReasonBurst)
	group := b.open(burstGroup).want(http.StatusOK).must("mỗi lần 130 phiếu", "còn được tự để ngoài 20 phiếu")
	b.follow(b.decide(group, "exclude", "Gửi bằng máy.")).want(http.StatusOK).must("130 phiếu chờ người thứ hai", "Chính tài khoản này đã chọn")
	b.open("/app/review").want(http.StatusOK).must("Chờ xem (0)", "Chờ người thứ hai (130)", "Không có phiếu nào chờ xem")
	b.open("/app/review?show=second").want(http.StatusOK).must("130 phiếu")
	waits := b.open(burstGroup)
	again := b.decide(waits, "exclude", "Vẫn thế.")
	again.want(http.StatusConflict).must("Người đã chọn lần đầu không thể chọn thay.")
	for _, r := range b.responses() {
		if r.Standing != surveys.Aside || r.Reason != surveys.ReasonBurst {
			t.Fatalf("what waits for a second person stands as %s, %s", r.Standing, r.Reason)
		}
	}
	b.follow(b.decide(waits, "accept", "Đã rõ: cả trường cùng trả lời.")).want(http.StatusOK).must("Đã cho 130 phiếu tính vào kết quả.")
}

// Whoever is not signed in, comes from another site or asks for nonsense changes nothing.
func TestReviewRefuses(t *testing.T) {
	t.Parallel()
	b := signedIn(t)
	b.setAside(2, "f_hall", "p_hall", "2026-03-09", surveys.ReasonBurst)
	stranger := b.browser()
	for _, path := range []string{"/app/review", "/app/review/acts", burstGroup} {
		if to := stranger.open(path).want(http.StatusSeeOther).Header.Get("Location"); !strings.HasPrefix(to, "/login?next=") {
			t.Errorf("%s leads a stranger to %s", path, to)
		}
	}
	page := b.open(burstGroup)
	stranger.decide(page, "accept", "x").want(http.StatusSeeOther)
	b.decide(page, "accept", "x", func(v url.Values) { v.Del("csrf") }).want(http.StatusForbidden)
	b.decide(page, "accept", "x", func(v url.Values) { v.Set("csrf", strings.Repeat("x", 32)) }).want(http.StatusForbidden)
	b.get("/app/review", bearer(b.token(account.Manager, "all"))...).want(http.StatusSeeOther) // the pages know no tokens
	long := strings.Repeat("a", 10_000)
	b.decide(page, "accept", long).want(http.StatusUnprocessableEntity).must("Lý do dài quá 500 ký tự", long)
	b.decide(page, "accept", "  ").want(http.StatusUnprocessableEntity).must("Chưa ghi lý do")
	b.decide(page, "accept", "x", func(v url.Values) { v.Del("form") }).want(http.StatusUnprocessableEntity).must("Chưa đánh dấu phiếu nào")
	b.decide(page, "delete", "x").want(http.StatusUnprocessableEntity)
	b.decide(page, "accept", "x", func(v url.Values) { v.Set("form", "ZZZZZZZZZZZZ") }).want(http.StatusConflict).must("Có người vừa quyết định")
	b.decide(page, "accept", "x", func(v url.Values) { v.Set("day", "2026-02-30") }).want(http.StatusNotFound)
	b.decide(page, "accept", "x", func(v url.Values) { v.Set("facility", "f_none") }).want(http.StatusNotFound)
	b.open("/app/review/group?facility=f_none&day=2026-03-09&reason=burst").want(http.StatusNotFound)
	b.open("/app/review?after_day=%27%3B--&after=%00&reason=x&unit=x&show=x").want(http.StatusOK)
	b.open("/app/review/acts?from=-5").want(http.StatusOK)
	b.open("/app/review/acts?from=99999999999").want(http.StatusOK)
	if n := len(b.acts()); n != 0 {
		t.Fatalf("%d acts were kept", n)
	}
	hostile := `<script>alert(1)</script> 𠜎𠜎` + "\u202e\x00\n'\"&"
	b.follow(b.decide(page, "accept", hostile)).want(http.StatusOK)
	b.open("/app/review/acts").want(http.StatusOK).must("!<script>alert", "&lt;script&gt;", "𠜎𠜎", "!\u202e", "!\x00")
}

// Two send the same form at the same moment: one is carried out, the other is told.
func TestReviewTwoAtOnce(t *testing.T) {
	t.Parallel()
	b := signedIn(t)
	b.setAside(8, "f_hall", "p_hall", "2026-03-09", surveys.ReasonBurst)
	page := b.open(burstGroup)
	page.doc()
	status := make([]int, 4)
	var work sync.WaitGroup
	fields := page.fields()
	handles := []string{}
	page.doc().Find("input[name=form]").Each(func(_ int, in *goquery.Selection) { handles = append(handles, in.AttrOr("value", "")) })
	for i := range status {
		work.Go(func() {
			v := url.Values{"csrf": fields["csrf"][:1], "facility": {"f_hall"}, "day": {"2026-03-09"}, "reason": {"burst"}, "note": {"cùng lúc"}, "decision": {[]string{"accept", "exclude"}[i%2]}, "form": handles}
			status[i] = b.post("/app/review/group", v, b.headers()...).StatusCode
		})
	}
	work.Wait()
	done := 0
	for _, s := range status {
		switch s {
		case http.StatusSeeOther:
			done++
		case http.StatusConflict:
		default:
			t.Errorf("answered %d", s)
		}
	}
	if done != 1 || len(b.acts()) != 1 {
		t.Errorf("%d were done (%v), %d acts on record", done, status, len(b.acts()))
	}
}

// Five thousand forms wait: the pages stay small and quick, and each form is on one of them.
func TestReviewOfThousands(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long: it runs without -short")
	}
	b := signedIn(t)
	for i := range 100 {
		b.setAside(50, "f_hall", "p_hall", surveys.Day("2025-11-01").Add(i), surveys.ReasonBurst)
	}
	began := time.Now() //nolint:forbidigo // a test has no other clock
	path, pages, groups := "/app/review", 0, 0
	for path != "" {
		page := b.open(path).want(http.StatusOK)
		if len(page.body) > 100<<10 {
			t.Errorf("%s has %d bytes", path, len(page.body))
		}
		groups += page.doc().Find(".reviews li").Length()
		pages++
		path = page.doc().Find("a[rel=next]").AttrOr("href", "")
	}
	if groups != 100 || pages != 2 {
		t.Errorf("%d groups on %d pages", groups, pages)
	}
	t.Logf("%s a page of 50 groups, 2,500 forms", time.Since(began)/time.Duration(pages))
	b.setAside(730, "f_clinic", "p_clinic", "2026-03-09", surveys.ReasonOverBudget)
	clinic := "/app/review/group?facility=f_clinic&day=2026-03-09&reason=over_budget"
	began = time.Now() //nolint:forbidigo // a test has no other clock
	b.follow(b.decide(b.open(clinic), "accept", "Ngày hội sức khỏe.")).want(http.StatusOK).must("Đã cho 500 phiếu tính vào kết quả.", "230 phiếu chờ quyết định")
	t.Logf("500 forms accepted in %s", time.Since(began))
}

// A backup holds the acts and what became of the forms.
func TestBackupHoldsReviews(t *testing.T) {
	t.Parallel()
	b := signedIn(t)
	b.setAside(30, "f_hall", "p_hall", "2026-03-09", surveys.ReasonBurst)
	b.decide(b.open(burstGroup), "accept", "Cả đoàn cùng đến.", func(v url.Values) { v["form"] = v["form"][:4] }).want(http.StatusSeeOther)
	b.decide(b.open(burstGroup), "exclude", "Gửi bằng máy.").want(http.StatusSeeOther)
	restored := b.restored()
	again, err := surveys.Reviews().All(t.Context(), restored)
	b.ok(err)
	acts := b.acts()
	if len(again) != 2 || len(acts) != 2 {
		t.Fatalf("%d acts restored of %d", len(again), len(acts))
	}
	for i, a := range again {
		if fmt.Sprint(a.Value) != fmt.Sprint(acts[i]) {
			t.Errorf("restored %+v, want %+v", a.Value, acts[i])
		}
		if err = surveys.Reviews().Delete(context.WithoutCancel(t.Context()), restored, "f_hall.2026-01-01.000001", a.Rev); err == nil {
			t.Error("a restored act can be deleted")
		}
	}
	calendar, err := analytics.NewCalendar(1)
	b.ok(err)
	q := analytics.NewQueue(restored, analytics.NewLedger(restored), analytics.NewRoller(restored), calendar)
	if _, err = analytics.NewRoller(restored).Roll(t.Context(), "", nil); err != nil {
		t.Fatal(err)
	}
	first, second, err := q.Waiting(t.Context(), nil)
	if err != nil || first != 0 || second != 26 {
		t.Errorf("after the restore %d and %d wait (%v), want none and 26", first, second, err)
	}
}

// restored is another store with a backup of this one.
func (s *site) restored() surveys.Store {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), "hailong.backup")
	file, err := os.Create(path)
	s.ok(err)
	_, err = backup.Write(s.t.Context(), s.store, file, backup.Options{Passing: account.PassingKinds(), Made: "2026-03-10"})
	s.ok(err)
	s.ok(file.Close())
	db, err := sqlite.Open(s.t.Context(), filepath.Join(s.t.TempDir(), "again.db"), s.clock.Now)
	s.ok(err)
	s.t.Cleanup(func() { s.ok(db.Close()) })
	_, err = backup.Restore(s.t.Context(), db, backup.FileSource(path, ""), nil)
	s.ok(err)
	return db
}

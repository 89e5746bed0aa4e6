package server_test

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hailong/surveys"
)

// answered stores one short form of the clinic and gives its id.
func (s *site) answered(comment string) surveys.SubmissionID {
	s.t.Helper()
	in, err := surveys.LatestInstrument(s.t.Context(), s.store, "station")
	s.ok(err)
	answers := map[string]any{"Z": 4}
	for _, it := range in.Items {
		if it.Role == surveys.Core {
			answers[it.Code] = 5
		}
	}
	body := with(s.opened(clinicToken, answers), "comment", comment)
	s.api(body).want(http.StatusCreated)
	id, _ := body["submission_id"].(surveys.SubmissionID) //nolint:errcheck // opened made it
	return id
}

func receiptOf(id surveys.SubmissionID) string { return "/r/" + string(id.Receipt()) }

// withdraw goes the way of a citizen: receipt, confirmation, button.
func (s *site) withdraw(id surveys.SubmissionID) *reply {
	s.t.Helper()
	link := s.get(receiptOf(id)).want(http.StatusOK).doc().Find("main a").AttrOr("href", "")
	if !strings.HasPrefix(link, receiptOf(id)+"/withdraw") {
		s.t.Fatalf("the receipt links to %q", link)
	}
	page := s.get(link).want(http.StatusOK)
	return s.post(page.doc().Find("form").AttrOr("action", ""), page.fields())
}

// A receipt says what became of the form; it can be withdrawn, once, and then says so.
func TestReceiptAndWithdrawal(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id, other := s.answered("chờ lâu"), s.answered("nhanh")
	s.get(receiptOf(id)).want(http.StatusOK).must("Phiếu đã được nhận", "Rút phiếu này", "!chờ lâu", "!Trạm Y tế", "!"+string(id))
	s.get(receiptOf(id)+"?lang=en").want(http.StatusOK).must("Your form was received", "!Phiếu đã")
	spaced := strings.ToLower(string(id.Receipt()))
	s.get("/r/" + url.PathEscape(spaced[:4]+" "+spaced[4:8]+"-"+spaced[8:])).want(http.StatusOK).must("Phiếu đã được nhận")
	s.get(receiptOf(id)+"/withdraw").want(http.StatusOK).must("Ông/Bà muốn rút phiếu này?", "không lấy lại được")
	if got := s.stored(string(id)); got.Standing != surveys.Counted || got.Comment != "chờ lâu" {
		t.Fatalf("looking changed it: %+v", got)
	}
	// Neither a missing nor another's confirmation withdraws anything.
	stolen := s.get(receiptOf(other) + "/withdraw").want(http.StatusOK).fields()
	for _, v := range []url.Values{{}, {"confirm": {""}}, {"confirm": {"x"}}, stolen} {
		s.post(receiptOf(id)+"/withdraw", v).want(http.StatusSeeOther)
		if got := s.stored(string(id)); got.Standing != surveys.Counted {
			t.Fatalf("%v withdrew it", v)
		}
	}
	for range 2 { // the second time changes nothing
		confirm := url.Values{"confirm": s.withdrawal(id)["confirm"]}
		back := s.post(receiptOf(id)+"/withdraw?lang=en", confirm).want(http.StatusSeeOther).Header.Get("Location")
		if want := receiptOf(id) + "?lang=en"; back != want {
			t.Errorf("after withdrawing it goes to %q, want %q", back, want)
		}
		s.get(back).want(http.StatusOK).must("Your form was withdrawn", "!Withdraw this form")
	}
	got := s.stored(string(id))
	if got.Standing != surveys.Withdrawn || got.Comment != "" || len(got.Answers) != 0 {
		t.Errorf("withdrawn it is %+v", got)
	}
	s.get(receiptOf(id) + "/withdraw").want(http.StatusSeeOther)
	if got := s.stored(string(other)); got.Standing != surveys.Counted || got.Comment != "nhanh" {
		t.Errorf("the other form is %+v", got)
	}
	// The same form sent again stores nothing and gives the same receipt.
	s.api(with(submission(clinicToken, map[string]any{"Z": 4}), "submission_id", id)).want(http.StatusOK).must(string(id.Receipt()))
	if got := s.stored(string(id)); got.Standing != surveys.Withdrawn {
		t.Errorf("sent again it is %s", got.Standing)
	}
}

// withdrawal is the form of a receipt's confirmation; of one that is withdrawn already, as it was.
func (s *site) withdrawal(id surveys.SubmissionID) url.Values {
	s.t.Helper()
	page := s.get(receiptOf(id) + "/withdraw")
	if page.StatusCode == http.StatusOK {
		s.kept = page.fields()
	}
	return s.kept
}

// A form set aside says so and no more, and can be withdrawn.
func TestReceiptOfOneSetAside(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.answered("chờ lâu")
	s.ok(s.store.Move(t.Context(), id, surveys.Counted, surveys.Aside, "MARK-reason"))
	s.get(receiptOf(id)).want(http.StatusOK).must("Phiếu được để riêng", "Rút phiếu này", "!MARK-reason")
	s.withdraw(id).want(http.StatusSeeOther)
	s.get(receiptOf(id)).must("Phiếu đã được rút")
	if got := s.stored(string(id)); got.Standing != surveys.Withdrawn || got.Comment != "" {
		t.Errorf("withdrawn it is %+v", got)
	}
}

// Once the figures of its day are out a form cannot be withdrawn, and its receipt says why.
func TestNoWithdrawalAfterTheRelease(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.answered("chờ lâu")
	ids := []surveys.SubmissionID{id}
	for range 29 {
		ids = append(ids, s.answered(""))
	}
	before := s.withdrawal(id)
	silent := s.opened(clinicToken, map[string]any{"Z": 4})
	s.api(silent).want(http.StatusCreated)
	s.clock.Add(24 * time.Hour)
	s.ok(s.Count(t.Context()))
	s.get(receiptOf(id)).want(http.StatusOK).must("Phiếu đã được tính", "không rút được nữa", "!Rút phiếu này", "!/withdraw")
	s.get(receiptOf(id) + "/withdraw").want(http.StatusSeeOther)
	s.post(receiptOf(id)+"/withdraw", before).want(http.StatusSeeOther)
	if got := s.stored(string(id)); got.Standing != surveys.Counted || got.Comment != "chờ lâu" {
		t.Errorf("after the release it became %+v", got)
	}
	// One without an answered core item is in no figure: it must not be called counted.
	if sid, ok := silent["submission_id"].(surveys.SubmissionID); ok {
		s.get(receiptOf(sid)).want(http.StatusOK).must("!Phiếu đã được tính")
	}
	// One that came a day later for the same place waits, and can be withdrawn.
	late := s.answered("")
	s.get(receiptOf(late)).must("Phiếu đã được nhận")
	s.withdraw(late).want(http.StatusSeeOther)
	s.get(receiptOf(late)).must("Phiếu đã được rút")
	// Set aside after the release, it still cannot be withdrawn.
	s.ok(s.store.Move(t.Context(), ids[1], surveys.Counted, surveys.Aside, "x"))
	s.get(receiptOf(ids[1])).must("Phiếu được để riêng", "không rút được nữa", "!Rút phiếu này")
}

// What is no receipt, one of another kind and one that nobody has are answered alike, to the byte.
func TestUnknownReceiptsAreAlike(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.answered("")
	token, err := url.PathUnescape(string(clinicToken))
	s.ok(err)
	first := s.get("/r/ZZZZZZZZZZZZ")
	for _, code := range []string{
		string(surveys.NewSubmissionID().Receipt()), "ZZZZ", "x", token, string(id), "%00", "..%2f", "%E1%BA%BF", strings.Repeat("Z", 500), "K7QM2XHD4R9U", "%25", "<b>",
	} {
		code = strings.ReplaceAll(code, "<", "%3C")
		for _, got := range []*reply{s.get("/r/" + code), s.get("/r/" + code + "/withdraw"), s.post("/r/"+code+"/withdraw", url.Values{"confirm": {"x"}})} {
			if got.StatusCode != http.StatusNotFound || got.body != first.body {
				t.Errorf("%q: status %d, and the page is another: %v", code, got.StatusCode, got.body != first.body)
			}
			a, b := headersOf(first), headersOf(got)
			if diff := cmp.Diff(a, b); diff != "" {
				t.Errorf("%q: headers (-first +this):\n%s", code, diff)
			}
		}
	}
	first.must("Không có phiếu nào mang mã này", "!ZZZZ")
}

// headersOf are the headers that a caller could tell answers apart by.
func headersOf(r *reply) map[string][]string {
	h := maps.Clone(map[string][]string(r.Header))
	delete(h, "Date")
	return h
}

// Unknown tokens and what is none are answered alike too, but for the number of the request.
func TestUnknownTokensAreAlike(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	plain := func(r *reply) string {
		return strings.ReplaceAll(r.want(http.StatusNotFound).body, r.doc().Find("code").Text(), "")
	}
	first := s.get("/s/" + string(unknownToken))
	for _, code := range []string{"x", "ZZZZZZZ", "K7QM2XHU", "%00", strings.Repeat("Z", 300), string(surveys.NewSubmissionID().Receipt())} {
		got := s.get("/s/" + code)
		if plain(got) != plain(first) {
			t.Errorf("%q: another page", code)
		}
		if diff := cmp.Diff(headersOf(first), headersOf(got)); diff != "" {
			t.Errorf("%q: headers (-first +this):\n%s", code, diff)
		}
	}
}

// A receipt typed on the first page leads to its form, whether it exists or not.
func TestTypedReceipt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.answered("")
	r := string(id.Receipt())
	for _, typed := range []string{r, strings.ToLower(r), r[:4] + " " + r[4:8] + "-" + r[8:]} {
		got := s.get("/s?" + url.Values{"code": {typed}, "lang": {"en"}}.Encode()).want(http.StatusSeeOther)
		if to := got.Header.Get("Location"); to != receiptOf(id)+"?lang=en" {
			t.Errorf("%q leads to %q", typed, to)
		}
	}
	s.get("/").must("Mã trên bảng hoặc mã phiếu")
	s.get("/s?code=" + r[:11]).want(http.StatusNotFound)
}

// Beyond a budget wrong codes wait; right ones never do, and the next minute is free again.
func TestWrongCodesSlowDown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.answered("")
	waits := 0
	s.Pause(func(_ context.Context, d time.Duration) {
		waits++
		if d != time.Second {
			t.Errorf("waits %v", d)
		}
	})
	wrong := []string{"/r/ZZZZZZZZZZZZ", "/s/" + string(unknownToken), "/s?code=ZZZZ"}
	for i := range 300 {
		s.get(wrong[i%len(wrong)]).want(http.StatusNotFound)
	}
	if waits != 0 {
		t.Fatalf("%d of the first 300 waited", waits)
	}
	for _, path := range wrong {
		s.get(path).want(http.StatusNotFound)
	}
	s.get(receiptOf(id)).want(http.StatusOK)
	s.get("/s/" + string(clinicToken)).want(http.StatusOK)
	if waits != len(wrong) {
		t.Errorf("%d waited, want the %d wrong ones", waits, len(wrong))
	}
	s.clock.Add(time.Minute)
	s.get(wrong[0]).want(http.StatusNotFound)
	if waits != len(wrong) {
		t.Error("the next minute is not free")
	}
}

// How long an answer takes does not tell a receipt that nobody has from what is none.
func TestUnknownReceiptsTakeAsLong(t *testing.T) { //nolint:paralleltest // it measures
	s := newSite(t)
	for range 50 {
		s.answered("")
	}
	took := func(path string) time.Duration {
		began := time.Now() //nolint:forbidigo // it measures
		s.get(path)
		return time.Since(began)
	}
	ratio := 0.0
	for range 5 {
		var unknown, malformed []time.Duration
		for range 200 { // in turns: the machine is not as fast all the time
			unknown = append(unknown, took("/r/"+string(surveys.NewSubmissionID().Receipt())))
			malformed = append(malformed, took("/r/"+string(surveys.NewToken())))
		}
		slices.Sort(unknown)
		slices.Sort(malformed)
		ratio = float64(unknown[50]) / float64(malformed[50])
		t.Logf("unknown %v, malformed %v, ratio %.2f", unknown[50], malformed[50], ratio)
		if ratio > 0.8 && ratio < 1.25 {
			return
		}
	}
	t.Errorf("an unknown receipt takes %.2f times as long as what is none", ratio)
}

// The notice says what the law and the office owe.
func TestNoticeIsWhole(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/s/"+string(clinicToken)).must(
		"không hỏi tên, số điện thoại, số căn cước hay mã hồ sơ", "Trả lời là tự nguyện", "bỏ qua câu không muốn trả lời và dừng bất cứ lúc nào",
		"lập báo cáo tổng hợp của UBND xã Nghĩa Hưng", "không xem được từng phiếu", "Xin không ghi tên, số điện thoại", "được che đi trước khi lưu",
		"Nếu cần được trả lời, xin gửi kiến nghị riêng: 0228 3871 000", "Đơn vị chịu trách nhiệm về dữ liệu: UBND xã Nghĩa Hưng", "Liên hệ: 0228 3871 000", "rút được phiếu")
}

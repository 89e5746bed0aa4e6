package server_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"hailong/analytics"
	"hailong/surveys"
	"hailong/surveys/poster/postertest"
)

// paper prints forms of a point of the hall and gives the address of their batch.
func (b *browser) paper(point, form string) string {
	b.t.Helper()
	page := b.open("/app/facilities/f_hall/paper").want(http.StatusOK)
	v := url.Values{"csrf": {page.doc().Find("input[name=csrf]").AttrOr("value", "")}, "point": {point}, "form": {form}, "copies": {"2"}, "do": {"pdf"}}
	to := b.sendForm("/app/facilities/f_hall/paper", v).want(http.StatusSeeOther).Header.Get("Location")
	return strings.TrimSuffix(to, "/form.pdf")
}

// act presses a button of a batch.
func (b *browser) act(batch, do string, fields ...string) *reply {
	b.t.Helper()
	v := url.Values{"csrf": {b.open(batch).want(http.StatusOK).doc().Find("input[name=csrf]").AttrOr("value", "")}, "do": {do}}
	for i := 0; i < len(fields); i += 2 {
		v.Set(fields[i], fields[i+1])
	}
	return b.sendForm(batch, v)
}

// begin says that sheets came back.
func (b *browser) begin(batch, sheets string) {
	b.t.Helper()
	to := b.act(batch, "begin", "channel", "paper", "handed_in", sheets, "day", "10032026").want(http.StatusSeeOther).Header.Get("Location")
	if to != batch+"/type" {
		b.t.Errorf("beginning leads to %s", to)
	}
}

// typingForm is the form of a page as a browser sends it, with digits in the order of the page's questions.
func (r *reply) typingForm(digits ...string) url.Values {
	r.t.Helper()
	v := url.Values{}
	form := r.want(http.StatusOK).doc().Find("form.typing")
	form.Find("input[type=hidden]").Each(func(_ int, in *goquery.Selection) { v.Set(in.AttrOr("name", ""), in.AttrOr("value", "")) })
	form.Find(".ask input, .ask textarea").Each(func(i int, in *goquery.Selection) {
		if i < len(digits) {
			v.Set(in.AttrOr("name", ""), digits[i])
		}
	})
	return v
}

// typeSheet types one form of the batch.
func (b *browser) typeSheet(batch string, digits ...string) *reply {
	b.t.Helper()
	return b.sendForm(batch+"/type", b.open(batch+"/type").typingForm(digits...))
}

// typed lists what is stored of typed forms that were not taken back.
func (s *site) typed() []surveys.Response {
	s.t.Helper()
	var list []surveys.Response
	s.ok(s.store.EachResponse(s.t.Context(), surveys.ResponseQuery{}, func(r surveys.Response) error {
		if r.Standing != surveys.Withdrawn {
			list = append(list, r)
		}
		return nil
	}))
	return list
}

func (s *site) batch(path string) surveys.PaperBatch {
	s.t.Helper()
	found, err := surveys.PaperBatches().Find(s.t.Context(), s.store, strings.TrimPrefix(path, "/app/entry/"))
	s.ok(err)
	return found.Value
}

// short is the digits of a short form of the hall: five core items and Z.
func short(d string) []string { return slices.Repeat([]string{d}, 6) }

// From the printer to a closed batch: stored as any other answer, in the channel of paper, and no trail is left.
func TestPaperBatch(t *testing.T) {
	t.Parallel()
	b := signedIn(t)
	b.open("/app/facilities/f_hall/print").must(`href="/app/facilities/f_hall/paper"`)
	shown := b.open("/app/facilities/f_hall/paper").want(http.StatusOK).must("Quầy 1", "!Quầy 9", "Xem trước: 3 trang")
	checkStaff(t, shown)
	preview, _ := shown.doc().Find(".sheets img").First().Attr("src")
	b.open(preview).want(http.StatusOK).must("<svg")
	batch := b.paper("p_hall", "short")
	if !strings.HasPrefix(batch, "/app/entry/260001") {
		t.Fatalf("the batch is %s", batch)
	}
	pdf := b.open(batch + "/form.pdf").want(http.StatusOK)
	if pages := postertest.Pages(t, []byte(pdf.body), 40); len(pages) != 2 {
		t.Errorf("%d pages, want two copies of one", len(pages))
	}
	number := strings.TrimPrefix(batch, "/app/entry/")
	v := url.Values{"csrf": {b.open("/app/entry").doc().Find("input[name=csrf]").AttrOr("value", "")}, "number": {number[:6] + " - " + number[6:]}}
	if to := b.sendForm("/app/entry", v).want(http.StatusSeeOther).Header.Get("Location"); to != batch {
		t.Errorf("the number leads to %s", to)
	}
	b.open(batch + "/type").want(http.StatusSeeOther) // not begun
	b.begin(batch, "3")
	for _, d := range []string{"5", "4", "."} {
		sheet := short(d)
		sheet[5] = "3"
		b.typeSheet(batch, sheet...).want(http.StatusSeeOther)
	}
	b.open(batch+"/type").must("Đã lưu phiếu số 3.", "Ghi số 3 vào ô", "Phiếu số 4")
	b.open(batch).must("đã gõ 3 / 3 phiếu").must("<td class=\"num\">28</td>", "<b>54</b>") // 5·5+3, and 28+23+3
	b.act(batch, "close").want(http.StatusConflict)
	b.follow(b.act(batch, "finish")).must("1 phiếu phải gõ lần hai", "chỉ có một tài khoản")
	sheet := b.batch(batch).Sample()[0]
	second := short([]string{"5", "4", "."}[sheet-1])
	second[5] = "3"
	check := fmt.Sprintf("%s/check/%d", batch, sheet)
	page := b.open(check).want(http.StatusOK)
	if filled := page.doc().Find(".ask input[value='5'], .ask input[value='4'], .ask input[value='3']").Length(); filled != 0 {
		t.Errorf("the second keying shows %d values of the first", filled)
	}
	b.follow(b.sendForm(check, page.typingForm(second...))).must("Đã so phiếu với lần đầu.", "khác 0,0", "0 / 7 câu so")
	b.follow(b.act(batch, "close")).must("Đã đóng lô.")
	got := b.batch(batch)
	if got.Seed != "" || got.Sheets != nil || got.State != surveys.BatchClosed || got.Typed != 3 || got.Check != (surveys.PaperCheck{Sheets: 1, Compared: 7}) {
		t.Errorf("closed, the batch is %+v", got)
	}
	b.typeSheetRefused(batch)
	for _, r := range b.typed() {
		want := surveys.Response{
			ID: r.ID, Receipt: r.ID.Receipt(), Facility: "f_hall", Point: "p_hall", Instrument: "one_stop", Version: 1, Form: surveys.ShortForm,
			Channel: surveys.Paper, Standing: surveys.Counted, Lang: "vi", Day: "2026-03-10", Hour: -1, Arrived: "2026-03-10", Answers: r.Answers,
		}
		if diff := cmp.Diff(want, r); diff != "" {
			t.Errorf("stored (-want +got):\n%s", diff)
		}
		for _, record := range b.everyRecord() {
			if strings.Contains(record, string(r.ID)) {
				t.Errorf("a record leads to a stored form after its batch is closed: %s", record)
			}
		}
	}
	if n := len(b.typed()); n != 3 {
		t.Errorf("%d forms are stored, want 3", n)
	}
	b.open("/app/entry").must("đã đóng", "tốt, dưới 1 %")
}

func (b *browser) typeSheetRefused(batch string) {
	b.t.Helper()
	b.open(batch + "/type").want(http.StatusSeeOther)
	v := url.Values{"csrf": {b.open("/app/entry").doc().Find("input[name=csrf]").AttrOr("value", "")}, "day": {"2026-03-10"}, "submission_id": {string(surveys.NewSubmissionID())}}
	for _, code := range []string{"A1", "B1", "B4", "C1", "C2", "D1", "D2", "E1", "Z", "C3", "D3", "A2", "A3"} {
		v.Set(code, "5")
	}
	b.sendForm(batch+"/type", v).want(http.StatusConflict)
}

// everyRecord is the text of all records.
func (s *site) everyRecord() []string {
	s.t.Helper()
	kinds, err := s.store.Kinds(s.t.Context())
	s.ok(err)
	var all []string
	for _, kind := range kinds {
		records, err := s.store.Records(s.t.Context(), surveys.RecordQuery{Kind: kind})
		s.ok(err)
		for _, r := range records {
			all = append(all, r.Kind+" "+r.ID+" "+string(r.Body))
		}
	}
	return all
}

// The same form again, a form taken back, and a page that is sent anew after that: each is stored once.
func TestTypedOnce(t *testing.T) {
	t.Parallel()
	b := signedIn(t)
	batch := b.paper("p_hall", "short")
	b.begin(batch, "9")
	first := b.open(batch + "/type").typingForm(short("5")...)
	b.sendForm(batch+"/type", first).want(http.StatusSeeOther)
	changed := url.Values{}
	for name, values := range first {
		changed[name] = values
	}
	changed.Set("Z", "1")
	b.sendForm(batch+"/type", changed).want(http.StatusSeeOther) // Enter twice
	if got := b.typed(); len(got) != 1 || got[0].Answers["Z"].Number != 5 {
		t.Fatalf("stored are %v", got)
	}
	b.typeSheet(batch, short("4")...).want(http.StatusSeeOther)
	undo := func(sheet string) *reply {
		v := url.Values{"csrf": first["csrf"], "sheet": {sheet}}
		return b.sendForm(batch+"/undo", v)
	}
	undo("1").want(http.StatusConflict) // the next is saved
	again := undo("2").want(http.StatusOK).must("Phiếu số 2")
	if got := again.doc().Find(".ask input").First().AttrOr("value", ""); got != "4" {
		t.Errorf("taken back, the form shows %q", got)
	}
	if n := len(b.typed()); n != 1 {
		t.Errorf("%d forms are stored while one is taken back, want 1", n)
	}
	b.open(batch).must("Gõ lại phiếu số 2")
	b.act(batch, "finish", "anyway", "1").want(http.StatusConflict)
	right := again.typingForm(short("3")...)
	b.sendForm(batch+"/type", right).want(http.StatusSeeOther)
	b.sendForm(batch+"/type", right).want(http.StatusSeeOther)
	got := b.batch(batch)
	if len(got.Sheets) != 2 || got.Undone != 1 || len(b.typed()) != 2 {
		t.Errorf("%d sheets, %d taken back, %d stored; want 2, 1, 2", len(got.Sheets), got.Undone, len(b.typed()))
	}
	// A browser sends the page again on which the form that was taken back was typed.
	old := url.Values{}
	for name, values := range right {
		old[name] = values
	}
	var gone surveys.SubmissionID
	b.ok(b.store.EachResponse(t.Context(), surveys.ResponseQuery{}, func(r surveys.Response) error {
		if r.Standing == surveys.Withdrawn {
			gone = r.ID
		}
		return nil
	}))
	old.Set("submission_id", string(gone))
	old.Set("sheet", "0")
	b.sendForm(batch+"/type", old).want(http.StatusConflict)
	if n := len(b.typed()); n != 2 || len(b.batch(batch).Sheets) != 2 {
		t.Errorf("%d forms are stored, want 2", n)
	}
	other := b.browser() // another session takes nothing back that it did not type
	other.signIn("", password).want(http.StatusSeeOther)
	v := url.Values{"csrf": {other.open(batch).doc().Find("input[name=csrf]").AttrOr("value", "")}, "sheet": {"2"}}
	other.sendForm(batch+"/undo", v).want(http.StatusConflict)
}

// What is cut off between the note in the batch and the store is seen, and typed again under the same id.
func TestTypedIsCutOff(t *testing.T) {
	t.Parallel()
	b := signedIn(t)
	batch := b.paper("p_hall", "short")
	b.begin(batch, "2")
	b.store.set(func(f *faults) { f.add = func() error { return fmt.Errorf("disk: %w", surveys.ErrUnavailable) } })
	v := b.open(batch + "/type").typingForm(short("5")...)
	v.Set("comment", "Cần thêm ghế")
	r := b.sendForm(batch+"/type", v).want(http.StatusServiceUnavailable).must("Máy chưa lưu được lúc này", "Cần thêm ghế")
	if got := r.doc().Find(".ask input").First().AttrOr("value", ""); got != "5" {
		t.Errorf("what was typed is gone: %q", got)
	}
	b.store.set(func(f *faults) { f.add = nil })
	b.open(batch).must("Gõ lại phiếu số 1")
	page := b.open(batch + "/type?sheet=1")
	b.sendForm(batch+"/type", page.typingForm(short("4")...)).want(http.StatusSeeOther)
	b.sendForm(batch+"/type", v).want(http.StatusSeeOther) // the page of before is sent again
	if got := b.typed(); len(got) != 1 || got[0].Answers["Z"].Number != 4 || len(b.batch(batch).Sheets) != 1 {
		t.Errorf("stored are %v, want one", got)
	}
	b.open(batch + "/type?sheet=1").want(http.StatusSeeOther)
	b.open(batch + "/type?sheet=99").want(http.StatusSeeOther)
}

// Two type in one batch at once: every form has a number of its own.
func TestTwoTypists(t *testing.T) {
	t.Parallel()
	b := signedIn(t)
	batch := b.paper("p_hall", "short")
	b.begin(batch, "40")
	var forms []url.Values
	for range 40 {
		forms = append(forms, b.open(batch+"/type").typingForm(short("5")...))
	}
	cookies := b.headers()
	var work sync.WaitGroup
	for hand := range slices.Chunk(forms, 20) {
		work.Go(func() {
			for _, v := range hand {
				var twice sync.WaitGroup // Enter, pressed twice
				for range 2 {
					twice.Go(func() { b.post(batch+"/type", v, cookies...) })
				}
				twice.Wait()
			}
		})
	}
	work.Wait()
	if n := len(b.batch(batch).Sheets); n != 40 || len(b.typed()) != 40 {
		t.Errorf("%d sheets, %d stored; want 40 of each", n, len(b.typed()))
	}
	b.act(batch, "finish").want(http.StatusSeeOther)
	if got := b.batch(batch).Sample(); len(got) != 4 {
		t.Errorf("the sample is %v, want four sheets", got)
	}
}

// The second keying is blind, and what differs is counted once: whoever types again in sight of it does not better the rate.
func TestSecondKeyingCountsOnce(t *testing.T) {
	t.Parallel()
	b := signedIn(t)
	batch := b.paper("p_hall", "short")
	b.begin(batch, "1")
	b.typeSheet(batch, short("5")...).want(http.StatusSeeOther)
	b.follow(b.act(batch, "finish")).must("Mở lại để gõ thêm phiếu")
	check := batch + "/check/1"
	page := b.open(check)
	differs := page.typingForm("5", "5", "4", "5", ".", "5")
	b.sendForm(check, differs).want(http.StatusOK).must("Phiếu số 1: 2 câu gõ khác nhau")
	b.open(check).must("!value=\"4\"", "!value=\"5\"")
	b.act(batch, "close").want(http.StatusConflict)
	b.act(batch, "reopen").want(http.StatusConflict)
	b.sendForm(check, b.open(check).typingForm(short("5")...)).want(http.StatusSeeOther)
	if got := b.batch(batch); got.Check != (surveys.PaperCheck{Sheets: 1, Compared: 7, Differing: 2}) || got.Sheets[0].Open {
		t.Errorf("counted are %+v, want the first comparison", got)
	}
	b.sendForm(check, differs).want(http.StatusSeeOther) // settled: nothing happens any more
	b.open(batch + "/check/2").want(http.StatusSeeOther) // not in the sample
	b.act(batch, "close").want(http.StatusSeeOther)
}

// What typing differs is put right before it is published, and only noted afterwards.
func TestSettle(t *testing.T) {
	t.Parallel()
	for _, out := range []bool{false, true} {
		b := signedIn(t)
		batch := b.paper("p_hall", "short")
		b.begin(batch, "30")
		for range 30 {
			b.typeSheet(batch, short("5")...).want(http.StatusSeeOther)
		}
		b.act(batch, "finish").want(http.StatusSeeOther)
		if out {
			b.clock.Add(20 * 24 * time.Hour)
			b.signIn("", password).want(http.StatusSeeOther)
			b.release()
		}
		for i, sheet := range b.batch(batch).Sample() {
			check := fmt.Sprintf("%s/check/%d", batch, sheet)
			digits := short("5")
			if i == 0 {
				digits[2], digits[4] = "4", "."
			}
			r := b.sendForm(check, b.open(check).typingForm(digits...))
			if i > 0 {
				r.want(http.StatusSeeOther)
				continue
			}
			v := r.want(http.StatusOK).picking("second", "first")
			unsettled := url.Values{}
			for name, values := range v {
				if !strings.HasPrefix(name, "pick_") {
					unsettled[name] = values
				}
			}
			b.sendForm(check, unsettled).want(http.StatusUnprocessableEntity).must("Xin chọn số đúng")
			b.sendForm(check, v).want(http.StatusSeeOther)
			b.sendForm(check, v).want(http.StatusSeeOther)
		}
		want := surveys.PaperCheck{Sheets: 3, Compared: 21, Differing: 2, Corrected: 1}
		fours := 1
		if out {
			want.Corrected, want.Late, fours = 0, 1, 0
		}
		if got := b.batch(batch).Check; got != want {
			t.Errorf("published %t: %+v, want %+v", out, got, want)
		}
		n := 0
		for _, r := range b.typed() {
			for _, a := range r.Answers {
				if a.Number == 4 {
					n++
				}
			}
		}
		if n != fours || len(b.typed()) != 30 {
			t.Errorf("published %t: %d answers put right, %d forms; want %d, 30", out, n, len(b.typed()), fours)
		}
		b.follow(b.act(batch, "close")).must("khác 9,5", "nên gõ chậm lại")
	}
}

// picking is the form that settles differences, with choices in order.
func (r *reply) picking(choices ...string) url.Values {
	r.t.Helper()
	v := url.Values{}
	r.doc().Find("form.picking input[type=hidden]").Each(func(_ int, in *goquery.Selection) { v.Set(in.AttrOr("name", ""), in.AttrOr("value", "")) })
	r.doc().Find(".pick").Each(func(i int, s *goquery.Selection) {
		v.Set(s.Find("input").First().AttrOr("name", ""), choices[i])
	})
	return v
}

// release runs the pass of the night.
func (s *site) release() {
	s.t.Helper()
	roller := analytics.NewRoller(s.store)
	_, err := analytics.NewReleaser(s.store, roller, analytics.Calendar{MonthStart: 1}).Pass(s.t.Context(), surveys.DayOf(s.clock.Now(), zone(s.t)), nil)
	s.ok(err)
}

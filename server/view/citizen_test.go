package view_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"hailong/server/view"
)

// eachCitizenPage runs f on every citizen page in every state and language.
func eachCitizenPage(t *testing.T, f func(t *testing.T, raw []byte, doc *goquery.Document)) {
	t.Helper()
	r := renderer(t)
	for _, lang := range view.Langs() {
		for name, page := range citizenPages(lang) {
			t.Run(name+"."+string(lang), func(t *testing.T) {
				t.Parallel()
				raw := html(t, r, lang, page)
				doc, err := goquery.NewDocumentFromReader(bytes.NewReader(raw))
				if err != nil {
					t.Fatal(err)
				}
				if got := doc.Find("html").AttrOr("lang", ""); got != string(lang) {
					t.Errorf("lang: got %q, want %q", got, lang)
				}
				f(t, raw, doc)
			})
		}
	}
}

func TestEveryCitizenTemplateIsRendered(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, page := range citizenPages(view.Vietnamese) {
		seen[view.TemplateOf(page)] = true
	}
	for _, name := range renderer(t).Templates() {
		if strings.HasPrefix(name, "citizen/") && !seen[name] && name != "citizen/kiosk" { // which stands alone: TestKiosk…
			t.Errorf("no test renders %s", name)
		}
	}
}

func TestCitizenPagesAskForNothingElse(t *testing.T) {
	t.Parallel()
	eachCitizenPage(t, func(t *testing.T, raw []byte, doc *goquery.Document) {
		must := map[string]int{"script:not([defer][src^='/static/'])": 0, "script[src^='/static/form-']": 1, "link[rel=preload]": 0, "[style]": 0, "img": 0, "style": 1, "main": 1, "h1:not([hidden] h1)": 1, "iframe": 0, "link[rel=stylesheet]": 0}
		for sel, want := range must {
			if got := doc.Find(sel).Length(); got != want {
				t.Errorf("%s: got %d, want %d", sel, got, want)
			}
		}
		if got := doc.Find("h1").Not("[data-on]").Length(); got != 1 { // those are hidden, all but one
			t.Errorf("h1: got %d, want 1", got)
		}
		doc.Find("*").Each(func(_ int, s *goquery.Selection) {
			for _, a := range s.Nodes[0].Attr {
				if strings.HasPrefix(a.Key, "on") {
					t.Errorf("attribute %s", a.Key)
				}
				if a.Key != "href" && a.Key != "src" && a.Key != "action" {
					continue
				}
				local := strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "//") || strings.HasPrefix(a.Val, "#") || strings.HasPrefix(a.Val, "data:") || a.Key == "href" && (strings.HasPrefix(a.Val, "tel:") || strings.HasPrefix(a.Val, "mailto:"))
				if !local {
					t.Errorf("%s leads elsewhere: %q", a.Key, a.Val)
				}
			}
		})
		if css := doc.Find("style").Text(); strings.Contains(css, "url(") || strings.Contains(css, "@import") || strings.Contains(css, ":has(") {
			t.Error("style sheet loads something or uses :has")
		}
		if bytes.Contains(raw, []byte("ZgotmplZ")) {
			t.Error("html/template refused a value")
		}
	})
}

func TestCitizenCSPAllowsTheStyle(t *testing.T) {
	t.Parallel()
	csp := renderer(t).CitizenCSP()
	eachCitizenPage(t, func(t *testing.T, raw []byte, _ *goquery.Document) {
		_, css, _ := strings.Cut(string(raw), "<style>")
		css, _, _ = strings.Cut(css, "</style>")
		sum := sha256.Sum256([]byte(css))
		if want := "style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(csp, want) {
			t.Errorf("CSP %s\nhas no %s", csp, want)
		}
	})
}

func TestCitizenPagesAreAccessible(t *testing.T) {
	t.Parallel()
	eachCitizenPage(t, func(t *testing.T, _ []byte, doc *goquery.Document) {
		ids := map[string]int{}
		doc.Find("[id]").Each(func(_ int, s *goquery.Selection) { ids[s.AttrOr("id", "")]++ })
		for id, n := range ids {
			if n > 1 {
				t.Errorf("id %s stands %d times", id, n)
			}
		}
		refs := func(sel, attr string) {
			doc.Find(sel).Each(func(_ int, s *goquery.Selection) {
				for _, id := range strings.Fields(s.AttrOr(attr, "")) {
					if ids[strings.TrimPrefix(id, "#")] == 0 {
						t.Errorf("%s leads to nothing: %q", attr, id)
					}
				}
			})
		}
		refs("[aria-describedby]", "aria-describedby")
		refs("label", "for")
		refs("a[href^='#'], use", "href")
		doc.Find("input:not([type=hidden]), textarea").Each(func(_ int, s *goquery.Selection) {
			id := s.AttrOr("id", "")
			if label := doc.Find("label[for='" + id + "']"); label.Length() != 1 || strings.TrimSpace(label.Text()) == "" {
				t.Errorf("input %q has no label", id)
			}
		})
		doc.Find("input[type=radio], input[type=checkbox]").Each(func(_ int, s *goquery.Selection) {
			if strings.TrimSpace(s.Closest("fieldset").Find("legend").Text()) == "" {
				t.Errorf("%s stands in no fieldset with a legend", s.AttrOr("id", ""))
			}
		})
		if title := strings.TrimSpace(doc.Find("title").First().Text()); title == "" {
			t.Error("no title")
		}
		if got := doc.Find("svg:not([aria-hidden=true])").Length(); got != 0 {
			t.Errorf("%d drawings are read aloud", got)
		}
	})
}

func TestFormBestAnswerFirst(t *testing.T) {
	t.Parallel()
	doc := document(t, view.Vietnamese, shortForm(view.Vietnamese))
	first := doc.Find("fieldset").First()
	values := first.Find("input[type=radio][name=A3]").Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("value", "") })
	if diff := cmp.Diff([]string{"5", "4", "3", "2", "1", "0"}, values); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	faces := first.Find("use").Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("href", "") })
	if diff := cmp.Diff([]string{"#f5", "#f4", "#f3", "#f2", "#f1"}, faces); diff != "" {
		t.Errorf("faces (-want +got):\n%s", diff)
	}
	if got := doc.Find("symbol").Length(); got != 5 {
		t.Errorf("faces drawn %d times, want 5 once each", got)
	}
	if got := strings.Join(strings.Fields(first.Find("legend").Text()), " "); !strings.HasPrefix(got, "Câu 1/6 Tiếp cận dịch vụ Máy móc") {
		t.Errorf("legend: %q", got)
	}
	if got := first.AttrOr("aria-describedby", ""); got != "A3-p" {
		t.Errorf("described by %q, want the prompt", got)
	}
	if doc.Find("[checked], .sum, .bad, [aria-invalid]").Length() != 0 {
		t.Error("a fresh form has nothing chosen and no error")
	}
	if doc.Find("form[method=post][action='/s/K7QM2XHD'] button").Length() != 1 {
		t.Error("want one button in a form that posts to the point")
	}
}

// TestFormForTheScript: what form.js needs stands in templates, which show nothing without it.
func TestFormForTheScript(t *testing.T) {
	t.Parallel()
	doc := document(t, view.Vietnamese, everyKind(view.Vietnamese))
	if got := doc.Find(".q[data-if=C1][data-in='2 1'] input[name=R1]").Length(); got != 3 {
		t.Errorf("%d answers of R1 stand under the rule of its item, want 3", got)
	}
	if got := doc.Find(".q[data-if]").Length(); got != 1 {
		t.Errorf("%d items have a rule, want 1", got)
	}
	if n := doc.Find("template#steps").Length() + doc.Find("template#looks").Length(); n != 2 {
		t.Errorf("%d templates for the script, want 2", n)
	}
	if n := doc.Find("footer, .nav, .hear").Not("template *").Length(); n != 0 {
		t.Errorf("%d controls stand on the page that do nothing without the script", n)
	}
	refused := document(t, view.Vietnamese, withProblems(view.Vietnamese))
	if refused.Find("template#steps").Length() != 0 {
		t.Error("a refused form is shown whole")
	}
}

func TestFormForWhom(t *testing.T) {
	t.Parallel()
	page := shortForm(view.Vietnamese)
	if doc := document(t, view.Vietnamese, page); doc.Find("input[type=checkbox]").Length() != 0 {
		t.Error("a form that does not ask for whom has a check box")
	}
	page.Behalf = &view.Behalf{Code: "FOR", Value: "yes", Checked: true}
	if doc := document(t, view.Vietnamese, page); doc.Find("fieldset > .o > input[type=checkbox][name=FOR][value=yes][checked]").Length() != 1 {
		t.Error("want the one tap, chosen")
	}
	for audience, want := range map[view.Audience][2]string{
		view.Parents: {"không hỏi trẻ em", "Tôi là học sinh từ lớp 10"}, view.Pupils: {"học sinh từ lớp 10", "Tôi là cha mẹ học sinh"},
	} {
		page.Audience, page.Others = audience, ""
		alone := document(t, view.Vietnamese, page).Find(".intro .lead")
		page.Others = "/s/K7QM2XHD?as=pupil"
		both := document(t, view.Vietnamese, page).Find(".intro .alt a[href='/s/K7QM2XHD?as=pupil']")
		if got := alone.Text(); !strings.Contains(got, want[0]) || strings.Contains(got, "Tôi là") || both.Text() != want[1] {
			t.Errorf("%s: the form says %q and offers %q", audience, got, both.Text())
		}
	}
}

// A pupil is spoken to as a pupil, down to the receipt.
func TestPupilsAreSpokenToAsPupils(t *testing.T) {
	t.Parallel()
	pages := citizenPages(view.Vietnamese)
	form, ok := pages["form-pupils"].(view.FormPage)
	if !ok {
		t.Fatal("no form for pupils")
	}
	form.Again = true
	for i := range form.Questions { // their instrument has its own words
		form.Questions[i].Text, form.Questions[i].Prompt = "câu", ""
	}
	form.Headline = "Mời em đánh giá trường của mình"
	for name, page := range map[string]view.Page{"form": form, "thanks": pages["thanks-pupils"]} {
		doc := document(t, view.Vietnamese, page)
		if got := flat(doc.Find("body")); strings.Contains(got, "Ông/Bà") || !strings.Contains(got, "Thầy cô và nhà trường không xem được từng phiếu.") {
			t.Errorf("%s says %q", name, got)
		}
	}
	if got := document(t, view.Vietnamese, form).Find("form input[type=hidden][name=as]").AttrOr("value", ""); got != "pupil" {
		t.Errorf("the form goes back as %q", got)
	}
}

func TestFormKeepsWhatWasGiven(t *testing.T) {
	t.Parallel()
	page := everyKind(view.Vietnamese)
	doc := document(t, view.Vietnamese, page)
	checked := doc.Find("[checked]").Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("id", "") })
	if diff := cmp.Diff([]string{"C1-4", "T1-no", "R1-wait"}, checked); diff != "" {
		t.Errorf("checked (-want +got):\n%s", diff)
	}
	if got := doc.Find("input[name=G1][inputmode=numeric]").AttrOr("value", ""); got != "80" {
		t.Errorf("percent: %q", got)
	}
	if got := doc.Find("textarea[name=comment]").Text(); got != page.Comment.Value {
		t.Errorf("comment: got %q, want %q", got, page.Comment.Value)
	}
	if got := doc.Find("textarea[name=H1]").Text(); got != "Thêm ghế" {
		t.Errorf("text: %q", got)
	}
	if got := doc.Find("#R1-i").Text(); !strings.Contains(got, "“Không hài lòng” / “Rất không hài lòng”") {
		t.Errorf("condition: %q", got)
	}
	if doc.Find("input[type=checkbox][name=R1]").Length() != 3 {
		t.Error("a multiple question has check boxes")
	}
}

// TestFormEndsWithTheTwoValues keeps the promise the server's precompression rests on.
func TestFormEndsWithTheTwoValues(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	for _, lang := range view.Langs() {
		for _, page := range []view.FormPage{shortForm(lang), withProblems(lang), fullForm(lang)} {
			raw := string(html(t, r, lang, page))
			if strings.Count(raw, page.SubmissionID) != 1 || strings.Count(raw, page.FormToken) != 1 {
				t.Fatal("each value must stand once")
			}
			head, rest, _ := strings.Cut(raw, page.SubmissionID)
			between, tail, _ := strings.Cut(rest, page.FormToken)
			if want := `<input type="hidden" name="submission_id" value="`; !strings.HasSuffix(head, want) {
				t.Errorf("before the id: %q", head[len(head)-80:])
			}
			if want := "\">\n<input type=\"hidden\" name=\"form_token\" value=\""; between != want {
				t.Errorf("between: got %q, want %q", between, want)
			}
			if got := strings.ReplaceAll(tail, "\n", ""); got != `"></form></main></body></html>` {
				t.Errorf("after the token: %q", tail)
			}
		}
	}
	doc := document(t, view.English, fullForm(view.English))
	for name, want := range map[string]string{"form": "full", "lang": "en"} {
		if got := doc.Find("input[type=hidden][name="+name+"]").AttrOr("value", ""); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestFormProblems(t *testing.T) {
	t.Parallel()
	doc := document(t, view.Vietnamese, withProblems(view.Vietnamese))
	sum := doc.Find(".sum[role=alert][tabindex='-1'][autofocus]")
	if sum.Length() != 1 || doc.Find("[autofocus]").Length() != 1 {
		t.Fatal("want one summary, with the focus")
	}
	links := sum.Find("a").Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("href", "") })
	if diff := cmp.Diff([]string{"#A3-5", "#comment"}, links); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
	sum.Find("a").Each(func(i int, s *goquery.Selection) {
		beside := strings.TrimSpace(doc.Find(".err").Eq(i).Text())
		if !strings.HasPrefix(beside, s.Text()) {
			t.Errorf("link %q does not begin %q", s.Text(), beside)
		}
	})
	if got := doc.Find(".bad").Length(); got != 2 {
		t.Errorf("%d marked items, want 2", got)
	}
	if doc.Find("textarea[name=comment][aria-invalid=true]").AttrOr("aria-describedby", "") != "comment-w comment-e" {
		t.Error("the comment does not point to its error")
	}
	if !strings.HasPrefix(strings.TrimSpace(doc.Find("title").First().Text()), "Chưa gửi được:") {
		t.Error("the title does not say that the form was not sent")
	}
}

func TestEveryProblem(t *testing.T) {
	t.Parallel()
	doc := document(t, view.English, everyProblem(view.English))
	got := doc.Find(".sum li").Map(func(_ int, s *goquery.Selection) string { return strings.TrimSpace(s.Text()) })
	want := []string{
		"The form sent holds something that is not part of this questionnaire. Please look through the questions below and send again.",
		"Question 1: Please choose your answer again", "Question 3: Please choose at most 2",
		"Question 5: Please enter a number from 0 to 100", "Question 6: Too long, please remove 1 character",
		"Question 4: Please choose your answer again",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
}

func TestFormSize(t *testing.T) {
	t.Parallel()
	const most = 14 << 10 // what a phone gets in its first round trip
	r := renderer(t)
	for _, lang := range view.Langs() {
		for name, page := range map[string]view.Page{"short": shortForm(lang), "full": fullForm(lang), "problems": withProblems(lang)} {
			var buf bytes.Buffer
			w := gzip.NewWriter(&buf)
			if _, err := w.Write(html(t, r, lang, page)); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			t.Logf("%s %s: %d bytes", name, lang, buf.Len())
			if buf.Len() > most {
				t.Errorf("%s %s: %d bytes, want at most %d", name, lang, buf.Len(), most)
			}
		}
	}
}

func TestHostileTextIsEscaped(t *testing.T) {
	t.Parallel()
	const evil = `"><script>alert(1)</script></textarea></title><img src=x onerror=alert(1)>`
	page := everyKind(view.Vietnamese)
	page.Place, page.Headline, page.Comment = view.Place{Facility: evil, Point: evil}, evil, &view.Comment{Text: evil, Value: evil}
	page.Notice = view.Notice{Controller: evil, Contact: evil}
	page.Switch, page.Alternate.URL = "javascript:alert(1)", "javascript:alert(1)"
	for i := range page.Questions {
		q := &page.Questions[i]
		q.Code, q.Text, q.Factor, q.Prompt, q.Value = q.Code+evil, evil, evil, evil, evil
		q.Options = slices.Clone(q.Options)
		for j := range q.Options {
			q.Options[j].Label, q.Options[j].Code = evil, evil
		}
	}
	doc := document(t, view.Vietnamese, page)
	if got := doc.Find("script:not([src^='/static/']), img, [onerror]").Length(); got != 0 {
		t.Errorf("%d foreign elements", got)
	}
	if got := doc.Find("a[href^='javascript']").Length(); got != 0 {
		t.Errorf("%d script links", got)
	}
	if got := doc.Find("textarea[name=comment]").Text(); got != evil {
		t.Errorf("comment: got %q", got)
	}
	home := document(t, view.Vietnamese, view.HomePage{Action: "/s", Code: evil, Unknown: true})
	if home.Find("script:not([src^='/static/']), img").Length() != 0 || home.Find("#code").AttrOr("value", "") != evil {
		t.Error("the typed code is not escaped")
	}
}

func TestThanks(t *testing.T) {
	t.Parallel()
	doc := document(t, view.Vietnamese, view.ThanksPage{Frame: place(), Receipt: "W4TR9HQX2MKC"})
	groups := doc.Find("p.code span").Map(func(_ int, s *goquery.Selection) string { return s.Text() })
	if diff := cmp.Diff([]string{"W4TR", "9HQX", "2MKC"}, groups); diff != "" {
		t.Errorf("receipt (-want +got):\n%s", diff)
	}
	if got := doc.Find("p.code").Text(); got != "W4TR 9HQX 2MKC" {
		t.Errorf("copied as %q", got)
	}
	if doc.Find("main a:not([href='/r/W4TR9HQX2MKC?lang=vi']), main button, form").Length() != 0 {
		t.Error("the page offers what this version does not have")
	}
	if doc.Find("main a[href='/r/W4TR9HQX2MKC?lang=vi']").Length() != 1 {
		t.Error("no way leads to the receipt")
	}
	if bare := document(t, view.Vietnamese, view.ThanksPage{}); bare.Find(".card").Length() != 0 {
		t.Error("an empty receipt is shown")
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	broken := document(t, view.Vietnamese, view.MessagePage{Occasion: view.OccasionBroken, RequestID: "7f3a9c12"})
	if broken.Find("code").Text() != "7f3a9c12" {
		t.Error("no request id")
	}
	page := citizenPages(view.Vietnamese)["message-repost"]
	busy := document(t, view.Vietnamese, page)
	if busy.Find("form[method=post][action='/s/K7QM2XHD'] input[type=hidden]").Length() != 2 || busy.Find("input[name=A3]").AttrOr("value", "") != "4" {
		t.Error("a busy page must carry the answers")
	}
	r := renderer(t)
	var buf bytes.Buffer
	if err := r.Render(&buf, view.Vietnamese, view.MessagePage{Occasion: "odd"}); err == nil || buf.Len() != 0 {
		t.Errorf("an unknown occasion: got %v and %d bytes, want an error and none", err, buf.Len())
	}
}

func TestHome(t *testing.T) {
	t.Parallel()
	doc := document(t, view.Vietnamese, view.HomePage{Action: "/s"})
	if doc.Find("form[method=get][action='/s'] input[name=code]").Length() != 1 || doc.Find(".err").Length() != 0 {
		t.Error("want an empty form")
	}
	wrong := document(t, view.Vietnamese, view.HomePage{Action: "/s", Code: "K7QM2XHE", Unknown: true})
	if wrong.Find("#code[aria-invalid=true][autofocus]").AttrOr("value", "") != "K7QM2XHE" || wrong.Find("#code-e").Length() != 1 {
		t.Error("want the code kept, focused and its error beside it")
	}
}

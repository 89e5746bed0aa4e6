//go:build e2e

package server_test

import (
	"context"
	"net/http"
	"strconv"
	"testing"
)

// journeyScene is one page as it is looked at.
type journeyScene struct {
	name string
	open func(*journeyPage)
}

// journeyCitizenScenes are the pages of citizens.
func journeyCitizenScenes() []journeyScene {
	form := "/s/" + string(journeyHall)
	at := func(path string, status int64) func(*journeyPage) {
		return func(p *journeyPage) { p.t.Helper(); p.to(path, status) }
	}
	return []journeyScene{
		{"home", at("/", http.StatusOK)},
		{"form", at(form, http.StatusOK)},
		{"form-en", at(form+"?lang=en", http.StatusOK)},
		{"form-full", at("/s/"+string(journeyStation)+"?form=full", http.StatusOK)},
		{"chosen", func(p *journeyPage) {
			p.to(form, http.StatusOK)
			p.choose("A3", "4")
			p.choose("B2", "1")
			p.choose("C1", "0")
		}},
		{"question", func(p *journeyPage) {
			p.to(form, http.StatusOK)
			p.choose("B2", "4")
			p.reach("#C1-4")
			journeyEval[bool](p, `document.getElementById("C1-4").click(), true`)
		}},
		{"question-full", func(p *journeyPage) {
			p.to("/s/JH000002?form=full&lang=en", http.StatusOK)
			p.choose("A1", "4")
			p.reach("#G1")
		}},
		{"last", func(p *journeyPage) {
			p.to(form, http.StatusOK)
			p.choose("C1", "4")
			p.typeInto("#comment", journeyComment)
		}},
		{"school", at("/s/JH000004", http.StatusOK)},
		{"contrast", func(p *journeyPage) {
			p.to(form, http.StatusOK)
			p.click("footer [name=contrast]")
			p.choose("A3", "4")
			p.reach("#B2-4")
			journeyEval[bool](p, `document.getElementById("B2-4").click(), localStorage.clear(), sessionStorage.clear(), true`)
		}},
		{"error", func(p *journeyPage) {
			p.to(form, http.StatusOK)
			p.lands(http.StatusUnprocessableEntity, journeyClick("form button"))
			p.until(`document.activeElement.matches(".sum")`)
		}},
		{"thanks", at(form+"/thanks?r=K7QM2XHD4R9T", http.StatusOK)},
		{"thanks-en", at(form+"/thanks?r=K7QM2XHD4R9T&lang=en", http.StatusOK)},
		{"home-en", at("/?lang=en", http.StatusOK)},
		{"receipt", func(p *journeyPage) { p.to(journeyReceiptPath(p), http.StatusOK) }},
		{"receipt-ask", func(p *journeyPage) { p.to(journeyReceiptPath(p)+"/withdraw", http.StatusOK) }},
		{"receipt-withdrawn", func(p *journeyPage) {
			p.to(journeyReceiptPath(p)+"/withdraw", http.StatusOK)
			p.lands(http.StatusOK, journeyClick("form button"))
		}},
		{"receipt-unknown", at("/r/ZZZZZZZZZZZZ", http.StatusNotFound)},
		{"404", at("/s/ZZZZZZZZ", http.StatusNotFound)},
		{"410", at("/s/"+string(journeyRetired), http.StatusGone)},
	}
}

// journeyStaffScenes are the pages of the administrator, who must be signed in.
func journeyStaffScenes() []journeyScene {
	at := func(path string, status int64) func(*journeyPage) {
		return func(p *journeyPage) { p.t.Helper(); p.to(path, status) }
	}
	return []journeyScene{
		{"list", at("/app", http.StatusOK)},
		{"list-none", at("/app?q=xyz", http.StatusOK)},
		{"facility", at("/app/facilities/f_station", http.StatusOK)},
		{"facility-met", at("/app/facilities/f_hospital", http.StatusOK)},
		{"facility-undecided", at("/app/facilities/f_branch", http.StatusOK)},
		{"facility-few", at("/app/facilities/f_kinder", http.StatusOK)},
		{"facility-none", at("/app/facilities/f_office", http.StatusOK)},
		{"facility-open", at("/app/facilities/f_hall?kind=quarter&on=2026-01-01", http.StatusOK)},
		{"print", at("/app/facilities/f_hall/print", http.StatusOK)},
		{"print-slips", at("/app/facilities/f_hall/print?paper=slips&point=p_result", http.StatusOK)},
		{"points", at("/app/points", http.StatusOK)},
		{"points-none", at("/app/points?q=xyz&lang=en", http.StatusOK)},
		{"prints", at("/app/prints?show=all", http.StatusOK)},
		{"prints-empty", at("/app/prints?show=down&lang=en", http.StatusOK)},
		{"review", at("/app/review", http.StatusOK)},
		{"review-second", at("/app/review?show=second&lang=en", http.StatusOK)},
		{"review-none", at("/app/review?q=xyz", http.StatusOK)},
		{"review-group", at(journeyGroup, http.StatusOK)},
		{"review-group-second", at("/app/review/group?facility=f_hall&day=2026-02-19&reason=repeat", http.StatusOK)},
		{"review-group-large", at("/app/review/group?facility=f_hospital&day=2026-02-19&reason=over_budget&lang=en", http.StatusOK)},
		{"review-acts", at("/app/review/acts", http.StatusOK)},
		{"staff-404", at("/app/facilities/f_nowhere", http.StatusNotFound)},
	}
}

// wantFits wants no sideways scrolling.
func (p *journeyPage) wantFits(name string) {
	p.t.Helper()
	fit := journeyEval[struct {
		Scroll, Client int
		Out            []string
	}](p, `(d => ({Scroll: d.scrollWidth, Client: d.clientWidth, Out: [...document.body.querySelectorAll("*")].filter(e => {
			if (e.getBoundingClientRect().right <= d.clientWidth + 0.5) return false;
			for (; e && e !== document.body; e = e.parentElement) if (getComputedStyle(e).overflowX !== "visible" && e.tagName !== "svg") return false;
			return true;
		}).slice(0, 5).map(e => e.outerHTML.slice(0, 120))}))(document.scrollingElement)`)
	if fit.Scroll > fit.Client {
		p.t.Errorf("%s is %d wide on a screen of %d: %q", name, fit.Scroll, fit.Client, fit.Out)
	}
}

func journeyNarrow(t *testing.T, browser context.Context) {
	s := journeyServe(t, true)
	p := journeyOpen(t, browser, s.base, 320)
	for _, scene := range journeyCitizenScenes() {
		scene.open(p)
		p.wantFits(scene.name)
		if small := journeyEval[[]string](p, `[...document.querySelectorAll("a, button, summary, label, textarea, input.code, .pc input")]
			.filter(e => e.getClientRects().length && !e.closest(".sum, li, h2") && e.getBoundingClientRect().height < 47.5).map(e => e.outerHTML.slice(0, 80))`); len(small) > 0 {
			t.Errorf("%s has targets under 48 px: %q", scene.name, small)
		}
	}
	p.signIn(s)
	for _, scene := range journeyStaffScenes() {
		scene.open(p)
		p.wantFits(scene.name)
	}
}

// journeyLargeText looks at the pages with the phone's text set to twice its size.
func journeyLargeText(t *testing.T, browser context.Context) {
	s := journeyServe(t, true)
	p := journeyOpen(t, browser, s.base, 320)
	look := func(scene journeyScene) {
		scene.open(p)
		if size := journeyEval[string](p, `getComputedStyle(document.documentElement).fontSize`); size != "32px" {
			t.Fatalf("the text is %s, want 32px", size)
		}
		p.wantFits(scene.name)
		journeyShot(p, scene.name+"-320-200%")
	}
	for _, scene := range journeyCitizenScenes() {
		look(scene)
		if scene.name == "form" {
			if at := journeyEval[float64](p, `document.querySelector(".o").getBoundingClientRect().bottom / innerHeight`); at > 3 {
				t.Errorf("the first answer ends %.1f screens down, want it seen without scrolling past two", at)
			}
		}
	}
	p.signIn(s)
	for _, scene := range journeyStaffScenes() {
		look(scene)
	}
	journeyFillIn(journeyServe(t, false), journeyOpen(t, browser, "", 320))
}

// journeyContrast lists texts of less than 4.5 : 1 on the ground behind them (3 : 1 for large ones). A picture
// in between is not looked through.
const journeyContrast = `(() => {
	const parse = c => { const m = c.match(/[\d.]+/g).map(Number); return {rgb: m.slice(0, 3), a: m.length > 3 ? m[3] : 1}; };
	const light = rgb => { const [r, g, b] = rgb.map(v => { v /= 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }); return .2126 * r + .7152 * g + .0722 * b; };
	const ground = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.a === 1) return c.rgb; } return [255, 255, 255]; };
	const bad = []; let looked = 0;
	for (const e of document.body.querySelectorAll("*")) {
		if (e.closest("svg, .unseen, .skip, .off, option") || ![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !e.getClientRects().length) continue;
		const style = getComputedStyle(e), size = parseFloat(style.fontSize), large = size >= 24 || size >= 18.66 && +style.fontWeight >= 700;
		const [a, b] = [light(parse(style.color).rgb), light(ground(e))].sort((x, y) => y - x), ratio = (a + .05) / (b + .05);
		looked++;
		if (ratio < (large ? 3 : 4.5)) bad.push(ratio.toFixed(2) + " " + e.outerHTML.slice(0, 100));
	}
	return {Looked: looked, Bad: bad, Ground: ground(document.body)};
})()`

func journeyDark(t *testing.T, browser context.Context) {
	s := journeyServe(t, true)
	p := journeyOpen(t, browser, s.base, 390)
	p.signIn(s)
	grounds := map[string][3]int{"dark": {16, 22, 29}, "light": {255, 255, 255}}
	for scheme, want := range grounds {
		p.scheme(scheme)
		for _, scene := range append(journeyCitizenScenes(), journeyStaffScenes()...) {
			scene.open(p)
			seen := journeyEval[struct {
				Looked int
				Bad    []string
				Ground [3]int
			}](p, journeyContrast)
			if seen.Ground != want && scene.name != "contrast" { // which sets its own
				t.Errorf("%s %s stands on %v, want %v", scheme, scene.name, seen.Ground, want)
			}
			if seen.Looked < 5 || len(seen.Bad) > 0 {
				t.Errorf("%s %s: of %d texts too faint are %q", scheme, scene.name, seen.Looked, seen.Bad)
			}
		}
	}
}

// journeyShots saves the pictures that people look at.
func journeyShots(t *testing.T, browser context.Context) {
	s := journeyServe(t, true)
	p := journeyOpen(t, browser, s.base, 390)
	shoot := func(scenes []journeyScene, widths ...int64) {
		for _, scheme := range []string{"light", "dark"} {
			p.scheme(scheme)
			for _, width := range widths {
				p.size(width, 800)
				for _, scene := range scenes {
					scene.open(p)
					journeyShot(p, scene.name+"-"+strconv.FormatInt(width, 10)+"-"+scheme)
				}
			}
		}
	}
	shoot(journeyCitizenScenes(), 320, 390, 768)
	p.size(390, 800)
	p.to("/login", http.StatusOK)
	journeyShot(p, "login-390-light")
	p.signIn(s)
	shoot(journeyStaffScenes(), 390, 768, 1440)
}

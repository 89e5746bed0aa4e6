//go:build e2e

package server_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// journeyKioskSizes are those of tablets, lying and standing.
func journeyKioskSizes() [][2]int64 { return [][2]int64{{1280, 800}, {1024, 768}, {800, 1280}} }

// journeyKioskScenes lead one tablet through its screens.
func journeyKioskScenes(pulse bool) []journeyKioskScene {
	back := func(p *journeyStand) {
		p.t.Helper()
		p.later(40 * time.Second)
		p.to(journeyKiosk, http.StatusOK)
		p.shows("ask")
	}
	english := func(then func(*journeyStand)) func(*journeyStand) {
		return func(p *journeyStand) { p.t.Helper(); then(p); p.tap("[data-do=lang]") }
	}
	pin := func(p *journeyStand) { p.t.Helper(); back(p); p.corner() }
	ask := journeyKioskScene{"ask", back}
	if !pulse {
		return []journeyKioskScene{ask, {"ask-en", english(back)}, {"ask-2", func(p *journeyStand) { p.t.Helper(); back(p); p.pick("4") }}, {"send", func(p *journeyStand) {
			p.t.Helper()
			back(p)
			for range 6 {
				p.pick("4")
			}
			p.shows("send")
		}}}
	}
	why := func(p *journeyStand) { p.t.Helper(); back(p); p.pick("1"); p.on("K1") }
	return []journeyKioskScene{
		ask,
		{"ask-en", english(back)},
		{"why", why},
		{"why-en", english(why)},
		{"thanks", func(p *journeyStand) { p.t.Helper(); back(p); p.pick("5"); p.shows("thanks") }},
		{"pin", pin},
		{"pin-wrong", func(p *journeyStand) {
			p.t.Helper()
			pin(p)
			p.types("000001")
			p.says("[data-when=wrong]", "Mã PIN chưa đúng.")
		}},
		{"staff", func(p *journeyStand) { p.t.Helper(); pin(p); p.types(journeyPIN); p.shows("staff") }},
		{"staff-en", func(p *journeyStand) {
			p.t.Helper()
			back(p)
			p.tap("[data-do=lang]")
			p.corner()
			p.types(journeyPIN)
			p.shows("staff")
		}},
		{"cut", func(p *journeyStand) {
			p.t.Helper()
			back(p)
			journeyEval[bool](p.journeyPage, `dispatchEvent(new Event("offline"))`)
		}},
		{"start", func(p *journeyStand) {
			p.t.Helper()
			pin(p)
			p.types(journeyPIN)
			p.shows("staff")
			p.tap("[data-do=leave]")
			p.shows("start")
		}},
	}
}

type journeyKioskScene struct {
	name string
	open func(*journeyStand)
}

// journeyKioskMeasure says what is too small, what axe finds and what is too faint.
const journeyKioskMeasure = `(() => {
	const seen = s => [...document.querySelectorAll(s)].filter(e => e.offsetParent), size = e => e.getBoundingClientRect();
	const font = s => seen(s).map(e => parseFloat(getComputedStyle(e).fontSize));
	return {
		Small: seen("button").filter(e => size(e).width < 64 || size(e).height < 64).map(e => e.outerHTML.slice(0, 90) + " " + size(e).width + "×" + size(e).height),
		Cards: seen(".cards button").map(e => [size(e).width, size(e).height]), Faces: seen(".cards svg").map(e => size(e).width),
		Question: font("[data-screen=ask] h1"), Labels: font(".cards span"),
		Scrolls: document.scrollingElement.scrollHeight - document.scrollingElement.clientHeight,
	};
})()`

// journeyKioskLook looks at every screen with axe, in both languages: upright dark and across light and, where pictures
// are wanted, at three sizes, each light and dark.
func journeyKioskLook(t *testing.T, browser context.Context) {
	axe := journeyAxeScript(t)
	for _, pulse := range []bool{true, false} {
		h := journeyKioskSite(t, pulse)
		p := h.tablet(browser)
		p.begins()
		for _, size := range journeyKioskSizes() {
			p.size(size[0], size[1])
			for _, scheme := range []string{"light", "dark"} {
				if os.Getenv("HAILONG_SHOTS") == "" && (size[0] == 1024 || (scheme == "dark") != (size[0] == 800)) {
					continue
				}
				p.scheme(scheme)
				for _, scene := range journeyKioskScenes(pulse) {
					scene.open(p)
					name := map[bool]string{true: "pulse", false: "short"}[pulse] + "-" + scene.name + "-" + strconv.FormatInt(size[0], 10) + "-" + scheme
					p.look(name, axe)
				}
				if journeyEval[bool](p.journeyPage, `document.querySelector("#kiosk").dataset.on === "start"`) {
					p.tap("[data-do=pin]")
					p.types(journeyPIN)
					p.shows("ask")
				}
			}
		}
		p.size(1280, 800)
		journeyTell(p.journeyPage, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "forced-colors", Value: "active"}}})
		journeyKioskScenes(pulse)[0].open(p)
		p.shot("forced")
		p.scheme("light")
		for _, width := range []int64{320, 390} { // no tablet is like this, and still nothing may be cut
			p.size(width, 640)
			journeyKioskScenes(pulse)[0].open(p)
			p.wantFits("ask-" + strconv.FormatInt(width, 10))
			p.shot("ask-" + strconv.FormatInt(width, 10))
		}
		p.size(1280, 800)
		p.later(3 * time.Hour)
		p.shows("closed")
		p.look("closed-1280-light", axe)
		p.size(320, 640)
		p.wantFits("closed-320")
		p.shot("closed-320")
	}
}

func (p *journeyStand) look(name, axe string) {
	p.t.Helper()
	p.wantFits(name)
	for _, v := range journeyEval[[]string](p.journeyPage, axe+`; axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations.flatMap(v =>
		v.nodes.map(n => v.id + " (" + v.impact + "): " + v.help + " at " + n.target.join(" ") + " " + n.failureSummary)))`) {
		p.t.Errorf("%s: %s", name, v)
	}
	found := journeyEval[struct {
		Small                   []string
		Cards                   [][2]float64
		Faces, Question, Labels []float64
		Scrolls                 float64
	}](p.journeyPage, journeyKioskMeasure)
	if len(found.Small) > 0 {
		p.t.Errorf("%s has targets under 64 px: %q", name, found.Small)
	}
	for _, card := range found.Cards {
		if card[0] < 200 || card[1] < 320 {
			p.t.Errorf("%s has a card of %.1f × %.1f", name, card[0], card[1])
		}
	}
	for what, least := range map[string]float64{"face": 140, "question": 48, "label": 28} {
		for _, got := range map[string][]float64{"face": found.Faces, "question": found.Question, "label": found.Labels}[what] {
			if got < least {
				p.t.Errorf("%s has a %s of %.1f, want %.0f", name, what, got, least)
			}
		}
	}
	if found.Scrolls > 0 {
		p.t.Errorf("%s scrolls by %.0f", name, found.Scrolls)
	}
	seen := journeyEval[struct {
		Looked int
		Bad    []string
	}](p.journeyPage, journeyContrast)
	if seen.Looked < 3 || len(seen.Bad) > 0 {
		p.t.Errorf("%s: of %d texts too faint are %q", name, seen.Looked, seen.Bad)
	}
	p.shot(name)
}

// shot saves a picture of the screen, if pictures are wanted.
func (p *journeyStand) shot(name string) {
	p.t.Helper()
	folder := os.Getenv("HAILONG_SHOTS")
	if folder == "" {
		return
	}
	png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	p.must(err)
	p.must(os.MkdirAll(folder, 0o750))
	p.must(os.WriteFile(filepath.Join(folder, "kiosk-"+name+".png"), png, 0o600))
}

package view_test

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"hailong/server/view"
	"hailong/static"
)

func TestAssets(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	p := r.Asset("staff.css")
	if !regexp.MustCompile(`^/static/staff-[0-9a-f]{12}\.css$`).MatchString(p) {
		t.Errorf("path %q", p)
	}
	a := r.Assets()[p]
	if a.ContentType != "text/css; charset=utf-8" || !strings.Contains(string(a.Bytes), "--brand:#0a5c7a") {
		t.Errorf("type %q, %d bytes", a.ContentType, len(a.Bytes))
	}
	if got := r.Asset("nothing.css"); got != "" {
		t.Errorf("unknown asset: %q", got)
	}
}

// TestScripts holds the scripts to what a slow phone can bear, and to this site.
func TestScripts(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	a, ok := r.Assets()[r.Asset("form.js")]
	if !ok || a.ContentType != "text/javascript; charset=utf-8" {
		t.Fatalf("form.js is %q", a.ContentType)
	}
	t.Logf("form.js: %d bytes, %d compressed", len(a.Bytes), len(a.Gzip))
	if len(a.Gzip) > 4<<10 {
		t.Errorf("form.js has %d bytes compressed, want at most 4 KiB", len(a.Gzip))
	}
	var sum int
	for path, a := range r.Assets() {
		if !strings.HasSuffix(path, ".js") {
			continue
		}
		if path != r.Asset("kiosk.js") && path != r.Asset("entry.js") { // which no phone loads
			sum += len(a.Gzip)
		}
		for _, foreign := range []string{"http:", "https:", "innerHTML", "eval(", "import(", "\n  ", "\n//"} {
			if strings.Contains(string(a.Bytes), foreign) {
				t.Errorf("%s holds %q", path, foreign)
			}
		}
	}
	kiosk := r.Assets()[r.Asset("kiosk.js")]
	t.Logf("kiosk.js: %d bytes, %d compressed; the others together %d", len(kiosk.Bytes), len(kiosk.Gzip), sum)
	if len(kiosk.Gzip) > 6<<10 {
		t.Errorf("kiosk.js has %d bytes compressed, want at most 6 KiB", len(kiosk.Gzip))
	}
	if sum > 8<<10 {
		t.Errorf("the scripts have %d bytes compressed, want at most 8 KiB", sum)
	}
	if csp := r.CitizenCSP(); !strings.Contains(csp, "script-src 'self';") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy %q", csp)
	}
}

func TestMinifyJS(t *testing.T) {
	t.Parallel()
	const in = "// why\n  const a = 1; // ms\n\n  // b\n  if (a) {\n    go(\"x // y\");\n  }\n"
	const want = "const a = 1;\n\nif (a) {\ngo(\"x // y\");\n}\n"
	if got := view.MinifyJS(in); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMinifyCSS(t *testing.T) {
	t.Parallel()
	const in = "/* a { b } */\n.a , .b > p {\n  margin: calc(1px + 2px) 0;\n  color: red;\n}\n@media (min-width: 1px) { .c { x: y; } }\n"
	const want = ".a,.b>p{margin:calc(1px + 2px) 0;color:red}@media (min-width:1px){.c{x:y}}"
	if got := view.MinifyCSS(in); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestOnlyTokensNameColours keeps colours out of the citizen's sheet.
func TestOnlyTokensNameColours(t *testing.T) {
	t.Parallel()
	raw, err := static.Files.ReadFile("css/citizen.css")
	if err != nil {
		t.Fatal(err)
	}
	if got := regexp.MustCompile(`#[0-9a-fA-F]{3,8}\b|rgba?\(`).FindAllString(string(raw), -1); got != nil {
		t.Errorf("colours outside of tokens.css: %v", got)
	}
	tokens, err := static.Files.ReadFile("css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, use := range regexp.MustCompile(`var\((--[a-z0-9-]+)\)`).FindAllStringSubmatch(string(raw), -1) {
		if !strings.Contains(string(tokens), use[1]+":") && !strings.Contains(string(raw), use[1]+":") {
			t.Errorf("%s is no token", use[1])
		}
	}
}

func TestContrast(t *testing.T) {
	t.Parallel()
	raw, err := static.Files.ReadFile("css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	light, rest, _ := strings.Cut(string(raw), "@media (prefers-color-scheme: dark)")
	dark, _, _ := strings.Cut(rest, "@media print")
	pairs := []struct {
		ink, ground string
		least       float64
	}{
		{"ink", "ground", 7},
		{"ink", "surface", 7},
		{"ink", "brand-tint", 7},
		{"ink", "notice-tint", 7},
		{"muted", "ground", 4.5},
		{"muted", "surface", 4.5},
		{"brand", "ground", 4.5},
		{"brand", "surface", 4.5},
		{"on-brand", "brand", 4.5},
		{"bad", "ground", 4.5},
		{"good", "good-tint", 4.5},
		{"bad", "bad-tint", 4.5},
		{"undecided", "undecided-tint", 4.5},
		{"notice", "notice-tint", 4.5},
		{"control", "ground", 3},
		{"brand", "brand-tint", 3},
	}
	for name, sheet := range map[string]string{"light": light, "dark": dark} {
		for _, p := range pairs {
			if got := contrast(t, colour(t, sheet, p.ink), colour(t, sheet, p.ground)); got < p.least {
				t.Errorf("%s: %s on %s: %.2f, want %.1f", name, p.ink, p.ground, got, p.least)
			}
		}
	}
}

func colour(t *testing.T, sheet, name string) string {
	t.Helper()
	m := regexp.MustCompile(`--` + name + `: #([0-9a-f]{3,6});`).FindStringSubmatch(sheet)
	if m == nil {
		t.Fatalf("no token %s", name)
	}
	if len(m[1]) == 3 {
		return m[1][:1] + m[1][:1] + m[1][1:2] + m[1][1:2] + m[1][2:] + m[1][2:]
	}
	return m[1]
}

// contrast is the WCAG contrast ratio of two colours written rrggbb.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	la, lb := luminance(t, a), luminance(t, b)
	return (math.Max(la, lb) + 0.05) / (math.Min(la, lb) + 0.05)
}

func luminance(t *testing.T, c string) float64 {
	t.Helper()
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(c[2*i:2*i+2], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		v := float64(n) / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}

func TestRenderIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	want := string(html(t, r, view.Vietnamese, shortForm(view.Vietnamese)))
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			var b strings.Builder
			if err := r.Render(&b, view.Vietnamese, shortForm(view.Vietnamese)); err != nil || b.String() != want {
				t.Errorf("differs: %v", err)
			}
		})
	}
	wg.Wait()
}

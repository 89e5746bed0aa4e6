//go:build e2e

package server_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
)

// journeyAxeVersion is the release of axe-core that is fetched when HAILONG_AXE names no file.
const journeyAxeVersion = "axe-core@4.14.1"

// journeyAxeScript reads axe.min.js.
func journeyAxeScript(t *testing.T) string {
	t.Helper()
	if file := os.Getenv("HAILONG_AXE"); file != "" {
		script, err := os.ReadFile(file)
		if err != nil {
			t.Fatalf("HAILONG_AXE: %v", err)
		}
		return string(script)
	}
	folder := t.TempDir()
	npm := exec.CommandContext(t.Context(), "npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", folder, journeyAxeVersion)
	npm.Dir = folder
	if said, err := npm.CombinedOutput(); err != nil {
		t.Fatalf("this journey needs axe-core. Name an axe.min.js in HAILONG_AXE, or let npm reach its registry. npm pack %s: %v\n%s", journeyAxeVersion, err, said)
	}
	packs, err := filepath.Glob(filepath.Join(folder, "*.tgz"))
	if err != nil || len(packs) != 1 {
		t.Fatalf("npm pack left %q (%v)", packs, err)
	}
	script, err := journeyUnpack(packs[0], "package/axe.min.js")
	if err != nil {
		t.Fatalf("%s: %v", packs[0], err)
	}
	return script
}

var errJourneyNoFile = errors.New("no such file in the package")

// journeyUnpack reads one file of an npm package.
func journeyUnpack(pack, name string) (text string, err error) {
	packed, err := os.ReadFile(pack)
	if err != nil {
		return "", err
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return "", err
	}
	for files := tar.NewReader(unzipped); ; {
		head, err := files.Next()
		if errors.Is(err, io.EOF) {
			return "", errJourneyNoFile
		}
		if err != nil {
			return "", err
		}
		if head.Name == name {
			script, err := io.ReadAll(files)
			return string(script), err
		}
	}
}

// journeyAxe runs axe-core on every kind of page, light and dark.
func journeyAxe(t *testing.T, browser context.Context) {
	script := journeyAxeScript(t)
	s := journeyServe(t, true)
	p := journeyOpen(t, browser, s.base, 390)
	passes := 0
	check := func(name string) {
		t.Helper()
		p.must(chromedp.Do(p.ctx, chromedp.Evaluate[chromedp.Void](script)))
		found := journeyEval[struct {
			Passes     int
			Violations []string
		}](p, `axe.run(document, {resultTypes: ["violations"]}).then(r => ({Passes: r.passes.length, Violations: r.violations.flatMap(v =>
			v.nodes.map(n => v.id + " (" + v.impact + "): " + v.help + " at " + n.target.join(" ") + " " + n.failureSummary))}))`)
		passes += found.Passes
		if found.Passes == 0 {
			t.Errorf("axe looked at nothing on %s", name)
		}
		for _, v := range found.Violations {
			t.Errorf("%s: %s", name, v)
		}
	}
	look := func(scenes []journeyScene, scheme string, width int64) {
		p.scheme(scheme)
		p.size(width, 800)
		for _, scene := range scenes {
			scene.open(p)
			check(scene.name + " " + scheme)
		}
	}
	open := append(journeyCitizenScenes(), journeyScene{"login", func(p *journeyPage) { p.to("/login", http.StatusOK) }})
	look(open, "light", 390)
	look(open, "dark", 390)
	p.signIn(s)
	look(journeyStaffScenes(), "light", 390)
	look(slices.DeleteFunc(journeyStaffScenes(), func(s journeyScene) bool {
		return !slices.Contains([]string{"list", "list-none", "facility", "print", "points", "prints", "review", "review-group", "review-group-second"}, s.name)
	}), "dark", 1280)
	t.Logf("axe passed %d rules on all pages", passes)
}

//go:build e2e

package server_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestLighthouse has Lighthouse look at the citizen's pages as a phone would: accessibility and best practices 100; the
// performance, which should be 95 or more, is told. HAILONG_LIGHTHOUSE names a folder with lighthouse in its node_modules.
// It runs alone: what else runs at the time would lower the performance.
func TestLighthouse(t *testing.T) { //nolint:paralleltest // see above
	folder := os.Getenv("HAILONG_LIGHTHOUSE")
	if folder == "" {
		t.Skip("SKIPPED: HAILONG_LIGHTHOUSE names no folder (npm install --prefix FOLDER lighthouse@12.8.2), the pages are NOT audited")
	}
	s := journeyServe(t, true)
	p := journeyOpen(t, journeyStart(t), s.base, 390)
	form := "/s/" + string(journeyHall)
	args := []string{"../.ci/lighthouse.mjs", s.base}
	for _, lang := range []string{"?lang=vi", "?lang=en"} {
		args = append(args, form+lang, form+lang+"&form=full", form+"/thanks"+lang+"&r=K7QM2XHD4R9T", journeyReceiptPath(p)+lang, "/"+lang)
	}
	node := exec.CommandContext(t.Context(), "node", args...)
	node.Env = append(os.Environ(), "LIGHTHOUSE="+folder)
	said, err := node.CombinedOutput()
	t.Logf("%s", said)
	if err != nil || strings.Count(string(said), "accessibility 100") != len(args)-2 {
		t.Errorf("lighthouse: %v", err)
	}
}

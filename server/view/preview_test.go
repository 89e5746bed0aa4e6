package view_test

import (
	"os"
	"path/filepath"
	"testing"

	"hailong/server/view"
)

// TestPreview writes every citizen page to the folder named by HAILONG_PREVIEW, to be looked at in a browser.
func TestPreview(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("HAILONG_PREVIEW")
	if dir == "" {
		t.Skip("HAILONG_PREVIEW names no folder: nothing to write")
	}
	r := renderer(t)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	for _, lang := range view.Langs() {
		for name, page := range citizenPages(lang) {
			if err := os.WriteFile(filepath.Join(dir, name+"."+string(lang)+".html"), html(t, r, lang, page), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

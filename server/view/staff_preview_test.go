package view_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"hailong/server/view"
)

// TestStaffPreview writes every staff page to the folder named by HAILONG_PREVIEW, to be looked at in a browser.
func TestStaffPreview(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("HAILONG_PREVIEW")
	if dir == "" {
		t.Skip("HAILONG_PREVIEW names no folder: nothing to write")
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	r := renderer(t)
	css := r.Asset("staff.css")
	write := func(name string, body []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("staff.css", r.Assets()[css].Bytes)
	for _, lang := range view.Langs() {
		for name, page := range staffPages() {
			body := bytes.ReplaceAll(html(t, r, lang, page), []byte(css), []byte("staff.css"))
			write("staff-"+name+"."+string(lang)+".html", body)
		}
	}
}

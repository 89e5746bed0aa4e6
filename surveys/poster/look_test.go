package poster_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"hailong/surveys/poster"
)

// look is the folder named by HAILONG_PREVIEW, and a press to fill it.
func look(t *testing.T) (dir string, press *poster.Press) {
	t.Helper()
	if dir = os.Getenv("HAILONG_PREVIEW"); dir == "" {
		t.Skip("HAILONG_PREVIEW names no folder: nothing to write")
	}
	return dir, newPress(t)
}

// TestLook writes every paper to the folder named by HAILONG_PREVIEW, to be looked at.
func TestLook(t *testing.T) {
	t.Parallel()
	dir, press := look(t)
	for name, p := range samples() {
		for _, paper := range poster.Papers() {
			var out bytes.Buffer
			book := press.Book(name, p.Lang, "2026-10-15")
			if err := book.Add(paper, p); err != nil {
				t.Fatal(err)
			}
			if err := book.Write(&out); err != nil {
				t.Fatal(err)
			}
			drawn, err := press.Preview(paper, p)
			if err != nil {
				t.Fatal(err)
			}
			stem := filepath.Join(dir, name+"-"+string(paper))
			for ext, body := range map[string][]byte{".pdf": out.Bytes(), ".svg": drawn} {
				if err := os.WriteFile(stem+ext, body, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// Package postertest looks at what was drawn: it turns PDF and SVG into pictures with the tools that a reader's own
// programs stand for (poppler, librsvg), and reads the codes out of them. For tests only.
package postertest

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// Need skips a test, loudly, where a tool is missing; HAILONG_REQUIRE_TOOLS=1 forbids it.
func Need(t testing.TB, tool string) {
	t.Helper()
	if _, err := exec.LookPath(tool); err == nil {
		return
	}
	if os.Getenv("HAILONG_REQUIRE_TOOLS") == "1" {
		t.Fatalf("%s is missing and HAILONG_REQUIRE_TOOLS=1", tool)
	}
	fmt.Fprintf(os.Stderr, "SKIPPED %s: %s is missing, what is printed is NOT looked at\n", t.Name(), tool)
	t.Skipf("%s is missing: apt-get install poppler-utils librsvg2-bin", tool)
}

// Pages are the pages of a PDF as pictures of so many pixels an inch, in order.
func Pages(t testing.TB, pdf []byte, dpi int) []image.Image {
	t.Helper()
	Need(t, "pdftoppm")
	dir := t.TempDir()
	run(t, pdf, "pdftoppm", "-r", strconv.Itoa(dpi), "-gray", "-png", "-", filepath.Join(dir, "page"))
	names, err := filepath.Glob(filepath.Join(dir, "*.png"))
	if err != nil || len(names) == 0 {
		t.Fatalf("pdftoppm drew %d pages (%v)", len(names), err)
	}
	slices.Sort(names)
	pages := make([]image.Image, len(names))
	for i, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		pages[i] = Picture(t, raw)
	}
	return pages
}

// SVG is a drawing as a picture of so many pixels across.
func SVG(t testing.TB, svg []byte, width int) image.Image {
	t.Helper()
	Need(t, "rsvg-convert")
	return Picture(t, run(t, svg, "rsvg-convert", "--width", strconv.Itoa(width), "--keep-aspect-ratio"))
}

// Picture reads a PNG.
func Picture(t testing.TB, raw []byte) image.Image {
	t.Helper()
	picture, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

// Text is the text of a PDF as a reader copies it.
func Text(t testing.TB, pdf []byte) string {
	t.Helper()
	Need(t, "pdftotext")
	return string(run(t, pdf, "pdftotext", "-layout", "-", "-"))
}

// Fonts are the lines of pdffonts, without its head.
func Fonts(t testing.TB, pdf []byte) []string {
	t.Helper()
	Need(t, "pdffonts")
	file := filepath.Join(t.TempDir(), "poster.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(run(t, nil, "pdffonts", file))), "\n")
	return lines[min(2, len(lines)):]
}

// Decode reads the code of a picture.
func Decode(t testing.TB, picture image.Image) string {
	t.Helper()
	bits, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		t.Fatal(err)
	}
	found, err := qrcode.NewQRCodeReader().Decode(bits, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		t.Errorf("no code can be read: %v", err)
		return ""
	}
	return found.GetText()
}

// Cell is one of columns × rows equal parts of a picture.
func Cell(picture image.Image, columns, rows, column, row int) image.Image {
	b := picture.Bounds()
	w, h := b.Dx()/columns, b.Dy()/rows
	part := image.NewGray(image.Rect(0, 0, w, h))
	draw.Draw(part, part.Bounds(), picture, b.Min.Add(image.Pt(column*w, row*h)), draw.Src)
	return part
}

func run(t testing.TB, input []byte, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	var said bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(input), &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, said.String())
	}
	if said.Len() > 0 {
		t.Errorf("%s complains: %s", name, said.String())
	}
	return out
}

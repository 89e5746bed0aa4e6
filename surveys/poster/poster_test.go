package poster_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"

	"hailong/surveys/poster"
	"hailong/surveys/poster/postertest"
)

func newPress(t testing.TB) *poster.Press {
	t.Helper()
	press, err := poster.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	return press
}

func pdfOf(t testing.TB, press *poster.Press, paper poster.Paper, posters ...poster.Poster) []byte {
	t.Helper()
	book := press.Book("Mã khảo sát", "vi", "2026-10-15")
	for _, p := range posters {
		if err := book.Add(paper, p); err != nil {
			t.Fatal(err)
		}
	}
	if book.Pages() != len(posters) {
		t.Errorf("%d pages, want %d", book.Pages(), len(posters))
	}
	var out bytes.Buffer
	if err := book.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// decodeAll wants the address on a page, on every slip if it is a sheet of them.
func decodeAll(t testing.TB, paper poster.Paper, picture image.Image, want string) {
	t.Helper()
	columns, rows := 1, 1
	if paper == poster.Slips {
		columns, rows = 4, 2
	}
	for column := range columns {
		for row := range rows {
			if got := postertest.Decode(t, postertest.Cell(picture, columns, rows, column, row)); got != want {
				t.Errorf("%s %d,%d reads %q, want %q", paper, column, row, got, want)
			}
		}
	}
}

// Every paper, as a printer and as a fax would show it, and every preview lead to the point's address.
func TestEveryPictureDecodes(t *testing.T) {
	t.Parallel()
	press := newPress(t)
	for name, sharpness := range map[string][]int{"usual": {100, 150, 300}, "long": {150}, "short": {100}, "english": {100}} {
		p := samples()[name]
		if testing.Short() {
			sharpness = sharpness[:1]
		}
		for _, paper := range poster.Papers() {
			t.Run(name+"/"+string(paper), func(t *testing.T) {
				t.Parallel()
				pdf := pdfOf(t, press, paper, p)
				for _, dpi := range sharpness {
					pages := postertest.Pages(t, pdf, dpi)
					if len(pages) != 1 {
						t.Fatalf("%d pages, want 1", len(pages))
					}
					decodeAll(t, paper, pages[0], p.URL())
				}
				drawn, err := press.Preview(paper, p)
				if err != nil {
					t.Fatal(err)
				}
				decodeAll(t, paper, postertest.SVG(t, drawn, 1600), p.URL())
			})
		}
	}
}

func TestCodeDecodes(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"http://a.vn/s/00000000", "https://hl.example/s/7K3MPX9D", "https://" + strings.Repeat("rat-dai.", 20) + "example/s/7K3MPX9D"} {
		code, err := poster.NewCode(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := postertest.Decode(t, postertest.SVG(t, code.SVG(), 400)); got != address {
			t.Errorf("SVG reads %q, want %q", got, address)
		}
		raw, err := code.PNG(512)
		if err != nil {
			t.Fatal(err)
		}
		if got := postertest.Decode(t, postertest.Picture(t, raw)); got != address {
			t.Errorf("PNG reads %q, want %q", got, address)
		}
	}
	if _, err := poster.NewCode(strings.Repeat("x", 5000)); err == nil {
		t.Error("5,000 letters fit into a code")
	}
}

// Preview and paper are one layout: pixel by pixel they are alike but for the edges of letters.
func TestPreviewIsThePaper(t *testing.T) {
	t.Parallel()
	press := newPress(t)
	for _, name := range []string{"usual", "words200"} {
		for _, paper := range poster.Papers() {
			t.Run(name+"/"+string(paper), func(t *testing.T) {
				t.Parallel()
				p := samples()[name]
				page := postertest.Pages(t, pdfOf(t, press, paper, p), 100)[0]
				drawn, err := press.Preview(paper, p)
				if err != nil {
					t.Fatal(err)
				}
				screen := postertest.SVG(t, drawn, page.Bounds().Dx())
				if far := differing(page, screen); far > 0.01 {
					t.Errorf("%.2f %% of the dots differ, want at most 1 %%", 100*far)
				}
			})
		}
	}
}

// differing is the part of the dots that are dark in one picture and light, with all its neighbours, in the other.
func differing(a, b image.Image) float64 {
	dark := func(m image.Image, x, y int) bool {
		g, ok := color.GrayModel.Convert(m.At(x, y)).(color.Gray)
		return ok && g.Y < 128
	}
	near := func(m image.Image, x, y int) bool {
		for dx := -1; dx <= 1; dx++ {
			for dy := -1; dy <= 1; dy++ {
				if dark(m, x+dx, y+dy) {
					return true
				}
			}
		}
		return false
	}
	w, h := min(a.Bounds().Dx(), b.Bounds().Dx()), min(a.Bounds().Dy(), b.Bounds().Dy())
	far := 0
	for x := 1; x < w-1; x++ {
		for y := 1; y < h-1; y++ {
			if dark(a, x, y) && !near(b, x, y) || dark(b, x, y) && !near(a, x, y) {
				far++
			}
		}
	}
	return float64(far) / float64(w*h)
}

func TestPDF(t *testing.T) {
	t.Parallel()
	press := newPress(t)
	for _, paper := range poster.Papers() {
		t.Run(string(paper), func(t *testing.T) {
			t.Parallel()
			pdf := pdfOf(t, press, paper, usual())
			if again := pdfOf(t, newPress(t), paper, usual()); !bytes.Equal(pdf, again) {
				t.Error("drawn again it has other bytes")
			}
			if len(pdf) > 70_000 {
				t.Errorf("%d bytes: the font is not a subset", len(pdf))
			}
			fonts := postertest.Fonts(t, pdf)
			if len(fonts) != 2 {
				t.Errorf("fonts %q, want two", fonts)
			}
			for _, f := range fonts {
				if !strings.Contains(f, "yes yes yes") || !regexp.MustCompile(`^[A-Z]{6}\+liberationsans`).MatchString(f) {
					t.Errorf("font %q is not embedded, subset and readable", f)
				}
			}
			text := postertest.Text(t, pdf)
			words := []string{"Quầy 2 – Trả kết quả", "7K3M PX9D", "hl.example/s/7K3MPX9D", "Không hỏi tên.", "0229 000 0000", "có hài lòng không?"}
			for _, want := range words {
				if !strings.Contains(strings.ReplaceAll(text, "  ", " "), want) {
					t.Errorf("the text lacks %q:\n%s", want, text)
				}
			}
		})
	}
}

// Whatever a name holds, the poster is drawn, nothing is an empty box, the code reads, and nothing leaves the paper.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	press := newPress(t)
	for name, p := range samples() {
		for _, paper := range poster.Papers() {
			t.Run(name+"/"+string(paper), func(t *testing.T) {
				t.Parallel()
				if (paper == poster.A4 || paper == poster.Slips) && !testing.Short() { // the others are A4 at another scale
					page := postertest.Pages(t, pdfOf(t, press, paper, p), dotsAtEdges)[0]
					if got := postertest.Decode(t, firstOf(paper, page)); got != p.URL() {
						t.Errorf("it reads %q, want %q", got, p.URL())
					}
					for _, edge := range inkAtEdges(page, paper) {
						t.Error(edge)
					}
				}
				code, err := poster.NewCode(p.URL())
				if err != nil {
					t.Fatal(err)
				}
				if over := press.Overflow(paper, p, code); over != "" {
					t.Error(over)
				}
				drawn, err := press.Preview(paper, p)
				if err != nil {
					t.Fatal(err)
				}
				wellFormed(t, drawn)
			})
		}
	}
}

const dotsAtEdges = 150 // an inch

// firstOf is the page, or the first slip of it.
func firstOf(paper poster.Paper, page image.Image) image.Image {
	if paper == poster.Slips {
		return postertest.Cell(page, 4, 2, 0, 0)
	}
	return page
}

// inkAtEdges tells where a page is not white within 3 mm of the edges of a poster.
func inkAtEdges(page image.Image, paper poster.Paper) []string {
	var found []string
	one := firstOf(paper, page)
	b := one.Bounds()
	const border, cutting = dotsAtEdges * 3 * 10 / 254, 4 // 3 mm, and what the line of cutting may take
	for y := 0; y < b.Dy(); y++ {
		for x := 0; x < b.Dx(); x++ {
			if x >= border && x < b.Dx()-border && y >= border && y < b.Dy()-border {
				continue
			}
			if paper == poster.Slips && (x >= b.Dx()-cutting || y >= b.Dy()-cutting) {
				continue
			}
			if g, ok := color.GrayModel.Convert(one.At(x, y)).(color.Gray); ok && g.Y < 128 {
				return append(found, fmt.Sprintf("ink at %d,%d of %v", x, y, b.Max))
			}
		}
	}
	return found
}

func wellFormed(t *testing.T, drawn []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(drawn))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("the preview is no XML: %v", err)
		}
		if start, ok := token.(xml.StartElement); ok && (start.Name.Local == "script" || start.Name.Local == "text" || start.Name.Local == "image") {
			t.Errorf("the preview has a %s", start.Name.Local)
		}
	}
}

func TestNamesArePrintable(t *testing.T) {
	t.Parallel()
	press := newPress(t)
	for name, want := range map[string][]string{
		"fourbyte": {"Trạm Y tế Nghĩa …", "Cổng 1"},
		"nfd":      {"Trạm Y tế xã Nghĩa Hưng", "Quầy 2"},
		"formula":  {`=HYPERLINK("http://x","y")`, "+1-1|@SUM(A1)"},
		"script":   {`<script>alert("1")</script> & 'X' \(`, "]]></svg>{{.}}"},
		"zalgo":    {"Trạm"},
		"scripts":  {"a b c d…"},
		"nothing":  {"Hôm nay Ông/Bà"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := postertest.Text(t, pdfOf(t, press, poster.A4, samples()[name]))
			for _, line := range want {
				if !strings.Contains(text, line) {
					t.Errorf("the text lacks %q:\n%s", line, text)
				}
			}
			for _, bad := range []string{"\ufffd", "\u202e", "\u200f", "\u0301", "\u00ad", "😀"} {
				if strings.Contains(text, bad) {
					t.Errorf("the text holds %q:\n%s", bad, text)
				}
			}
		})
	}
}

func TestUnknownPaper(t *testing.T) {
	t.Parallel()
	if _, ok := poster.ParsePaper("a3"); ok {
		t.Error("a3 is a paper")
	}
	if p, ok := poster.ParsePaper("A4"); !ok || p != poster.A4 {
		t.Errorf("A4 reads %q", p)
	}
	press := newPress(t)
	if err := press.Book("", "vi", "").Add("a3", usual()); !errors.Is(err, poster.ErrPaper) {
		t.Errorf("got %v, want ErrPaper", err)
	}
	if _, err := press.Preview("", usual()); !errors.Is(err, poster.ErrPaper) {
		t.Errorf("got %v, want ErrPaper", err)
	}
}

// A press serves many at once, and its book is read on a full disk as a failure.
func TestPressIsShared(t *testing.T) {
	t.Parallel()
	press := newPress(t)
	want := pdfOf(t, newPress(t), poster.A5, usual())
	var work sync.WaitGroup
	for range 8 {
		work.Go(func() {
			book := press.Book("Mã khảo sát", "vi", "2026-10-15")
			var out bytes.Buffer
			if err := errors.Join(book.Add(poster.A5, usual()), book.Write(&out)); err != nil || !bytes.Equal(out.Bytes(), want) {
				t.Errorf("a shared press draws %d bytes (%v), want %d", out.Len(), err, len(want))
			}
		})
	}
	work.Wait()
	book := press.Book("", "vi", "")
	if err := errors.Join(book.Add(poster.A5, usual()), book.Write(full{})); !errors.Is(err, errFull) {
		t.Errorf("a full disk is answered %v", err)
	}
}

var errFull = errors.New("no space left")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func FuzzPoster(f *testing.F) {
	for name, p := range samples() {
		if name == "endless" {
			continue // megabytes to mutate
		}
		f.Add(p.Facility, p.Point, p.Office, p.Contact)
	}
	press := newPress(f)
	code, err := poster.NewCode(usual().URL())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, facility, place, office, contact string) {
		p := usual()
		p.Facility, p.Point, p.Office, p.Contact = facility, place, office, contact
		for _, paper := range []poster.Paper{poster.A6, poster.Slips} { // the narrowest
			if over := press.Overflow(paper, p, code); over != "" {
				t.Errorf("%s: %s", paper, over)
			}
		}
	})
}

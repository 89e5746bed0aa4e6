package mask_test

import (
	_ "embed"
	"maps"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"hailong/surveys/mask"
)

//go:embed testdata/labelled.tsv
var labelled string

var marked = regexp.MustCompile(`⟦([PGMXFR]):([^⟧]*)⟧`)

var labels = map[string]string{ //nolint:gochecknoglobals // a table
	"P": mask.Phone, "G": mask.Paper, "M": mask.Mail, "X": mask.Plate, "F": mask.File, "R": mask.Row,
}

// The labelled comments: of what must go everything goes, under its own name but for a few, and of what must stay
// nothing goes.
func TestLabelled(t *testing.T) {
	t.Parallel()
	var gone, wanted, kept, clean, named int
	for line := range strings.Lines(labelled) {
		line = strings.TrimRight(line, "\n")
		verdict, text, ok := strings.Cut(line, "\t")
		if !ok {
			continue
		}
		if verdict == "keep" {
			kept++
			if got := mask.Text(text); got != text {
				t.Errorf("keep %q: got %q", text, got)
				continue
			}
			clean++
			continue
		}
		wanted++
		in := marked.ReplaceAllString(text, "$2")
		want := marked.ReplaceAllStringFunc(text, func(m string) string { return labels[marked.FindStringSubmatch(m)[1]] })
		got := mask.Text(in)
		bare := func(s string) string {
			for _, l := range labels {
				s = strings.ReplaceAll(s, l, "□")
			}
			return s
		}
		if bare(got) != bare(want) {
			t.Errorf("mask %q: got %q, want %q", in, got, want)
			continue
		}
		gone++
		if got == want {
			named++
		} else {
			t.Logf("label %q: got %q, want %q", in, got, want)
		}
	}
	if wanted < 90 || kept < 60 || wanted+kept < 150 {
		t.Fatalf("%d to mask and %d to keep: too few to say anything", wanted, kept)
	}
	recall, precision := float64(gone)/float64(wanted), float64(gone)/float64(gone+kept-clean)
	t.Logf("recall %d/%d = %.3f, precision %.3f, named rightly %d/%d, kept whole %d/%d", gone, wanted, recall, precision, named, gone, clean, kept)
	if recall < 0.98 || precision < 0.98 || float64(named) < 0.95*float64(gone) {
		t.Errorf("recall %.3f, precision %.3f, named rightly %d of %d: want 0.98, 0.98 and 95 %%", recall, precision, named, gone)
	}
}

// What is made of digits alone, in any disguise of the ones that people use, does not survive: of the masked text
// no six digits of it can be read.
func TestDisguisesDoNotHelp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.SampledFrom([]string{`0[3-9][0-9]{8}`, `02[0-9]{9}`, `[1-9][0-9]{8}`, `0[0-9]{11}`, `84[3-9][0-9]{8}`})
		digits := rapid.StringMatching(number.Draw(t, "shape")).Draw(t, "number")
		in := disguised(t, digits)
		lead := rapid.SampledFrom([]string{"", "Gọi tôi ", "số của chị Lan: ", "Chờ lâu quá, ", "chỗ anh (", "abc.", "xin đừng gọi trước 8h, "}).Draw(t, "lead")
		tail := rapid.SampledFrom([]string{"", " nhé", ". Cảm ơn", ") ạ", ", phí 50.000 đồng", " không ai nghe", "!"}).Draw(t, "tail")
		got := mask.Text(lead + in + tail)
		if !strings.Contains(got, "[") {
			t.Fatalf("%q in %q survives: %q", digits, lead+in+tail, got)
		}
		left := readable(got)
		for i := 0; i+6 <= len(digits); i++ {
			if strings.Contains(left, digits[i:i+6]) {
				t.Fatalf("%q in %q leaves %q", digits, lead+in+tail, got)
			}
		}
		if again := mask.Text(got); again != got {
			t.Fatalf("masked again: %q, was %q", again, got)
		}
	})
}

// disguised writes a number with signs between its digits, in letters and in words.
func disguised(t *rapid.T, digits string) string {
	words := [][]string{
		{"không", "khong", "ko", "Không"},
		{"một", "mot"},
		{"hai"},
		{"ba", "Ba"},
		{"bốn", "bon", "tư"},
		{"năm", "nam", "lăm"},
		{"sáu", "sau"},
		{"bảy", "bay", "bẩy"},
		{"tám", "tam"},
		{"chín", "chin"},
	}
	signs := rapid.SampledFrom([][]string{{""}, {" "}, {"."}, {"-"}, {"", " "}, {"", ".", "-"}, {"", " - ", ". "}, {"", "_"}, {" ", "  "}, {"", "\u200b"}}).Draw(t, "signs")
	style := rapid.SampledFrom([]string{"plain", "letters", "words", "mixed", "wide"}).Draw(t, "style")
	var b strings.Builder
	for i, d := range []byte(digits) {
		shown, spelled := string(d), false
		at := int(d - '0')
		switch {
		case style == "wide":
			shown = string(rune('０') + rune(at))
		case style == "letters" && d == '0':
			shown = rapid.SampledFrom([]string{"0", "o", "O"}).Draw(t, "zero")
		case style == "letters" && d == '1':
			shown = rapid.SampledFrom([]string{"1", "l", "I"}).Draw(t, "one")
		case style == "words", style == "mixed" && rapid.Bool().Draw(t, "spelled"):
			shown, spelled = rapid.SampledFrom(words[at]).Draw(t, "word"), true
		}
		sign := rapid.SampledFrom(signs).Draw(t, "sign")
		if (spelled || style == "mixed") && strings.Trim(sign, "\u200b") == "" {
			sign = " "
		}
		if i > 0 {
			b.WriteString(sign)
		}
		b.WriteString(shown)
	}
	return b.String()
}

// readable reads the digits and the words for them in what is left.
func readable(s string) string {
	for label := range maps.Values(labels) {
		s = strings.ReplaceAll(s, label, "|")
	}
	words := map[string]string{
		"không": "0", "khong": "0", "ko": "0", "một": "1", "mot": "1", "hai": "2", "ba": "3", "bốn": "4", "bon": "4", "tư": "4", "năm": "5", "nam": "5",
		"lăm": "5", "sáu": "6", "sau": "6", "bảy": "7", "bay": "7", "bẩy": "7", "tám": "8", "tam": "8", "chín": "9", "chin": "9", "o": "0", "l": "1", "i": "1",
	}
	var b strings.Builder
	for _, word := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if d, ok := words[word]; ok {
			word = d
		}
		for _, r := range word {
			switch {
			case '0' <= r && r <= '9':
				b.WriteRune(r)
			case '０' <= r && r <= '９':
				b.WriteRune(r - '０' + '0')
			case r == 'o':
				b.WriteByte('0')
			case r == 'l' || r == 'i':
				b.WriteByte('1')
			}
		}
	}
	return b.String()
}

func TestNamesAfterATitle(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want []string
	}{
		{"Cảm ơn bác sĩ Hoa và cô Trần Thị Lan ở quầy 3", []string{"Hoa", "Trần Thị Lan"}},
		{"BS. Nguyễn Văn Ba khám kỹ", []string{"Nguyễn Văn Ba"}},
		{"Ông Bình, bà Lý đều nhiệt tình", []string{"Bình", "Lý"}},
		{"cô giáo Mai mắng cháu; thầy Hùng thì không", []string{"Mai", "Hùng"}},
		{"anh Ba Đen ở cổng", []string{"Ba Đen"}},
		{"đồng chí Chủ tịch Nam", []string{"Nam"}},
		{"Ông/Bà hướng dẫn tận tình", nil},
		{"ông bà tôi già yếu, chị ở quầy 2 gắt gỏng", nil},
		{"Anh. Chị. Em", nil},
		{"Chị", nil},
		{"", nil},
	} {
		var got []string
		for _, n := range mask.Names(c.text) {
			got = append(got, c.text[n.Start:n.End])
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.text, diff)
		}
		if masked := mask.Text(c.text); masked != c.text {
			t.Errorf("%q: a name must stay readable to the reviewer, got %q", c.text, masked)
		}
	}
}

// Eight times as long takes about eight times as long, whatever is written. A square would be 64.
func TestMaskingIsLinear(t *testing.T) { //nolint:paralleltest // it measures
	for name, unit := range map[string]string{
		"digits": "1", "spaced": "0 ", "words": "không chín ", "dots": "1.", "at": "a@", "at and dots": "@.", "plates": "29A-", "files": "H40.", "files and digits": "1.H40 ",
		"titles": "ông ", "letters": "l", "prices": "1.000", "dates": "1/1/2025 ", "brackets": "(((", "marks": "e\u0301\u0301", "numbers": "0912345678 ", "cues": "sđt số ",
	} {
		small, large := strings.Repeat(unit, 8<<10/len(unit)), strings.Repeat(unit, 64<<10/len(unit))
		cost := func(text string) time.Duration {
			began := time.Now() //nolint:forbidigo // it measures
			mask.Text(text)
			mask.Names(text)
			return time.Since(began)
		}
		leastSmall, leastLarge := time.Hour, time.Hour
		for range 20 { // on a busy machine the least of many tells
			leastSmall, leastLarge = min(leastSmall, cost(small)), min(leastLarge, cost(large))
			if leastLarge < 24*leastSmall {
				break
			}
		}
		if leastLarge >= 24*leastSmall {
			t.Errorf("%s: 8 KiB take %v, 64 KiB %v", name, leastSmall, leastLarge)
		}
	}
}

const usual = "Hôm nay tôi đến nộp hồ sơ đất đai lúc 8h30 ngày 25/11/2026, chờ đến 10 giờ chưa được gọi số. Chị Lan ở quầy 3 hướng dẫn nhiệt tình nhưng máy lấy số hỏng, phí 50.000 đồng không có biên lai. Gọi tôi theo số 0912 345 678 hoặc không chín một hai ba bốn năm sáu bảy tám. Theo Nghị định 118/2025/NĐ-CP thì phải trả kết quả trong 5 ngày. "

// A comment of 1,000 letters takes at most 100 µs; the same run tells what bringing it to NFC and small letters takes.
func TestACommentCostsLittle(t *testing.T) {
	t.Parallel()
	text := string([]rune(strings.Repeat(usual, 4))[:1000])
	best := func(f func()) time.Duration {
		least := time.Hour
		for range 200 {
			began := time.Now() //nolint:forbidigo // it measures
			f()
			least = min(least, time.Since(began))
		}
		return least
	}
	own := best(func() { mask.Text(text) })
	sink := 0
	bare := best(func() { sink += len(strings.ToLower(norm.NFC.String(text))) })
	if sink == 0 {
		t.Fatal("nothing was compared")
	}
	t.Logf("1,000 letters: mask %v, NFC and small letters %v, ratio %.1f", own, bare, float64(own)/float64(bare))
	if own > 100*time.Microsecond && own > 20*bare {
		t.Errorf("a comment takes %v, want 100 µs; NFC and small letters take %v", own, bare)
	}
}

func BenchmarkText(b *testing.B) {
	text := string([]rune(strings.Repeat(usual, 4))[:1000])
	for b.Loop() {
		mask.Text(text)
	}
}

func BenchmarkBareNFCAndLower(b *testing.B) {
	text := string([]rune(strings.Repeat(usual, 4))[:1000])
	for b.Loop() {
		if strings.ToLower(norm.NFC.String(text)) == "" {
			b.Fatal("nothing is left")
		}
	}
}

// Whatever is written, it is masked without panic and once and for all; what is no damaged text stays undamaged.
func FuzzText(f *testing.F) {
	for line := range strings.Lines(labelled) {
		f.Add(line)
	}
	f.Add("\xff0912345678\xc3")
	f.Fuzz(func(t *testing.T, s string) {
		once := mask.Text(s)
		if again := mask.Text(once); again != once {
			t.Errorf("%q: masked %q, again %q", s, once, again)
		}
		for _, n := range mask.Names(s) {
			if n.Start < 0 || n.Start >= n.End || n.End > len(s) || utf8.ValidString(s) && !utf8.ValidString(s[n.Start:n.End]) {
				t.Errorf("%q: a name at %v", s, n)
			}
		}
		if utf8.ValidString(s) && !utf8.ValidString(once) {
			t.Errorf("%q became %q", s, once)
		}
	})
}

// Disguises that a random search found.
func TestFoundDisguises(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"0300222 ooo", "180000000", "190000000", "Ooo lll 3 4 5 6 7", "lllllllll 123456789"} {
		if got := mask.Text(s); !strings.HasPrefix(got, "[") {
			t.Errorf("%q survives: %q", s, got)
		}
	}
}

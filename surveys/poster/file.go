package poster

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const mostFileName = 60 // letters of a name in a file's name

// FileName is a name for a poster's file that every system takes: the id, the name in plain small letters, the paper.
// It never is a device of Windows (con, nul), as the paper stands last.
func FileName(id, name string, paper Paper) string {
	parts := []string{fold(id), fold(name), string(paper)}
	if parts[1] == "" {
		parts = []string{parts[0], parts[2]}
	}
	return strings.TrimLeft(strings.Join(parts, "-"), "-") + ".pdf"
}

// fold writes a name in letters, digits, underscores and single hyphens.
func fold(name string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(name)) {
		switch {
		case r == 'đ':
			r = 'd'
		case unicode.Is(unicode.M, r):
			continue
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_':
		default:
			r = '-'
		}
		if r == '-' && (b.Len() == 0 || strings.HasSuffix(b.String(), "-")) {
			continue
		}
		if b.Len() == mostFileName {
			break
		}
		b.WriteRune(r)
	}
	return strings.Trim(b.String(), "-")
}

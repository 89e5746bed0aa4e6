package surveys

import (
	"crypto/rand"
	"crypto/subtle"
	"strings"
)

// FacilityID is random, ours, and tells nothing.
type FacilityID string

// PointID is random, ours, and tells nothing; Token is what is printed.
type PointID string

// Token is the code printed on a poster: 8 Crockford base-32 characters (40 bits), kept in capitals.
type Token string

const (
	crockfordAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	tokenLength       = 8
	receiptLength     = 12
	idLength          = 12
)

// NewToken makes a random token.
func NewToken() Token { return Token(randomCode(tokenLength)) }

// NewID makes a random id with a prefix that names its kind, as in f_9K3….
func NewID(prefix string) string { return prefix + "_" + strings.ToLower(randomCode(idLength)) }

// ParseToken reads a typed or scanned code: any case, I and L as 1, O as 0, spaces and hyphens anywhere.
// It says false when the text cannot be a token.
func ParseToken(s string) (Token, bool) {
	code, ok := parseCode(s, tokenLength)
	return Token(code), ok
}

// ParseReceipt reads a typed receipt in the same way.
func ParseReceipt(s string) (Receipt, bool) {
	code, ok := parseCode(s, receiptLength)
	return Receipt(code), ok
}

func parseCode(s string, length int) (string, bool) {
	if len(s) > 4*length {
		return "", false
	}
	code := make([]byte, 0, receiptLength)
	for _, c := range []byte(s) {
		switch c {
		case ' ', '-':
			continue
		case 'i', 'I', 'l', 'L':
			c = '1'
		case 'o', 'O':
			c = '0'
		}
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		if len(code) == length || strings.IndexByte(crockfordAlphabet, c) < 0 {
			return "", false
		}
		code = append(code, c)
	}
	if len(code) < length {
		return "", false
	}
	return string(code), true
}

// SameSecret compares two secrets in constant time.
func SameSecret(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

func randomCode(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	for i := range b {
		b[i] = crockfordAlphabet[b[i]&31]
	}
	return string(b)
}

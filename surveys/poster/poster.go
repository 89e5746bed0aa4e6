package poster

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"hailong/surveys"
)

// Paper is what a poster is printed on.
type Paper string

// The papers. Slips are a sheet of A4 to be cut into eight.
const (
	A4    Paper = "a4"
	A5    Paper = "a5"
	A6    Paper = "a6"
	Slips Paper = "slips"
)

// Papers lists the papers, the largest first.
func Papers() []Paper { return []Paper{A4, A5, A6, Slips} }

// ParsePaper reads the name of a paper.
func ParsePaper(s string) (Paper, bool) {
	p := Paper(strings.ToLower(s))
	return p, slices.Contains(Papers(), p)
}

// Poster is what one poster says. Names may hold anything: what cannot be printed is left out or replaced.
type Poster struct {
	Facility string
	Point    string
	// Headline is the question in large letters, "" for the usual one.
	Headline string
	// BaseURL is what the address begins with, as https://HOST.
	BaseURL string
	Token   surveys.Token
	Office  string // who answers for the survey, "" unknown
	Contact string // how to reach it, "" unknown
	Lang    string // vi or en
}

// URL is what the code holds.
func (p Poster) URL() string { return strings.TrimRight(p.BaseURL, "/") + "/s/" + string(p.Token) }

// host is the address as people type it: browsers find the scheme themselves.
func (p Poster) host() string {
	_, host, ok := strings.Cut(strings.TrimRight(p.BaseURL, "/"), "://")
	if !ok {
		return p.BaseURL
	}
	return host
}

// ErrPaper is a paper that there is not.
var ErrPaper = errors.New("no such paper")

// Press has the fonts at hand. It is safe for concurrent use.
type Press struct {
	regular, bold *face
}

// NewPress reads the embedded fonts.
func NewPress() (*Press, error) {
	regular, err := newFace(regularFont())
	if err != nil {
		return nil, fmt.Errorf("regular font: %w", err)
	}
	bold, err := newFace(boldFont())
	if err != nil {
		return nil, fmt.Errorf("bold font: %w", err)
	}
	return &Press{regular: regular, bold: bold}, nil
}

func (p *Press) face(bold bool) *face {
	if bold {
		return p.bold
	}
	return p.regular
}

// IsLocal says whether an address opens on this machine only: a code that leads there is of no use on paper.
func IsLocal(base string) bool {
	u, err := url.Parse(base)
	if err != nil {
		return true
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && (ip.IsLoopback() || ip.IsUnspecified())
}

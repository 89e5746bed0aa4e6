package view

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"strings"
)

// Asset is a file the server sends as it is, to be kept by browsers for ever: its path changes with its bytes.
type Asset struct {
	Bytes       []byte
	Gzip        []byte // Bytes packed, nil where that gains nothing
	ContentType string
}

// Asset returns the URL path of the asset called name ("staff.css"), "" when there is none.
func (r *Renderer) Asset(name string) string { return r.paths[name] }

// Assets returns all assets by URL path.
func (r *Renderer) Assets() map[string]Asset { return maps.Clone(r.assets) }

// CitizenCSP is the Content-Security-Policy of every citizen page: the one inline style is allowed by its hash, scripts
// are files of this site, they and forms speak to this site only, and nothing else may be loaded or run.
func (r *Renderer) CitizenCSP() string { return r.citizenCSP }

func (r *Renderer) assetFunc(name string) (string, error) {
	p, ok := r.paths[name]
	if !ok {
		return "", fmt.Errorf("%w: no asset %q", errTemplate, name)
	}
	return p, nil
}

func (r *Renderer) addAsset(name, contentType string, body []byte) {
	sum := sha256.Sum256(body)
	stem, ext, _ := strings.Cut(name, ".")
	p := "/static/" + stem + "-" + hex.EncodeToString(sum[:])[:12] + "." + ext
	r.paths[name], r.assets[p] = p, newAsset(contentType, body)
}

func newAsset(contentType string, body []byte) Asset {
	return Asset{Bytes: body, Gzip: gzipped(body), ContentType: contentType}
}

// loadStyles makes the asset staff.css (tokens.css + staff.css) and returns the style sheet that citizen pages
// carry inline (tokens.css + citizen.css), so that a citizen's first view is one request.
func (r *Renderer) loadStyles(files fs.FS) (string, error) {
	sheets := map[string]string{}
	for _, name := range []string{"tokens", "citizen", "staff"} {
		raw, err := fs.ReadFile(files, "css/"+name+".css")
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("read style sheet: %w", err)
		}
		sheets[name] = minifyCSS(string(raw))
	}
	r.addAsset("staff.css", "text/css; charset=utf-8", []byte(sheets["tokens"]+sheets["staff"]))
	css := sheets["tokens"] + sheets["citizen"]
	sum := sha256.Sum256([]byte(css))
	r.citizenCSP = "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	return css, nil
}

var (
	cssComment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	cssSpace   = regexp.MustCompile(`\s+`)
	cssAround  = regexp.MustCompile(`\s*([{};,>])\s*`)
	cssColon   = regexp.MustCompile(`:\s+`)
)

// minifyCSS drops comments and the space that style sheets written by hand do not need. It knows nothing of
// strings: a sheet must not hold a text with runs of spaces or with braces.
func minifyCSS(s string) string {
	s = cssComment.ReplaceAllString(s, "")
	s = cssSpace.ReplaceAllString(s, " ")
	s = cssAround.ReplaceAllString(s, "$1")
	s = cssColon.ReplaceAllString(s, ":")
	return strings.TrimSpace(strings.ReplaceAll(s, ";}", "}"))
}

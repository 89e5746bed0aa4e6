package view

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"strings"
)

// Asset is a file the server sends as it is, to be kept by browsers for ever: its path changes with its bytes.
type Asset struct {
	Bytes       []byte
	Gzip        []byte // the same, compressed
	ContentType string
}

// Asset returns the URL path of the asset called name ("staff.css"), "" when there is none.
func (r *Renderer) Asset(name string) string { return r.paths[name] }

// Assets returns all assets by URL path.
func (r *Renderer) Assets() map[string]Asset { return maps.Clone(r.assets) }

// CitizenCSP is the Content-Security-Policy of every citizen page: nothing may be loaded or run but scripts that are
// files of this site, the one inline style is allowed by its hash, forms go to this site only.
func (r *Renderer) CitizenCSP() string { return r.citizenCSP }

func (r *Renderer) assetFunc(name string) (string, error) {
	p, ok := r.paths[name]
	if !ok {
		return "", fmt.Errorf("%w: no asset %q", errTemplate, name)
	}
	return p, nil
}

func (r *Renderer) addAsset(name, contentType string, body []byte) error {
	sum := sha256.Sum256(body)
	stem, ext, _ := strings.Cut(name, ".")
	p := "/static/" + stem + "-" + hex.EncodeToString(sum[:])[:12] + "." + ext
	return r.addAt(p, name, contentType, body)
}

// addAt makes an asset with a path of its own.
func (r *Renderer) addAt(p, name, contentType string, body []byte) error {
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(body)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return fmt.Errorf("compress %s: %w", name, err)
	}
	r.paths[name], r.assets[p] = p, Asset{Bytes: body, Gzip: packed.Bytes(), ContentType: contentType}
	return nil
}

const scriptType = "text/javascript; charset=utf-8"

// loadScripts makes an asset of every script but the service worker.
func (r *Renderer) loadScripts(files fs.FS) error {
	names, err := fs.Glob(files, "js/*.js")
	if err != nil {
		return fmt.Errorf("list scripts: %w", err)
	}
	for _, name := range names {
		if path.Base(name) == workerName {
			continue
		}
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return fmt.Errorf("read script: %w", err)
		}
		if err := r.addAsset(path.Base(name), scriptType, []byte(minifyJS(string(raw)))); err != nil {
			return err
		}
	}
	return nil
}

// loadStyles makes the asset staff.css (tokens.css + staff.css) and returns the style sheet that citizen pages
// carry inline (tokens.css + citizen.css), so that a citizen's first view is one request.
func (r *Renderer) loadStyles(files fs.FS) (string, error) {
	sheets := map[string]string{}
	for _, name := range []string{"tokens", "citizen", "staff", "kiosk"} {
		raw, err := fs.ReadFile(files, "css/"+name+".css")
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("read style sheet: %w", err)
		}
		sheets[name] = minifyCSS(string(raw))
	}
	if err := r.addAsset("staff.css", "text/css; charset=utf-8", []byte(sheets["tokens"]+sheets["staff"])); err != nil {
		return "", err
	}
	css := sheets["tokens"] + sheets["citizen"]
	r.citizenCSP = inlineCSP(css)
	r.kioskCSS = sheets["tokens"] + sheets["kiosk"]
	r.kioskCSP = inlineCSP(r.kioskCSS) + "; connect-src 'self'"
	return css, nil
}

// inlineCSP is the policy of a page with one inline style.
func inlineCSP(css string) string {
	sum := sha256.Sum256([]byte(css))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; script-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}

var (
	cssComment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	cssSpace   = regexp.MustCompile(`\s+`)
	cssAround  = regexp.MustCompile(`\s*([{};,>])\s*`)
	cssColon   = regexp.MustCompile(`:\s+`)
)

var jsComment = regexp.MustCompile(`(?m)^[ \t]*//.*\n|^[ \t]+|[ \t]+// [^"'\n]*$`)

// minifyJS drops indentation, lines that are comments and comments at the end of a line. It knows nothing of strings:
// a script must not hold a text of several lines, nor one with " // " in it.
func minifyJS(s string) string { return jsComment.ReplaceAllString(s, "") }

// minifyCSS drops comments and the space that style sheets written by hand do not need. It knows nothing of
// strings: a sheet must not hold a text with runs of spaces or with braces.
func minifyCSS(s string) string {
	s = cssComment.ReplaceAllString(s, "")
	s = cssSpace.ReplaceAllString(s, " ")
	s = cssAround.ReplaceAllString(s, "$1")
	s = cssColon.ReplaceAllString(s, ":")
	return strings.TrimSpace(strings.ReplaceAll(s, ";}", "}"))
}

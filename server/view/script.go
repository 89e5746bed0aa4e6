package view

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
)

// loadScripts makes an asset of each script but the service worker, which has an address of its own that never
// changes, so that its bytes must change with whatever it keeps.
func (r *Renderer) loadScripts(files fs.FS) error {
	names, err := fs.Glob(files, "js/*.js")
	if err != nil {
		return fmt.Errorf("list scripts: %w", err)
	}
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return fmt.Errorf("read script: %w", err)
		}
		if name = strings.TrimPrefix(name, "js/"); name != workerName {
			r.addAsset(name, scriptType, []byte(minifyJS(string(raw))))
		}
	}
	return r.loadWorker(files)
}

const (
	workerName = "sw.js"
	scriptType = "text/javascript; charset=utf-8"
)

// loadWorker fills in the service worker's two blanks: the outbox that it runs, and the version of the program that
// names its cache.
func (r *Renderer) loadWorker(files fs.FS) error {
	raw, err := fs.ReadFile(files, "js/"+workerName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read service worker: %w", err)
	}
	version, err := hashOf(files)
	if err != nil {
		return err
	}
	outbox, err := r.assetFunc("outbox.js")
	if err != nil {
		return err
	}
	text := strings.NewReplacer("@@outbox@@", outbox, "@@version@@", version).Replace(minifyJS(string(raw)))
	r.worker = newAsset(scriptType, []byte(text))
	return nil
}

// Worker is the service worker of the citizen's form.
func (r *Renderer) Worker() Asset { return r.worker }

// WorkerCSP lets the service worker run the outbox and send to this site, and nothing else.
const WorkerCSP = "default-src 'none'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; " +
	"frame-ancestors 'none'"

// hashOf names the state of all files.
func hashOf(files fs.FS) (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(files, name)
		fmt.Fprintf(sum, "%s\x00%d\x00%s", name, len(raw), raw) //nolint:errcheck // a sum takes all
		return err                                              //nolint:wrapcheck // it names the file
	})
	if err != nil {
		return "", fmt.Errorf("hash of the files: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil))[:12], nil
}

var jsLine = regexp.MustCompile(`(?m)^[ \t]*(//.*)?\n|^[ \t]+`)

// minifyJS drops indentation, empty lines and lines that are a comment. A script must not hold a text of several lines.
func minifyJS(s string) string { return jsLine.ReplaceAllString(s, "") }

// gzipped is a body packed as small as can be, nil where that gains nothing.
func gzipped(body []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err = w.Write(body); err == nil {
		err = w.Close()
	}
	if err != nil || b.Len() >= len(body) {
		return nil
	}
	return b.Bytes()
}

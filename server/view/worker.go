package view

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// loadWorker makes the service worker of the scripts. It has an address of its own that never changes, so its bytes
// must, with whatever it keeps: its two blanks are the outbox that it runs, and the version of the program that names
// its cache. The pages' scripts may speak to this site from then on.
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
	if err = r.addAt(WorkerPath, workerName, scriptType, []byte(text)); err != nil {
		return err
	}
	r.citizenCSP += "; connect-src 'self'"
	return nil
}

// WorkerPath is the address of the service worker.
const WorkerPath = "/" + workerName

const workerName = "sw.js"

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

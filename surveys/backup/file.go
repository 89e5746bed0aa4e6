package backup

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"filippo.io/age"
)

// ErrWrongKey says that a backup is encrypted and none of the identities given opens it.
var ErrWrongKey = errors.New("the backup is encrypted, and none of the keys given opens it")

// ErrNoKey says that a backup is encrypted and no identity was given.
var ErrNoKey = errors.New("the backup is encrypted: name the file with its key by --identity")

// seal is the writer of a file: compressed, and encrypted if there are recipients (age1…).
func seal(w io.Writer, recipients []string) (io.WriteCloser, error) {
	closers := writers{}
	if len(recipients) > 0 {
		to, err := age.ParseRecipients(strings.NewReader(strings.Join(recipients, "\n")))
		if err != nil {
			return nil, fmt.Errorf("recipient: %w", err)
		}
		locked, err := age.Encrypt(w, to...)
		if err != nil {
			return nil, fmt.Errorf("encrypt: %w", err)
		}
		closers, w = append(closers, locked), locked
	}
	packed := gzip.NewWriter(w)
	return append(closers, packed), nil
}

// writers is a stack: what is written goes to the last, which hands it down.
type writers []io.WriteCloser

// Write writes to the last.
func (s writers) Write(p []byte) (int, error) {
	return s[len(s)-1].Write(p) //nolint:wrapcheck // a writer hands on what it meets
}

// Close closes from the last to the first.
func (s writers) Close() error {
	for i := len(s) - 1; i >= 0; i-- {
		if err := s[i].Close(); err != nil {
			return err //nolint:wrapcheck // a writer hands on what it meets
		}
	}
	return nil
}

// CheckRecipients says what is wrong with the recipients of a backup.
func CheckRecipients(recipients []string) error {
	_, err := seal(io.Discard, recipients)
	return err
}

// unseal is the reader of a file; identities is the text of an age key file, "" for none.
func unseal(r io.Reader, identities string) (io.Reader, error) {
	file := bufio.NewReader(r)
	if head, err := file.Peek(len(ageMagic)); err == nil && bytes.Equal(head, []byte(ageMagic)) {
		opened, err := decrypt(file, identities)
		if err != nil {
			return nil, err
		}
		file = bufio.NewReader(opened)
	}
	unpacked, err := gzip.NewReader(file)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, errCut
	}
	if err != nil {
		return nil, fmt.Errorf("%w: it does not begin as one", errNoBackup)
	}
	return unpacked, nil
}

const ageMagic = "age-encryption.org/"

func decrypt(r io.Reader, identities string) (io.Reader, error) {
	if identities == "" {
		return nil, ErrNoKey
	}
	keys, err := age.ParseIdentities(strings.NewReader(identities))
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	opened, err := age.Decrypt(r, keys...)
	var none *age.NoIdentityMatchError
	if errors.As(err, &none) {
		return nil, ErrWrongKey
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoBackup, err)
	}
	return opened, nil
}

// Source is a backup that can be read from its start as often as wanted.
type Source struct {
	Open       func() (io.ReadCloser, error)
	Identities string // text of an age key file, "" for none
}

// FileSource is a backup in a file.
func FileSource(path, identities string) Source {
	return Source{Open: func() (io.ReadCloser, error) { return os.Open(path) }, Identities: identities} //nolint:gosec // the administrator names the file
}

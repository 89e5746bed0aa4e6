package surveys

import (
	"errors"
	"strings"
)

// Errors that every layer compares with errors.Is. The server alone turns them into a status and a page.
var (
	ErrNotFound = errors.New("not found")
	// ErrConflict: the thing was changed, or made, by someone else meanwhile; read it again.
	ErrConflict = errors.New("conflict")
	// ErrRetired: a point that is no longer in use.
	ErrRetired = errors.New("retired")
	// ErrBusy: the queue of submissions is full. Nothing was stored; the same submission may be sent again.
	ErrBusy = errors.New("busy")
	// ErrUnavailable: the store cannot be reached or cannot write. What was not acknowledged may be sent again.
	ErrUnavailable = errors.New("store unavailable")
	// ErrFrozen: it was stored for good, as a published instrument version is, and never changes.
	ErrFrozen = errors.New("frozen")
	// ErrNewer: the store was written by a newer version of the program.
	ErrNewer = errors.New("store is newer than this program")
)

// FieldError says what is wrong with one field. Key names a message of the catalogue,
// Args fill its placeholders, in order.
type FieldError struct {
	Field string
	Key   string
	Args  []string
}

// InvalidError lists all that is wrong with an input.
type InvalidError struct {
	Fields []FieldError
}

// Add notes one more mistake.
func (e *InvalidError) Add(field, key string, args ...string) {
	e.Fields = append(e.Fields, FieldError{Field: field, Key: key, Args: args})
}

// OrNil returns the error if there is any mistake.
func (e *InvalidError) OrNil() error {
	if len(e.Fields) == 0 {
		return nil
	}
	return e
}

// Error names the fields and message keys, for logs and tests.
func (e *InvalidError) Error() string {
	parts := make([]string, 0, len(e.Fields))
	for _, f := range e.Fields {
		part := f.Field + ": " + f.Key
		if len(f.Args) > 0 {
			part += " (" + strings.Join(f.Args, ", ") + ")"
		}
		parts = append(parts, part)
	}
	return "invalid: " + strings.Join(parts, "; ")
}

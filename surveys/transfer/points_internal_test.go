package transfer

import (
	"testing"

	"hailong/surveys"
)

func TestTakenTokensAreDrawnAgain(t *testing.T) {
	t.Parallel()
	drawn := []surveys.Token{"AAAAAAAA", "AAAAAAAA", "BBBBBBBB", "BBBBBBBB", "CCCCCCCC"}
	im := &facilityImport{tokens: map[surveys.Token]bool{"AAAAAAAA": true}, newToken: func() surveys.Token {
		next := drawn[0]
		drawn = drawn[1:]
		return next
	}}
	if a, b := im.token(), im.token(); a != "BBBBBBBB" || b != "CCCCCCCC" {
		t.Errorf("got %s and %s", a, b)
	}
}

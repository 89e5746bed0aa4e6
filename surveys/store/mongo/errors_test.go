package mongo

import (
	"errors"
	"testing"

	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"hailong/surveys"
)

func TestFailedTellsWhatPasses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		err  error
		want bool
	}{
		{"the pool was cleared", driver.CommandError{Message: "connection pool was cleared", Labels: []string{"TransientTransactionError"}}, true},
		{"not the primary any more", driver.CommandError{Code: 10107, Message: "not primary"}, true},
		{"out of disk space", driver.CommandError{Code: 14031, Message: "out of disk space"}, true},
		{"unauthorized", driver.CommandError{Code: 13, Message: "not authorized"}, false},
		{"our own document", errDocument, false},
	} {
		if got := errors.Is(failed("ping", c.err), surveys.ErrUnavailable); got != c.want {
			t.Errorf("%s: ErrUnavailable is %t, want %t", c.name, got, c.want)
		}
	}
}

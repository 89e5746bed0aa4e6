package server_test

import (
	"net/http"
	"sync"
	"testing"

	"hailong/surveys"
)

// Many who withdraw one form at once all learn that it is withdrawn, and none sees an error.
func TestWithdrawnByManyAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.answered("chờ lâu")
	confirm := s.withdrawal(id)
	codes := make(chan int, 20)
	var all sync.WaitGroup
	for range cap(codes) {
		all.Go(func() { codes <- s.on(t).post(receiptOf(id)+"/withdraw", confirm).StatusCode })
	}
	all.Wait()
	close(codes)
	for code := range codes {
		if code != http.StatusSeeOther {
			t.Errorf("one of them got %d", code)
		}
	}
	if got := s.stored(string(id)); got.Standing != surveys.Withdrawn || got.Comment != "" {
		t.Errorf("it is %+v", got)
	}
}

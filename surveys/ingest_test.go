package surveys_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"

	"hailong/surveys"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func someone() surveys.Response {
	id := surveys.NewSubmissionID()
	return surveys.Response{ID: id, Receipt: id.Receipt(), Answers: surveys.Answers{"Z": surveys.NumberAnswer(4)}}
}

func TestIngestStoresOnce(t *testing.T) {
	t.Parallel()
	m := newMemory()
	in := surveys.NewIngest(m, quiet())
	r := someone()
	var news atomic.Int64
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			added, err := in.Add(t.Context(), r)
			if err != nil {
				t.Error(err)
			}
			if added {
				news.Add(1)
			}
		})
	}
	wg.Wait()
	in.Close()
	in.Close() // twice does no harm
	if news.Load() != 1 || len(m.responses) != 1 {
		t.Errorf("new %d times, %d stored", news.Load(), len(m.responses))
	}
	if _, err := in.Add(t.Context(), someone()); !errors.Is(err, surveys.ErrBusy) {
		t.Errorf("after the end: %v", err)
	}
	if _, err := in.AddAll(t.Context(), []surveys.Response{someone()}); !errors.Is(err, surveys.ErrBusy) {
		t.Errorf("after the end: %v", err)
	}
}

// The queue is bounded; what is in it is stored when the store goes on, or at Close.
func TestIngestBusy(t *testing.T) {
	t.Parallel()
	m := newMemory()
	goOn, entered := make(chan struct{}), make(chan struct{})
	var once sync.Once
	m.before = func() error { once.Do(func() { close(entered) }); <-goOn; return nil }
	in := surveys.NewIngest(m, quiet())
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	queued := 0
	if _, err := in.Add(gone, someone()); !errors.Is(err, context.Canceled) {
		t.Fatalf("a caller who left: %v", err)
	}
	<-entered
	for {
		_, err := in.Add(gone, someone())
		if errors.Is(err, surveys.ErrBusy) {
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		queued++
	}
	if in.Waiting() != queued {
		t.Errorf("%d wait, want %d", in.Waiting(), queued)
	}
	if _, err := in.AddAll(gone, []surveys.Response{someone()}); !errors.Is(err, context.Canceled) {
		t.Errorf("one who waits for room and leaves: %v", err)
	}
	close(goOn)
	in.Close()
	if len(m.responses) != queued+1 {
		t.Errorf("%d stored of %d taken", len(m.responses), queued+1)
	}
	if len(m.batches) > queued/100 {
		t.Errorf("%d batches for %d responses", len(m.batches), queued)
	}
}

// A batch that fails fails for all of it, and the next is tried anew.
func TestIngestStoreFails(t *testing.T) {
	t.Parallel()
	m := newMemory()
	m.before = func() error { return surveys.ErrUnavailable }
	in := surveys.NewIngest(m, quiet())
	defer in.Close()
	r := someone()
	if _, err := in.Add(t.Context(), r); !errors.Is(err, surveys.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	m.mu.Lock()
	m.before = nil
	m.mu.Unlock()
	if added, err := in.Add(t.Context(), r); err != nil || !added {
		t.Errorf("sent again: %v %v", added, err)
	}
	list := []surveys.Response{someone(), r, someone()}
	list = append(list, list[0])
	added, err := in.AddAll(t.Context(), list)
	if err != nil || len(added) != 4 || !added[0] || added[1] || !added[2] || added[3] {
		t.Errorf("many: %v %v", added, err)
	}
}

package surveys

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Ingest is the one way of responses into the store, shared by form, API and import. Whatever is waiting
// is stored together (group commit): the more arrive, the larger the batches, with no timer in between.
//
// A nil error means durable. The queue is bounded: when it is full, Add answers ErrBusy at once and
// nothing is stored.
type Ingest struct {
	store ResponseStore
	log   *slog.Logger
	queue chan *job

	refused atomic.Int64

	mu     sync.RWMutex
	closed bool
	done   chan struct{}
}

// job is what one caller brings; result is told once.
type job struct {
	responses []Response
	result    chan outcome
}

type outcome struct {
	added []bool
	err   error
}

const (
	queueLength = 4096
	batchMost   = 512
	storeWithin = 10 * time.Second // a batch of batchMost; larger ones, of imports, have so much more
)

// NewIngest starts the writer. Close must be called.
func NewIngest(store ResponseStore, log *slog.Logger) *Ingest {
	in := &Ingest{store: store, log: log, queue: make(chan *job, queueLength), done: make(chan struct{})}
	go in.write()
	return in
}

// Add stores one response and says whether it is new. ErrBusy when the queue is full. When ctx ends first
// the response may or may not be stored: the same submission may be sent again.
func (in *Ingest) Add(ctx context.Context, r Response) (added bool, err error) {
	j := &job{responses: []Response{r}, result: make(chan outcome, 1)}
	if err = in.enqueue(ctx, j, false); err != nil {
		return false, err
	}
	got, err := j.wait(ctx)
	if err != nil {
		return false, err
	}
	return got[0], nil
}

// AddAll stores many, waiting for room in the queue, and says which are new.
func (in *Ingest) AddAll(ctx context.Context, responses []Response) (added []bool, err error) {
	j := &job{responses: responses, result: make(chan outcome, 1)}
	if err := in.enqueue(ctx, j, true); err != nil {
		return nil, err
	}
	return j.wait(ctx)
}

// Waiting is the number of callers whose responses are not yet stored.
func (in *Ingest) Waiting() int { return len(in.queue) }

// Room is the number of callers that may wait.
func (in *Ingest) Room() int { return cap(in.queue) }

// Refused is the number of callers that were told ErrBusy so far.
func (in *Ingest) Refused() int64 { return in.refused.Load() }

// Close stores what is in the queue and stops. Whoever comes later gets ErrBusy.
func (in *Ingest) Close() {
	in.mu.Lock()
	if !in.closed {
		in.closed = true
		close(in.queue)
	}
	in.mu.Unlock()
	<-in.done
}

func (in *Ingest) enqueue(ctx context.Context, j *job, patient bool) error {
	in.mu.RLock() // held so that Close cannot close the queue under a sender
	defer in.mu.RUnlock()
	if in.closed {
		in.refused.Add(1)
		return fmt.Errorf("ingest is closed: %w", ErrBusy)
	}
	if !patient {
		select {
		case in.queue <- j:
			return nil
		default:
			in.refused.Add(1)
			return fmt.Errorf("queue of %d is full: %w", queueLength, ErrBusy)
		}
	}
	select {
	case in.queue <- j:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for room in the queue: %w", ctx.Err())
	}
}

func (j *job) wait(ctx context.Context) ([]bool, error) {
	select {
	case o := <-j.result:
		return o.added, o.err
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the store: %w", ctx.Err())
	}
}

func (in *Ingest) write() {
	defer close(in.done)
	for first := range in.queue {
		in.store1(in.gather(first))
	}
}

// gather takes what else is waiting, without waiting for more.
func (in *Ingest) gather(first *job) []*job {
	jobs, n := []*job{first}, len(first.responses)
	for n < batchMost {
		select {
		case j, open := <-in.queue:
			if !open {
				return jobs
			}
			jobs, n = append(jobs, j), n+len(j.responses)
		default:
			return jobs
		}
	}
	return jobs
}

// store1 stores the jobs as one batch. The callers' contexts do not reach the store: one who
// leaves must not undo what the others wait for.
func (in *Ingest) store1(jobs []*job) {
	var batch []Response
	for _, j := range jobs {
		batch = append(batch, j.responses...)
	}
	ctx, cancel := context.WithTimeout(context.Background(), storeWithin*time.Duration(1+len(batch)/batchMost))
	defer cancel()
	added, err := in.store.AddResponses(ctx, batch)
	if err != nil {
		err = fmt.Errorf("store %d responses: %w", len(batch), err)
		in.log.Error("responses not stored", "count", len(batch), "error", err)
	}
	for _, j := range jobs {
		if err != nil {
			j.result <- outcome{err: err}
			continue
		}
		n := len(j.responses)
		j.result <- outcome{added: added[:n:n]}
		added = added[n:]
	}
}

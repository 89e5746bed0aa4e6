package server

import (
	"context"
	"sync"
	"time"
)

// guesses makes it slow to try codes: beyond a budget of wrong ones a minute, a wrong answer waits. It knows no
// address, so nobody is shut out: who types a right code never waits, and who mistypes one waits a second at most.
type guesses struct {
	pause func(ctx context.Context, d time.Duration)

	mu      sync.Mutex
	minute  int64
	count   int
	waiting int
}

const (
	guessesFree    = 300 // a minute and process: a mistyped code, a torn poster, a search engine
	guessesWait    = time.Second
	guessesWaiting = 200 // at once; beyond that answers would take up memory
)

func newGuesses() *guesses { return &guesses{pause: pause} }

// pause waits for d or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// wrong notes a wrong code and waits if there were too many.
func (g *guesses) wrong(ctx context.Context, now time.Time) {
	if !g.note(now.Unix() / int64(time.Minute/time.Second)) {
		return
	}
	g.pause(ctx, guessesWait)
	g.mu.Lock()
	g.waiting--
	g.mu.Unlock()
}

// note says whether to wait; then waiting is one more.
func (g *guesses) note(minute int64) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.minute != minute {
		g.minute, g.count = minute, 0
	}
	g.count++
	if g.count <= guessesFree || g.waiting >= guessesWaiting {
		return false
	}
	g.waiting++
	return true
}

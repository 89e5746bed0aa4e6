package main

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// bar is the progress of a long task on a terminal: how much is done, how fast, and how long it will take yet.
type bar struct {
	what string
	of   int
	out  io.Writer
	bar  *progressbar.ProgressBar
}

// progress tells how far a long task is, on a terminal only; of is 0 while nobody knows how much there is. Whatever
// is said next closes its line.
func (p *program) progress(what string) func(done, of int) {
	if !p.terminal {
		return nil
	}
	return func(done, of int) {
		if p.bar == nil || p.bar.what != what || p.bar.of != of {
			p.endProgress()
			p.bar = newBar(p.stderr, what, of)
		}
		p.bar.bar.Set(done) //nolint:errcheck // a bar that cannot be drawn stops nothing
		if of > 0 && done >= of {
			p.endProgress()
		}
	}
}

// endProgress closes the line of a bar, if one is open.
func (p *program) endProgress() {
	if p.bar == nil {
		return
	}
	p.bar.bar.Exit()            //nolint:errcheck // it leaves the bar as it is
	fmt.Fprintln(p.bar.out, "") //nolint:errcheck // as in say
	p.bar = nil
}

func newBar(out io.Writer, what string, of int) *bar {
	most := of
	if of == 0 {
		most = -1 // a spinner with count and rate
	}
	return &bar{what: what, of: of, out: out, bar: progressbar.NewOptions(most,
		progressbar.OptionSetWriter(out),
		progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionSetItsString(""),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionShowElapsedTimeOnFinish(),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetRenderBlankState(true),
		progressbar.OptionSetSpinnerChangeInterval(0), // else a goroutine draws on after the end
	)}
}

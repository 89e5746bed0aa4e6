package analytics_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"hailong/analytics"
	"hailong/surveys"
)

// gated is a store whose releases are read when they may be.
type gated struct {
	surveys.Store

	began chan struct{}
	may   chan struct{}
	reads atomic.Int32
}

func (s *gated) EachRelease(ctx context.Context, q surveys.ReleaseQuery, f func(surveys.ReleaseRecord) error) error {
	if s.reads.Add(1) == 1 {
		close(s.began)
	}
	<-s.may
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.Store.EachRelease(ctx, q, f)
}

// A request whose time is over ends, and what it began to read is read to its end for those who come after it.
func TestReadingOutlivesItsRequest(t *testing.T) {
	t.Parallel()
	o := testOffice(t)
	o.give(40, surveys.Response{Day: "2026-05-03"})
	o.pass("2026-05-20")
	st := &gated{Store: o.st, began: make(chan struct{}), may: make(chan struct{})}
	ledger := analytics.NewLedger(st)
	hasty, leave := context.WithCancel(t.Context())
	left := make(chan error)
	go func() { left <- ledger.Refresh(hasty) }()
	<-st.began
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Fatalf("who left is told %v", err)
	}
	go func() { left <- ledger.Refresh(t.Context()) }()
	close(st.may)
	if err := <-left; err != nil {
		t.Fatal(err)
	}
	if n := st.reads.Load(); n != 1 {
		t.Errorf("read %d times, want once", n)
	}
	o.desk = analytics.NewDesk(st, ledger, surveys.NewDirectory(st), o.calendar, func() surveys.Day { return o.today })
	if s := o.summary("facility:f_hall", "2026-05-01", "2026-05-31"); s.Forms == nil || *s.Forms != 40 {
		t.Errorf("forms %v, want 40", s.Forms)
	}
}

package server

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"

	"hailong/analytics"
	"hailong/server/account"
	"hailong/server/view"
	"hailong/surveys"
	"hailong/surveys/poster"
)

// Options are what a server is built from.
type Options struct {
	Store   surveys.Store
	Log     *slog.Logger
	Clock   surveys.Clock
	Zone    *time.Location
	BaseURL string // https://HOST, without a slash at the end
	Lang    view.Lang
	Office  string // the body that answers for the data, "" unknown
	Contact string // how to reach it
	Install surveys.Installation
	// TrustedProxies are the networks whose word on X-Forwarded-Proto is taken.
	TrustedProxies []netip.Prefix
	// CertificateEnds says when the certificate in use expires, zero while there is none; nil: we serve no TLS.
	CertificateEnds func() time.Time
}

// Server answers requests.
type Server struct {
	Options
	app       *fiber.App
	render    *view.Renderer
	press     *poster.Press
	accounts  *account.Accounts
	ingest    *surveys.Ingest
	doorway   *surveys.Doorway
	directory *surveys.Directory
	roller    *analytics.Roller
	releaser  *analytics.Releaser
	sealer    *analytics.Sealer
	ledger    *analytics.Ledger
	desk      *analytics.Desk
	queue     *analytics.Queue
	entry     *surveys.EntryDesk
	leafLock  sync.Mutex
	leaves    map[surveys.BatchNumber][][]string // item codes of paper forms by page
	reviewing atomic.Int64                       // forms that wait for a reviewer, as of the last minute
	forms     *formCache
	reuses    *reuses
	paces     *paces
	pins      *pinTries
	guesses   *guesses
	shapes    *shapes
	usage     *usage
	pointDesk *analytics.PointDesk
	metrics   *metrics
	formMACs  sync.Pool // of hash.Hash: making one costs more than using it
	ready     atomic.Bool
	pinged    pinged
}

const (
	bodyLimit      = 32 << 10
	requestWithin  = 15 * time.Second
	idleWithin     = 75 * time.Second
	drainWithin    = 10 * time.Second
	rollEvery      = time.Minute
	passAfterHour  = 0
	passAfterMin   = 10
	retryAfterSecs = "5"
)

// New builds a server. Its writer runs from now on: Serve, or Close, must follow.
func New(o Options) (*Server, error) {
	render, err := view.New()
	if err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	return newServer(o, render)
}

func newServer(o Options, render *view.Renderer) (*Server, error) {
	press, err := poster.NewPress()
	if err != nil {
		return nil, fmt.Errorf("posters: %w", err)
	}
	calendar, err := analytics.NewCalendar(o.Install.MonthStart)
	if err != nil {
		return nil, err
	}
	o.BaseURL = strings.TrimRight(o.BaseURL, "/")
	watch := newMetrics()
	o.Store = &watchedStore{Store: o.Store, metrics: watch, clock: o.Clock}
	s := &Server{
		Options:   o,
		metrics:   watch,
		render:    render,
		press:     press,
		accounts:  account.New(o.Store, o.Clock),
		ingest:    surveys.NewIngest(o.Store, o.Log),
		doorway:   surveys.NewDoorway(o.Store, o.Clock, o.Zone),
		directory: surveys.NewDirectory(o.Store),
		roller:    analytics.NewRoller(o.Store),
		ledger:    analytics.NewLedger(o.Store),
		forms:     newFormCache(),
		reuses:    newReuses(),
		paces:     newPaces(),
		pins:      newPinTries(),
		guesses:   newGuesses(),
		shapes:    newShapes(),
		usage:     newUsage(o.Store),
		pointDesk: analytics.NewPointDesk(o.Store, o.Clock, o.Zone),
	}
	s.releaser = analytics.NewReleaser(o.Store, s.roller, calendar)
	s.sealer = analytics.NewSealer(o.Store, s.roller)
	s.desk = analytics.NewDesk(o.Store, s.ledger, s.directory, calendar, s.today)
	s.queue = analytics.NewQueue(o.Store, s.ledger, s.roller, calendar)
	s.entry = surveys.NewEntryDesk(o.Store, s.ingest, s.today, s.published)
	s.app = fiber.New(fiber.Config{
		// Fiber's strings are views of a buffer that the next request reuses; ours outlive the handler.
		Immutable:             true,
		BodyLimit:             bodyLimit,
		ReadTimeout:           requestWithin,
		WriteTimeout:          requestWithin,
		IdleTimeout:           idleWithin,
		ErrorHandler:          s.handleError,
		DisableStartupMessage: true,
	})
	s.formMACs.New = func() any { return hmac.New(sha256.New, o.Install.FormKey) }
	s.routes()
	s.metrics.ofServer(s.ingest, o.CertificateEnds)
	s.metrics.ofRoutes(s.app.GetRoutes())
	return s, nil
}

// Close stores what waits and stops the writer of a server that never came to Serve.
func (s *Server) Close() { s.ingest.Close() }

// today is the civil day of the installation.
func (s *Server) today() surveys.Day { return surveys.DayOf(s.Clock(), s.Zone) }

// Serve answers on the listener until ctx ends, then stops taking requests, stores what waits and returns.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	var work sync.WaitGroup
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	work.Go(func() { s.keepCounting(background) })
	work.Go(func() { s.keepUsage(background) })
	failed := make(chan error, 1)
	go func() { failed <- s.app.Listener(listener) }()
	s.ready.Store(true)
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
		s.ready.Store(false)
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainWithin)
		err = s.app.ShutdownWithContext(drain)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) {
			s.Log.WarnContext(drain, "some connections were still open", "after", drainWithin.String())
			err = nil
		}
		// When told to stop at once, Fiber may not have known the listener yet.
		err = errors.Join(err, closeOnce(listener), <-failed)
	}
	stop()
	work.Wait()
	s.ingest.Close()
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// closeOnce closes a listener that may be closed already.
func closeOnce(l net.Listener) error {
	if err := l.Close(); !errors.Is(err, net.ErrClosed) {
		return err //nolint:wrapcheck // it names the address
	}
	return nil
}

// keepCounting rolls dirty days once a minute and runs the release pass after ten past midnight. The figures are read
// before all else, so that the first page need not wait for them.
func (s *Server) keepCounting(ctx context.Context) {
	tick := time.NewTicker(rollEvery)
	defer tick.Stop()
	var done night
	if err := s.ledger.Refresh(ctx); err != nil && ctx.Err() == nil {
		s.Log.ErrorContext(ctx, "reading figures", "error", err)
	}
	for {
		if err := s.countOnce(ctx, &done); err != nil && ctx.Err() == nil {
			s.Log.ErrorContext(ctx, "counting", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// night is what a server has done once a day, and when last. What failed is tried again a minute later.
type night struct {
	passed, sealed surveys.Day
}

// countOnce runs the pass when it is due, else counts what is dirty. After the pass old days are sealed.
func (s *Server) countOnce(ctx context.Context, done *night) error {
	now := s.Clock().In(s.Zone)
	today := surveys.DayOf(now, s.Zone)
	due := now.Hour() > passAfterHour || now.Minute() >= passAfterMin
	if due && done.passed != today {
		if err := s.passNow(ctx, today); err != nil {
			return err
		}
		done.passed = today
	} else if err := s.rollNow(ctx); err != nil {
		return err
	}
	if done.passed == today && done.sealed != today {
		if err := s.seal(ctx, today); err != nil {
			return err
		}
		done.sealed = today
	}
	if err := s.ledger.Refresh(ctx); err != nil {
		return err
	}
	if err := s.ledger.ReadDays(ctx, surveys.DayQuery{From: today.Add(-lateDays)}); err != nil {
		return err
	}
	return s.countReviews(ctx)
}

// seal ends the time of single responses after the night's pass.
func (s *Server) seal(ctx context.Context, today surveys.Day) error {
	sealed, err := s.sealer.Seal(ctx, today)
	if err != nil {
		s.metrics.sealFailures.Inc()
	}
	if sealed > 0 {
		s.Log.InfoContext(ctx, "days sealed, their single responses deleted", "days", sealed)
	}
	return err
}

func (s *Server) passNow(ctx context.Context, today surveys.Day) error {
	began := s.Clock()
	made, err := 0, s.queue.Finish(ctx, today)
	if err == nil {
		made, err = s.releaser.Pass(ctx, today, nil)
	}
	s.metrics.releases.Add(float64(made))
	if err != nil {
		s.metrics.passFailures.Inc()
		return err
	}
	ended := s.Clock()
	s.metrics.passLast.Set(float64(ended.Unix()))
	s.metrics.passSeconds.Set(ended.Sub(began).Seconds())
	s.Log.InfoContext(ctx, "release pass", "releases", made)
	return nil
}

// rollNow also looks at what is still dirty then: a day that nobody can count stays.
func (s *Server) rollNow(ctx context.Context) error {
	s.metrics.rolls.Inc()
	_, err := s.roller.Roll(ctx, "", nil)
	var left []surveys.DirtyDay
	if err == nil {
		left, err = s.Store.DirtyDays(ctx, surveys.DirtyQuery{})
	}
	if err != nil {
		s.metrics.rollFailures.Inc()
		return err
	}
	s.metrics.rollLast.Set(float64(s.Clock().Unix()))
	// One that became dirty this moment would tell of a lone form.
	if len(left) < heldLeast {
		left = nil
	}
	s.metrics.dirtyDays.Set(float64(len(left)))
	return nil
}

// lateDays is how far back an answer may still come in by itself; older days change by import only, which
// ends with a pass.
const lateDays = surveys.MostLate + 1

package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"hailong/analytics"
	"hailong/surveys"
)

// made remembers that the demo is complete.
type made struct {
	Day surveys.Day `json:"day"`
}

func makings() surveys.Collection[made] {
	return surveys.Collection[made]{Kind: "setting", ID: func(made) string { return "demo" }}
}

const chunk = 4096

// Make fills a store with the demo, once. It tells each step.
func Make(ctx context.Context, st surveys.Store, calendar analytics.Calendar, today surveys.Day, log *slog.Logger, tell func(string)) error {
	_, err := makings().Find(ctx, st, "demo")
	if err == nil {
		return nil
	}
	if !errors.Is(err, surveys.ErrNotFound) {
		return err
	}
	const seed = 361
	list, old, err := units()
	if err != nil {
		return err
	}
	all := sites(list, old, rand.New(rand.NewPCG(seed, 0))) //nolint:gosec // invented answers need no secrecy
	if err = store(ctx, st, list, all); err != nil {
		return err
	}
	tell(fmt.Sprintf("%d đơn vị, %d cơ sở", len(list), len(all)))
	if _, err = surveys.CountingSince(ctx, st, start(calendar, today)); err != nil {
		return err
	}
	forms, err := answer(ctx, st, all, calendar, today, log)
	if err != nil {
		return err
	}
	tell(fmt.Sprintf("%d phiếu giả định", forms))
	releaser := analytics.NewReleaser(st, analytics.NewRoller(st), calendar)
	releases, err := releaser.Pass(ctx, today, nil)
	if err != nil {
		return err
	}
	tell(fmt.Sprintf("%d đợt công bố", releases))
	_, err = makings().Put(ctx, st, made{Day: today}, 0)
	return err
}

// answer invents the answers of every facility up to yesterday: some facilities at a time, so that inventing
// and storing go side by side.
func answer(ctx context.Context, st surveys.Store, all []site, calendar analytics.Calendar, today surveys.Day, log *slog.Logger) (int64, error) {
	ingest := surveys.NewIngest(st, log)
	defer ingest.Close()
	var forms atomic.Int64
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(runtime.GOMAXPROCS(0) + 1)
	for i, s := range all {
		work.Go(func() error {
			n, err := answerAt(ctx, st, ingest, s, uint64(i), start(calendar, today), today.Add(-1), calendar) //nolint:gosec // a small number
			forms.Add(n)
			return err
		})
	}
	err := work.Wait()
	return forms.Load(), err
}

// answerAt invents the answers of one facility.
func answerAt(ctx context.Context, st surveys.Store, ingest *surveys.Ingest, s site, seed uint64, first, last surveys.Day,
	calendar analytics.Calendar,
) (forms int64, err error) {
	in, err := surveys.LatestInstrument(ctx, st, s.facility.Instrument)
	if err != nil {
		return 0, err
	}
	source := func(n uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, n)) } //nolint:gosec // invented answers
	w := writer{
		site: s, instrument: in, rng: source(1), hands: source(2), eyes: source(3), use: map[surveys.Month]surveys.Usage{}, last: last,
	}
	if w.places, err = places(ctx, st, s, in); err != nil {
		return 0, err
	}
	var batch []surveys.Response
	flush := func() error {
		_, addErr := ingest.AddAll(ctx, batch)
		forms += int64(len(batch))
		batch = nil
		return addErr
	}
	w.keep = func(r surveys.Response) error {
		if batch = append(batch, r); len(batch) < chunk {
			return nil
		}
		return flush()
	}
	if err = w.write(calendar, first, last); err != nil {
		return forms, err
	}
	if err = flush(); err != nil {
		return forms, err
	}
	if err = w.storeUse(ctx, st); err != nil {
		return forms, err
	}
	// The pass would count these days too, but here it goes side by side with inventing.
	_, err = analytics.NewRoller(st).Roll(ctx, s.facility.ID, nil)
	return forms, err
}

// Sample is one survey address a sector, to click on.
func Sample(ctx context.Context, st surveys.Store) (map[surveys.Sector]surveys.Token, error) {
	org, err := surveys.LoadOrganisation(ctx, st)
	if err != nil {
		return nil, err
	}
	samples := map[surveys.Sector]surveys.Token{}
	for _, f := range org.Facilities() {
		if _, done := samples[f.Sector]; done {
			continue
		}
		points, err := surveys.Points().By(ctx, st, "facility", string(f.ID))
		if err != nil {
			return nil, err
		}
		if len(points) > 0 {
			samples[f.Sector] = points[0].Value.Token
		}
	}
	return samples, nil
}

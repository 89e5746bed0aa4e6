package analytics

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/singleflight"

	"hailong/surveys"
)

// Ledger keeps the sums of every release in memory, with how many forms each day holds, so that a figure
// costs no reading. Releases never change, so what is kept stays right; new ones are read when the pass's
// stamp says that there are some. The store stays the only truth: a ledger can be thrown away at any time.
type Ledger struct {
	store surveys.Store

	reading  singleflight.Group
	mu       sync.RWMutex
	loaded   bool
	pass     int64       // revision of the pass's stamp that was read
	last     surveys.Day // day of that pass
	seen     map[string]bool
	releases map[surveys.FacilityID][]*Release   // without items
	days     map[surveys.FacilityID][]countedDay // in order
	habits   map[surveys.FacilityID][]Habit      // by month
	through  surveys.Day                         // the last day of the months whose habits are taken
}

// countedDay is how many forms a day holds.
type countedDay struct {
	day    surveys.Day
	rev    int64 // of its book
	sealed bool
	kinds  []dayForms
}

// dayForms is how many forms of a kind a day holds, by the day they arrived.
type dayForms struct {
	instrument string
	arrived    surveys.Day
	aside      bool
	forms      int64
}

// NewLedger makes an empty ledger; the first Refresh fills it.
func NewLedger(store surveys.Store) *Ledger {
	return &Ledger{
		store: store, seen: map[string]bool{},
		releases: map[surveys.FacilityID][]*Release{},
		days:     map[surveys.FacilityID][]countedDay{},
	}
}

// Refresh reads what is new since the last pass that any server has run. One reading goes on at a time, and to its end
// whoever stops waiting for it: the first takes longer the older a store is, and a request has only so much time.
func (l *Ledger) Refresh(ctx context.Context) error {
	state, err := lastPass(ctx, l.store)
	if err != nil {
		return fmt.Errorf("refresh ledger: %w", err)
	}
	for !l.current(state.Rev) {
		reading := l.reading.DoChan("", func() (any, error) { return nil, l.read(context.WithoutCancel(ctx)) })
		select {
		case done := <-reading:
			if done.Err != nil {
				return done.Err
			}
		case <-ctx.Done():
			return fmt.Errorf("refresh ledger: %w", ctx.Err())
		}
	}
	return nil
}

// current says that what the pass with this stamp made has been read.
func (l *Ledger) current(pass int64) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.loaded && l.pass >= pass
}

func (l *Ledger) read(ctx context.Context) error {
	state, err := lastPass(ctx, l.store)
	if err != nil {
		return fmt.Errorf("refresh ledger: %w", err)
	}
	if err := l.readReleases(ctx, l.last); err != nil {
		return err
	}
	if err := l.ReadDays(ctx, surveys.DayQuery{}); err != nil {
		return err
	}
	if err := l.readHabits(ctx); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.loaded, l.pass, l.last = true, state.Rev, state.Value.Last
	return nil
}

// readReleases reads the releases made since a pass. A pass makes none that it dates before the last.
func (l *Ledger) readReleases(ctx context.Context, since surveys.Day) error {
	var fresh []*Release
	q := surveys.ReleaseQuery{ReleasedFrom: since, WithoutParts: true}
	err := l.store.EachRelease(ctx, q, func(rec surveys.ReleaseRecord) error {
		if l.seen[rec.ID] {
			return nil
		}
		r, err := ReadRelease(rec)
		if err != nil {
			return err
		}
		r.Items, r.Withheld = nil, nil
		fresh = append(fresh, r)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read releases: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range fresh {
		l.seen[r.ID] = true
		l.releases[r.Facility] = append(l.releases[r.Facility], r)
	}
	return nil
}

// ReadDays reads again how many forms the days of a query hold.
func (l *Ledger) ReadDays(ctx context.Context, q surveys.DayQuery) error {
	fresh := map[surveys.FacilityID][]countedDay{}
	err := l.store.EachDay(ctx, q, func(b surveys.DayBook) error {
		if l.knows(b) {
			return nil
		}
		parts, err := decodeParts[partForms](b)
		if err != nil {
			return err
		}
		fresh[b.Facility] = append(fresh[b.Facility], countedDay{b.Day, b.Rev, b.Sealed, countForms(parts)})
		return nil
	})
	if err != nil {
		return fmt.Errorf("read days: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, days := range fresh {
		days = append(days, l.days[id]...)
		slices.SortStableFunc(days, func(a, b countedDay) int { return cmp.Compare(a.day, b.day) })
		l.days[id] = slices.CompactFunc(days, func(a, b countedDay) bool { return a.day == b.day }) // the fresh one stays
	}
	return nil
}

// knows says that the ledger has read this very revision of a book.
func (l *Ledger) knows(b surveys.DayBook) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	i, found := place(l.days[b.Facility], b.Day)
	if !found {
		return false
	}
	d := l.days[b.Facility][i]
	return d.rev == b.Rev && d.sealed == b.Sealed
}

func countForms(parts []partForms) []dayForms {
	var counted []dayForms
	for _, p := range parts {
		if p.Stream != Answers && p.Stream != Aside {
			continue
		}
		kind := dayForms{instrument: p.Instrument, arrived: p.Arrived, aside: p.Stream == Aside}
		i := slices.IndexFunc(counted, func(f dayForms) bool {
			return f.instrument == kind.instrument && f.arrived == kind.arrived && f.aside == kind.aside
		})
		if i < 0 {
			i, counted = len(counted), append(counted, kind)
		}
		counted[i].forms += p.Counters.Forms
	}
	return counted
}

// view picks releases and days for one figure.
type view struct {
	window     Node
	instrument string // "": all but those that stand apart
	asof       surveys.Day
	arrivedBy  surveys.Day // of the forms that are counted as waiting
}

func (v view) asks(instrument string) bool {
	if v.instrument == "" {
		return !surveys.Apart(instrument)
	}
	return v.instrument == instrument
}

// sheet is what the ledger holds of one facility for a view.
type sheet struct {
	shown    []*Release // answers, wholly inside the window
	aside    []*Release
	detail   []*Release
	forms    int64 // forms of the window's days, released or not
	known    int64 // of them, those the asker may know of
	waiting  int64 // of them, released nowhere
	setAside int64
}

// sheet picks, for one facility, what a view may show. in says whether a release or day of the
// facility belongs to the view's scope, by the last day of its node.
func (l *Ledger) sheet(id surveys.FacilityID, v view, in func(surveys.Day) bool) sheet {
	l.mu.RLock()
	defer l.mu.RUnlock()
	var s sheet
	days := within(l.days[id], v.window)
	released := make([]int64, len(days))
	for _, r := range l.releases[id] {
		if !v.reaches(r) {
			continue
		}
		for day, n := range r.Days {
			if i, found := place(days, day); found && r.Stream == Answers {
				released[i] += n
			}
		}
		if v.window.Contains(r.Node) && in(r.Node.To) {
			s.add(r)
		}
	}
	for i, d := range days {
		if in(d.day) {
			s.countDay(d.kinds, v, released[i])
		}
	}
	return s
}

// within cuts the days of a window out of an ordered list.
func within(days []countedDay, window Node) []countedDay {
	first, _ := place(days, window.From)
	end, _ := place(days, window.To.Add(1))
	return days[first:max(first, end)]
}

func place(days []countedDay, day surveys.Day) (at int, found bool) {
	return slices.BinarySearchFunc(days, day, func(d countedDay, day surveys.Day) int { return cmp.Compare(d.day, day) })
}

// reaches says whether a release is asked for, was there by then, and shares a day with the window.
func (v view) reaches(r *Release) bool {
	return r.Released <= v.asof && v.asks(r.Instrument) && r.Node.To >= v.window.From && r.Node.From <= v.window.To
}

func (s *sheet) add(r *Release) {
	switch r.Stream {
	case Answers:
		s.shown = append(s.shown, r)
	case Aside:
		s.aside = append(s.aside, r)
	case Detail:
		s.detail = append(s.detail, r)
	case Restricted:
	}
}

func (s *sheet) countDay(kinds []dayForms, v view, released int64) {
	var arrived int64
	for _, f := range kinds {
		switch {
		case !v.asks(f.instrument):
		case f.aside && f.arrived <= v.arrivedBy:
			s.setAside += f.forms
		case f.aside:
		default:
			if f.arrived <= v.asof {
				s.forms += f.forms
			}
			if f.arrived <= v.arrivedBy {
				arrived += f.forms
			}
		}
	}
	s.known += arrived
	s.waiting += max(0, arrived-released)
}

// AsideDay is a day on which forms of a facility stand aside.
type AsideDay struct {
	Facility surveys.FacilityID
	Day      surveys.Day
	Forms    int64 // excluded ones too
	Rev      int64 // of the day's book
}

// AsideDays lists the days with forms that stand aside and are kept one by one still, the oldest first.
func (l *Ledger) AsideDays() []AsideDay {
	l.mu.RLock()
	defer l.mu.RUnlock()
	var list []AsideDay
	for id, days := range l.days {
		for _, d := range days {
			one := AsideDay{Facility: id, Day: d.day, Rev: d.rev}
			for _, k := range d.kinds {
				if k.aside {
					one.Forms += k.forms
				}
			}
			if one.Forms > 0 && !d.sealed {
				list = append(list, one)
			}
		}
	}
	slices.SortFunc(list, func(a, b AsideDay) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Facility, b.Facility))
	})
	return list
}

package analytics_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"hailong/analytics"
	"hailong/surveys"
	"hailong/surveys/instruments"
	"hailong/surveys/store/mongo"
	"hailong/surveys/store/sqlite"
)

// tb is what the helpers need of *testing.T and of *rapid.T.
type tb interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
	Logf(format string, args ...any)
}

func noon() time.Time { return time.Date(2026, 3, 2, 5, 0, 0, 0, time.UTC) }

// stores are the real ones, for the tests that run on each.
func stores(t *testing.T, run func(t *testing.T, fresh func() surveys.Store)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		run(t, func() surveys.Store { return newMemStore() })
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		dir, n := t.TempDir(), 0
		run(t, func() surveys.Store {
			n++
			st, err := sqlite.Open(t.Context(), filepath.Join(dir, strconv.Itoa(n)+".db"), noon)
			return closing(t, st, err)
		})
	})
	t.Run("mongodb", func(t *testing.T) {
		t.Parallel()
		server := mongoServer(t)
		run(t, func() surveys.Store {
			var b [6]byte
			rand.Read(b[:])
			u, err := url.Parse(server)
			if err != nil {
				t.Fatal(err)
			}
			u.Path = "/hailong_test_" + hex.EncodeToString(b[:])
			st, err := mongo.Open(t.Context(), u.String(), noon)
			return closing(t, st, err)
		})
	})
}

func closing(t *testing.T, st surveys.Store, err error) surveys.Store {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return st
}

// mongoServer names the server to test on. Without one the test is skipped, loudly, or fails where it counts.
func mongoServer(t *testing.T) string {
	t.Helper()
	uri := os.Getenv("MONGODB_TEST_URI")
	if uri != "" {
		return uri
	}
	if os.Getenv("HAILONG_REQUIRE_MONGODB") == "1" {
		t.Fatal("MONGODB_TEST_URI is empty and HAILONG_REQUIRE_MONGODB=1: the figures must be tested on MongoDB")
	}
	fmt.Fprintf(os.Stderr, "SKIPPED %s: MONGODB_TEST_URI is empty, the figures are NOT tested on MongoDB\n", t.Name())
	t.Skip("MONGODB_TEST_URI is empty: set it to mongodb://HOST:PORT to test the figures on MongoDB")
	return ""
}

var errCrash = errors.New("crash")

// faulty is a store whose k-th write fails once: before it is carried out, or after, when the caller never hears of it.
type faulty struct {
	surveys.Store
	mu      sync.Mutex
	left    int
	after   bool
	crashed bool
}

func (f *faulty) write(carryOut func() error) error {
	f.mu.Lock()
	f.left--
	now := f.left == 0
	f.crashed = f.crashed || now
	f.mu.Unlock()
	if now && !f.after {
		return errCrash
	}
	if err := carryOut(); err != nil {
		return err
	}
	if now {
		return errCrash
	}
	return nil
}

func (f *faulty) PutDays(ctx context.Context, counted []surveys.CountedDay) (stored []bool, err error) {
	err = f.write(func() error {
		stored, err = f.Store.PutDays(ctx, counted)
		return err
	})
	return stored, err
}

func (f *faulty) Move(ctx context.Context, id surveys.SubmissionID, from, to surveys.Standing, reason string) error {
	return f.write(func() error { return f.Store.Move(ctx, id, from, to, reason) })
}

func (f *faulty) MarkAllDirty(ctx context.Context) error {
	return f.write(func() error { return f.Store.MarkAllDirty(ctx) })
}

func (f *faulty) DeleteResponses(ctx context.Context, facility surveys.FacilityID, days []surveys.Day) error {
	return f.write(func() error { return f.Store.DeleteResponses(ctx, facility, days) })
}

func (f *faulty) AddRelease(ctx context.Context, r surveys.ReleaseRecord) error {
	return f.write(func() error { return f.Store.AddRelease(ctx, r) })
}

func (f *faulty) PutRecord(ctx context.Context, r surveys.Record) (rev int64, err error) {
	err = f.write(func() error {
		rev, err = f.Store.PutRecord(ctx, r)
		return err
	})
	return rev, err
}

// long leaves out of the short runs, under the race detector, what computes there for minutes on one goroutine.
func long(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("long: it runs without -short")
	}
}

// office is a small installation: what is given, counted, released and asked.
type office struct {
	tb
	ctx      context.Context
	st       surveys.Store
	calendar analytics.Calendar
	today    surveys.Day
	ledger   *analytics.Ledger
	desk     *analytics.Desk

	instruments map[string]*surveys.Instrument
	forms       []*given
	byID        map[surveys.SubmissionID]*given
	taken       map[key]map[*given]int // how often each form stands in the releases of its key
	corrected   map[key]bool
	vectors     map[string]map[*given]int
	seen        map[string]released
	heads       map[string]string // as they were stored
}

// given is a form that somebody gave, with its answers as they were.
type given struct {
	surveys.Response
	now     surveys.Standing
	counted map[analytics.Stream]flat // what it counts in each
}

const (
	hall    surveys.FacilityID = "f_hall"    // one-stop, unit 100
	clinic  surveys.FacilityID = "f_clinic"  // health, unit 100
	station surveys.FacilityID = "f_station" // health, unit 200
)

// testInstruments reads the default instruments once.
var testInstruments = sync.OnceValues(instruments.All) //nolint:gochecknoglobals // read once a run

func newOffice(t tb, st surveys.Store, monthStart int) *office {
	t.Helper()
	calendar, err := analytics.NewCalendar(monthStart)
	if err != nil {
		t.Fatalf("%v", err)
	}
	o := &office{
		tb: t, ctx: context.Background(), st: st, calendar: calendar, today: "2026-01-01",
		instruments: map[string]*surveys.Instrument{}, byID: map[surveys.SubmissionID]*given{},
		taken: map[key]map[*given]int{}, corrected: map[key]bool{}, vectors: map[string]map[*given]int{}, seen: map[string]released{}, heads: map[string]string{},
	}
	all, err := testInstruments()
	o.must(err)
	for _, in := range all {
		o.must(surveys.PublishInstrument(o.ctx, st, in, "2020-01-01"))
		o.instruments[in.Key] = &in
	}
	o.must(surveys.SeedTargets(o.ctx, st))
	o.unit(surveys.Unit{Code: "36", Name: "Nam Định", Kind: "province", From: "2000-01-01"})
	o.unit(surveys.Unit{Code: "100", Name: "Thị trấn", Kind: "commune", Parent: "36", From: "2000-01-01"})
	o.unit(surveys.Unit{Code: "200", Name: "Xã", Kind: "commune", Parent: "36", From: "2000-01-01"})
	o.facility(surveys.Facility{ID: hall, Name: "Một cửa", Sector: "one_stop", Kind: "one_stop_hall", Instrument: "one_stop"}, "100")
	o.facility(surveys.Facility{ID: clinic, Name: "Phòng khám", Sector: "health", Kind: "hospital", Instrument: "outpatient"}, "100")
	o.facility(surveys.Facility{ID: station, Name: "Trạm y tế", Sector: "health", Kind: "station", Instrument: "station"}, "200")
	o.restart()
	return o
}

// restart forgets what a process keeps.
func (o *office) restart() {
	o.ledger = analytics.NewLedger(o.st)
	o.desk = analytics.NewDesk(o.st, o.ledger, surveys.NewDirectory(o.st), o.calendar, func() surveys.Day { return o.today })
}

func (o *office) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatalf("%v", err)
	}
}

func (o *office) unit(u surveys.Unit) {
	o.Helper()
	_, err := surveys.Units().Put(o.ctx, o.st, u, 0)
	o.must(err)
}

func (o *office) facility(f surveys.Facility, unit string) {
	o.Helper()
	if f.From == "" {
		f.From = "2000-01-01"
	}
	f.Placements = []surveys.Placement{{Unit: unit, From: f.From}}
	_, err := surveys.Facilities().Put(o.ctx, o.st, f, 0)
	o.must(err)
}

// core are the core items of the instruments used, and Z.
func core(instrument string) []string {
	switch instrument {
	case "one_stop":
		return []string{"A3", "B2", "C1", "C2", "D1", "Z"}
	case "outpatient", "station":
		return []string{"B2", "B7", "C6", "D1", "E1", "Z"}
	case "school":
		return []string{"A2", "A4", "B4", "C1", "D1", "E1", "Z"}
	default:
		return []string{"P1"}
	}
}

// scale answers items alike.
func scale(value int, codes ...string) surveys.Answers {
	answers := surveys.Answers{}
	for _, code := range codes {
		answers[code] = surveys.NumberAnswer(value)
	}
	return answers
}

// defaults fills in a response like most of those of the tests: a short form by QR at the hall, all fours.
func defaults(r surveys.Response) surveys.Response {
	set := func(at *string, value string) {
		if *at == "" {
			*at = value
		}
	}
	set((*string)(&r.Facility), string(hall))
	set((*string)(&r.Point), "p_1")
	set(&r.Instrument, map[surveys.FacilityID]string{hall: "one_stop", clinic: "outpatient", station: "station"}[r.Facility])
	set((*string)(&r.Form), string(surveys.ShortForm))
	set((*string)(&r.Channel), string(surveys.QR))
	set((*string)(&r.Standing), string(surveys.Counted))
	set((*string)(&r.Arrived), string(r.Day))
	set(&r.Lang, "vi")
	if r.Answers == nil {
		r.Answers = scale(4, core(r.Instrument)...)
	}
	r.Version = 1
	return r
}

// give stores n forms alike, apart from their ids.
func (o *office) give(n int, like surveys.Response) []*given {
	o.Helper()
	batch := make([]surveys.Response, n)
	for i := range batch {
		batch[i] = another(like)
		batch[i].Answers = maps.Clone(batch[i].Answers)
	}
	return o.store(batch)
}

// another is a form of its own like one that is described.
func another(like surveys.Response) surveys.Response {
	r := defaults(like)
	r.ID = surveys.NewSubmissionID()
	r.Receipt = r.ID.Receipt()
	return r
}

func (o *office) store(batch []surveys.Response) []*given {
	o.Helper()
	_, err := o.st.AddResponses(o.ctx, batch)
	o.must(err)
	var list []*given
	for _, r := range batch {
		if o.byID[r.ID] == nil {
			o.byID[r.ID] = &given{Response: r, now: r.Standing}
			o.forms = append(o.forms, o.byID[r.ID])
		}
		list = append(list, o.byID[r.ID])
	}
	return list
}

// move changes the standing of forms.
func (o *office) move(forms []*given, to surveys.Standing) {
	o.Helper()
	for _, f := range forms {
		o.must(o.st.Move(o.ctx, f.ID, f.now, to, "thử"))
		f.now = to
	}
}

// roll counts what is dirty.
func (o *office) roll() {
	o.Helper()
	_, err := analytics.NewRoller(o.st).Roll(o.ctx, "", nil)
	o.must(err)
}

// pass runs the release pass of a day and follows what it released.
func (o *office) pass(day surveys.Day) int {
	o.Helper()
	made, err := o.passOn(o.st, day)
	o.must(err)
	o.follow()
	return made
}

func (o *office) passOn(st surveys.Store, day surveys.Day) (int, error) {
	o.today = max(o.today, day)
	return analytics.NewReleaser(st, analytics.NewRoller(st), o.calendar).Pass(o.ctx, day, nil)
}

// nightly runs the pass every night, both days included.
func (o *office) nightly(from, to surveys.Day) {
	o.Helper()
	for day := from; day <= to; day = day.Add(1) {
		o.pass(day)
	}
}

// released is a stored release with its parts.
type released struct {
	*analytics.Release
	parts []releasedPart
}

type releasedPart struct {
	Day surveys.Day `json:"d"`
	analytics.Part
}

// String tells what is expected in the tables: stream, node, sequence, forms and the day of release.
func (r released) String() string {
	letter := map[analytics.Level]string{
		analytics.DayLevel: "day", analytics.HalfMonth: "half", analytics.Month: "month", analytics.Quarter: "quarter", analytics.Year: "year",
	}[r.Node.Level]
	return fmt.Sprintf("%s %s %s #%d: %d on %s", r.Stream, letter, r.Node.From, r.Seq, r.Forms, r.Released)
}

// releases lists what is released, by the day of release and the id.
func (o *office) releases() []released {
	o.Helper()
	var list []released
	err := o.st.EachRelease(o.ctx, surveys.ReleaseQuery{}, func(rec surveys.ReleaseRecord) error {
		if one, known := o.seen[rec.ID]; known {
			if o.heads[rec.ID] != string(rec.Head) {
				o.Errorf("release %s has changed to %s", rec.ID, rec.Head)
			}
			list = append(list, one)
			return nil
		}
		o.heads[rec.ID] = string(rec.Head)
		r, err := analytics.ReadRelease(rec)
		if err != nil {
			return err
		}
		one := released{Release: r}
		if err := json.Unmarshal(rec.Parts, &one.parts); err != nil {
			return err
		}
		list = append(list, one)
		return nil
	})
	o.must(err)
	slices.SortStableFunc(list, func(a, b released) int { return compareText(string(a.Released), string(b.Released)) })
	return list
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}

// told lists the releases as texts.
func (o *office) told() []string {
	o.Helper()
	var list []string
	for _, r := range o.releases() {
		list = append(list, r.String())
	}
	return list
}

// summary asks the desk.
func (o *office) summary(scope string, from, to surveys.Day, change ...func(*analytics.Query)) analytics.Summary {
	o.Helper()
	sc, err := analytics.ParseScope(scope)
	o.must(err)
	q := analytics.Query{Scope: sc, From: from, To: to}
	for _, c := range change {
		c(&q)
	}
	s, err := o.desk.Summary(o.ctx, q)
	o.must(err)
	return s
}

func exact(q *analytics.Query) { q.Exact = true }

func asof(day surveys.Day) func(*analytics.Query) {
	return func(q *analytics.Query) { q.Asof = day }
}

// verify wants the store to agree with itself.
func (o *office) verify() analytics.Report {
	o.Helper()
	report, err := analytics.Verify(o.ctx, o.st)
	o.must(err)
	for _, m := range report.Mismatches {
		o.Errorf("verify: %s", m)
	}
	return report
}

package mongo_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"hailong/surveys"
)

// rawMark is a mark as it lies in the collection.
func rawMark(id string, open bool, made time.Time) bson.D {
	return bson.D{
		{Key: "_id", Value: id},
		{Key: "facility", Value: hall},
		{Key: "day", Value: monday},
		{Key: "open", Value: open},
		{Key: "hour", Value: made.Truncate(time.Hour).UnixMilli()},
	}
}

func TestOpenMarks(t *testing.T) {
	t.Parallel()
	server := serverURI(t)
	for name, tt := range map[string]struct {
		mark  bson.D
		stays bool
	}{
		"closed":                         {rawMark("m", false, noon()), false},
		"open, its writer at work":       {rawMark("m", true, noon().Add(-9*time.Minute)), true},
		"open, its writer's clock ahead": {rawMark("m", true, noon().Add(time.Hour)), true},
		"open, its writer dead":          {rawMark("m", true, noon().Add(-71*time.Minute)), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			uri := databaseURI(t, server)
			s := openStore(t, uri)
			if _, err := rawDatabase(t, uri).Collection("marks").InsertOne(t.Context(), tt.mark); err != nil {
				t.Fatalf("insert: %v", err)
			}
			days := dirtyDays(t, s)
			if len(days) != 1 || days[0].Facility != hall || days[0].Day != monday {
				t.Fatalf("dirty days are %v, want the one of the mark", days)
			}
			countDays(t, s, days)
			if stays := len(dirtyDays(t, s)) == 1; stays != tt.stays {
				t.Errorf("the day stays dirty after its count: %v, want %v", stays, tt.stays)
			}
		})
	}
}

func TestMarksOfAChange(t *testing.T) {
	t.Parallel()
	server := serverURI(t)
	known := answered(hall, monday)
	add := func(batch ...surveys.Response) func(*testing.T, surveys.Store) error {
		return func(t *testing.T, s surveys.Store) error {
			_, err := s.AddResponses(t.Context(), batch)
			return err
		}
	}
	for name, tt := range map[string]struct {
		change func(*testing.T, surveys.Store) error
		want   []string // facility and day of the marks it leaves, all closed
	}{
		"new ones":           {add(answeredMany(3, hall, monday)...), []string{"f_hall 2026-03-02"}},
		"a repeat":           {add(known), nil},
		"a repeat and a new": {add(known, answered(clinic, tuesday)), []string{"f_clinic 2026-03-03"}},
		"a move": {func(t *testing.T, s surveys.Store) error {
			return s.Move(t.Context(), known.ID, surveys.Counted, surveys.Aside, "test")
		}, []string{"f_hall 2026-03-02"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			uri := databaseURI(t, server)
			s := openStore(t, uri)
			raw := rawDatabase(t, uri)
			if err := add(known)(t, s); err != nil {
				t.Fatalf("AddResponses: %v", err)
			}
			if _, err := raw.Collection("marks").DeleteMany(t.Context(), bson.D{}); err != nil {
				t.Fatalf("delete: %v", err)
			}
			if err := tt.change(t, s); err != nil {
				t.Fatalf("change: %v", err)
			}
			if diff := cmp.Diff(tt.want, closedMarks(t, raw)); diff != "" {
				t.Errorf("marks left (-want +got):\n%s", diff)
			}
		})
	}
}

// closedMarks reads the marks behind the store's back; none may be open or tell a time.
func closedMarks(t *testing.T, raw *mongo.Database) []string {
	t.Helper()
	cursor, err := raw.Collection("marks").Find(t.Context(), bson.D{})
	if err != nil {
		t.Fatalf("find: %v", err)
	}
	var marks []bson.M
	if err := cursor.All(t.Context(), &marks); err != nil {
		t.Fatalf("find: %v", err)
	}
	var days []string
	for _, m := range marks {
		if _, ok := m["hour"]; ok || m["open"] != false {
			t.Errorf("mark %v is open or tells a time", m)
		}
		days = append(days, fmt.Sprintf("%s %s", m["facility"], m["day"]))
	}
	slices.Sort(days)
	return days
}

// Two processes take in the same responses; each also has its own.
func TestTwoStoresSideBySide(t *testing.T) {
	t.Parallel()
	uri := databaseURI(t, serverURI(t))
	stores := []surveys.Store{openStore(t, uri), openStore(t, uri)}
	const writers, size = 8, 30
	alike := answeredMany(size, hall, monday)
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		isNew = make(map[surveys.SubmissionID]int)
	)
	for i := range writers {
		own := answeredMany(size, clinic, monday.Add(i))
		wg.Go(func() {
			batch := slices.Concat(alike, own, alike[:5])
			added, err := stores[i%2].AddResponses(t.Context(), batch)
			if err != nil {
				t.Errorf("AddResponses: %v", err)
			}
			mu.Lock()
			defer mu.Unlock()
			for k, yes := range added {
				if yes {
					isNew[batch[k].ID]++
				}
			}
		})
	}
	wg.Wait()
	if got, want := len(isNew), size*(writers+1); got != want {
		t.Errorf("%d responses were new, want %d", got, want)
	}
	for id, n := range isNew {
		if n != 1 {
			t.Errorf("response %s was new %d times", id, n)
		}
	}
	days := dirtyDays(t, stores[0])
	if len(days) != writers+1 {
		t.Errorf("%d dirty days, want %d", len(days), writers+1)
	}
	if marks := countDays(t, stores[1], days); marks < writers+1 || marks > 2*writers {
		t.Errorf("%d marks, want one of each own day and at least one of the common day", marks)
	}
	if days := dirtyDays(t, stores[0]); len(days) != 0 {
		t.Errorf("dirty days are %v after all marks were cleared", days)
	}
}

// countDays puts a book for each dirty day and tells how many marks that cleared.
func countDays(t *testing.T, s surveys.Store, days []surveys.DirtyDay) (marks int) {
	t.Helper()
	var counted []surveys.CountedDay
	for _, d := range days {
		marks += len(d.Marks)
		counted = append(counted, surveys.CountedDay{Book: surveys.DayBook{Facility: d.Facility, Day: d.Day}, Seen: d})
	}
	stored, err := s.PutDays(t.Context(), counted)
	if err != nil || len(stored) != len(days) || slices.Contains(stored, false) {
		t.Fatalf("PutDays: %v %v, want all %d stored", stored, err, len(days))
	}
	return marks
}

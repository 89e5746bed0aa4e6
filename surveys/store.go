package surveys

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Store keeps everything the product remembers. It has two hot paths, responses and days, an
// insert-only one, releases, and one small collection of records for all else.
//
// Every method is one atomic write or an ordered, repeatable sequence; there are no transactions in the
// contract. A method that changes something returns only when the change is durable. A store that cannot
// be reached, or cannot write, gives an error that Is ErrUnavailable. All methods may be called at once
// from many goroutines, and from several processes on one store.
//
// surveys/store/storetest holds this contract as tests.
type Store interface {
	ResponseStore
	DayStore
	ReleaseStore
	RecordStore

	// Ping says whether the store answers and could write now.
	Ping(ctx context.Context) error
	// Close waits for what is under way and lets go of the store.
	Close() error
}

// ResponseStore keeps the responses and remembers which days they made dirty.
type ResponseStore interface {
	// AddResponses stores a batch. The answer says, for each, whether it is new; a response whose id is
	// known already is left as it was and is not new (the first of two alike in one batch wins). The
	// days of the new ones are dirty from then on, whatever crashes.
	AddResponses(ctx context.Context, batch []Response) (added []bool, err error)
	// Response finds one by its id, or ErrNotFound.
	Response(ctx context.Context, id SubmissionID) (Response, error)
	// ResponsesByReceipt finds those whose id has the receipt; two may share one, however unlikely.
	ResponsesByReceipt(ctx context.Context, receipt Receipt) ([]Response, error)
	// Move changes the standing of a response from one to another and makes its day dirty: ErrNotFound if
	// there is none, ErrConflict if its standing is not from. Moving to Withdrawn empties its answers and
	// comment but keeps the id, so that a late re-send stores nothing.
	Move(ctx context.Context, id SubmissionID, from, to Standing, reason string) error
	// EachResponse calls f for every response of the query, ordered by facility, day and then id; it holds
	// no more than a page in memory. It stops at f's first error and returns it. A response added
	// meanwhile may or may not be seen.
	EachResponse(ctx context.Context, q ResponseQuery, f func(Response) error) error
	// DeleteResponses removes for good every response of some days of a facility, and makes no day dirty. The days
	// must bear a seal and be counted: ErrConflict where one has no book with a Seal, or is dirty, with nothing
	// removed of that day. A response that comes while this runs, and is thus in no count, is not removed. What was
	// cut off may be repeated. No file of the store holds them afterwards, as far as the store's engine can see to it.
	DeleteResponses(ctx context.Context, facility FacilityID, days []Day) error
}

// ResponseQuery picks responses; empty fields pick all. Days are inclusive.
type ResponseQuery struct {
	Facility FacilityID
	From, To Day
}

// DayStore keeps the counted days, one book for a facility and civil day.
type DayStore interface {
	// DirtyDays lists the facility-days whose responses changed since they were last counted, by facility
	// and then day, at most limit. Marks is opaque and goes back to PutDays.
	DirtyDays(ctx context.Context, q DirtyQuery) ([]DirtyDay, error)
	// MarkDirty makes one facility-day dirty.
	MarkDirty(ctx context.Context, facility FacilityID, day Day) error
	// MarkAllDirty makes every facility-day that has a response or a book dirty, except sealed ones.
	MarkAllDirty(ctx context.Context) error
	// Day finds a book, or ErrNotFound.
	Day(ctx context.Context, facility FacilityID, day Day) (DayBook, error)
	// PutDays stores counted days, one after the other and each by itself: if the stored revision is still
	// Book.Rev (0: there is none yet), the book is replaced whole, under Rev+1, and exactly the marks of Seen
	// are cleared; one made after Seen was listed stays. The answer says, for each, whether that was so;
	// where it was not, nothing of that day changed. After an error the first few may be stored, each whole,
	// and those may still have their marks.
	PutDays(ctx context.Context, counted []CountedDay) (stored []bool, err error)
	// EachDay calls f for every book of the query, ordered by facility and day.
	EachDay(ctx context.Context, q DayQuery, f func(DayBook) error) error
}

// DirtyQuery picks dirty days; an empty facility picks all, Limit 0 is no limit.
type DirtyQuery struct {
	Facility FacilityID
	Limit    int
}

// DirtyDay is a facility-day to be counted again, with the marks that say so.
type DirtyDay struct {
	Facility FacilityID
	Day      Day
	Marks    []string
}

// CountedDay is a new count of a facility-day and the dirty day that it was made for.
type CountedDay struct {
	Book DayBook
	Seen DirtyDay
}

// DayQuery picks books; empty fields pick all. Days are inclusive.
type DayQuery struct {
	Facility FacilityID
	From, To Day
}

// DayBook is the count of one facility on one civil day. Body is analytics' own encoding. It holds no time
// of counting, which could tell when a lone form came.
type DayBook struct {
	Facility FacilityID
	Day      Day
	Rev      int64
	Format   int   // of Body
	Forms    int64 // forms with an answered core item, of any standing but withdrawn
	Sealed   bool  // no response may be added to the day; it is about to get its seal
	// Seal is what was noted of the book when it was sealed, "" before; analytics' own. From then on the book stays
	// as it is, and its responses are gone or about to go.
	Seal string
	Body []byte
}

// Digest is the SHA-256, in hex, of what the book counts.
func (b DayBook) Digest() string {
	sum := sha256.New()
	fmt.Fprintf(sum, "hailong day\x00%s\x00%s\x00%d\x00%d\x00", b.Facility, b.Day, b.Format, b.Forms) //nolint:errcheck // a sum takes all
	sum.Write(b.Body)
	return hex.EncodeToString(sum.Sum(nil))
}

// ReleaseStore keeps the releases. They are never changed or removed.
type ReleaseStore interface {
	// AddRelease stores a new release, or ErrConflict if its id is taken.
	AddRelease(ctx context.Context, r ReleaseRecord) error
	// EachRelease calls f for every release of the query, ordered by facility, node start and id.
	EachRelease(ctx context.Context, q ReleaseQuery, f func(ReleaseRecord) error) error
}

// ReleaseQuery picks releases; empty fields pick all. Days are inclusive.
type ReleaseQuery struct {
	Facility FacilityID
	// From and To pick releases whose node lies wholly inside.
	From, To Day
	// ReleasedFrom picks those released on this day or later.
	ReleasedFrom Day
	// WithoutParts leaves Parts empty.
	WithoutParts bool
}

// ReleaseRecord is a release as it is stored. Head (what may be shown) and Parts (what it took from each
// day) are analytics' own encoding.
type ReleaseRecord struct {
	ID       string
	Facility FacilityID
	From, To Day // the node
	Released Day
	Format   int
	Head     []byte
	Parts    []byte
}

// RecordStore is the one small collection for low-volume things: units, facilities, points, instruments,
// targets, accounts, sessions, settings.
type RecordStore interface {
	// Record finds one, or ErrNotFound.
	Record(ctx context.Context, kind, id string) (Record, error)
	// PutRecord stores the record if its stored revision is still r.Rev (0: there is none yet) under Rev+1,
	// which it returns; ErrConflict otherwise. One that is stored frozen is never replaced, whatever the
	// revisions: ErrFrozen, or ErrConflict where r.Rev is 0.
	PutRecord(ctx context.Context, r Record) (rev int64, err error)
	// DeleteRecord removes it if its revision is still rev; ErrNotFound or ErrConflict otherwise, and
	// ErrFrozen, whatever the revision, if it is stored frozen.
	DeleteRecord(ctx context.Context, kind, id string, rev int64) error
	// Records lists those of a kind whose key Index has the value (all of the kind if Index is empty),
	// ordered by id, those after After, at most Limit (0: all).
	Records(ctx context.Context, q RecordQuery) ([]Record, error)
	// Kinds lists the kinds that have a record, in order.
	Kinds(ctx context.Context) ([]string, error)
}

// Record is one low-volume thing: a JSON body with the keys it can be found by.
type Record struct {
	Kind string
	ID   string
	Rev  int64
	Keys map[string]string // index name → value; an empty value is not indexed
	Body []byte
	// Frozen: from now on it is never changed or deleted. The store itself sees to it.
	Frozen bool
}

// RecordQuery picks records of one kind.
type RecordQuery struct {
	Kind         string
	Index, Value string
	After        string
	Limit        int
}

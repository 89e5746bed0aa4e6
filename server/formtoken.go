package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"slices"
	"sync"
	"time"

	"hailong/surveys"
)

// A form token says, signed with the store's key, for which point and when a form was opened, and which submission it
// was opened for. Every server of a store reads it alike, and after a restart too. It is never stored.
const (
	openedBytes = 4 // Unix seconds, until the year 2106
	forBytes    = 8 // of the hash of the submission id
	macBytes    = 12
)

// A form may be kept open on a phone without network, and its answer wait there for two weeks more.
const (
	formTokenLasts = 30 * 24 * time.Hour
	clocksDiffer   = 5 * time.Minute // between two servers, at the most
)

// opening is what a form token says.
type opening struct {
	at    time.Time
	own   bool // it was opened for this very submission
	meant [forBytes]byte
}

// formToken is the token of a form that is opened now.
func (s *Server) formToken(point surveys.PointID, id surveys.SubmissionID) string {
	return s.formTokenOf(point, id, s.Clock())
}

func (s *Server) formTokenOf(point surveys.PointID, id surveys.SubmissionID, opened time.Time) string {
	b := make([]byte, 0, openedBytes+forBytes+macBytes)
	b = binary.BigEndian.AppendUint32(b, uint32(opened.Unix())) //nolint:gosec // until the year 2106
	meant := openedFor(id)
	b = append(b, meant[:]...)
	return base64.RawURLEncoding.EncodeToString(s.sign(b, point))
}

func openedFor(id surveys.SubmissionID) [forBytes]byte {
	sum := sha256.Sum256([]byte("hailong form\x00" + string(id)))
	return [forBytes]byte(sum[:forBytes])
}

// sign adds to b its signature for a point.
func (s *Server) sign(b []byte, point surveys.PointID) []byte {
	h, _ := s.formMACs.Get().(hash.Hash) //nolint:errcheck // the pool holds nothing else
	defer s.formMACs.Put(h)
	h.Reset()
	h.Write(b)
	h.Write([]byte(point))
	var sum [sha256.Size]byte
	return append(b, h.Sum(sum[:0])[:macBytes]...)
}

// readFormToken reads a token that came with a submission, and says whether it is one that we made for this point and
// that still holds.
func (s *Server) readFormToken(token string, point surveys.PointID, id surveys.SubmissionID) (o opening, ok bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) != openedBytes+forBytes+macBytes {
		return o, false
	}
	said := b[:openedBytes+forBytes]
	if !hmac.Equal(b, s.sign(slices.Clone(said), point)) {
		return o, false
	}
	o.at = time.Unix(int64(binary.BigEndian.Uint32(said)), 0)
	o.meant = [forBytes]byte(said[openedBytes:])
	o.own = o.meant == openedFor(id)
	age := s.Clock().Sub(o.at)
	return o, age < formTokenLasts && age > -clocksDiffer
}

// A page that a phone keeps, or a program that makes its own ids, may send a few submissions with the token of one
// opening. This counts them, as far as this process remembers: on several servers a token serves a few times on each.
type reuses struct {
	mu        sync.Mutex
	now, then map[[forBytes]byte][mostReuses]uint64
}

const (
	mostReuses = 3
	reusesKept = 1 << 15 // tokens in each of the two halves
)

func newReuses() *reuses { return &reuses{now: map[[forBytes]byte][mostReuses]uint64{}} }

// tooMany notes that a token came with a submission it was not opened for, and says whether it had come with too many
// others. The same submission again is none.
func (r *reuses) tooMany(o opening, id surveys.SubmissionID) bool {
	meant := openedFor(id)
	mark := binary.BigEndian.Uint64(meant[:]) | 1 // never 0, which is a free place
	r.mu.Lock()
	defer r.mu.Unlock()
	seen, ok := r.now[o.meant]
	if !ok {
		seen = r.then[o.meant]
	}
	at := slices.Index(seen[:], mark)
	if at < 0 {
		at = slices.Index(seen[:], 0)
	}
	if at >= 0 {
		seen[at] = mark
	}
	if len(r.now) >= reusesKept {
		r.now, r.then = map[[forBytes]byte][mostReuses]uint64{}, r.now
	}
	r.now[o.meant] = seen
	return at < 0
}

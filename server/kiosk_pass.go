package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"sync"
	"time"

	"hailong/surveys"
)

// A kiosk's pass says, signed with the store's key, that the tablet was started with the PIN of a point, in which term
// of the PIN and in which hour. It comes with each of its answers in the place of a form token and is never stored.
const (
	passMark  = "k." // no form token has a point in it
	passBytes = openedBytes + termBytes + macBytes
	termBytes = 8
	passStep  = time.Hour // as fine as a pass tells
)

// passKey keeps the signature of a pass apart from that of a form token: no point's id begins like this.
const passKey = "kiosk\x00"

// pass is what a tablet gets that is started now.
func (s *Server) pass(k *surveys.KioskSetting) string {
	b := make([]byte, 0, passBytes)
	b = binary.BigEndian.AppendUint32(b, uint32(s.Clock().Truncate(passStep).Unix())) //nolint:gosec // until the year 2106
	term := termOf(k)
	b = append(b, term[:]...)
	return passMark + base64.RawURLEncoding.EncodeToString(s.sign(b, passKey+k.Point))
}

// termOf names a term of a PIN and tells nothing of it.
func termOf(k *surveys.KioskSetting) [termBytes]byte {
	sum := sha256.Sum256([]byte("hailong kiosk\x00" + k.Term))
	return [termBytes]byte(sum[:termBytes])
}

// termText is the term as the page of the kiosk knows it.
func termText(k *surveys.KioskSetting) string {
	term := termOf(k)
	return hex.EncodeToString(term[:])
}

// readPass reads a pass and says whether it is one of ours, of this place and of the PIN in force. It ends with the PIN
// and not by itself: a kiosk must not fall silent on its wall.
func (s *Server) readPass(token string, place *surveys.Place) (started time.Time, ok bool) {
	text, is := strings.CutPrefix(token, passMark)
	if !is || place.Kiosk == nil {
		return started, false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != passBytes {
		return started, false
	}
	said := b[:openedBytes+termBytes]
	if !hmac.Equal(b, s.sign(slices.Clone(said), passKey+place.Point.ID)) || [termBytes]byte(said[openedBytes:]) != termOf(place.Kiosk) {
		return started, false
	}
	started = time.Unix(int64(binary.BigEndian.Uint32(said)), 0)
	return started, s.Clock().Sub(started) > -clocksDiffer
}

// kioskEvidence is what is seen of an answer that came with a kiosk's pass.
func (s *Server) kioskEvidence(place *surveys.Place, at surveys.Moment, id surveys.SubmissionID) surveys.Evidence {
	return surveys.Evidence{
		Opened: true, Shared: true,
		Closed:  !place.Kiosk.Open(at),
		Crowded: at.Day >= place.Kiosk.Since && s.paces.crowded(place, at, s.Clock().In(s.Zone), id),
	}
}

// paces counts the answers of each kiosk by the hour they were given in, as far as this process remembers: on several
// servers an hour may hold its number on each, and what is too much for the point is seen at night by the whole store.
type paces struct {
	mu    sync.Mutex
	hours map[paceKey]map[surveys.SubmissionID]bool
}

type paceKey struct {
	point surveys.PointID
	at    surveys.Moment
}

const pacesKept = 4096 // hours of kiosks

func newPaces() *paces { return &paces{hours: map[paceKey]map[surveys.SubmissionID]bool{}} }

// crowded notes an answer and says whether its hour holds more than the kiosk's interval permits by now. The same
// submission again is none.
func (p *paces) crowded(place *surveys.Place, at surveys.Moment, now time.Time, id surveys.SubmissionID) bool {
	part := time.Hour
	if at == surveys.MomentOf(now, now.Location()) {
		part = now.Sub(now.Truncate(time.Hour))
	}
	key := paceKey{place.Point.ID, at}
	p.mu.Lock()
	defer p.mu.Unlock()
	seen := p.hours[key]
	if seen[id] {
		return false
	}
	if len(seen) >= place.Kiosk.Permits(part) {
		return true
	}
	if seen == nil {
		if len(p.hours) >= pacesKept {
			clear(p.hours)
		}
		seen = map[surveys.SubmissionID]bool{}
		p.hours[key] = seen
	}
	seen[id] = true
	return false
}

package surveys

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
)

// Form is how much was asked.
type Form string

// The forms.
const (
	ShortForm Form = "short" // core items and Z
	FullForm  Form = "full"  // every item
)

// Channel is the way an answer came.
type Channel string

// The channels. Typed answers (paper, assisted) are known to whoever typed them.
const (
	QR       Channel = "qr"
	Kiosk    Channel = "kiosk"
	Paper    Channel = "paper"
	Assisted Channel = "assisted"
	Link     Channel = "link"
)

// Channels lists every channel.
func Channels() []Channel { return []Channel{QR, Kiosk, Paper, Assisted, Link} }

// Typed says that somebody other than the citizen entered the answers.
func (c Channel) Typed() bool { return c == Paper || c == Assisted }

// Standing says whether a response counts.
type Standing string

// The standings of a response.
const (
	Counted   Standing = "answers"   // in the figures
	Aside     Standing = "aside"     // accepted and kept out of the score, with a reason
	Withdrawn Standing = "withdrawn" // taken back by the citizen; its answers are gone
)

// SubmissionID is the UUID the citizen's page made; the same id again is the same answer.
type SubmissionID string

// uuidPattern is that of any version, uuidVersion the place of its digit.
var uuidPattern = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

const uuidVersion = 14

// ParseSubmissionID reads a UUID version 4 in any case.
func ParseSubmissionID(s string) (SubmissionID, error) {
	id := strings.ToLower(strings.TrimSpace(s))
	if !uuidPattern.MatchString(id) || id[uuidVersion] != '4' {
		return "", fmt.Errorf("%q is not a UUID version 4", s)
	}
	return SubmissionID(id), nil
}

// Imported says that the id is of a row of an import.
func (id SubmissionID) Imported() bool {
	return len(id) > uuidVersion && id[uuidVersion] == '8'
}

// NewSubmissionID makes a random UUID version 4.
func NewSubmissionID() SubmissionID {
	var b [16]byte
	rand.Read(b[:])
	return formatUUID(b, 4)
}

// RowSubmissionID is the id of a row of an import: the same batch and row give the same id,
// so that importing again changes nothing (UUID version 8, RFC 9562 §5.8).
func RowSubmissionID(batch, row string) SubmissionID {
	sum := sha256.Sum256(fmt.Appendf(nil, "hailong row\x00%d\x00%s\x00%s", len(batch), batch, row))
	return formatUUID([16]byte(sum[:16]), 8)
}

func formatUUID(b [16]byte, version byte) SubmissionID {
	b[6] = b[6]&0x0f | version<<4
	b[8] = b[8]&0x3f | 0x80
	h := hex.AppendEncode(make([]byte, 0, 32), b[:])
	text := make([]byte, 0, 36)
	for i, end := range []int{8, 12, 16, 20, 32} {
		if i > 0 {
			text = append(text, '-')
		}
		text = append(text, h[[]int{0, 8, 12, 16, 20}[i]:end]...)
	}
	return SubmissionID(text)
}

// Receipt is the code a citizen keeps: 12 Crockford letters (60 bits), derived one way from the
// submission id, so that the phone can show it at once and it leads to no id.
type Receipt string

// Receipt derives the receipt of a submission.
func (id SubmissionID) Receipt() Receipt {
	sum := sha256.Sum256([]byte("hailong receipt\x00" + string(id)))
	return Receipt(crockford(binary.BigEndian.Uint64(sum[:]), receiptLength))
}

// crockford writes the first bits of a number as letters of 5 bits each.
func crockford(bits uint64, length int) string {
	code := make([]byte, length)
	for i := range code {
		code[i] = crockfordAlphabet[bits>>59]
		bits <<= 5
	}
	return string(code)
}

// Response is one citizen's answers. It holds no name, address, device or finer time than the hour.
type Response struct {
	ID         SubmissionID
	Receipt    Receipt // ID.Receipt(): a store may leave it out and derive it
	Facility   FacilityID
	Point      PointID
	Instrument string
	Version    int
	Form       Form
	Channel    Channel
	Standing   Standing
	Reason     string // of its standing, one of the Reason… codes
	Pace       Pace   // how fast it was filled in
	Lang       string
	Day        Day // the civil day it was given
	Hour       int // 0–23 on that day; -1 unknown (typed forms, and late ones that do not count on their own day)
	Arrived    Day // the civil day it reached the store, never before Day
	Answers    Answers
	Comment    string
}

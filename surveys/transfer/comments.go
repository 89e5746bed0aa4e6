package transfer

import (
	"bufio"
	"context"
	crand "crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"

	"hailong/analytics"
	"hailong/surveys"
	"hailong/surveys/mask"
)

// waitDays is how long a comment waits for a release before it comes out without one.
const waitDays = 14

// takenKey is the part of a day that a form belongs to.
type takenKey struct {
	stream     analytics.Stream
	instrument string
	version    int
	point      surveys.PointID
	form       surveys.Form
	channel    surveys.Channel
	day        surveys.Day
	arrived    surveys.Day
}

// comments writes comments and free texts, each a row of its own, shuffled. One whose form is released comes with
// the node of the release, which holds at least the minimum of forms; any other after fourteen days with its
// facility only, and not where the export is cut to some days, which would tell its day. Nothing of a row leads
// to the response or to another text of the same citizen.
func (x *export) comments(ctx context.Context) error {
	pile, err := newPile(x.opt.TempDir)
	if err != nil {
		return err
	}
	defer pile.close()
	var nodes facilityNodes
	err = x.store.EachResponse(ctx, surveys.ResponseQuery{}, func(r surveys.Response) error {
		texts := x.texts(r)
		if len(texts) == 0 {
			return nil
		}
		if readErr := x.readNodes(ctx, r.Facility, &nodes); readErr != nil {
			return readErr
		}
		return x.collect(pile, r, texts, nodes.of)
	})
	if err != nil {
		return err
	}
	return pile.shuffled(x.out.write)
}

// facilityNodes says of one facility by which nodes the parts of its days were released.
type facilityNodes struct {
	facility surveys.FacilityID
	of       map[takenKey]analytics.Node
}

func (x *export) readNodes(ctx context.Context, facility surveys.FacilityID, nodes *facilityNodes) (err error) {
	if nodes.of != nil && nodes.facility == facility {
		return nil
	}
	nodes.facility = facility
	nodes.of, err = x.takenBy(ctx, facility)
	return err
}

// collect puts those texts of a response that may come out on the pile.
func (x *export) collect(pile *pile, r surveys.Response, texts []freeText, nodes map[takenKey]analytics.Node) error {
	for _, t := range texts {
		line := x.commentLine(r, t, nodes)
		if line == nil {
			continue
		}
		if err := pile.add(line); err != nil {
			return err
		}
	}
	return nil
}

// freeText is a comment or the answer to an item of free text.
type freeText struct {
	item   string // "comment" or the item's code
	stream analytics.Stream
	text   string
}

// names lists what in the text is likely a name after a title, for whoever reviews it before it goes on. A name stays in the
// text: it may be what a complaint is about.
func (t freeText) names() string {
	var all []string
	for _, n := range mask.Names(t.text) {
		all = append(all, t.text[n.Start:n.End])
	}
	return strings.Join(all, "; ")
}

// texts are the free texts of a response and the streams they are released with.
func (x *export) texts(r surveys.Response) []freeText {
	if r.Standing == surveys.Withdrawn {
		return nil
	}
	own := func(s analytics.Stream) analytics.Stream {
		if r.Standing == surveys.Aside {
			return analytics.Aside
		}
		return s
	}
	var list []freeText
	if r.Comment != "" {
		list = append(list, freeText{"comment", own(analytics.Answers), r.Comment})
	}
	for _, it := range x.items.texts[instrumentVersion{r.Instrument, r.Version}] {
		a, given := r.Answers[it.Code]
		if !given {
			continue
		}
		stream := analytics.Detail
		if it.Role == surveys.Restricted {
			stream = analytics.Restricted
		}
		list = append(list, freeText{it.Code, own(stream), a.Text})
	}
	return list
}

// takenBy says for each part of a facility's days by which node it was released; of several by the widest.
func (x *export) takenBy(ctx context.Context, facility surveys.FacilityID) (map[takenKey]analytics.Node, error) {
	nodes := map[takenKey]analytics.Node{}
	err := x.store.EachRelease(ctx, surveys.ReleaseQuery{Facility: facility}, func(rec surveys.ReleaseRecord) error {
		r, err := analytics.ReadRelease(rec)
		if err != nil || r.Correction {
			return err
		}
		parts, err := analytics.TakenParts(rec)
		if err != nil {
			return err
		}
		for _, p := range parts {
			key := takenKey{p.Stream, p.Instrument, p.Version, p.Point, p.Form, p.Channel, p.Day, p.Arrived}
			if was, taken := nodes[key]; !taken || r.Node.Contains(was) {
				nodes[key] = r.Node
			}
		}
		return nil
	})
	return nodes, err
}

// commentLine is the row of a text, or nil if it has to wait.
func (x *export) commentLine(r surveys.Response, t freeText, nodes map[takenKey]analytics.Node) []string {
	key := takenKey{t.stream, r.Instrument, r.Version, r.Point, r.Form, r.Channel, r.Day, r.Arrived}
	node, released := nodes[key]
	window := analytics.Node{From: x.opt.From, To: lastDay(x.opt.To)}
	switch {
	case released && window.Contains(node):
		return []string{string(r.Facility), r.Instrument, string(t.stream), string(node.From), string(node.To), t.item, t.text, t.names()}
	case !released && x.opt.From == "" && x.opt.To == "" && r.Arrived.Add(waitDays) < x.opt.Today:
		return []string{string(r.Facility), "", "", "", "", t.item, t.text, t.names()}
	default:
		return nil
	}
}

// pile keeps rows on disk, under no name where the system can, and gives them back in random order. Of a row eight
// bytes stay in memory.
type pile struct {
	file   *os.File
	out    *bufio.Writer
	starts []int64
	end    int64
}

func newPile(dir string) (*pile, error) {
	file, err := os.CreateTemp(dir, "hailong-*.tmp") // 0600
	if err != nil {
		return nil, fmt.Errorf("make a temporary file: %w", err)
	}
	os.Remove(file.Name()) //nolint:errcheck // Windows removes no open file: close does it then
	return &pile{file: file, out: bufio.NewWriter(file)}, nil
}

func (p *pile) add(line []string) error {
	body, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("encode a row: %w", err)
	}
	body = append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...) //nolint:gosec // a row is short
	if _, err = p.out.Write(body); err != nil {
		return fmt.Errorf("write a temporary file: %w", err)
	}
	p.starts = append(p.starts, p.end)
	p.end += int64(len(body))
	return nil
}

// shuffled calls f with every row, each order being as likely as any other.
func (p *pile) shuffled(f func(line []string) error) error {
	if err := p.out.Flush(); err != nil {
		return fmt.Errorf("write a temporary file: %w", err)
	}
	var seed [32]byte
	crand.Read(seed[:])
	dice := rand.New(rand.NewChaCha8(seed)) //nolint:gosec // seeded by crypto/rand
	dice.Shuffle(len(p.starts), func(i, j int) { p.starts[i], p.starts[j] = p.starts[j], p.starts[i] })
	for _, at := range p.starts {
		var length [4]byte
		if _, err := p.file.ReadAt(length[:], at); err != nil {
			return fmt.Errorf("read a temporary file: %w", err)
		}
		body := make([]byte, binary.BigEndian.Uint32(length[:]))
		if _, err := p.file.ReadAt(body, at+4); err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read a temporary file: %w", err)
		}
		var line []string
		if err := json.Unmarshal(body, &line); err != nil {
			return fmt.Errorf("decode a row: %w", err)
		}
		if err := f(line); err != nil {
			return err
		}
	}
	return nil
}

func (p *pile) close() {
	p.file.Close()           //nolint:errcheck // nothing of it is kept
	os.Remove(p.file.Name()) //nolint:errcheck // mostly it is gone already
}

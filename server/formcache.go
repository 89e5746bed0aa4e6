package server

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"sync"

	"hailong/server/view"
	"hailong/surveys"
)

// formCache keeps the compressed form of each point, so that a scan costs no rendering. Each page still
// carries its own submission id and form token: they stand at the very end, so that everything
// before is compressed once and they follow as a stored block.
type formCache struct {
	mu    sync.Mutex
	pages map[formKey]*splicedPage
}

type formKey struct {
	point surveys.PointID
	lang  view.Lang
	form  surveys.Form
	again bool
	pupil bool
}

// splicedPage is a gzip stream up to the two values, and the plain bytes around them.
type splicedPage struct {
	revision string
	head     []byte // gzip header and the compressed text before the first value, flushed to a byte
	crc      uint32 // of that text
	length   uint32
	between  []byte
	after    []byte
}

const formCacheMost = 4000

// What the two values are rendered as before they are known.
const (
	markID    = "@@submission@@"
	markToken = "@@token@@"
)

var errSplice = errors.New("form page without its two values")

func newFormCache() *formCache { return &formCache{pages: map[formKey]*splicedPage{}} }

// page finds or makes the page of a point as it stands.
func (fc *formCache) page(s *Server, place *surveys.Place, lang view.Lang, form surveys.Form, again bool) (*splicedPage, error) {
	key := formKey{place.Point.ID, lang, form, again, place.AsPupil}
	fc.mu.Lock()
	kept := fc.pages[key]
	fc.mu.Unlock()
	if kept != nil && kept.revision == place.Revision {
		return kept, nil
	}
	model := s.formPage(place, lang, form, nil)
	model.SubmissionID, model.FormToken, model.Again = markID, markToken, again
	var html bytes.Buffer
	if err := s.render.Render(&html, lang, model); err != nil {
		return nil, err
	}
	page, err := splice(html.Bytes())
	if err != nil {
		return nil, err
	}
	page.revision = place.Revision
	fc.mu.Lock()
	defer fc.mu.Unlock()
	if len(fc.pages) >= formCacheMost {
		clear(fc.pages)
	}
	fc.pages[key] = page
	return page, nil
}

// splice compresses a page up to its two values.
func splice(html []byte) (*splicedPage, error) {
	// The last ones are ours: a name on the page may read like a mark.
	token := bytes.LastIndex(html, []byte(markToken))
	id := bytes.LastIndex(html[:max(token, 0)], []byte(markID))
	if id < 0 {
		return nil, errSplice
	}
	before, between, after := html[:id], html[id+len(markID):token], html[token+len(markToken):]
	var head bytes.Buffer
	head.Write([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255}) // gzip header (RFC 1952): deflate, no name, no time
	w, err := flate.NewWriter(&head, flate.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("compress form: %w", err)
	}
	if _, err := w.Write(before); err != nil {
		return nil, fmt.Errorf("compress form: %w", err)
	}
	if err := w.Flush(); err != nil {
		return nil, fmt.Errorf("compress form: %w", err)
	}
	return &splicedPage{
		head: head.Bytes(), crc: crc32.ChecksumIEEE(before), length: uint32(len(before)), //nolint:gosec // pages are far below 4 GiB
		between: bytes.Clone(between), after: bytes.Clone(after),
	}, nil
}

// tail ends the gzip stream that head began: the values and what follows are one stored block, the last (RFC 1951
// §3.2.4); after the flush the stream stands on a byte.
func (p *splicedPage) tail(values [2]string) []byte {
	const block, trailer = 5, 8
	n := len(values[0]) + len(p.between) + len(values[1]) + len(p.after)
	out := make([]byte, 0, block+n+trailer)
	out = append(out, 1)
	out = binary.LittleEndian.AppendUint16(out, uint16(n))  //nolint:gosec // a few hundred bytes
	out = binary.LittleEndian.AppendUint16(out, ^uint16(n)) //nolint:gosec // a few hundred bytes
	out = append(out, values[0]...)
	out = append(out, p.between...)
	out = append(out, values[1]...)
	out = append(out, p.after...)
	out = binary.LittleEndian.AppendUint32(out, crc32.Update(p.crc, crc32.IEEETable, out[block:]))
	return binary.LittleEndian.AppendUint32(out, p.length+uint32(n)) //nolint:gosec // pages are far below 4 GiB
}

package poster

import (
	"fmt"
	"sync"

	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// Liberation Sans has every Vietnamese letter and may be embedded (SIL OFL).
func regularFont() []byte { return liberationsansregular.TTF }
func boldFont() []byte    { return liberationsansbold.TTF }

const (
	millimetre = 72 / 25.4 // in points
	ascent     = 0.905     // of Liberation Sans, in ems
	descent    = 0.212
	capHeight  = 0.729
)

// glyph is one letter of a face, in ems, y downwards.
type glyph struct {
	known   bool
	advance float64
	outline path
}

// face is one font with the letters that were asked for.
type face struct {
	mu     sync.Mutex
	font   *sfnt.Font
	buf    sfnt.Buffer
	glyphs map[rune]glyph
}

func newFace(ttf []byte) (*face, error) {
	parsed, err := sfnt.Parse(ttf)
	if err != nil {
		return nil, fmt.Errorf("parse: %w", err)
	}
	return &face{font: parsed, glyphs: map[rune]glyph{}}, nil
}

// glyph finds a letter; one that the font lacks is not known.
func (f *face) glyph(r rune) glyph {
	f.mu.Lock()
	defer f.mu.Unlock()
	if g, ok := f.glyphs[r]; ok {
		return g
	}
	g := f.load(r)
	if g.known { // what is not known does not fill the memory
		f.glyphs[r] = g
	}
	return g
}

func (f *face) load(r rune) glyph {
	index, err := f.font.GlyphIndex(&f.buf, r)
	if err != nil || index == 0 {
		return glyph{}
	}
	em := fixed.Int26_6(f.font.UnitsPerEm())
	advance, err := f.font.GlyphAdvance(&f.buf, index, em<<6, font.HintingNone)
	if err != nil {
		return glyph{}
	}
	segments, err := f.font.LoadGlyph(&f.buf, index, em<<6, nil)
	if err != nil {
		return glyph{}
	}
	unit := float64(em << 6)
	g := glyph{known: true, advance: float64(advance) / unit}
	at := func(p fixed.Point26_6) point { return point{float64(p.X) / unit, float64(p.Y) / unit} }
	for i, s := range segments {
		if s.Op == sfnt.SegmentOpMoveTo && i > 0 {
			g.outline.close()
		}
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			g.outline.move(at(s.Args[0]))
		case sfnt.SegmentOpLineTo:
			g.outline.line(at(s.Args[0]))
		case sfnt.SegmentOpQuadTo:
			g.outline.quad(at(s.Args[0]), at(s.Args[1]))
		case sfnt.SegmentOpCubeTo:
			g.outline.cubic(at(s.Args[0]), at(s.Args[1]), at(s.Args[2]))
		}
	}
	g.outline.close()
	return g
}

// width is the length of a line in millimetres at a size in points.
func (f *face) width(s string, size float64) float64 {
	ems := 0.0
	for _, r := range s {
		ems += f.glyph(r).advance
	}
	return ems * size / millimetre
}

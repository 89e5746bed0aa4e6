package poster

import (
	"bytes"
	"fmt"
	"strconv"

	qrcode "github.com/skip2/go-qrcode"
)

const (
	quiet = 4 // modules of quiet zone on each side (ISO/IEC 18004)
	// A code of fewer modules would need a wider quiet zone than the margins of the papers are.
	leastVersion = 3
)

// Code is a QR code of level Q: a quarter of it may be dirty or torn.
type Code struct {
	rows [][]bool // without the quiet zone
	made *qrcode.QRCode
}

// NewCode makes the code of an address.
func NewCode(address string) (Code, error) {
	made, err := qrcode.New(address, qrcode.High)
	if err == nil && made.VersionNumber < leastVersion {
		made, err = qrcode.NewWithForcedVersion(address, leastVersion, qrcode.High)
	}
	if err != nil {
		return Code{}, fmt.Errorf("code of %s: %w", address, err)
	}
	made.DisableBorder = true
	rows := made.Bitmap()
	made.DisableBorder = false
	return Code{rows: rows, made: made}, nil
}

// PNG is the code as a picture of so many pixels a side, quiet zone included.
func (c Code) PNG(pixels int) ([]byte, error) {
	picture, err := c.made.PNG(pixels)
	if err != nil {
		return nil, fmt.Errorf("draw code: %w", err)
	}
	return picture, nil
}

// SVG is the code as a drawing of one filled path, quiet zone included.
func (c Code) SVG() []byte {
	side := strconv.Itoa(len(c.rows) + 2*quiet)
	var b bytes.Buffer
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ` + side + ` ` + side +
		`" shape-rendering="crispEdges"><rect width="100%" height="100%" fill="#fff"/><path d="`)
	c.eachRun(func(x, y, n int) { fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, n, n) })
	b.WriteString(`"/></svg>`)
	return b.Bytes()
}

// eachRun calls f for every run of dark modules in a row.
func (c Code) eachRun(f func(x, y, n int)) {
	for y, row := range c.rows {
		for x := 0; x < len(row); x++ {
			n := 0
			for x+n < len(row) && row[x+n] {
				n++
			}
			if n > 0 {
				f(x, y, n)
				x += n
			}
		}
	}
}

// outline is all dark modules as one path, a module a unit.
func (c Code) outline() path {
	var p path
	c.eachRun(func(x, y, n int) { p.rect(float64(x), float64(y), float64(n), 1) })
	return p
}

// quietZone is what must stay white around a code of so many millimetres.
func (c Code) quietZone(side float64) float64 { return quiet * side / float64(len(c.rows)) }

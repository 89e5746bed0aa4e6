package server

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/gofiber/fiber/v2"
	qrcode "github.com/skip2/go-qrcode"

	"hailong/surveys"
)

const (
	qrQuiet  = 4   // modules of quiet zone on each side (ISO/IEC 18004)
	qrPixels = 512 // of a PNG
)

// pointCode makes the code of a point: level Q, so that a quarter of it may be dirty or torn.
func (s *Server) pointCode(c *fiber.Ctx) (*qrcode.QRCode, error) {
	p, err := surveys.Points().Find(c.UserContext(), s.Store, c.Params("id"))
	if err != nil {
		return nil, err
	}
	code, err := qrcode.New(s.surveyURL(p.Value.Token), qrcode.High)
	if err != nil {
		return nil, fmt.Errorf("make code of point %s: %w", p.Value.ID, err)
	}
	return code, nil
}

// qrSVG sends a point's code as a drawing of one path.
func (s *Server) qrSVG(c *fiber.Ctx) error {
	code, err := s.pointCode(c)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "image/svg+xml")
	return c.Send(qrDrawing(code))
}

// qrPNG sends a point's code as a picture.
func (s *Server) qrPNG(c *fiber.Ctx) error {
	code, err := s.pointCode(c)
	if err != nil {
		return err
	}
	picture, err := code.PNG(qrPixels)
	if err != nil {
		return fmt.Errorf("draw code: %w", err)
	}
	c.Set(fiber.HeaderContentType, "image/png")
	return c.Send(picture)
}

// qrDrawing draws the dark modules as horizontal runs in one filled path, with the quiet zone around.
func qrDrawing(code *qrcode.QRCode) []byte {
	code.DisableBorder = true
	rows := code.Bitmap()
	side := strconv.Itoa(len(rows) + 2*qrQuiet)
	var b bytes.Buffer
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ` + side + ` ` + side +
		`" shape-rendering="crispEdges"><rect width="100%" height="100%" fill="#fff"/><path d="`)
	for y, row := range rows {
		for x := 0; x < len(row); x++ {
			if !row[x] {
				continue
			}
			run := 1
			for x+run < len(row) && row[x+run] {
				run++
			}
			fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", x+qrQuiet, y+qrQuiet, run, run)
			x += run
		}
	}
	b.WriteString(`"/></svg>`)
	return b.Bytes()
}

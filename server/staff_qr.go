package server

import (
	"github.com/gofiber/fiber/v2"

	"hailong/surveys"
	"hailong/surveys/poster"
)

const qrPixels = 512 // of a PNG

// pointCode makes the code of a point.
func (s *Server) pointCode(c *fiber.Ctx) (poster.Code, error) {
	p, err := surveys.Points().Find(c.UserContext(), s.Store, c.Params("id"))
	if err != nil {
		return poster.Code{}, err
	}
	return poster.NewCode(s.surveyURL(p.Value.Token))
}

// qrSVG sends a point's code as a drawing of one path.
func (s *Server) qrSVG(c *fiber.Ctx) error {
	code, err := s.pointCode(c)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "image/svg+xml")
	return c.Send(code.SVG())
}

// qrPNG sends a point's code as a picture.
func (s *Server) qrPNG(c *fiber.Ctx) error {
	code, err := s.pointCode(c)
	if err != nil {
		return err
	}
	picture, err := code.PNG(qrPixels)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "image/png")
	return c.Send(picture)
}

// Package poster draws the codes that hang on walls and lie on counters: a poster of one point on A4, A5 or A6, or a
// sheet of slips to cut. There is one layout; a PDF (Book) and an SVG for the screen (Press.Preview) are two painters of
// it, so that what was looked at is what is printed. Black only, one embedded font, no text that the font lacks.
//
// It knows no HTTP and no store. Given the same posters it writes the same bytes.
package poster

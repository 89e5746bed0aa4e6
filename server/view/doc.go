// Package view turns page structs into HTML.
//
// One exported struct describes one page; Renderer.Render executes its template in the wanted language into a
// buffer and only then writes. The package knows no store, no request and no clock: whatever a page says is in
// its struct or in the message catalogue. It refuses to start when a template names an unknown message.
package view

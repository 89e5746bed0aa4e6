// Package static holds the style sheets, scripts, templates and message catalogues that are built into the program.
package static

import "embed"

// Files holds css/, i18n/, js/ and templates/ as they stand in this folder. Names that begin with "_" are shared
// parts of a template set, so they are embedded too.
//
//go:embed css i18n js all:templates
var Files embed.FS

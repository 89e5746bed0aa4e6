// Package static holds the style sheets, templates and message catalogues that are built into the program.
package static

import "embed"

// Files holds css/, i18n/ and templates/ as they stand in this folder. Names that begin with "_" are shared
// parts of a template set, so they are embedded too.
//
//go:embed css i18n all:templates
var Files embed.FS

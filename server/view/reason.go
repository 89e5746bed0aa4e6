package view

import (
	"slices"

	"hailong/surveys"
)

// Reason words why a form stands aside, or counts all the same, for the person who looks at it.
func Reason(code string) Message {
	if !slices.Contains(surveys.Reasons(), code) {
		code = "other"
	}
	return Msg("staff.reason." + code)
}

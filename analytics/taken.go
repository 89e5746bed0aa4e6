package analytics

import "hailong/surveys"

// TakenPart is what a release took from one part of one day.
type TakenPart = dayPart

// TakenParts reads which parts of which days a release took: whose answers it holds.
func TakenParts(rec surveys.ReleaseRecord) ([]TakenPart, error) { return readParts(rec) }

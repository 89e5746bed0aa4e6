// Package transfer takes units, facilities and responses in from files, and gives out what the store holds.
//
// A file is known by its content, not by its name: XLSX (the first sheet that is not hidden), or CSV in UTF-8 or
// UTF-16 with cells apart by commas, semicolons or tabs, as its header shows. Text of any other encoding is refused,
// for it cannot be told for certain; so are days other than YYYY-MM-DD, as 3/4/2026 is a day in March or in April,
// unless they are true dates of a sheet. Merged cells and formulas are refused, never guessed.
//
// An import is all or nothing and may be repeated: the whole file is held against the store first, every
// mistake is told with its line and column (*FileError), and nothing is stored while there is one. What is
// stored is written in an order that a second run completes, should the first be killed; importing the same
// file again changes nothing. Of a file that changes after it was checked nothing is stored that is different.
//
// An export is streamed, in a stated order, and ends with the count of its rows and the digest of its bytes.
// It never holds a submission id or a receipt; no cell of it is a formula. Comments and free texts have an export of
// their own, shuffled, with the node of their release at the most, so that none leads to its response: what they have
// in common with one is the facility and a node of at least ten forms.
//
// Entry points: ImportUnits, ImportFacilities, ImportResponses, Export, Codebook.
package transfer

import "hailong/surveys"

// Report says what an import did, or would do if it was a dry run.
type Report struct {
	Rows    int // rows of the file, without the header and blank ones
	New     int // units, facilities or responses that were not there
	Changed int // units or facilities that stood otherwise
	Known   int // those that were there already, just so
	Points  int // new points

	Digest      string   // SHA-256 of the file; "" if it came from a pipe
	Sheet       string   // of a workbook: the sheet that was read, the first that is not hidden
	OtherSheets []string // of a workbook: the others that hold something, hidden or not
	// Earlier is the file that the batch was imported from before, if that was another.
	Earlier *BatchFile
	// Differing are rows that the batch held already with another content; what was stored stays.
	Differing *FileError

	// Adrift are the facilities that, the way the units stand after an import of units, end up in no unit:
	// each needs a further placement, or an end.
	Adrift []surveys.FacilityID
}

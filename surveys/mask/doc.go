// Package mask takes out of free text what leads to a person, before anything is stored: telephone numbers,
// numbers of identity papers, e-mail addresses, vehicle plates, file numbers, and any other row of nine digits or
// more, also with signs between the digits, letters in place of digits, and words for digits. What an office needs
// of a comment stays: prices, dates, times, years, percentages, floors and counters, laws, hotlines.
//
// It is a sieve, not a proof: who wants to leave a number will find a way. It errs towards masking where nine
// digits stand together. A name after a title stays, since a name alone may be what a complaint is about; Names
// finds it again for whoever reviews the comment.
//
// Text is the one entry point; surveys.Submission.Check calls it.
package mask

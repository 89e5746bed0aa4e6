// Package backup writes the whole of a store into one file and reads it back into an empty store of either kind:
// that is how an office keeps what it has, and how it outgrows one machine. A file is
//
//	{"hailong_backup":{"format":2,"made":"2026-11-24"}}
//	{"record":{…}} …  {"release":{…}} …  {"day":{…}} …  {"response":{…}} …
//	{"end":{"records":…,"releases":…,"days":…,"responses":…,"sha256":"…"}}
//
// a line each, compressed by gzip and, where recipients are named, encrypted to them by age. The last line holds
// the SHA-256 of all bytes before it, so that a file that is cut short or damaged is known before anything is stored.
//
// A backup is consistent though answers come in and days are counted meanwhile, because of its order: what is
// released was counted, what was counted has its responses, and each is read after what rests on it. Whatever came
// in between is a response more, which the next count finds. A day that is sealed in between loses its responses; it
// comes a second time after them, sealed, so that no count is restored without either its answers or its seal.
//
// Records of what passes, as sessions and leases (Options.Passing), are left out; all others are in it, also those of
// kinds that this program does not know.
//
// Write, Check and Restore are the entry points.
package backup

//go:build !linux && !windows

package main

import "errors"

// diskOf is known on Linux and Windows only.
func diskOf(string) (diskFacts, error) { return diskFacts{}, errors.ErrUnsupported }

func clockSynced() (synced, known bool) { return false, false }

package main

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// diskOf asks the system about the drive of a folder.
func diskOf(folder string) (facts diskFacts, err error) {
	path, err := windows.UTF16PtrFromString(folder)
	if err != nil {
		return facts, err
	}
	if err = windows.GetDiskFreeSpaceEx(path, &facts.free, &facts.total, nil); err != nil {
		return facts, err
	}
	absolute, err := filepath.Abs(folder)
	if err != nil {
		return facts, err
	}
	root, err := windows.UTF16PtrFromString(filepath.VolumeName(absolute) + `\`)
	if err == nil && windows.GetDriveType(root) == windows.DRIVE_REMOTE {
		facts.kind = "SMB"
	}
	return facts, err
}

// clockSynced is not asked on Windows: its time service tells nobody cheaply.
func clockSynced() (synced, known bool) { return false, false }

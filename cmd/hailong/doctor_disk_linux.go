package main

import (
	"golang.org/x/sys/unix"
)

// diskOf asks the system about the file system of a folder; its kinds are those of statfs(2).
func diskOf(folder string) (diskFacts, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(folder, &st); err != nil {
		return diskFacts{}, err //nolint:wrapcheck // only whether it told counts
	}
	facts := diskFacts{free: st.Bavail * uint64(st.Bsize), total: st.Blocks * uint64(st.Bsize)} //nolint:gosec // a size is not negative
	switch uint32(st.Type) {                                                                    //nolint:gosec // the magic number has 32 bits
	case unix.NFS_SUPER_MAGIC:
		facts.kind = "NFS"
	case 0xff534d42, unix.SMB_SUPER_MAGIC, 0xfe534d42:
		facts.kind = "SMB/CIFS"
	case unix.V9FS_MAGIC:
		facts.kind = "9P"
	case unix.FUSE_SUPER_MAGIC:
		facts.kind = "FUSE"
	case unix.TMPFS_MAGIC, unix.RAMFS_MAGIC:
		facts.kind = "RAM (tmpfs)"
	}
	return facts, nil
}

// clockSynced says whether the kernel's clock is disciplined by a time service.
func clockSynced() (synced, known bool) {
	var tx unix.Timex
	state, err := unix.Adjtimex(&tx)
	if err != nil {
		return false, false
	}
	return state != unix.TIME_ERROR && tx.Status&unix.STA_UNSYNC == 0, true
}

//go:build linux

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// isApart in the environment says that a test runs in the process that apart made for it.
const isApart = "HAILONG_TEST_APART"

// apart runs the test again in a process that has mounts of its own, which go when it goes, and says true there.
// In the process that go test started it says false when that run is over.
func apart(t *testing.T) bool {
	t.Helper()
	if os.Getenv(isApart) != "" {
		if err := syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
			t.Fatalf("own mounts: %v", err)
		}
		return true
	}
	said, err := runApart(t, &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS})
	if errors.Is(err, fs.ErrPermission) { // not root: as root of a user namespace
		said, err = runApart(t, &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWNS | syscall.CLONE_NEWUSER,
			UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
		})
	}
	var failed *exec.ExitError
	switch {
	case err == nil && strings.Contains(said, "--- PASS: "+t.Name()+" "):
		t.Log(said)
	case err == nil || errors.As(err, &failed):
		t.Errorf("in the process apart: %v\n%s", err, said)
	case os.Getenv("HAILONG_REQUIRE_DISKS") == "1":
		t.Fatalf("this machine gives a test no mounts of its own and HAILONG_REQUIRE_DISKS=1: %v", err)
	default:
		fmt.Fprintf(os.Stderr, "SKIPPED %s: no mounts of its own (%v), a full disk is NOT tested\n", t.Name(), err)
		t.Skipf("no mounts of its own: %v", err)
	}
	return false
}

func runApart(t *testing.T, how *syscall.SysProcAttr) (said string, err error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=3m")
	cmd.Env = append(os.Environ(), isApart+"=1")
	cmd.SysProcAttr = how
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// disk is a small file system of its own in memory.
type disk struct {
	t    *testing.T
	path string
}

func newDisk(t *testing.T, bytes int64) *disk {
	t.Helper()
	d := &disk{t: t, path: filepath.Join(t.TempDir(), "disk")}
	mkdir(t, d.path)
	if err := syscall.Mount("tmpfs", d.path, "tmpfs", 0, fmt.Sprintf("size=%d", bytes)); err != nil {
		t.Fatalf("mount: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(d.path, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return d
}

func (d *disk) ballast() string { return filepath.Join(d.path, "ballast") }

// fill leaves no more than so many bytes, as another program's file would.
func (d *disk) fill(left int64) {
	d.t.Helper()
	f, err := os.OpenFile(d.ballast(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	for page := make([]byte, 4096); err == nil; {
		_, err = f.Write(page)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		d.t.Fatalf("fill: %v", err)
	}
	info, err := f.Stat()
	if err == nil {
		err = errors.Join(f.Truncate(max(0, info.Size()-left)), f.Close())
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

// free gives the space back.
func (d *disk) free() {
	d.t.Helper()
	if err := os.Remove(d.ballast()); err != nil {
		d.t.Fatal(err)
	}
}

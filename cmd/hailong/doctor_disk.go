package main

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"hailong/surveys/store"
)

// diskFacts is what the system tells of the disk under a folder.
type diskFacts struct {
	free, total uint64
	kind        string // network or memory, "" a plain disk
}

// Room that a store needs: a commit is small, a backup or an export is not.
const (
	roomWrong = 100 << 20
	roomSaid  = 1 << 30
)

// lookAtDisk looks at the folders of the store and of the backups.
func (d *patient) lookAtDisk(context.Context) {
	if path, ok := store.File(d.c.Store); ok {
		d.lookAtFolder(filepath.Dir(path), true)
		for _, suffix := range []string{"", "-wal"} {
			d.lookAtSecret(path + suffix)
		}
		d.lookAtCopies(path)
	} else if d.c.ACME != "" {
		d.lookAtFolder(d.c.Data, true)
	}
	if d.c.Dir != "" {
		d.lookAtFolder(d.c.Dir, false)
	}
}

// copyLife is for how long the copy of before a migration is wanted: to go back, if the new version does not do.
const copyLife = 30 * 24 * time.Hour

// lookAtCopies names copies of before a migration that still hold what retention deletes from the store.
func (d *patient) lookAtCopies(path string) {
	folder := cmp.Or(d.c.BackupDir, filepath.Dir(path))
	stem := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	entries, err := os.ReadDir(folder)
	if err != nil {
		return // said already
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !strings.HasPrefix(e.Name(), stem+".schema-") || d.now.Sub(info.ModTime()) < copyLife {
			continue
		}
		d.note(warned, phrase{
			"%s là bản sao trước khi nâng cấp, đã hơn 30 ngày, còn giữ từng phiếu → xóa nếu bản mới chạy tốt",
			"%s, the copy of before a migration, is over 30 days old and holds single forms → delete it if the new version does",
		}, filepath.Join(folder, e.Name()))
	}
}

// lookAtFolder looks at a folder, or at the nearest above it that is there already.
func (d *patient) lookAtFolder(folder string, holdsStore bool) {
	there := folder
	for {
		info, err := os.Stat(there)
		if err == nil && !info.IsDir() {
			d.note(wrong, phrase{"%s không phải là thư mục", "%s is no folder"}, there)
			return
		}
		if err == nil || !errors.Is(err, fs.ErrNotExist) || filepath.Dir(there) == there {
			break
		}
		there = filepath.Dir(there)
	}
	if err := tryWriting(there); err != nil {
		d.note(wrong, phrase{
			"không ghi được vào %s: %v → chạy bằng đúng tài khoản, xem quyền của thư mục",
			"%s cannot be written: %v → run as the right user, see the folder's rights",
		}, there, err)
	}
	if there == folder {
		d.lookAtSecret(folder)
	}
	d.lookAtRoom(there, holdsStore)
}

// tryWriting makes an empty file and takes it away.
func tryWriting(folder string) error {
	file, err := os.CreateTemp(folder, ".hailong-doctor-*")
	if err != nil {
		return err //nolint:wrapcheck // the finding says what it is about
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

func (d *patient) lookAtRoom(folder string, holdsStore bool) {
	if facts, err := diskOf(folder); err == nil { // not every system tells
		d.sayRoom(folder, facts, holdsStore)
	}
}

func (d *patient) sayRoom(folder string, facts diskFacts, holdsStore bool) {
	free := facts.free >> 20
	switch {
	case facts.free < roomWrong:
		d.note(wrong, phrase{
			"%s chỉ còn %d MB: phiếu sắp không lưu được → dọn đĩa ngay",
			"%s has only %d MB left: answers will soon not be stored → make room now",
		}, folder, free)
	case facts.free < roomSaid:
		d.note(warned, phrase{"%s chỉ còn %d MB → dọn đĩa", "%s has only %d MB left → make room"}, folder, free)
	default:
		d.note(fine, phrase{"%s còn %d MB", "%s has %d MB left"}, folder, free)
	}
	if !holdsStore || facts.kind == "" {
		return
	}
	d.note(warned, phrase{
		"%s nằm trên %s: khóa tệp hoặc việc ghi bền không chắc → để kho dữ liệu trên đĩa của máy",
		"%s lies on %s: its locks, or that what is written stays, are not certain → keep the store on a disk of the machine",
	}, folder, facts.kind)
}

// lookAtSecret says who else may read what holds answers, the password's hash and keys. A certificate's key may be its
// group's to read: root owns it.
func (d *patient) lookAtSecret(path string) {
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS == "windows" { // there rights are lists, and a folder's are inherited
		return
	}
	mode := info.Mode().Perm()
	right := "600"
	if info.IsDir() {
		right = "700"
	}
	switch {
	case mode&0o007 != 0:
		d.note(wrong, phrase{
			"mọi tài khoản trên máy mở được %s (quyền %o) → chmod %s",
			"every account of the machine can open %s (mode %o) → chmod %s",
		}, path, mode, right)
	case mode&0o030 != 0, mode&0o040 != 0 && path != d.c.Key:
		d.note(warned, phrase{
			"các tài khoản cùng nhóm mở được %s (quyền %o) → chmod %s",
			"the accounts of its group can open %s (mode %o) → chmod %s",
		}, path, mode, right)
	}
}

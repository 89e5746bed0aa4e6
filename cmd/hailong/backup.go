package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"hailong/analytics"
	"hailong/server/account"
	"hailong/surveys"
	"hailong/surveys/backup"
	"hailong/surveys/store"
)

// Backups are named by when they were begun, so that their names are in order.
const (
	backupPrefix  = "hailong-"
	backupSuffix  = ".backup"
	backupPartial = ".partial"
	backupTime    = "20060102-150405"
)

// backupConfig is where backups go, and who can open them.
type backupConfig struct {
	Dir       string
	Every     string
	Keep      string
	Recipient string
	Identity  string
	every     time.Duration
	keep      int
}

func backupOptions() []option {
	return []option{
		{Flag: "dir", Help: "folder for the backups", Commands: []string{"backup", "doctor"}, text: func(c *config) *string { return &c.Dir }},
		{Flag: "every", Help: "make a backup again after so long, as 24h, until stopped", Commands: []string{"backup"}, text: func(c *config) *string { return &c.Every }},
		{Flag: "keep", Default: "0", Help: "how many backups stay in the folder; 0 all", Commands: []string{"backup"}, text: func(c *config) *string { return &c.Keep }},
		{Flag: "recipient", Help: "age keys (age1…, apart by commas) that the backup is encrypted to", Commands: []string{"backup"}, text: func(c *config) *string { return &c.Recipient }},
		{Flag: "identity", Help: "age key file that opens an encrypted backup", Commands: []string{"restore"}, text: func(c *config) *string { return &c.Identity }},
	}
}

func (c *backupConfig) check() []error {
	var mistakes []error
	var err error
	if c.every, err = time.ParseDuration(cmp.Or(c.Every, "0")); err != nil || c.every < 0 || c.every > 0 && c.every < time.Minute {
		mistakes = append(mistakes, fmt.Errorf("--every %q is no time of a minute or more, as 24h", c.Every))
	}
	if c.keep, err = strconv.Atoi(cmp.Or(c.Keep, "0")); err != nil || c.keep < 0 {
		mistakes = append(mistakes, fmt.Errorf("--keep %q is no number of backups", c.Keep))
	}
	if err = backup.CheckRecipients(c.recipients()); err != nil {
		mistakes = append(mistakes, fmt.Errorf("--recipient: %w", err))
	}
	return mistakes
}

// recipients are the age keys that a backup is encrypted to.
func (c *backupConfig) recipients() []string { return list(c.Recipient) }

// backUp writes a backup into a folder: once, or again and again until it is told to stop. A server may go on
// meanwhile.
func backUp(ctx context.Context, p *program, c config, words []string) error {
	if len(words) > 0 || c.Dir == "" {
		return fmt.Errorf("%w: hailong backup --dir FOLDER", errUsage)
	}
	return p.withExisting(ctx, c, func(s surveys.Store, _ surveys.Installation) error {
		if c.every == 0 {
			return p.backUpOnce(ctx, s, c)
		}
		for {
			// One that fails is said and the next one tried: the disk may be there again.
			if err := p.backUpOnce(ctx, s, c); err != nil && ctx.Err() == nil {
				p.logger().ErrorContext(ctx, "backup", "error", err)
			}
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(c.every):
			}
		}
	})
}

func (p *program) backUpOnce(ctx context.Context, s surveys.Store, c config) error {
	name := backupPrefix + p.clock().In(p.zone).Format(backupTime) + backupSuffix
	if len(c.recipients()) > 0 {
		name += ".age"
	}
	path := filepath.Join(c.Dir, name)
	counts, err := p.writeBackup(ctx, s, c, path)
	if err != nil {
		return fmt.Errorf("no backup was made in %s: %s%w", c.Dir, onDisk(err), err)
	}
	p.say("%s: %d records, %d releases, %d days, %d responses\n", path, counts.Records, counts.Releases, counts.Days, counts.Responses)
	return errors.Join(forgetPartial(c.Dir, p.clock()), forgetBackups(c.Dir, c.keep))
}

// onDisk says in words what a folder refused, with what follows it; "" if it was something else.
func onDisk(err error) string {
	for _, known := range []struct {
		is    error
		words string
	}{
		{errRename, "the file is whole, but the folder lets it have no name"},
		{syscall.ENOSPC, "the disk is full"},
		{syscall.EDQUOT, "the disk quota is used up"},
		{syscall.EROFS, "the disk is read-only"},
		{fs.ErrPermission, "the program may not write there"},
		{syscall.ENOTDIR, "it is a file, not a folder"},
		{fs.ErrExist, "it is a file, not a folder"},
		{syscall.EFBIG, "the disk takes no file so large"},
	} {
		if errors.Is(err, known.is) {
			return known.words + ": "
		}
	}
	return ""
}

// errRename says that a folder cannot give a file another name, as some on a network cannot.
var errRename = errors.New("rename")

// writeBackup writes under another name first, so that what has a backup's name is whole.
func (p *program) writeBackup(ctx context.Context, s surveys.Store, c config, path string) (counts backup.Counts, err error) {
	if err = os.MkdirAll(c.Dir, 0o700); err != nil {
		return counts, err //nolint:wrapcheck // backUpOnce names the file
	}
	file, err := os.CreateTemp(c.Dir, backupPrefix+"*"+backupPartial) // 0600
	if err != nil {
		return counts, err //nolint:wrapcheck // backUpOnce names the file
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	counts, err = backup.Write(ctx, s, file, backup.Options{
		Made: p.today(), Recipients: c.recipients(), Passing: append(account.PassingKinds(), store.LeaseKind), Progress: p.progress("lines:"),
	})
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return counts, err
	}
	if err = os.Rename(file.Name(), path); err != nil {
		return counts, fmt.Errorf("%w: %w", errRename, err)
	}
	return counts, nil
}

// partialLife is after how long what a killed backup left is removed: none takes so long.
const partialLife = 24 * time.Hour

func forgetPartial(dir string, now time.Time) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err //nolint:wrapcheck // it names the folder
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), backupPrefix) || !strings.HasSuffix(e.Name(), backupPartial) {
			continue
		}
		if info, err := e.Info(); err != nil || now.Sub(info.ModTime()) < partialLife {
			continue // another backup is under way, or has just ended
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
			return err //nolint:wrapcheck // it names the file
		}
	}
	return nil
}

// forgetBackups removes all but the last few; 0 keeps all.
func forgetBackups(dir string, keep int) error {
	if keep == 0 {
		return nil
	}
	names, err := listBackups(dir)
	if err != nil {
		return err
	}
	for _, name := range names[:max(0, len(names)-keep)] {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			return err //nolint:wrapcheck // it names the file
		}
	}
	return nil
}

// listBackups lists the backups of a folder, the oldest first.
func listBackups(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err //nolint:wrapcheck // it names the folder
	}
	var names []string
	for _, e := range entries {
		if _, err := backupMade(e.Name(), time.UTC); err == nil {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// backupMade is when a backup was begun, by its name.
func backupMade(name string, zone *time.Location) (time.Time, error) {
	stamp, isOurs := strings.CutPrefix(strings.TrimSuffix(name, ".age"), backupPrefix)
	stamp, whole := strings.CutSuffix(stamp, backupSuffix)
	if !isOurs || !whole {
		return time.Time{}, fmt.Errorf("%s is not the name of a backup", name)
	}
	return time.ParseInLocation(backupTime, stamp, zone) //nolint:wrapcheck // it names what it could not read
}

// restore reads a backup into a new store and counts its days; --dry-run only checks the file.
func restore(ctx context.Context, p *program, c config, words []string) error {
	if len(words) != 1 {
		return fmt.Errorf("%w: hailong restore FILE", errUsage)
	}
	source, err := backupSource(words[0], c.Identity)
	if err != nil {
		return err
	}
	if c.DryRun {
		counts, checkErr := backup.Check(source)
		if checkErr == nil {
			p.say("whole: %d records, %d releases, %d days, %d responses\n", counts.Records, counts.Releases, counts.Days, counts.Responses)
		}
		return checkErr
	}
	release, err := store.Claim(c.Store)
	if err != nil {
		return err
	}
	s, err := p.connect(ctx, c)
	if err != nil {
		return errors.Join(err, release())
	}
	return errors.Join(p.restoreInto(ctx, s, source), s.Close(), release())
}

func (p *program) restoreInto(ctx context.Context, s surveys.Store, source backup.Source) error {
	if err := store.Vacant(ctx, s, p.clock); err != nil {
		return err
	}
	counts, err := backup.Restore(ctx, s, source, p.progress("lines:"))
	if err != nil {
		return err
	}
	days, err := analytics.NewRoller(s).Roll(ctx, "", p.progress("days counted:"))
	if err != nil {
		return err
	}
	p.say("%d records, %d releases, %d days, %d responses restored, %d days counted\n",
		counts.Records, counts.Releases, counts.Days, counts.Responses, days)
	return nil
}

func backupSource(path, identity string) (backup.Source, error) {
	if identity == "" {
		return backup.FileSource(path, ""), nil
	}
	keys, err := os.ReadFile(identity) //nolint:gosec // the administrator names the file
	if err != nil {
		return backup.Source{}, fmt.Errorf("key file: %w", err)
	}
	return backup.FileSource(path, string(keys)), nil
}

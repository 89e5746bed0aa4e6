package main

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sentence checks that a refusal is told in one line that a person can read.
func (r result) sentence() {
	r.t.Helper()
	text := strings.TrimSpace(r.err)
	if text == "" || strings.Contains(text, "\n") || strings.Contains(text, "goroutine") || strings.Contains(text, "0x") {
		r.t.Errorf("%v: not a sentence: %q", r.args, r.err)
	}
}

func TestUnusableFiles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		make func(w *world, path string)
		says string
	}{
		"text": {func(w *world, path string) { write(w.t, path, []byte(strings.Repeat("no database\n", 1000))) }, "not an SQLite database"},
		"torn": {func(w *world, path string) {
			w.run("roll").want(0)
			raw, err := os.ReadFile(path)
			if err != nil {
				w.t.Fatal(err)
			}
			for i := 4096; i < len(raw); i++ {
				raw[i] = 0xa5
			}
			write(w.t, path, raw)
		}, "damaged"},
		"newer": {func(w *world, path string) {
			w.run("roll").want(0)
			pragma(w.t, path, "PRAGMA user_version = 99")
		}, "newer"},
		"of another program": {func(w *world, path string) { pragma(w.t, path, "CREATE TABLE notes (text)") }, "another program"},
		"a folder":           {func(w *world, path string) { mkdir(w.t, path) }, "folder"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			mkdir(t, filepath.Dir(w.database()))
			c.make(w, w.database())
			for _, args := range [][]string{{"serve", "--listen", "127.0.0.1:0"}, {"roll"}, {"verify"}, {"export", "responses"}, {"token", "create", "--name", "x", "--role", "viewer"}} {
				w.run(args...).want(1, c.says).sentence()
			}
		})
	}
}

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o700); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path string, raw []byte) {
	t.Helper()
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

func pragma(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), statement)
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// The administrator of the machine may write anything, so this is asked of a child that is nobody.
func TestReadOnlyFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run("roll").want(0)
	readable(t, w.database())
	program := filepath.Join(w.dir, "program")
	self, err := os.Open(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	defer self.Close() //nolint:errcheck // it was only read
	copied, err := os.OpenFile(program, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = io.Copy(copied, self); err == nil {
		err = copied.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), program, "serve", "--listen", "127.0.0.1:0", "--data", filepath.Dir(w.database()))
	child.Env = []string{asProgram + "=1"}
	child.Dir = "/"
	if os.Getuid() == 0 {
		child.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	said, err := child.CombinedOutput()
	var failed *exec.ExitError
	if !errors.As(err, &failed) || failed.ExitCode() != 1 {
		t.Fatalf("it ended with %v: %s", err, said)
	}
	result{t: t, args: child.Args, code: 1, err: string(said)}.want(1, "read-only").sentence()
}

// readable lets everybody read a file and its folders, and nobody but root write.
func readable(t *testing.T, path string) {
	t.Helper()
	mode := os.FileMode(0o444)
	for path != os.TempDir() && path != "/" {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		mode, path = 0o555, filepath.Dir(path)
	}
}

func TestUnreachableMongo(t *testing.T) {
	t.Parallel()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	w.env["HAILONG_STORE"] = "mongodb://clerk:s3cret%21@" + address + "/hailong?authSource=admin"
	for _, args := range [][]string{{"serve", "--listen", "127.0.0.1:0"}, {"verify"}} {
		w.run(args...).want(1, address, "!s3cret", "!goroutine").sentence()
	}
	w.env["HAILONG_STORE"] = "mongodb://clerk:s3cret@" + address + "/hailong?nonsense=%zz"
	w.run("verify").want(1, "!s3cret").sentence()
	w.env["HAILONG_STORE"] = "postgres://clerk:s3cret@host/hailong"
	w.run("verify").want(1, "postgres", "!s3cret").sentence()
	w.env["HAILONG_STORE"] = "clerk:s3cret@host"
	w.run("verify").want(1, "!s3cret").sentence()
}

func TestDemoLeavesARealStoreAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.organise()
	before := dump(t, w.database())
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // should it serve after all, it ends at once
	var words safeBuffer
	code := w.program(io.Discard, &words).run(ctx, []string{"demo", "--listen", "127.0.0.1:0"})
	if code == 0 {
		t.Error("demo took a real store")
	}
	w.run("demo", "--listen", "127.0.0.1:0").want(1, "real installation").sentence()
	if d := cmp.Diff(before, dump(t, w.database())); d != "" {
		t.Errorf("demo changed the store (-before +after):\n%s", d)
	}
}

// dump is every row of every table, as text.
func dump(t *testing.T, path string) (rows []string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // it was only read
	for _, table := range []string{"records", "record_keys", "responses", "days", "dirty", "releases"} {
		rows = append(rows, dumpTable(t, db, table)...)
	}
	return rows
}

func dumpTable(t *testing.T, db *sql.DB, table string) (rows []string) {
	t.Helper()
	found, err := db.QueryContext(t.Context(), "SELECT * FROM "+table+" ORDER BY 1, 2, 3")
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close() //nolint:errcheck // it was only read
	names, err := found.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for found.Next() {
		cells := make([]any, len(names))
		for i := range cells {
			cells[i] = new(sql.RawBytes)
		}
		if err := found.Scan(cells...); err != nil {
			t.Fatal(err)
		}
		row := table
		for i, cell := range cells {
			if raw, ok := cell.(*sql.RawBytes); ok {
				row += " " + names[i] + "=" + string(*raw)
			}
		}
		rows = append(rows, row)
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// Several programs that start on a new store at the same moment settle it once.
func TestFirstStartsAtOnce(t *testing.T) {
	t.Parallel()
	for name, on := range map[string]func(t *testing.T, w *world){
		"sqlite":  func(*testing.T, *world) {},
		"mongodb": func(t *testing.T, w *world) { w.onMongo(mongoServer(t)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			on(t, w)
			var group sync.WaitGroup
			for range 4 {
				group.Go(func() { w.run("roll").want(0, "0 releases made") })
			}
			group.Wait()
			w.run("verify").want(0)
		})
	}
}

package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"hailong/surveys"
	"hailong/surveys/store/sqlite"
)

// childPath names the file in the environment of a child that is to write until it is killed.
const childPath = "HAILONG_TEST_SQLITE_CHILD"

// writeUntilKilled adds batches and says each id when it is acknowledged.
func writeUntilKilled(path string, out io.Writer) int {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, path, clock)
	for err == nil {
		list := batch(7)
		if _, err = s.AddResponses(ctx, list); err != nil {
			break
		}
		for _, r := range list {
			if _, err = fmt.Fprintln(out, r.ID); err != nil {
				break
			}
		}
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

func TestKill(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "hailong.db")
	var acknowledged []string
	for round := range 5 {
		acknowledged = append(acknowledged, killAfter(t, path, 100+150*round)...)
		s := open(t, path)
		stored := map[string]int{}
		err := s.EachResponse(t.Context(), surveys.ResponseQuery{}, func(r surveys.Response) error {
			stored[string(r.ID)]++
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range acknowledged {
			if stored[id] != 1 {
				t.Fatalf("round %d: an acknowledged answer is there %d times, want once", round, stored[id])
			}
		}
		dirty, err := s.DirtyDays(t.Context(), surveys.DirtyQuery{})
		if err != nil || len(dirty) != 7 {
			t.Errorf("round %d: %d dirty days, %v, want 7", round, len(dirty), err)
		}
		if len(stored)%7 != 0 {
			t.Errorf("round %d: %d answers, want whole batches of 7", round, len(stored))
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	checkFile(t, path)
}

// killAfter runs a child until it has acknowledged n ids, kills it in the middle of what it does, and
// gives all that it acknowledged.
func killAfter(t *testing.T, path string, n int) (ids []string) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), childPath+"="+path)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err = child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		ids = append(ids, lines.Text())
		if len(ids) == n {
			if err = child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err = child.Wait(); err == nil || len(ids) < n {
		t.Fatalf("the child ended by itself after %d ids: %v", len(ids), err)
	}
	if last := len(ids) - 1; len(ids[last]) < 36 { // a line that the kill cut off was not told
		ids = ids[:last]
	}
	return ids
}

// checkFile asks SQLite whether the file is whole.
func checkFile(t *testing.T, path string) {
	t.Helper()
	var verdict string
	if err := openRaw(t, path).QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity check: %q %v", verdict, err)
	}
}

package sqlite

import (
	"testing"
	"testing/fstest"
)

func TestMigrationsAreNumbered(t *testing.T) {
	t.Parallel()
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	steps, err := readMigrations(fstest.MapFS{
		"migrations/0003_seal.sql": file("-- What it does.\n-- More.\nSELECT 3;"), "migrations/0001_start.sql": file("SELECT 1;"),
	})
	if err != nil || len(steps) != 2 || steps[1].Number != 3 || steps[1].Name != "seal" || steps[1].About != "What it does." {
		t.Errorf("%+v, %v", steps, err)
	}
	for has, left := range map[int]int{0: 2, 1: 1, 2: 1, 3: 0} {
		if got := len(after(steps, has)); got != left {
			t.Errorf("a file of schema %d needs %d steps, want %d", has, got, left)
		}
	}
	for _, other := range []string{"0001_again.sql", "seal.sql", "0000_zero.sql"} {
		files := fstest.MapFS{"migrations/0001_a.sql": file(""), "migrations/" + other: file("")}
		if other == "0000_zero.sql" {
			files = fstest.MapFS{"migrations/0001_a.sql": file(""), "migrations/01_b.sql": file("")}
		}
		if steps, err := readMigrations(files); err == nil {
			t.Errorf("%s: read as %+v", other, steps)
		}
	}
}

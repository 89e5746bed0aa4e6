package surveys_test

import (
	"testing"

	"hailong/surveys"
)

func TestDaysStayInOrder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		day  surveys.Day
		n    int
		want surveys.Day
	}{
		{"2026-02-28", 1, "2026-03-01"},
		{"2024-03-01", -1, "2024-02-29"},
		{"9999-12-20", 14, "9999-12-31"},
		{"9999-12-31", 0, "9999-12-31"},
	} {
		if got := c.day.Add(c.n); got != c.want {
			t.Errorf("%s and %d days is %s, want %s", c.day, c.n, got, c.want)
		}
	}
}

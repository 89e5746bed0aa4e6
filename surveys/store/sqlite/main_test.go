package sqlite_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"hailong/surveys"
)

// TestMain plays the child of TestKill where the environment asks for it.
func TestMain(m *testing.M) {
	if path := os.Getenv(childPath); path != "" {
		os.Exit(writeUntilKilled(path, os.Stdout))
	}
	goleak.VerifyTestMain(m)
}

// batch makes n new responses.
func batch(n int) []surveys.Response {
	list := make([]surveys.Response, n)
	for i := range list {
		id := surveys.NewSubmissionID()
		list[i] = surveys.Response{
			ID: id, Receipt: id.Receipt(), Facility: "f_9k3m2x7q1w5e", Point: "p_4h8n2b6v0c1x", Instrument: "one_stop", Version: 1,
			Form: surveys.ShortForm, Channel: surveys.QR, Standing: surveys.Counted, Lang: "vi",
			Day: surveys.Day("2026-03-02").Add(i % 30), Hour: 9, Arrived: "2026-03-31",
			Answers: surveys.Answers{
				"A1": surveys.NumberAnswer(4), "A3": surveys.NumberAnswer(5), "B2": surveys.NumberAnswer(3),
				"C1": surveys.NumberAnswer(4), "D2": surveys.NumberAnswer(5), "Z": surveys.NumberAnswer(4),
			},
			Comment: "Cán bộ nhiệt tình, chờ hơi lâu",
		}
	}
	return list
}

// count reads every response.
func count(t *testing.T, s surveys.Store) int {
	t.Helper()
	n := 0
	err := s.EachResponse(t.Context(), surveys.ResponseQuery{}, func(surveys.Response) error { n++; return nil })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

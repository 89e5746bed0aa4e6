package transfer_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"hailong/surveys"
	"hailong/surveys/instruments"
	"hailong/surveys/store/sqlite"
	"hailong/surveys/transfer"
)

const today surveys.Day = "2026-03-06"

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func zone(tb testing.TB) *time.Location {
	tb.Helper()
	z, err := time.LoadLocation(surveys.Zone)
	if err != nil {
		tb.Fatal(err)
	}
	return z
}

// clock stands at 00:30 of today in Việt Nam, which is still yesterday in UTC.
func clock() time.Time { return time.Date(2026, 3, 5, 17, 30, 0, 0, time.UTC) }

// emptyStore is a store with the default instruments and nothing else.
func emptyStore(tb testing.TB) surveys.Store {
	tb.Helper()
	s, err := sqlite.Open(tb.Context(), filepath.Join(tb.TempDir(), "transfer.db"), clock)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	if err := instruments.Publish(tb.Context(), s, "2021-01-01"); err != nil {
		tb.Fatal(err)
	}
	return s
}

const someFacilities = `id,unit,name,sector,kind,address,from,to,instrument,points
hall,13891,Bộ phận Một cửa,one_stop,one_stop_hall,Khu 1,2025-07-01,,,counter:Quầy 1;gate:Cổng;kiosk:Một câu:pulse
f-old,13906,Trạm Y tế Nghĩa Thái,health,station,,2024-09-01,2026-01-31,,waiting:Phòng chờ
`

// settled is a store with the units of Nghĩa Hưng and some facilities.
func settled(tb testing.TB) surveys.Store {
	tb.Helper()
	s := emptyStore(tb)
	must(tb)(transfer.ImportUnits(tb.Context(), s, strings.NewReader(nghiaHung(tb)), transfer.RecordOptions{}))
	must(tb)(transfer.ImportFacilities(tb.Context(), s, strings.NewReader(someFacilities), transfer.RecordOptions{}))
	return s
}

func nghiaHung(tb testing.TB) string {
	tb.Helper()
	data, err := os.ReadFile("testdata/nghia_hung.csv")
	if err != nil {
		tb.Fatal(err)
	}
	return string(data)
}

func must(tb testing.TB) func(transfer.Report, error) transfer.Report {
	tb.Helper()
	return func(r transfer.Report, err error) transfer.Report {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return r
	}
}

func sameReport(tb testing.TB, got, want transfer.Report) {
	tb.Helper()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(transfer.Report{}, "Digest", "Earlier", "Differing")); diff != "" {
		tb.Errorf("report (-want +got):\n%s", diff)
	}
}

// token is that of a point by its name.
func token(tb testing.TB, s surveys.Store, name string) surveys.Token {
	tb.Helper()
	points, err := surveys.Points().All(tb.Context(), s)
	if err != nil {
		tb.Fatal(err)
	}
	for _, p := range points {
		if p.Value.Name == name {
			return p.Value.Token
		}
	}
	tb.Fatalf("no point %q", name)
	return ""
}

func newIngest(tb testing.TB, s surveys.ResponseStore) *surveys.Ingest {
	tb.Helper()
	in := surveys.NewIngest(s, slog.New(slog.DiscardHandler))
	tb.Cleanup(in.Close)
	return in
}

// dump is all that a store holds of the organisation and the responses, to see that nothing changed.
func dump(tb testing.TB, s surveys.Store) []string {
	tb.Helper()
	var all []string
	for _, kind := range []string{"unit", "facility", "point"} {
		records, err := s.Records(tb.Context(), surveys.RecordQuery{Kind: kind})
		if err != nil {
			tb.Fatal(err)
		}
		for _, r := range records {
			all = append(all, fmt.Sprintf("%s %s %d %s", r.Kind, r.ID, r.Rev, r.Body))
		}
	}
	for _, r := range responses(tb, s) {
		all = append(all, fmt.Sprint(r))
	}
	return all
}

func responses(tb testing.TB, s surveys.ResponseStore) []surveys.Response {
	tb.Helper()
	var all []surveys.Response
	err := s.EachResponse(context.Background(), surveys.ResponseQuery{}, func(r surveys.Response) error {
		all = append(all, r)
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

// mistake is a file and what it is told in Vietnamese.
type mistake struct {
	name string
	file string
	want []string
}

// refused wants each file to be refused for exactly these reasons, and the store to be as it was.
func refused(t *testing.T, s surveys.Store, cases []mistake,
	run func(t *testing.T, s surveys.Store, file string) (transfer.Report, error),
) {
	t.Helper()
	before := dump(t, s)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := run(t, s, c.file)
			var bad *transfer.FileError
			if !errors.As(err, &bad) {
				t.Fatalf("got error %v, want a *FileError", err)
			}
			if diff := cmp.Diff(c.want, strings.Split(bad.Text("vi"), "\n")); diff != "" {
				t.Errorf("reasons (-want +got):\n%s", diff)
			}
			english := bad.Error()
			if strings.Contains(english, "import.") || strings.Contains(english, "error.") || strings.Contains(english, "{") {
				t.Errorf("a sentence is missing: %s", english)
			}
		})
	}
	if diff := cmp.Diff(before, dump(t, s)); diff != "" {
		t.Errorf("a refused file changed the store (-before +after):\n%s", diff)
	}
}

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
	"go.uber.org/goleak"

	"hailong/surveys"
	"hailong/surveys/instruments"
	"hailong/surveys/store/sqlite"
	"hailong/surveys/transfer"
)

const today surveys.Day = "2026-03-06"

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func zone(t testing.TB) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(surveys.Zone)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// clock stands at 00:30 of today in Việt Nam, which is still yesterday in UTC.
func clock() time.Time { return time.Date(2026, 3, 5, 17, 30, 0, 0, time.UTC) }

// emptyStore is a store with the default instruments and nothing else.
func emptyStore(t testing.TB) surveys.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "transfer.db"), clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := instruments.Publish(t.Context(), s, "2021-01-01"); err != nil {
		t.Fatal(err)
	}
	return s
}

const someFacilities = `id,unit,name,sector,kind,address,from,to,instrument,points
hall,13891,Bộ phận Một cửa,one_stop,one_stop_hall,Khu 1,2025-07-01,,,counter:Quầy 1;gate:Cổng;kiosk:Một câu:pulse
f-old,13906,Trạm Y tế Nghĩa Thái,health,station,,2024-09-01,2026-01-31,,waiting:Phòng chờ
`

// settled is a store with the units of Nghĩa Hưng and some facilities.
func settled(t testing.TB) surveys.Store {
	t.Helper()
	s := emptyStore(t)
	must(t)(transfer.ImportUnits(t.Context(), s, strings.NewReader(nghiaHung(t)), false))
	must(t)(transfer.ImportFacilities(t.Context(), s, strings.NewReader(someFacilities), false))
	return s
}

func nghiaHung(t testing.TB) string {
	t.Helper()
	data, err := os.ReadFile("testdata/nghia_hung.csv")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func must(t testing.TB) func(transfer.Report, error) transfer.Report {
	t.Helper()
	return func(r transfer.Report, err error) transfer.Report {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
}

func sameReport(t testing.TB, got, want transfer.Report) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}

// token is that of a point by its name.
func token(t testing.TB, s surveys.Store, name string) surveys.Token {
	t.Helper()
	points, err := surveys.Points().All(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range points {
		if p.Value.Name == name {
			return p.Value.Token
		}
	}
	t.Fatalf("no point %q", name)
	return ""
}

func newIngest(t testing.TB, s surveys.ResponseStore) *surveys.Ingest {
	t.Helper()
	in := surveys.NewIngest(s, slog.New(slog.DiscardHandler))
	t.Cleanup(in.Close)
	return in
}

// dump is all that a store holds of the organisation and the responses, to see that nothing changed.
func dump(t testing.TB, s surveys.Store) []string {
	t.Helper()
	var all []string
	for _, kind := range []string{"unit", "facility", "point"} {
		records, err := s.Records(t.Context(), surveys.RecordQuery{Kind: kind})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			all = append(all, fmt.Sprintf("%s %s %d %s", r.Kind, r.ID, r.Rev, r.Body))
		}
	}
	for _, r := range responses(t, s) {
		all = append(all, fmt.Sprint(r))
	}
	return all
}

func responses(t testing.TB, s surveys.ResponseStore) []surveys.Response {
	t.Helper()
	var all []surveys.Response
	err := s.EachResponse(context.Background(), surveys.ResponseQuery{}, func(r surveys.Response) error {
		all = append(all, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
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
func refused(t *testing.T, s surveys.Store, cases []mistake, run func(t *testing.T, file string) error) {
	t.Helper()
	before := dump(t, s)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := run(t, c.file)
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

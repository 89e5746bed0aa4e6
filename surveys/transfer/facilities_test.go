package transfer_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hailong/surveys"
	"hailong/surveys/transfer"
)

const facilityHead = "id,unit,name,sector,kind,address,from,to,instrument,points\n"

func importFacilities(t *testing.T, s surveys.Store, file string) (transfer.Report, error) {
	t.Helper()
	return transfer.ImportFacilities(t.Context(), s, strings.NewReader(file), transfer.RecordOptions{})
}

func facility(t *testing.T, s surveys.Store, id surveys.FacilityID) surveys.Facility {
	t.Helper()
	f, err := surveys.Facilities().Find(t.Context(), s, string(id))
	if err != nil {
		t.Fatal(err)
	}
	return f.Value
}

// unitOn is the unit a facility belongs to on a day, as CODE@FROM.
func unitOn(t *testing.T, s surveys.Store, id surveys.FacilityID, day surveys.Day) string {
	t.Helper()
	org, err := surveys.LoadOrganisation(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	u, ok := org.UnitOf(facility(t, s, id), day)
	if !ok {
		return ""
	}
	return u.ID()
}

func TestFacilities(t *testing.T) {
	t.Parallel()
	s := settled(t)
	want := surveys.Facility{
		ID: "hall", Name: "Bộ phận Một cửa", Sector: "one_stop", Kind: "one_stop_hall", Address: "Khu 1", Instrument: "one_stop",
		From: "2025-07-01", Placements: []surveys.Placement{{Unit: "13891", From: "2025-07-01"}},
	}
	if diff := cmp.Diff(want, facility(t, s, "hall")); diff != "" {
		t.Errorf("facility (-want +got):\n%s", diff)
	}
	if got := facility(t, s, "f-old").Instrument; got != "station" {
		t.Errorf("a station asks %q", got)
	}
	points, err := surveys.Points().By(t.Context(), s, "facility", "hall")
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]string{}
	for _, p := range points {
		kinds[p.Value.Name] = string(p.Value.Kind) + ":" + p.Value.Instrument
	}
	if diff := cmp.Diff(map[string]string{"Quầy 1": "counter:", "Cổng": "gate:", "Một câu": "kiosk:pulse"}, kinds); diff != "" {
		t.Errorf("points (-want +got):\n%s", diff)
	}
	if got := unitOn(t, s, "f-old", "2025-06-30"); got != "13906@2024-09-01" {
		t.Errorf("before the merger the station belongs to %s", got)
	}
	if got := unitOn(t, s, "f-old", "2025-07-01"); got != "13891@2025-07-01" {
		t.Errorf("after the merger the station belongs to %s", got)
	}
}

func TestFacilitiesAgain(t *testing.T) {
	t.Parallel()
	s := settled(t)
	before := dump(t, s)
	again := must(t)(importFacilities(t, s, someFacilities))
	sameReport(t, again, transfer.Report{Rows: 2, Known: 2})
	if diff := cmp.Diff(before, dump(t, s)); diff != "" {
		t.Errorf("importing again changed the store:\n%s", diff)
	}

	old := token(t, s, "Cổng")
	changed := strings.NewReplacer("Khu 1", "Khu 2", "counter:Quầy 1;", "", "kiosk:Một câu:pulse", "kiosk:Một câu; result:Trả kết quả").
		Replace(someFacilities)
	sameReport(t, must(t)(transfer.ImportFacilities(t.Context(), s, strings.NewReader(changed), transfer.RecordOptions{DryRun: true})),
		transfer.Report{Rows: 2, Changed: 1, Known: 1, Points: 1})
	if diff := cmp.Diff(before, dump(t, s)); diff != "" {
		t.Errorf("a dry run changed the store:\n%s", diff)
	}
	must(t)(importFacilities(t, s, changed))
	if got := facility(t, s, "hall").Address; got != "Khu 2" {
		t.Errorf("address is %q", got)
	}
	if token(t, s, "Cổng") != old || token(t, s, "Quầy 1") == "" || token(t, s, "Trả kết quả") == "" {
		t.Error("points must keep their tokens, stay when the file leaves them out, and be added")
	}
	points, err := surveys.Points().By(t.Context(), s, "facility", "hall")
	if err != nil || len(points) != 4 {
		t.Errorf("got %d points, %v, want 4", len(points), err)
	}
}

func TestFacilitiesWithoutIDs(t *testing.T) {
	t.Parallel()
	s := settled(t)
	const file = "unit,name,sector,kind,address,from,to,instrument,points\n" +
		"13894,Tra\u0323m Y tế,health,station,,2025-07-01,,,waiting:Chờ\n" +
		"13900,Trạm Y tế,health,station,,2025-07-01,,,waiting:Chờ\n" +
		"13891,Bộ phận Một cửa,one_stop,one_stop_hall,Khu 1,2025-07-01,,,\n"
	sameReport(t, must(t)(importFacilities(t, s, file)), transfer.Report{Rows: 3, New: 2, Known: 1, Points: 2})
	before := dump(t, s)
	sameReport(t, must(t)(importFacilities(t, s, file)), transfer.Report{Rows: 3, Known: 3})
	if diff := cmp.Diff(before, dump(t, s)); diff != "" {
		t.Errorf("importing again changed the store:\n%s", diff)
	}
}

func TestFurtherPlacements(t *testing.T) {
	t.Parallel()
	s := settled(t)
	must(t)(importFacilities(t, s, facilityHead+
		"hv,361,Bệnh viện,health,hospital,Đường A,2021-01-01,2025-06-30,inpatient,counter:Tiếp đón\n"+
		"hv,13891,Bệnh viện,health,hospital,,2025-07-01,,,counter:Tiếp đón;result:Trả kết quả\n"))
	want := surveys.Facility{
		ID: "hv", Name: "Bệnh viện", Sector: "health", Kind: "hospital", Address: "Đường A", Instrument: "inpatient", From: "2021-01-01",
		Placements: []surveys.Placement{{Unit: "361", From: "2021-01-01"}, {Unit: "13891", From: "2025-07-01"}},
	}
	if diff := cmp.Diff(want, facility(t, s, "hv")); diff != "" {
		t.Errorf("facility (-want +got):\n%s", diff)
	}
	if got := unitOn(t, s, "hv", "2025-06-30") + " " + unitOn(t, s, "hv", "2025-07-01"); got != "361@2021-01-01 13891@2025-07-01" {
		t.Errorf("the hospital belongs to %s", got)
	}

	// A later file with the further row only takes nothing away; the first row alone, either.
	moved := "hv,13894,Bệnh viện,health,hospital,,2026-01-01,,,\n"
	sameReport(t, must(t)(importFacilities(t, s, facilityHead+moved)), transfer.Report{Rows: 1, Changed: 1})
	want.Placements = append(want.Placements, surveys.Placement{Unit: "13894", From: "2026-01-01"})
	sameReport(t, must(t)(importFacilities(t, s, facilityHead+
		"hv,361,Bệnh viện,health,hospital,,2021-01-01,2025-06-30,,\n")), transfer.Report{Rows: 1, Known: 1})
	if diff := cmp.Diff(want, facility(t, s, "hv")); diff != "" {
		t.Errorf("facility (-want +got):\n%s", diff)
	}
}

func TestUnitsByDay(t *testing.T) {
	t.Parallel()
	s := settled(t)
	must(t)(importFacilities(t, s, facilityHead+
		"a,13891@2024-12-31,A,education,primary,,2024-10-01,,,\n"+ // named by another day of the same span
		"b,13906@2024-12-31,B,education,primary,,2025-08-01,,,\n"+ // a unit that had ended: its successor
		"c,13891@2026-01-01,C,education,primary,,2021-01-01,,,\n")) // a unit that came later
	for id, want := range map[surveys.FacilityID]string{
		"a": "13891@2024-09-01", "b": "13891@2025-07-01", "c": "13891@2025-07-01",
	} {
		f := facility(t, s, id)
		if got := unitOn(t, s, id, f.From); got != want {
			t.Errorf("%s belongs at first to %s, want %s", id, got, want)
		}
	}
	if got := facility(t, s, "c").From; got != "2021-01-01" {
		t.Errorf("c opened on %s", got)
	}
}

// split is a store with a unit 9 that was split into 10 and 11, and two facilities alike in 10.
func split(t *testing.T) surveys.Store {
	t.Helper()
	s := settled(t)
	must(t)(importUnits(t, s, "code,name,kind,parent,from,to,successors\n9,Xã,commune,,2021-01-01,2024-12-31,10;11\n"+
		"10,Xã,commune,,2025-01-01,,\n11,Xã,commune,,2025-01-01,,\n"))
	must(t)(importFacilities(t, s, facilityHead+"d1,10,Đôi,education,primary,,2025-01-01,,,\nd2,10,Đôi,education,primary,,2025-01-01,,,\n"))
	return s
}

func TestFacilityMistakes(t *testing.T) {
	t.Parallel()
	s := split(t)
	const ok = "x,10,X,education,primary,,2025-01-01,,,"
	refused(t, s, []mistake{
		{"missing columns", "id,unit,name\n", []string{
			"dòng 1, cột sector: thiếu cột này", "dòng 1, cột kind: thiếu cột này", "dòng 1, cột address: thiếu cột này",
			"dòng 1, cột from: thiếu cột này", "dòng 1, cột to: thiếu cột này", "dòng 1, cột instrument: thiếu cột này",
			"dòng 1, cột points: thiếu cột này",
		}},
		{"cells", facilityHead + "a b,10,,food,shop,,,2025-13-01,quiz,\n", []string{
			"dòng 2, cột id: “a b” có ký tự không được dùng hoặc quá dài", "dòng 2, cột name: không được để trống",
			"dòng 2, cột sector: “food” không có trong danh mục: health, education, one_stop, policy",
			"dòng 2, cột kind: “shop” không có trong danh mục: one_stop_hall, hospital, station, station_branch, kindergarten, " +
				"primary, lower_secondary, upper_secondary, mixed_school, office",
			"dòng 2, cột from: không được để trống", "dòng 2, cột to: “2025-13-01” không phải ngày dạng NNNN-TT-NN",
			"dòng 2, cột instrument: không có bộ câu hỏi quiz đã công bố",
		}},
		{"points", facilityHead + ok + "cổng:A;gate;gate:;gate:B:quiz;gate:C;gate: C :pulse;a:b:c:d\n", []string{
			"dòng 2, cột points: loại điểm “cổng” không có trong danh mục: waiting, counter, result, refusal, slip, gate, office, kiosk, online",
			"dòng 2, cột points: “gate” không có dạng loại:tên[:bộ câu hỏi]", "dòng 2, cột points: “gate:” không có dạng loại:tên[:bộ câu hỏi]",
			"dòng 2, cột points: không có bộ câu hỏi quiz đã công bố", "dòng 2, cột points: điểm “C” được ghi hai lần",
			"dòng 2, cột points: “a:b:c:d” không có dạng loại:tên[:bộ câu hỏi]",
		}},
		{"units", facilityHead + ",99,A,education,primary,,2025-01-01,,,\n,10,B,education,primary,,2024-01-01,,,\n" +
			",10@x,C,education,primary,,2025-01-01,,,\n,,D,education,primary,,2025-01-01,,,\n,1 0,E,education,primary,,2025-01-01,,,\n", []string{
			"dòng 2, cột unit: không có đơn vị 99 vào ngày 2025-01-01", "dòng 3, cột unit: không có đơn vị 10 vào ngày 2024-01-01",
			"dòng 4, cột unit: “x” không phải ngày dạng NNNN-TT-NN", "dòng 5, cột unit: không được để trống",
			"dòng 6, cột unit: “1 0” có ký tự không được dùng hoặc quá dài",
		}},
	}, importFacilities)
}

func TestPlacementMistakes(t *testing.T) {
	t.Parallel()
	s := split(t)
	const ok = "x,10,X,education,primary,,2025-01-01,,,"
	refused(t, s, []mistake{
		{"several successors", facilityHead + "x,9,X,education,primary,,2021-01-01,,,\n,9@2024-01-01,Y,education,primary,,2025-02-01,,,\n", []string{
			"dòng 2, cột unit: đơn vị 9 kết thúc ngày 2024-12-31 và có 2 đơn vị kế thừa: cần thêm một dòng cùng id từ ngày sau đó",
			"dòng 3, cột unit: đơn vị 9 kết thúc ngày 2024-12-31 và có 2 đơn vị kế thừa: cần thêm một dòng cùng id từ ngày sau đó",
		}},
		{"a gap before the further row", facilityHead + "x,9,X,education,primary,,2021-01-01,,,\nx,10,X,education,primary,,2025-01-02,,,\n", []string{
			"dòng 2, cột unit: đơn vị 9 kết thúc ngày 2024-12-31 và có 2 đơn vị kế thừa: cần thêm một dòng cùng id từ ngày sau đó",
		}},
		{"a further row that is wrong in itself", facilityHead + "x,9,X,education,primary,,2021-01-01,,,\nx,10,,education,primary,,2025-01-01,,,\n", []string{
			"dòng 3, cột name: không được để trống",
		}},
		{"no successor", facilityHead + "x,361,X,health,hospital,,2021-01-01,,,\n", []string{
			"dòng 2, cột unit: đơn vị 361 kết thúc ngày 2025-06-30, không có đơn vị kế thừa: cần ngày cuối (to) hoặc thêm một dòng cùng id từ ngày sau đó",
		}},
		{"rows that disagree", facilityHead + "x,9,X,education,primary,,2021-01-01,,school,gate:A\n" +
			"x,10,Y,health,station,,2025-01-01,,station,gate:A:pulse\n", []string{
			"dòng 3, cột name: khác với dòng 2 của cùng cơ sở", "dòng 3, cột sector: khác với dòng 2 của cùng cơ sở",
			"dòng 3, cột kind: khác với dòng 2 của cùng cơ sở", "dòng 3, cột instrument: khác với dòng 2 của cùng cơ sở",
		}},
		{"points that disagree", facilityHead + "x,9,X,education,primary,,2021-01-01,,,gate:A\nx,10,X,education,primary,,2025-01-01,,,gate:A:pulse\n", []string{
			"dòng 3, cột points: khác với dòng 2 của cùng cơ sở",
		}},
		{"days that disagree", facilityHead + "x,9,X,education,primary,,2021-01-01,2024-11-30,,\nx,10,X,education,primary,,2025-01-01,,,\n", []string{
			"dòng 2, cột to: ngày cuối của một dòng trước phải để trống hoặc là 2024-12-31",
		}},
		{"the same day twice", facilityHead + ok + "\n" + ok + "\n", []string{
			"dòng 3, cột from: ngày 2025-01-01 không sau lần xếp trước (2025-01-01)",
		}},
		{"the same without ids", facilityHead + strings.Replace(ok, "x", "", 1) + "\n" + strings.Replace(ok, "x", "", 1) + "\n" + ok + "\n", []string{
			"dòng 2: trùng với dòng 4", "dòng 3: trùng với dòng 4",
		}},
		{"which of two", facilityHead + ",10,Đôi,education,primary,,2025-01-01,,,\n", []string{
			"dòng 2, cột id: có nhiều cơ sở như vậy; hãy ghi id",
		}},
	}, importFacilities)
}

// breaking is a store that fails after so many writes.
type breaking struct {
	surveys.Store
	left int
}

var errBroken = errors.New("broken")

func (b *breaking) PutRecord(ctx context.Context, r surveys.Record) (int64, error) {
	if b.left--; b.left < 0 {
		return 0, errBroken
	}
	return b.Store.PutRecord(ctx, r)
}

func TestKilledHalfWayAndAgain(t *testing.T) {
	t.Parallel()
	whole := settled(t)
	for _, left := range []int{0, 1, 17, 31, 32, 33, 35} {
		s := emptyStore(t)
		b := &breaking{Store: s, left: left}
		_, err := importUnits(t, b, nghiaHung(t))
		if err == nil {
			_, err = importFacilities(t, b, strings.ReplaceAll(someFacilities, "f-old", ""))
		}
		if !errors.Is(err, errBroken) {
			t.Fatalf("after %d writes: got error %v", left, err)
		}
		must(t)(importUnits(t, s, nghiaHung(t)))
		must(t)(importFacilities(t, s, strings.ReplaceAll(someFacilities, "f-old", "")))
		if got, want := len(dump(t, s)), len(dump(t, whole)); got != want {
			t.Errorf("killed after %d writes and run again: %d records, want %d", left, got, want)
		}
	}
}

package demo

import (
	"math/rand/v2"
	"strings"

	"hailong/surveys"
)

// sites invents about 150 facilities: a one-stop hall, clinics and schools in each of the 20 old units, a
// hospital, upper secondary schools and the communes' offices.
func sites(list []surveys.Unit, places []place, rng *rand.Rand) []site {
	var all []site
	n := 0
	add := func(unit, name string, sector surveys.Sector, kind surveys.FacilityKind, instrument string, points ...[2]string) *site {
		n++
		all = append(all, newSite(n, unit, name, sector, kind, instrument).hang(points...))
		s := &all[len(all)-1]
		s.rate, s.full = 0.74+0.22*rng.Float64(), 0.1
		return s
	}
	hospital := add("13891", "Bệnh viện đa khoa Nghĩa Hưng", "health", "hospital", "outpatient", hospitalPoints()...)
	hospital.daily, hospital.rate, hospital.weekend = 125, 0.885, true
	for i, p := range places {
		addHall(add, i, p, rng)
		addStation(add, p, rng)
		addSchools(add, i, p, rng)
	}
	for i, name := range []string{"A Nghĩa Hưng", "B Nghĩa Hưng", "C Nghĩa Hưng", "Nghĩa Minh", "Trần Nhân Tông"} {
		s := add(places[i*4].code, "Trường THPT "+name, "education", "upper_secondary", "school", schoolPoints()...)
		s.daily = 1.5
	}
	add(places[0].code, "Trung tâm GDNN – GDTX Nghĩa Hưng", "education", "mixed_school", "school", schoolPoints()...).daily = 0.7
	for i, u := range list {
		if u.Parent == "37" {
			s := add(u.Code, "UBND "+lower(u.Name), "policy", "office", "policy", [2]string{"office", "Bàn tiếp dân"}, [2]string{"online", "Trang thông tin của xã"})
			s.facility.From, s.facility.Placements[0].From = reform, reform
			s.daily, s.rate = 0.6+float64(i%3)*0.5, 0.62+0.2*rng.Float64()
		}
	}
	shape(all)
	return all
}

type adder func(unit, name string, sector surveys.Sector, kind surveys.FacilityKind, instrument string, points ...[2]string) *site

func addHall(add adder, i int, p place, rng *rand.Rand) {
	points := [][2]string{{"counter", "Quầy 1 – Hộ tịch, chứng thực"}, {"counter", "Quầy 2 – Đất đai, xây dựng"}, {"result", "Bàn trả kết quả"}}
	if p.seat {
		points = append(points, [2]string{"waiting", "Khu ngồi chờ"}, [2]string{"slip", "Phiếu hẹn trả"}, [2]string{"refusal", "Phiếu từ chối"})
		s := add(p.code, "Trung tâm Phục vụ hành chính công xã "+communeName(p), "one_stop", "one_stop_hall", "one_stop", points...)
		s.daily = 6 + 9*rng.Float64()
		if i == 0 {
			s.daily = 100
		}
		return
	}
	s := add(p.code, "Điểm tiếp nhận "+p.name, "one_stop", "one_stop_hall", "one_stop", points...)
	s.daily = 1 + 5*rng.Float64()
}

func addStation(add adder, p place, rng *rand.Rand) {
	points := [][2]string{{"waiting", "Khu chờ khám"}, {"result", "Phòng phát thuốc"}}
	if p.seat {
		points = append(points, [2]string{"counter", "Bàn đón tiếp"}, [2]string{"counter", "Phòng tiêm chủng"}, [2]string{"gate", "Cổng trạm"})
		s := add(p.code, "Trạm Y tế xã "+communeName(p), "health", "station", "station", points...)
		s.daily, s.paper, s.full = 3+5*rng.Float64(), 0.3, 0.35
		return
	}
	s := add(p.code, "Điểm trạm "+p.name, "health", "station_branch", "station", points...)
	s.daily, s.paper = 0.25+0.9*rng.Float64(), 0.3
}

func addSchools(add adder, i int, p place, rng *rand.Rand) {
	kinds := []struct {
		prefix string
		kind   surveys.FacilityKind
	}{
		{"Trường Mầm non ", "kindergarten"},
		{"Trường Tiểu học ", "primary"},
		{"Trường THCS ", "lower_secondary"},
		{"Trường Mầm non số 2 ", "kindergarten"},
		{"Trường Tiểu học số 2 ", "primary"},
	}
	if i >= 16 { // so that there are about 150 in all
		kinds = kinds[:4]
	}
	for _, k := range kinds {
		s := add(p.code, k.prefix+p.name, "education", k.kind, "school", schoolPoints()...)
		s.daily, s.full = 0.3+1.4*rng.Float64(), 0.15
	}
}

func hospitalPoints() [][2]string {
	return [][2]string{{"waiting", "Khu khám bệnh"}, {"counter", "Bàn đón tiếp"}, {"result", "Quầy phát thuốc"}, {"gate", "Cổng ra"}, {"slip", "Giấy hẹn khám lại"}}
}

func schoolPoints() [][2]string {
	return [][2]string{{"gate", "Cổng trường"}, {"office", "Văn phòng nhà trường"}}
}

// shape makes sure that every verdict and state is among them.
func shape(all []site) {
	schools, branches := 0, 0
	for i := range all {
		s := &all[i]
		switch s.facility.Kind {
		case "lower_secondary":
			schools++
			switch schools {
			case 1: // clearly met
				s.daily, s.rate = 4, 0.95
			case 2: // clearly not met
				s.daily, s.rate = 4, 0.70
			case 3: // no form at all
				s.plan = []quota{}
			case 4: // too few to show
				s.plan = []quota{{surveys.QR, 7}}
			case 5: // undecided at the target
				s.daily, s.rate = 1, 0.85
			}
		case "station_branch":
			branches++
			switch branches {
			case 1: // the typed ones come out, the few given wait: under nine in ten are shown
				s.plan = []quota{{surveys.Paper, 42}, {surveys.QR, 6}}
			case 2: // shown at the quarter's close only
				s.plan = []quota{{surveys.QR, 21}}
			}
		}
	}
}

func communeName(p place) string {
	names := map[string]string{
		"13891": "Nghĩa Hưng", "13894": "Rạng Đông", "13900": "Đồng Thịnh", "13918": "Nghĩa Sơn", "13927": "Hồng Phong",
		"13939": "Quỹ Nhất", "13957": "Nghĩa Lâm",
	}
	return names[p.commune]
}

// lower writes "Xã Nghĩa Hưng" as it stands inside a name: "xã Nghĩa Hưng".
func lower(name string) string { return strings.Replace(name, "Xã ", "xã ", 1) }

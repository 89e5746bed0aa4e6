package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"hailong/server/account"
	"hailong/surveys"
)

type pointJSON struct {
	ID         string `json:"id"`
	Token      string `json:"token"`
	Facility   string `json:"facility"`
	Kind       string `json:"kind"`
	Name       string `json:"name"`
	Instrument string `json:"instrument"`
	URL        string `json:"url"`
	Retired    bool   `json:"retired"`
}

type pointsJSON struct {
	Points []pointJSON `json:"points"`
	Next   string      `json:"next"`
}

type facilityJSON struct {
	ID, Name, Sector, Kind, Unit, From, To, Instrument string
}

type facilitiesJSON struct {
	Facilities []facilityJSON `json:"facilities"`
	Next       string         `json:"next"`
}

func TestAPINeedsBearer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, path := range []string{"/api/v1/points", "/api/v1/facilities", "/api/v1/summary?scope=all&from=2026-01-01&to=2026-01-31"} {
		s.get(path).problem(http.StatusUnauthorized)
		s.get(path, bearer("hl_"+account.NewSecret())...).problem(http.StatusUnauthorized)
		s.get(path, "Cookie", "__Host-hailong_session=x").problem(http.StatusUnauthorized)
		s.get(path, bearer(s.token(account.Viewer, "all"))...).want(http.StatusOK)
	}
	s.get("/api/v1/nothing").problem(http.StatusNotFound)
	s.get("/api/v1/responses").problem(http.StatusNotFound)
	s.get("/api/nothing").problem(http.StatusNotFound)
}

func TestAPIPoints(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var all pointsJSON
	s.get("/api/v1/points", bearer(s.token(account.Admin, "all"))...).want(http.StatusOK).json(&all)
	byID := map[string]pointJSON{}
	for _, p := range all.Points {
		byID[p.ID] = p
	}
	if len(byID) != 8 || all.Next != "" {
		t.Errorf("%d points, next %q", len(byID), all.Next)
	}
	want := pointJSON{"p_pulse", string(pulseToken), "f_hall", "result", "Bàn trả kết quả", "pulse", "https://khaosat.example/s/" + string(pulseToken), false}
	if got := byID["p_pulse"]; got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if byID["p_hall"].Instrument != "one_stop" {
		t.Errorf("the instrument in force at p_hall is told as %q", byID["p_hall"].Instrument)
	}
	for id, retired := range map[string]bool{"p_hall": false, "p_retired": true, "p_closed": true} {
		if byID[id].Retired != retired {
			t.Errorf("%s: retired %v", id, byID[id].Retired)
		}
	}
	for scope, ids := range map[string][]string{
		"facility:f_clinic": {"p_clinic"}, "unit:13900": {"p_school"}, "sector:health": {"p_clinic", "p_closed", "p_future"},
		"unit:36": {"p_clinic", "p_closed", "p_future", "p_hall", "p_online", "p_pulse", "p_retired", "p_school"},
	} {
		var got pointsJSON
		s.get("/api/v1/points", bearer(s.token(account.Viewer, scope))...).want(http.StatusOK).json(&got)
		if names := pointIDs(got.Points); !slices.Equal(names, ids) {
			t.Errorf("scope %s sees %v, want %v", scope, names, ids)
		}
	}
	clinic := bearer(s.token(account.Manager, "facility:f_clinic"))
	var one pointsJSON
	s.get("/api/v1/points?facility=f_clinic", clinic...).want(http.StatusOK).json(&one)
	if !slices.Equal(pointIDs(one.Points), []string{"p_clinic"}) {
		t.Errorf("points of the clinic: %+v", one)
	}
	s.get("/api/v1/points?facility=f_hall", clinic...).problem(http.StatusNotFound)
	s.get("/api/v1/points?facility=nope", bearer(s.token(account.Admin, "all"))...).problem(http.StatusNotFound)
}

func pointIDs(points []pointJSON) []string {
	var ids []string
	for _, p := range points {
		ids = append(ids, p.ID)
	}
	slices.Sort(ids)
	return ids
}

func TestAPIPaging(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const n, m = 450, 210
	for i := range n {
		if i < m {
			s.facility(surveys.Facility{ID: surveys.FacilityID(fmt.Sprintf("g%03d", i)), Name: fmt.Sprintf("Cơ sở %d", i), Sector: "policy", Kind: "office", Instrument: "policy"}, "13900")
		}
		s.point(surveys.Point{ID: surveys.PointID(fmt.Sprintf("q%03d", i)), Token: surveys.NewToken(), Facility: "f_clinic", Kind: "counter", Name: "x"})
	}
	s.ok(surveys.OrganisationChanged(t.Context(), s.store))
	h := bearer(s.token(account.Viewer, "all"))
	seen, cursor, pages := map[string]int{}, "", 0
	for {
		var got pointsJSON
		s.get("/api/v1/points?cursor="+url.QueryEscape(cursor), h...).want(http.StatusOK).json(&got)
		for _, p := range got.Points {
			seen[p.ID]++
		}
		if pages++; got.Next == "" || pages > 10 {
			break
		}
		cursor = got.Next
	}
	if len(seen) != n+8 || pages != 3 {
		t.Errorf("%d points on %d pages", len(seen), pages)
	}
	facilities := map[string]int{}
	cursor = ""
	for {
		var got facilitiesJSON
		s.get("/api/v1/facilities?cursor="+url.QueryEscape(cursor), h...).want(http.StatusOK).json(&got)
		for _, f := range got.Facilities {
			facilities[f.ID]++
		}
		if cursor = got.Next; cursor == "" {
			break
		}
	}
	if len(facilities) != m+5 {
		t.Errorf("%d facilities, want %d", len(facilities), m+5)
	}
	for _, counts := range []map[string]int{seen, facilities} {
		for id, times := range counts {
			if times != 1 {
				t.Errorf("%s came %d times", id, times)
			}
		}
	}
	var none pointsJSON
	s.get("/api/v1/points?cursor=zzzz", h...).want(http.StatusOK).must(`"points":[]`).json(&none)
	// A cursor whose thing is gone goes on after it.
	var rest pointsJSON
	s.get("/api/v1/points?cursor=q448x", h...).want(http.StatusOK).json(&rest)
	if !slices.Equal(pointIDs(rest.Points), []string{"q449"}) {
		t.Errorf("after q448x: %v", rest)
	}
}

func TestAPIFacilities(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var got facilitiesJSON
	s.get("/api/v1/facilities", bearer(s.token(account.Viewer, "unit:13891"))...).want(http.StatusOK).json(&got)
	want := []facilityJSON{
		{"f_clinic", "Trạm Y tế Liễu Đề", "health", "station", "13891", "2025-07-01", "", "station"},
		{"f_closed", "Trạm cũ", "health", "station", "13891", "2025-07-01", "2026-01-31", "station"},
		{"f_future", "Trạm mới", "health", "station", "13891", "2026-07-01", "", "station"},
		{"f_hall", "Bộ phận Một cửa Nghĩa Hưng", "one_stop", "one_stop_hall", "13891", "2025-07-01", "", "one_stop"},
	}
	if !slices.Equal(got.Facilities, want) {
		t.Errorf("got %+v\nwant %+v", got.Facilities, want)
	}
}

func TestAPISummaryParameters(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := bearer(s.token(account.Admin, "all"))
	for _, c := range []struct {
		query  string
		fields []string
	}{
		{"", []string{"scope", "from", "to"}},
		{"scope=nope&from=2026-13-01&to=2026-02-30&asof=x&tree=old", []string{"scope", "from", "to", "asof", "tree"}},
		{"scope=all&from=2026-02-01&to=2026-01-01", []string{"from"}},
		{"scope=all&from=2026-02-01&to=x", []string{"to"}},
		{"scope=all&from=2026-02-01", []string{"to"}},
		{"scope=facility:&from=2026-01-01&to=2026-01-31", []string{"scope"}},
		{"scope=unit:36@2026-99-99&from=2026-01-01&to=2026-01-31", []string{"scope"}},
		{"scope=sector:magic&from=2026-01-01&to=2026-01-31", []string{"scope"}},
		{"scope=all&from=2026-01-01&to=2026-01-31&instrument=nope", []string{"instrument"}},
	} {
		p := s.get("/api/v1/summary?"+c.query, h...).problem(http.StatusUnprocessableEntity)
		if got := p.fields(); !slices.Equal(sorted(got), sorted(c.fields)) {
			t.Errorf("%q: fields %v, want %v", c.query, got, c.fields)
		}
	}
	for _, span := range []string{"from=0001-01-01&to=9999-12-31", "from=9999-01-01&to=9999-12-31", "from=2026-03-10&to=2026-03-10", "from=2024-02-29&to=2024-02-29"} {
		s.get("/api/v1/summary?scope=facility:f_clinic&asof=9999-12-31&tree=now&"+span, h...).want(http.StatusOK)
	}
	for _, scope := range []string{"facility:nope", "unit:nope", "unit:13891@2020-01-01"} {
		s.get("/api/v1/summary?from=2026-01-01&to=2026-01-31&scope="+scope, h...).problem(http.StatusNotFound)
	}
	for _, c := range []struct {
		own, asked string
		status     int
	}{
		{"facility:f_clinic", "facility:f_clinic", 200},
		{"facility:f_clinic", "facility:f_hall", 403},
		{"facility:f_clinic", "unit:13891", 403},
		{"facility:f_clinic", "all", 403},
		{"unit:13891", "facility:f_clinic", 200},
		{"unit:13891", "unit:13891", 200},
		{"unit:13891", "unit:36", 403},
		{"unit:13891", "unit:13900", 403},
		{"unit:13891", "facility:f_school", 403},
		{"unit:36", "unit:13900", 200},
		{"sector:health", "facility:f_clinic", 200},
		{"sector:health", "facility:f_school", 403},
		{"sector:health", "sector:education", 403},
		{"sector:health", "all", 403},
	} {
		r := s.get("/api/v1/summary?from=2026-01-01&to=2026-01-31&scope="+c.asked, bearer(s.token(account.Viewer, c.own))...)
		if r.StatusCode != c.status {
			t.Errorf("a token for %s asking for %s: status %d, want %d", c.own, c.asked, r.StatusCode, c.status)
		}
	}
}

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}

// What a state hides is absent, not zero.
func TestAPISummaryStates(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := bearer(s.token(account.Admin, "all"))
	read := func(scope, from, to string) map[string]json.RawMessage {
		t.Helper()
		var m map[string]json.RawMessage
		s.get("/api/v1/summary?scope="+scope+"&from="+from+"&to="+to, h...).want(http.StatusOK).json(&m)
		return m
	}
	check := func(m map[string]json.RawMessage, state string, present, absent []string) {
		t.Helper()
		if string(m["state"]) != `"`+state+`"` {
			t.Errorf("state %s, want %s", m["state"], state)
		}
		for _, name := range append(present, "scope", "from", "to", "waiting", "set_aside", "releases", "verdict", "definition") {
			if _, ok := m[name]; !ok {
				t.Errorf("%s: %s is absent", state, name)
			}
		}
		for _, name := range absent {
			if v, ok := m[name]; ok {
				t.Errorf("%s: %s is %s, want it absent", state, name, v)
			}
		}
	}
	figures := []string{"satisfied", "answered", "rate", "mean", "interval", "deff", "n_eff", "factors", "items"}
	check(read("facility:f_clinic", "2026-03-01", "2026-03-31"), "none", nil, append(figures, "needed"))
	for range 35 {
		s.api(s.opened(clinicToken, map[string]any{"B2": 5, "B7": 4, "Z": 5})).want(http.StatusCreated)
	}
	s.ok(s.Count(t.Context()))
	m := read("facility:f_clinic", "2026-03-01", "2026-03-31")
	check(m, "hidden", nil, figures)
	if string(m["waiting"]) != "35" {
		t.Errorf("waiting %s, want 35", m["waiting"])
	}
	s.clock.Add(24 * time.Hour)
	s.ok(s.Count(t.Context()))
	m = read("facility:f_clinic", "2026-03-01", "2026-03-31")
	check(m, "full", append(figures, "forms"), nil)
	if string(m["forms"]) != "35" || string(m["waiting"]) != "0" {
		t.Errorf("forms %s, waiting %s", m["forms"], m["waiting"])
	}
	check(read("all", "2026-03-01", "2026-03-31"), "full", []string{"forms", "rate"}, []string{"items", "target"})
}

// Others than an administrator see what waits as of midnight and in steps of ten.
func TestAPISummaryWaitingIsCoarse(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	admin, viewer := bearer(s.token(account.Admin, "all")), bearer(s.token(account.Viewer, "all"))
	const path = "/api/v1/summary?scope=facility:f_clinic&from=2026-03-01&to=2026-03-31"
	waiting := func(h []string) (n int, state string) {
		var m struct {
			Waiting int
			State   string
		}
		s.get(path, h...).want(http.StatusOK).json(&m)
		return m.Waiting, m.State
	}
	for range 7 {
		s.api(s.opened(clinicToken, map[string]any{"B2": 5})).want(http.StatusCreated)
	}
	s.ok(s.Count(t.Context()))
	if n, state := waiting(admin); n != 7 || state != "hidden" {
		t.Errorf("the administrator sees %d %s", n, state)
	}
	if n, state := waiting(viewer); n != 0 || state != "none" {
		t.Errorf("a viewer sees %d %s, want nothing of today", n, state)
	}
	s.clock.Add(24 * time.Hour)
	for range 6 {
		s.api(s.opened(clinicToken, map[string]any{"B2": 5})).want(http.StatusCreated)
	}
	s.ok(s.Count(t.Context()))
	if n, _ := waiting(admin); n != 13 {
		t.Errorf("the administrator sees %d, want 13", n)
	}
	if n, state := waiting(viewer); n != 0 && n != 10 || state == "full" {
		t.Errorf("a viewer sees %d %s, want a step of ten as of midnight", n, state)
	}
}

package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hailong/surveys"
)

const upperToken surveys.Token = "7P2P4K9T"

// upperSchool adds an upper secondary school.
func (s *site) upperSchool() {
	s.t.Helper()
	s.facility(surveys.Facility{ID: "f_upper", Name: "Trường THPT A", Sector: "education", Kind: "upper_secondary", Instrument: "school"}, "13900")
	s.point(surveys.Point{ID: "p_upper", Token: upperToken, Facility: "f_upper", Kind: "gate", Name: "Cổng trường"})
	s.ok(surveys.OrganisationChanged(s.t.Context(), s.store))
}

// A pupil of grade 10 or above gets the same questions in words of his own by one tap, and is counted beside the parents,
// not among them.
func TestPupilsAnswerForThemselves(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.upperSchool()
	path := "/s/" + string(upperToken)
	parents := s.get(path).want(http.StatusOK).must("Mời Quý phụ huynh", "Con được an toàn", "!name=\"as\"")
	turn := parents.doc().Find(".intro .lead a").AttrOr("href", "")
	pupils := s.get(turn).want(http.StatusOK).must("Mời em đánh", "Em được an toàn, không bị bắt nạt", "!Quý phụ huynh", "!Ông/Bà hài", "!name=\"FOR\"")
	if back := pupils.doc().Find(".intro .lead a").AttrOr("href", ""); back != path+"?lang=vi" {
		t.Errorf("the way back is %q", back)
	}
	for _, link := range []string{"header a", ".intro .alt a"} {
		s.get(pupils.doc().Find(link).AttrOr("href", "")).want(http.StatusOK).must(`name="as" value="pupil"`)
	}
	full := s.form(upperToken, "?form=full&as=pupil")
	s.clock.Add(thinking)
	full.Set("A2", "5")
	full.Set("K2", "last")
	to := s.post(path, full).want(http.StatusSeeOther).Header.Get("Location")
	s.get(to).want(http.StatusOK).must("Cảm ơn em.", "!Ông/Bà")
	v := s.filled(upperToken, "", "A2", "3", "Z", "3")
	s.post(path, v).want(http.StatusSeeOther)
	body := s.opened(upperToken, map[string]any{"C1": 4})
	s.api(with(body, "as", "pupil")).want(http.StatusCreated)
	asked := map[string]int{}
	for _, r := range s.responses() {
		asked[r.Instrument]++
	}
	if asked["school"] != 1 || asked[surveys.Pupils] != 2 {
		t.Errorf("stored %v", asked)
	}
}

// Young children are never asked, whatever is sent or set.
func TestYoungChildrenAreNeverAsked(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.upperSchool()
	path := "/s/" + string(schoolToken)
	s.get(path+"?as=pupil").want(http.StatusOK).must("Mời Quý phụ huynh", "!name=\"as\"", "!Tôi là học sinh")
	v := s.filled(schoolToken, "", "A2", "5")
	v.Set("as", "pupil")
	s.post(path, v).want(http.StatusUnprocessableEntity)
	s.api(with(s.opened(schoolToken, map[string]any{"A2": 5}), "as", "pupil")).want(http.StatusUnprocessableEntity)
	s.api(with(s.opened(upperToken, map[string]any{"A2": 5}), "as", "teacher")).want(http.StatusUnprocessableEntity)
	wrong := s.filled(upperToken, "?as=pupil", "A2", "5")
	wrong["as"] = []string{"teacher"}
	s.post("/s/"+string(upperToken), wrong).want(http.StatusUnprocessableEntity)
	s.post("/s/"+string(hallToken), url.Values{"Z": {"4"}, "as": {"pupil"}, "submission_id": {string(surveys.NewSubmissionID())}}).want(http.StatusUnprocessableEntity)
	s.wantStored(0)
	s.change("p_school", func(p *surveys.Point) { p.Instrument = surveys.Pupils })
	s.get(path).want(http.StatusOK).must("Mời Quý phụ huynh", "!Mời em")
	s.change("p_upper", func(p *surveys.Point) { p.Instrument = surveys.Pupils })
	s.get("/s/"+string(upperToken)).want(http.StatusOK).must("Mời em đánh", "!Tôi là cha mẹ", "!name=\"as\"")
}

// The facility page shows what pupils said beside the parents' score, and no pupil is in that.
func TestPupilsStandBesideTheScore(t *testing.T) {
	t.Parallel()
	s := newStaffSite(t)
	s.upperSchool()
	s.many("school", 24, 5)
	s.many(surveys.Pupils, 21, 2)
	s.ok(s.Count(t.Context()))
	b := s.browser()
	b.signIn("", password)
	page := b.open("/app/facilities/f_upper").want(http.StatusOK)
	if got := strings.Join(strings.Fields(page.doc().Find("section.answer").Text()), " "); !strings.Contains(got, "100,0 % hài lòng, 24 phiếu") ||
		!strings.Contains(got, "Học sinh trả lời phiếu riêng, không gộp vào điểm trên: 0,0 % hài lòng, 21 phiếu") {
		t.Errorf("the page says %q", got)
	}
	b.open("/app/facilities/f_school").want(http.StatusOK).must("!Học sinh trả lời")
}

// many stores answers of a past quarter at the upper school.
func (s *site) many(instrument string, n, value int) {
	s.t.Helper()
	var batch []surveys.Response
	for range n {
		id := surveys.NewSubmissionID()
		batch = append(batch, surveys.Response{
			ID: id, Receipt: id.Receipt(), Facility: "f_upper", Point: "p_upper", Instrument: instrument, Version: 1, Form: surveys.ShortForm,
			Channel: surveys.QR, Standing: surveys.Counted, Lang: "vi", Day: "2025-11-10", Hour: 9, Arrived: "2025-11-10",
			Answers: surveys.Answers{"A2": surveys.NumberAnswer(value), "C1": surveys.NumberAnswer(value), "Z": surveys.NumberAnswer(value)},
		})
	}
	_, err := s.store.AddResponses(s.t.Context(), batch)
	s.ok(err)
}

package server_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hailong/server"
	"hailong/surveys"
)

// The one tap of somebody who answers for another is stored with the answers, leads to no full form, and is no answer
// by itself; what is typed stays when the form comes back.
func TestSubmitForAnother(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.filled(hallToken, "", "A3", "5", surveys.OnBehalf, "yes")
	s.post("/s/"+string(hallToken), v).want(http.StatusSeeOther)
	if got := s.stored(v.Get("submission_id")); got.Form != surveys.ShortForm || !got.Answers[surveys.OnBehalf].Holds("yes") || got.Channel != surveys.QR {
		t.Errorf("stored %+v", got)
	}
	s.post("/s/"+string(hallToken), s.filled(hallToken, "", "A3", "5")).want(http.StatusSeeOther)
	alone := s.post("/s/"+string(hallToken), s.filled(hallToken, "", surveys.OnBehalf, "yes")).want(http.StatusUnprocessableEntity)
	if alone.doc().Find("input[name=FOR][checked]").Length() != 1 {
		t.Error("the tap is gone")
	}
	s.post("/s/"+string(hallToken), s.filled(hallToken, "", "A3", "5", surveys.OnBehalf, "grandmother")).want(http.StatusUnprocessableEntity)
	s.wantStored(2)
}

// A school asks parents, and offers pupils a form of their own only from grade 10; it never asks for whom.
func TestSchoolAsksParents(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for kind, pupils := range map[surveys.FacilityKind]bool{
		"kindergarten": false, "primary": false, "lower_secondary": false, "upper_secondary": true, "mixed_school": true,
	} {
		id := surveys.FacilityID("f_" + string(kind))
		token := surveys.Token(strings.ToUpper(strings.NewReplacer("_", "", "i", "1", "l", "1", "o", "0", "u", "v").Replace(string(kind)))[:5] + "234")
		s.facility(surveys.Facility{ID: id, Name: "Trường", Sector: "education", Kind: kind, Instrument: "school"}, "13900")
		s.point(surveys.Point{ID: surveys.PointID("p_" + kind), Token: token, Facility: id, Kind: "gate", Name: "Cổng"})
		doc := s.get("/s/" + string(token)).want(http.StatusOK).doc()
		said := doc.Find(".intro").Text()
		if !strings.Contains(said, "cha mẹ hoặc người giám hộ") || strings.Contains(said, "Tôi là học sinh từ lớp 10") != pupils {
			t.Errorf("%s: the form says %q", kind, said)
		}
		if doc.Find("input[name=FOR]").Length() != 0 {
			t.Errorf("%s asks for whom", kind)
		}
	}
	s.get("/s/"+string(clinicToken)).must(`name="FOR"`, "!giám hộ")
}

// Every citizen page loads its script from this site, by a name that changes with its bytes, packed where that is taken.
func TestScriptIsServed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	src := s.get("/s/"+string(hallToken)).doc().Find("script[src*='form-']").AttrOr("src", "")
	plain := s.get(src).want(http.StatusOK)
	if !strings.Contains(plain.Header.Get("Cache-Control"), "immutable") || !strings.HasPrefix(plain.Header.Get("Content-Type"), "text/javascript") {
		t.Errorf("headers %v", plain.Header)
	}
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, src, http.NoBody)
	req.Header.Set("Accept-Encoding", "gzip")
	resp, err := s.Try(req)
	s.ok(err)
	defer func() { s.ok(resp.Body.Close()) }()
	raw, err := io.ReadAll(resp.Body)
	s.ok(err)
	unpacked, err := gzip.NewReader(bytes.NewReader(raw))
	s.ok(err)
	text, err := io.ReadAll(unpacked)
	s.ok(err)
	if string(text) != plain.body || resp.Header.Get("Vary") != "Accept-Encoding" || len(raw) > 4<<10 {
		t.Errorf("packed are %d bytes, Vary %q, the same: %v", len(raw), resp.Header.Get("Vary"), string(text) == plain.body)
	}
	s.get(strings.Replace(src, "form-", "form-0", 1)).want(http.StatusNotFound)
}

// Nobody reads a form at once: under the comment stands whom to ask for an answer, and where people are ill or are
// children, whom to call. An office that told no contact gets no line of its own.
func TestFormSaysWhomToAsk(t *testing.T) {
	t.Parallel()
	const ask, ill, child = `href="tel:02283871000"`, `href="tel:115"`, `href="tel:111"`
	told := newSite(t)
	told.get("/s/"+string(hallToken)).must(ask, "!"+ill, "!"+child)
	told.get("/s/"+string(clinicToken)).must(ask, ill, "!"+child)
	told.get("/s/"+string(schoolToken)+"?lang=en").must(ask, child, "!"+ill, "Do you need an answer?")
	silent := newSite(t, func(o *server.Options) { o.Contact = "" })
	silent.get("/s/"+string(hallToken)).must("!Cần được trả lời?", "!tel:")
	silent.get("/s/"+string(clinicToken)).must("!Cần được trả lời?", ill)
}

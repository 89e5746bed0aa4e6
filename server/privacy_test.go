package server_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hailong/server/account"
	"hailong/surveys"
	"hailong/surveys/mask"
)

// What a citizen should not have written into the comment, and did.
const (
	markNumber  = "0356 789 123"
	markSpelled = "không ba sáu không chín không không không một hai ba bốn"
)

// Whoever answers leaves nothing of themselves in the store or the log: values that a browser sends along are
// looked for in every table, in the bytes of the files, and in every line of the log.
func TestNothingOfThePersonIsKept(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	r := s.run()
	// An address of its own, so that it is not found by chance.
	transport := &http.Transport{DialContext: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 77, 31, 9)}}).DialContext}
	defer transport.CloseIdleConnections()
	r.client.Transport = transport
	trail := []string{
		"User-Agent", "Mozilla/5.0 MARK-agent-Zalo/1", "X-Forwarded-For", "203.0.113.77", "X-Real-IP", "203.0.113.78", "Forwarded", "for=203.0.113.79",
		"Cookie", "MARKcookie=MARK-cookie-value; hailong_session=MARK-session", "Referer", "https://zalo.example/MARK-referer",
		"Accept-Language", "vi-MARK", "X-Request-Id", "MARK-request-id", "Sec-CH-UA-Model", "MARK-model", "Origin", "https://MARK-origin.example",
	}
	must := func(a *reply, err error) *reply {
		t.Helper()
		s.ok(err)
		return a
	}
	form := must(r.call(http.MethodGet, "/s/"+string(clinicToken)+"?form=full&MARK-query=MARK-value", "", trail...))
	v := form.want(http.StatusOK).fields()
	must(r.call(http.MethodPost, "/s/"+string(clinicToken)+"/start?MARK-query", "MARK-body", trail...)).want(http.StatusNoContent)
	v.Set("Z", "1")
	v.Set("G4", "MARK-text-item")
	v.Set("comment", "MARK-comment")
	posted := must(r.call(http.MethodPost, "/s/"+string(clinicToken), v.Encode(), append([]string{"Content-Type", formType}, trail...)...))
	receipt := posted.receipt()
	must(r.call(http.MethodGet, posted.Header.Get("Location"), "", trail...)).want(http.StatusOK)
	id := surveys.NewSubmissionID()
	must(r.call(http.MethodPost, "/api/v1/responses", fmt.Sprintf(
		`{"token":%q,"submission_id":%q,"form_token":"MARK-form-token","answers":{"Z":4},"comment":"MARK-comment"}`, clinicToken, id), trail...)).want(http.StatusCreated)
	masked := string(surveys.NewSubmissionID())
	v.Set("submission_id", masked)
	v.Set("comment", "MARK-masked "+markNumber+" "+markSpelled)
	must(r.call(http.MethodPost, "/s/"+string(clinicToken), v.Encode(), append([]string{"Content-Type", formType}, trail...)...)).want(http.StatusSeeOther)
	withdrawn := surveys.NewSubmissionID()
	must(r.call(http.MethodPost, "/api/v1/responses", fmt.Sprintf(
		`{"token":%q,"submission_id":%q,"answers":{"Z":2},"comment":"MARK-withdrawn"}`, clinicToken, withdrawn), trail...)).want(http.StatusCreated)
	address := "/r/" + string(withdrawn.Receipt())
	must(r.call(http.MethodGet, address+"?MARK-query=1", "", trail...)).want(http.StatusOK)
	ask := must(r.call(http.MethodGet, address+"/withdraw", "", trail...)).want(http.StatusOK).fields()
	must(r.call(http.MethodPost, address+"/withdraw", ask.Encode()+"&MARK-field=1", append([]string{"Content-Type", formType}, trail...)...)).want(http.StatusSeeOther)
	must(r.call(http.MethodGet, address, "", trail...)).want(http.StatusOK)
	must(r.call(http.MethodGet, "/r/MARK-receipt", "", trail...)).want(http.StatusNotFound)
	must(r.call(http.MethodGet, "/s?code="+string(withdrawn.Receipt()), "", trail...)).want(http.StatusSeeOther)
	must(r.call(http.MethodGet, "/s?code=MARK-code", "", trail...)).want(http.StatusNotFound)
	// Refusals and failures say no more.
	bad := v.Encode() + "&MARK-field=MARK-field-value"
	must(r.call(http.MethodPost, "/s/"+string(hallToken), strings.ReplaceAll(bad, v.Get("submission_id"), string(surveys.NewSubmissionID())), append([]string{"Content-Type", formType}, trail...)...)).want(http.StatusUnprocessableEntity)
	must(r.call(http.MethodPost, "/api/v1/responses", `{"MARK-unknown":1}`, trail...)).want(http.StatusUnprocessableEntity)
	must(r.call(http.MethodGet, "/MARK-path?MARK-query", "", trail...)).want(http.StatusNotFound)
	must(r.call(http.MethodGet, "/s/"+string(unknownToken), "", trail...)).want(http.StatusNotFound)
	secret := s.token(account.Admin, "all")
	must(r.call(http.MethodGet, "/api/v1/points", "", append([]string{"Authorization", "Bearer " + secret}, trail...)...)).want(http.StatusOK)
	s.store.set(func(f *faults) { f.add = func() error { return errors.New("a broken disk") } })
	again := string(surveys.NewSubmissionID())
	v.Set("submission_id", again)
	must(r.call(http.MethodPost, "/s/"+string(clinicToken), v.Encode(), append([]string{"Content-Type", formType}, trail...)...)).want(http.StatusInternalServerError)
	s.store.set(func(f *faults) { f.add = nil; f.find = func(kind string) { panic("at " + kind) } })
	s.clock.Add(1e10)
	must(r.call(http.MethodPost, "/s/"+string(clinicToken), v.Encode(), append([]string{"Content-Type", formType}, trail...)...)).want(http.StatusInternalServerError)
	s.store.set(func(f *faults) { f.find = nil })
	hangUp(t, r.base, "POST /s/"+string(schoolToken)+" HTTP/1.1\r\nHost: MARK-host\r\nUser-Agent: MARK-agent\r\nContent-Type: "+formType+"\r\nContent-Length: 500\r\n\r\nZ=4&comment=MARK-half")
	hangUp(t, r.base, "MARK-rubbish \x00\x01\r\n\r\n")
	hangUp(t, r.base, "GET /s/"+string(schoolToken)+" HTTP/1.1\r\nX-MARK: "+strings.Repeat("MARK", 5000)+"\r\n\r\n")
	s.ok(s.Count(t.Context()))
	transport.CloseIdleConnections()
	r.stop()
	s.ok(<-r.ended)

	if used := s.used("p_clinic", "2026-03-10"); used.Opened == 0 || used.Begun != 1 {
		t.Errorf("counted %+v: were the openings of this test counted?", used)
	}
	person := []string{"MARK", markNumber, markSpelled, ask.Get("confirm"), "203.0.113", "127.77.31.9", v.Get("form_token"), secret}
	secrets := []string{string(clinicToken), string(schoolToken), string(hallToken), string(unknownToken), receipt, string(id), string(id.Receipt()), again, masked, string(withdrawn), string(withdrawn.Receipt())}
	log := s.log.String()
	for _, text := range append(person, secrets...) {
		if i := strings.Index(log, text); i >= 0 {
			t.Errorf("the log holds %q: …%s…", text, log[max(0, i-200):min(len(log), i+100)])
		}
	}
	if !strings.Contains(log, "route=/s/:token") {
		t.Error("the log names no route: was anything logged?")
	}
	checkTables(t, s.path, person)
}

// hangUp sends a beginning and breaks the connection off.
func hangUp(t *testing.T, base, text string) {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 77, 31, 9)}}
	conn, err := d.DialContext(t.Context(), "tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		if err := tcp.SetLinger(0); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
}

// checkTables looks for texts in every cell of every table. The comment and the answer to a text item stand
// where they belong and nowhere else.
func checkTables(t *testing.T, path string, person []string) {
	t.Helper()
	found := map[string]int{}
	for _, cell := range cells(t, path) {
		for _, text := range person {
			if strings.Contains(cell.text, text) {
				found[cell.place+" "+strings.TrimSpace(cell.text)]++
			}
		}
	}
	want := map[string]int{
		"responses.comment MARK-comment": 2, `responses.answers {"G4":"MARK-text-item","Z":1}`: 2,
		"responses.comment MARK-masked " + mask.Phone + " " + mask.Paper: 1,
	}
	for place, n := range found {
		if want[place] != n {
			t.Errorf("the store holds %s %d times, want %d", place, n, want[place])
		}
	}
	for place := range want {
		if found[place] == 0 {
			t.Errorf("the store does not hold %s: the search finds nothing", place)
		}
	}
	files, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range append(person[1:], "MARK-withdrawn", "MARK-agent", "MARK-cookie", "MARK-referer", "MARK-form-token", "MARK-half", "MARK-field", "MARK-body") {
			if bytes.Contains(raw, []byte(text)) {
				t.Errorf("the bytes of %s hold %q", filepath.Base(file), text)
			}
		}
	}
}

type cell struct{ place, text string }

// cells reads every cell of every table.
func cells(t *testing.T, path string) (all []cell) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // it was only read
	tables := column(t, db, "SELECT name FROM sqlite_schema WHERE type = 'table'")
	if len(tables) < 6 {
		t.Fatalf("tables are %v", tables)
	}
	for _, table := range tables {
		for _, name := range column(t, db, fmt.Sprintf("SELECT name FROM pragma_table_info('%s')", table)) {
			for _, text := range column(t, db, fmt.Sprintf(`SELECT %q FROM %q`, name, table)) {
				all = append(all, cell{table + "." + name, text})
			}
		}
	}
	return all
}

func column(t *testing.T, db *sql.DB, query string) (texts []string) {
	t.Helper()
	rows, err := db.QueryContext(context.WithoutCancel(t.Context()), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // it was only read
	for rows.Next() {
		var raw sql.RawBytes
		if err := rows.Scan(&raw); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(raw))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return texts
}

package openloop_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hailong/cmd/hailong/openloop"
	"hailong/surveys"
)

func newClient(t *testing.T, address string, insecure bool) *openloop.Client {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	c := openloop.NewClient(openloop.Options{URL: u, Connections: 4, Bearer: "hl_secret", Insecure: insecure})
	t.Cleanup(c.Close)
	return c
}

const page = `<form method="post" action="/s/6T9C4N8R">%s
<fieldset><input type="radio" name="G1" value="yes"><input type="radio" name="G1" value="no"></fieldset>
<fieldset><input type="checkbox" name="K1" value="0"></fieldset>
<input type="hidden" name="submission_id" value="x"><input type="hidden" name="form_token" value="a&amp;b"></form>`

func say(t *testing.T, w io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Error(err)
	}
}

func scale(code string) string {
	var b strings.Builder
	for _, v := range []string{"5", "4", "3", "2", "1", "0"} {
		fmt.Fprintf(&b, `<input type="radio" name="%s" value="%s">`, code, v)
	}
	return "<fieldset>" + b.String() + "</fieldset>"
}

// The codes and their forms are learnt, page by page; only the API sees the API token.
func TestLearn(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/points", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer hl_secret" {
			t.Errorf("points were asked with %q", r.Header.Get("Authorization"))
		}
		if r.FormValue("cursor") == "" {
			say(t, w, `{"points":[{"token":"6T9C4N8R"},{"token":"00000000","retired":true}],"next":"p"}`)
			return
		}
		say(t, w, `{"points":[{"token":"7H2M4K9P"}]}`)
	})
	mux.HandleFunc("GET /s/{token}", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("a citizen's page was asked with the API token")
		}
		say(t, w, fmt.Sprintf(page, scale("B"+r.PathValue("token")[:1])+scale("Z")))
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	c := newClient(t, server.URL, false)
	tokens, err := c.Tokens(t.Context())
	if diff := cmp.Diff([]surveys.Token{"6T9C4N8R", "7H2M4K9P"}, tokens); diff != "" || err != nil {
		t.Fatalf("%v (-want +got)\n%s", err, diff)
	}
	sheets, err := c.Learn(t.Context(), tokens)
	want := []*openloop.Sheet{{Token: "6T9C4N8R", Questions: []string{"B6", "Z"}}, {Token: "7H2M4K9P", Questions: []string{"B7", "Z"}}}
	if diff := cmp.Diff(want, sheets); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

// What cannot be loaded is said before anybody comes.
func TestWhatCannotBeLearnt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status     int
		body, says string
	}{
		"token refused": {401, "{}", "does not take the API token"},
		"no points":     {200, `{"points":[]}`, "no code in use"},
		"no JSON":       {200, "<html>", "malformed"},
		"broken":        {500, "{}", "status 500"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.status)
				say(t, w, c.body)
			}))
			t.Cleanup(server.Close)
			if _, err := newClient(t, server.URL, false).Tokens(t.Context()); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %q", err, c.says)
			}
			if _, err := newClient(t, server.URL, false).Learn(t.Context(), []surveys.Token{"6T9C4N8R"}); err == nil || !strings.Contains(err.Error(), "6T9C4N8R") {
				t.Errorf("learn: got %v", err)
			}
		})
	}
}

// A server that is not there, or not to be trusted, is a fault by its name and no latency.
func TestFaultsOfTheWay(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	secret := httptest.NewUnstartedServer(http.NotFoundHandler())
	secret.Config.ErrorLog = log.New(io.Discard, "", 0)
	secret.StartTLS()
	t.Cleanup(secret.Close)
	hangUp := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(hangUp.Close)
	for name, c := range map[string]struct {
		url      string
		insecure bool
		fault    string
	}{
		"refused":           {gone.URL, false, "connection refused"},
		"unknown authority": {secret.URL, false, "certificate"},
		"any will do":       {secret.URL, true, "status 404"},
		"hung up":           {hangUp.URL, false, "connection closed"},
		"TLS where none is": {strings.Replace(hangUp.URL, "http:", "https:", 1), true, "broken answer"},
		"none where TLS is": {strings.Replace(secret.URL, "https:", "http:", 1), false, "status 400"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := newRun(newClient(t, c.url, c.insecure), openloop.Plan{{Rate: 200, For: 50 * time.Millisecond}}, 4).Do(t.Context())
			got := out.Stages[0]
			if n := got.Faults["answer: "+c.fault]; n != got.Visits || n == 0 || len(got.Steps) != 0 || got.Acknowledged != 0 {
				t.Errorf("got %+v", got)
			}
		})
	}
}

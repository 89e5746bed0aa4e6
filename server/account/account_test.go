package account_test

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hailong/server/account"
	"hailong/surveys"
	"hailong/surveys/store/sqlite"
)

// clock is the time of a test.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func open(t *testing.T) (*account.Accounts, surveys.Store, *clock) {
	t.Helper()
	c := &clock{now: time.Date(2026, 3, 10, 2, 0, 0, 0, time.UTC)}
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "hailong.db"), c.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return account.New(s, c.Now), s, c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestPasswordAndSessions(t *testing.T) {
	t.Parallel()
	a, s, c := open(t)
	ctx := t.Context()
	if has, err := a.HasPassword(ctx); has || err != nil {
		t.Errorf("a new store has a password: %v %v", has, err)
	}
	if _, err := a.Login(ctx, ""); !errors.Is(err, surveys.ErrNotFound) {
		t.Errorf("login without any password: %v", err)
	}
	for i, password := range []string{"hai", "một"} { // two programs at once: the second sets none
		set, err := a.SetFirstPassword(ctx, password)
		must(t, err)
		if set != (i == 0) {
			t.Errorf("password %d set: %t", i, set)
		}
	}
	if has, err := a.HasPassword(ctx); !has || err != nil {
		t.Errorf("no password: %v %v", has, err)
	}
	for _, wrong := range []string{"", "một", "Hai", "hai "} {
		if _, err := a.Login(ctx, wrong); !errors.Is(err, account.ErrWrong) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	secret, err := a.Login(ctx, "hai")
	must(t, err)
	session, err := a.Session(ctx, secret)
	must(t, err)
	if session.CSRF == "" || session.CSRF == secret || session.Hash == secret {
		t.Errorf("session %+v", session)
	}
	for _, bad := range []string{"", "x", session.Hash, session.CSRF} {
		if _, err = a.Session(ctx, bad); !errors.Is(err, account.ErrExpired) {
			t.Errorf("session of %q: %v", bad, err)
		}
	}
	c.Add(12*time.Hour - time.Millisecond)
	_, err = a.Session(ctx, secret)
	must(t, err)
	c.Add(time.Millisecond)
	if _, err = a.Session(ctx, secret); !errors.Is(err, account.ErrExpired) {
		t.Errorf("after twelve hours: %v", err)
	}
	next, err := a.Login(ctx, "hai") // sweeps what has ended
	must(t, err)
	if list := records(t, s, "session"); len(list) != 1 {
		t.Errorf("%d sessions are kept, want 1", len(list))
	}
	session, err = a.Session(ctx, next)
	must(t, err)
	must(t, a.Logout(ctx, session))
	must(t, a.Logout(ctx, session))
	if _, err := a.Session(ctx, next); !errors.Is(err, account.ErrExpired) {
		t.Errorf("after logout: %v", err)
	}
	for _, kind := range []string{"login", "session", "token"} {
		for _, body := range records(t, s, kind) {
			for _, clear := range []string{"hai", secret, next} {
				if strings.Contains(body, `"`+clear+`"`) {
					t.Errorf("a %s keeps a secret in clear: %s", kind, body)
				}
			}
		}
	}
}

func records(t *testing.T, s surveys.Store, kind string) (bodies []string) {
	t.Helper()
	list, err := s.Records(t.Context(), surveys.RecordQuery{Kind: kind})
	must(t, err)
	for _, r := range list {
		bodies = append(bodies, string(r.Body)+r.ID)
	}
	return bodies
}

func TestTokens(t *testing.T) {
	t.Parallel()
	a, s, _ := open(t)
	ctx := context.Background()
	for _, role := range account.Roles() {
		secret, err := a.CreateToken(ctx, "x", role, "facility:f")
		must(t, err)
		got, err := a.Bearer(ctx, secret)
		if err != nil || got.Role != role || got.Scope != "facility:f" || got.Name != "x" || got.Hash == secret {
			t.Errorf("%+v %v", got, err)
		}
		for _, bad := range []string{"", secret + "x", strings.ToUpper(secret), got.Hash} {
			if _, err := a.Bearer(ctx, bad); !errors.Is(err, account.ErrWrong) {
				t.Errorf("%q: %v", bad, err)
			}
		}
		for _, body := range records(t, s, "token") {
			if !json.Valid([]byte(body[:strings.LastIndex(body, "}")+1])) || strings.Contains(body, secret) {
				t.Errorf("the store keeps %s", body)
			}
		}
	}
	for _, c := range []struct {
		name  string
		role  account.Role
		scope string
	}{{"", account.Viewer, "all"}, {"  ", account.Viewer, "all"}, {"x", "king", "all"}, {"x", "", "all"}, {"x", account.Admin, ""}, {"x", account.Admin, "facility:"}, {"x", account.Admin, "sector:magic"}, {"x", account.Admin, "allx"}} {
		if secret, err := a.CreateToken(ctx, c.name, c.role, c.scope); !errors.Is(err, account.ErrBadToken) || secret != "" {
			t.Errorf("%+v: %q %v", c, secret, err)
		}
	}
}

// Only the office and the administrator may settle what stands aside; a role that nobody knows may nothing.
func TestWhoMayReview(t *testing.T) {
	t.Parallel()
	may := map[account.Role]bool{account.Office: true, account.Admin: true}
	for _, role := range append(account.Roles(), "", "king") {
		if role.MayReview() != may[role] {
			t.Errorf("%q may review: %t", role, role.MayReview())
		}
	}
	if who := (account.Session{}).Who(); who != account.Administrator {
		t.Errorf("acts are kept under %q", who)
	}
}

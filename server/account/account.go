// Package account knows who may do what: the administrator's password and sessions, and the API's bearer
// tokens. It keeps no secret in clear: passwords as argon2id, session and token secrets as SHA-256.
package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/semaphore"

	"hailong/analytics"
	"hailong/surveys"
)

// Errors of signing in.
var (
	ErrWrong   = errors.New("wrong password or token")
	ErrTooMany = errors.New("too many attempts at once")
	ErrExpired = errors.New("session has ended")
)

// Role is what an account may see.
type Role string

// The roles.
const (
	Viewer  Role = "viewer"
	Manager Role = "manager"
	Office  Role = "office"
	Admin   Role = "admin"
)

// Roles lists the roles.
func Roles() []Role { return []Role{Viewer, Manager, Office, Admin} }

// Accounts signs people and programs in.
type Accounts struct {
	store  surveys.RecordStore
	clock  surveys.Clock
	hashes *semaphore.Weighted
}

// sessionLasts is how long a session lives without being renewed.
const sessionLasts = 12 * time.Hour

// New makes the accounts of a store.
func New(store surveys.RecordStore, clock surveys.Clock) *Accounts {
	return &Accounts{store: store, clock: clock, hashes: semaphore.NewWeighted(hashesAtOnce)}
}

// login is the administrator's stored password.
type login struct {
	Name string `json:"name"`
	Hash string `json:"hash"`
}

func logins() surveys.Collection[login] {
	return surveys.Collection[login]{Kind: "login", ID: func(l login) string { return l.Name }}
}

// Administrator is the name of the one account there is so far.
const Administrator = "administrator"

// SetFirstPassword gives the administrator a password, unless there is one or another program is as quick: then set is
// false.
func (a *Accounts) SetFirstPassword(ctx context.Context, password string) (set bool, err error) {
	hash, err := Hash(password)
	if err != nil {
		return false, err
	}
	_, err = logins().Put(ctx, a.store, login{Name: Administrator, Hash: hash}, 0)
	if errors.Is(err, surveys.ErrConflict) {
		return false, nil
	}
	return err == nil, err
}

// HasPassword says whether the administrator has a password.
func (a *Accounts) HasPassword(ctx context.Context) (bool, error) {
	_, err := logins().Find(ctx, a.store, Administrator)
	if errors.Is(err, surveys.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Session is a signed-in administrator.
type Session struct {
	Hash    string `json:"hash"` // SHA-256 of the cookie's secret
	CSRF    string `json:"csrf"`
	Expires int64  `json:"expires"` // Unix ms
}

// Who is the name of the account, as it stands in what it did.
func (Session) Who() string { return Administrator }

// Role is what the account may do.
func (Session) Role() Role { return Admin }

// MayReview says whether a role may settle what stands aside.
func (r Role) MayReview() bool { return r == Office || r == Admin }

const sessionKind = "session"

// PassingKinds are the kinds of records that mean nothing in another store.
func PassingKinds() []string { return []string{sessionKind} }

func sessions() surveys.Collection[Session] {
	return surveys.Collection[Session]{Kind: sessionKind, ID: func(s Session) string { return s.Hash }}
}

// Login checks the administrator's password and opens a session; secret goes into the cookie. ErrWrong for a
// wrong password, ErrTooMany when too many are being checked.
func (a *Accounts) Login(ctx context.Context, password string) (secret string, err error) {
	if !a.hashes.TryAcquire(1) {
		return "", ErrTooMany
	}
	defer a.hashes.Release(1)
	who, err := logins().Find(ctx, a.store, Administrator)
	if err != nil {
		return "", err
	}
	if err = matches(password, who.Value.Hash); err != nil {
		return "", err
	}
	if err = a.dropExpired(ctx); err != nil {
		return "", err
	}
	secret = NewSecret()
	s := Session{Hash: hashOf(secret), CSRF: NewSecret(), Expires: a.clock().Add(sessionLasts).UnixMilli()}
	_, err = sessions().Put(ctx, a.store, s, 0)
	return secret, err
}

// Session finds the open session of a cookie's secret, or ErrExpired.
func (a *Accounts) Session(ctx context.Context, secret string) (Session, error) {
	s, err := sessions().Find(ctx, a.store, hashOf(secret))
	if errors.Is(err, surveys.ErrNotFound) {
		return Session{}, ErrExpired
	}
	if err != nil {
		return Session{}, err
	}
	if s.Value.Expires <= a.clock().UnixMilli() {
		return Session{}, ErrExpired
	}
	return s.Value, nil
}

// Logout ends a session.
func (a *Accounts) Logout(ctx context.Context, s Session) error {
	stored, err := sessions().Find(ctx, a.store, s.Hash)
	if err == nil {
		err = sessions().Delete(ctx, a.store, s.Hash, stored.Rev)
	}
	if errors.Is(err, surveys.ErrNotFound) {
		return nil
	}
	return err
}

func (a *Accounts) dropExpired(ctx context.Context) error {
	all, err := sessions().All(ctx, a.store)
	if err != nil {
		return err
	}
	now := a.clock().UnixMilli()
	for _, s := range all {
		if s.Value.Expires > now {
			continue
		}
		err := sessions().Delete(ctx, a.store, s.Value.Hash, s.Rev)
		if err != nil && !errors.Is(err, surveys.ErrNotFound) {
			return err
		}
	}
	return nil
}

// Token is a program's right to use the API.
type Token struct {
	Hash  string `json:"hash"` // SHA-256 of the secret
	Name  string `json:"name"`
	Role  Role   `json:"role"`
	Scope string `json:"scope"` // as in summary; all: everything
}

func tokens() surveys.Collection[Token] {
	return surveys.Collection[Token]{Kind: "token", ID: func(t Token) string { return t.Hash }}
}

// ErrBadToken says what is wrong with a token that is to be made.
var ErrBadToken = errors.New("token")

// CreateToken makes a bearer token and returns its secret, which is kept nowhere.
func (a *Accounts) CreateToken(ctx context.Context, name string, role Role, scope string) (secret string, err error) {
	var mistakes []error
	if strings.TrimSpace(name) == "" {
		mistakes = append(mistakes, errors.New("a name is needed"))
	}
	if !slices.Contains(Roles(), role) {
		mistakes = append(mistakes, fmt.Errorf("role %q is none of viewer, manager, office, admin", role))
	}
	_, err = analytics.ParseScope(scope)
	if err = errors.Join(append(mistakes, err)...); err != nil {
		return "", fmt.Errorf("%w: %w", ErrBadToken, err)
	}
	secret = "hl_" + NewSecret()
	_, err = tokens().Put(ctx, a.store, Token{Hash: hashOf(secret), Name: name, Role: role, Scope: scope}, 0)
	return secret, err
}

// Bearer finds the token of a secret, or ErrWrong.
func (a *Accounts) Bearer(ctx context.Context, secret string) (Token, error) {
	t, err := tokens().Find(ctx, a.store, hashOf(secret))
	if errors.Is(err, surveys.ErrNotFound) {
		return Token{}, ErrWrong
	}
	return t.Value, err
}

// NewSecret is 192 random bits as text.
func NewSecret() string {
	var b [24]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// hashOf needs no salt and no slowness: the secrets are random and long.
func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

package account

import (
	"fmt"

	"github.com/alexedwards/argon2id"
)

// argonParams are those OWASP recommends as its first choice for argon2id with little memory.
func argonParams() *argon2id.Params {
	return &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}
}

// hashesAtOnce bounds the passwords and PINs checked at once: each takes 19 MiB and some 70 ms of a core, so that a
// flood of logins cannot take the machine from those who answer.
const hashesAtOnce = 2

// Hash is what is kept of a password or a device's PIN.
func Hash(secret string) (string, error) {
	hash, err := argon2id.CreateHash(secret, argonParams())
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return hash, nil
}

// Check holds a password or PIN against its hash: ErrWrong, or ErrTooMany when too many are being checked.
func (a *Accounts) Check(secret, hash string) error {
	if !a.hashes.TryAcquire(1) {
		return ErrTooMany
	}
	defer a.hashes.Release(1)
	return matches(secret, hash)
}

// matches takes its time: whoever calls it holds one of the hashes.
func matches(secret, hash string) error {
	ok, err := argon2id.ComparePasswordAndHash(secret, hash)
	switch {
	case err != nil:
		return fmt.Errorf("check password: %w", err)
	case !ok:
		return ErrWrong
	}
	return nil
}

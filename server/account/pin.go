package account

import (
	"fmt"

	"github.com/alexedwards/argon2id"
)

// HashPIN is what is kept of the PIN of a device.
func (a *Accounts) HashPIN(pin string) (string, error) {
	hash, err := argon2id.CreateHash(pin, argonParams())
	if err != nil {
		return "", fmt.Errorf("hash PIN: %w", err)
	}
	return hash, nil
}

// CheckPIN holds a PIN against its hash: ErrWrong, or ErrTooMany when too many passwords and PINs are being checked.
func (a *Accounts) CheckPIN(pin, hash string) error {
	if !a.hashes.TryAcquire(1) {
		return ErrTooMany
	}
	defer a.hashes.Release(1)
	ok, err := argon2id.ComparePasswordAndHash(pin, hash)
	switch {
	case err != nil:
		return fmt.Errorf("check PIN: %w", err)
	case !ok:
		return ErrWrong
	}
	return nil
}

package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"hailong/analytics"
	"hailong/server/view"
	"hailong/surveys"
)

// ofReceipt finds the form of the receipt in the address for a handler; where there is none it says so.
func (s *Server) ofReceipt(handle func(*fiber.Ctx, *receipted) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		found, err := s.findReceipt(c)
		if err != nil {
			return err
		}
		if found == nil {
			return s.noReceipt(c)
		}
		return handle(c, found)
	}
}

// showReceipt says what became of a form, to whoever holds its receipt.
func (s *Server) showReceipt(c *fiber.Ctx, found *receipted) error {
	lang := s.citizenLang(c)
	page := view.ReceiptPage{
		Frame: view.Frame{Switch: receiptPath(found.Receipt, "", lang.Other())},
		State: stateOf(found), Receipt: string(found.Receipt), Published: found.fate.Published,
	}
	if found.withdrawable() {
		page.Withdraw = receiptPath(found.Receipt, withdrawPath, lang)
	}
	return s.sendCitizen(c, fiber.StatusOK, lang, page)
}

// confirmWithdrawal asks once more; what cannot be withdrawn says why on its receipt.
func (s *Server) confirmWithdrawal(c *fiber.Ctx, found *receipted) error {
	if !found.withdrawable() {
		return s.toReceipt(c, found.Receipt)
	}
	lang := s.citizenLang(c)
	return s.sendCitizen(c, fiber.StatusOK, lang, view.WithdrawPage{
		Frame:   view.Frame{Switch: receiptPath(found.Receipt, withdrawPath, lang.Other())},
		Receipt: string(found.Receipt), Confirm: s.confirmation(found.Receipt),
		Action: receiptPath(found.Receipt, withdrawPath, lang), Back: receiptPath(found.Receipt, "", lang),
	})
}

// withdraw empties a form that is in no published figure yet. Asked again it changes nothing. A release pass that
// runs between the look and the move may take the form along: then the figures keep it until a correction may take
// it out (design: release rule 4), as of what is set aside later; its answers are gone in any case.
func (s *Server) withdraw(c *fiber.Ctx, found *receipted) error {
	if !surveys.SameSecret(c.FormValue("confirm"), s.confirmation(found.Receipt)) {
		return c.Redirect(receiptPath(found.Receipt, withdrawPath, s.citizenLang(c)), fiber.StatusSeeOther)
	}
	if found.withdrawable() {
		err := s.Store.Move(c.UserContext(), found.ID, found.Standing, surveys.Withdrawn, "")
		// It was set aside, taken back or deleted meanwhile: the receipt says how it stands.
		if err != nil && !errors.Is(err, surveys.ErrConflict) && !errors.Is(err, surveys.ErrNotFound) {
			return err
		}
	}
	return s.toReceipt(c, found.Receipt)
}

// receipted is the form of a receipt.
type receipted struct {
	surveys.Response
	fate analytics.Fate
}

func (r *receipted) withdrawable() bool { return !r.fate.Published && r.Standing != surveys.Withdrawn }

func stateOf(r *receipted) view.ReceiptState {
	switch {
	case r.Standing == surveys.Withdrawn:
		return view.ReceiptWithdrawn
	case r.Standing == surveys.Aside:
		return view.ReceiptAside
	case r.fate.Counted:
		return view.ReceiptCounted
	default:
		return view.ReceiptReceived
	}
}

// findReceipt finds the form of the receipt in the address, nil if there is none. A code that is none is looked for
// like any other, so that both take as long. Of two forms with one receipt neither is shown: whose it is, nobody
// can say.
func (s *Server) findReceipt(c *fiber.Ctx) (*receipted, error) {
	typed, err := url.PathUnescape(c.Params("receipt"))
	receipt, valid := surveys.ParseReceipt(typed)
	if valid = valid && err == nil; !valid {
		receipt = surveys.NewSubmissionID().Receipt()
	}
	list, err := s.Store.ResponsesByReceipt(c.UserContext(), receipt)
	if err != nil || !valid || len(list) != 1 {
		return nil, err
	}
	found := &receipted{Response: list[0]}
	found.Receipt = receipt
	found.fate, err = s.roller.Fate(c.UserContext(), found.Response)
	if err != nil || found.fate.Sealed {
		return nil, err
	}
	return found, nil
}

// noReceipt answers a receipt that no form has: always alike, whatever was typed.
func (s *Server) noReceipt(c *fiber.Ctx) error {
	s.guesses.wrong(c.UserContext(), s.Clock())
	page := view.ReceiptPage{State: view.ReceiptUnknown, RetentionMonths: s.Install.KeepRaw}
	return s.sendCitizen(c, fiber.StatusNotFound, s.citizenLang(c), page)
}

func (s *Server) toReceipt(c *fiber.Ctx, receipt surveys.Receipt) error {
	return c.Redirect(receiptPath(receipt, "", s.citizenLang(c)), fiber.StatusSeeOther)
}

// confirmation is what the confirmation page of a receipt carries. Another site cannot make it up.
func (s *Server) confirmation(receipt surveys.Receipt) string {
	h := hmac.New(sha256.New, s.Install.FormKey)
	h.Write([]byte("withdraw\x00" + string(receipt)))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:16])
}

const withdrawPath = "/withdraw"

func receiptPath(receipt surveys.Receipt, rest string, lang view.Lang) string {
	return "/r/" + string(receipt) + rest + "?" + url.Values{"lang": {string(lang)}}.Encode()
}

//go:build e2e

package server_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"hailong/surveys"
)

// journeyReceiptPath stores a form, set aside since it was never opened, and gives the address of its receipt.
func journeyReceiptPath(p *journeyPage) string {
	p.t.Helper()
	id := surveys.NewSubmissionID()
	body, err := json.Marshal(with(submission(journeyHall, map[string]any{"A3": 4, "Z": 4}), "submission_id", id, "comment", "Chờ lâu"))
	p.must(err)
	req, err := http.NewRequestWithContext(p.ctx, http.MethodPost, p.base+"/api/v1/responses", strings.NewReader(string(body)))
	p.must(err)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	p.must(err)
	p.must(resp.Body.Close())
	if resp.StatusCode != http.StatusCreated {
		p.t.Fatalf("the form got %d", resp.StatusCode)
	}
	return "/r/" + string(id.Receipt())
}

// journeyWithdraw types the receipt on the first page and withdraws the form, without scripts.
func journeyWithdraw(t *testing.T, browser context.Context) {
	s := journeyServe(t, false)
	p := journeyOpen(t, browser, s.base, 320)
	journeyTell(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	path := journeyReceiptPath(p)
	receipt, _ := surveys.ParseReceipt(strings.TrimPrefix(path, "/r/"))
	all, err := s.store.ResponsesByReceipt(p.ctx, receipt)
	p.must(err)
	p.must(s.store.Move(p.ctx, all[0].ID, surveys.Aside, surveys.Counted, surveys.ReasonAccepted))
	p.to("/", http.StatusOK)
	p.must(chromedp.Do(p.ctx, chromedp.SendKeys(chromedp.CSS("#code"), strings.ToLower(strings.TrimPrefix(path, "/r/")))))
	p.lands(http.StatusOK, journeyClick("form button"))
	for _, step := range []string{"Phiếu đã được nhận", "Ông/Bà muốn rút phiếu này?", "Phiếu đã được rút"} {
		if got := p.text("h1"); got != step {
			t.Fatalf("the page says %q, want %q", got, step)
		}
		p.wantFits(step)
		switch step {
		case "Phiếu đã được nhận":
			p.lands(http.StatusOK, journeyClick("main .alt a"))
		case "Ông/Bà muốn rút phiếu này?":
			p.lands(http.StatusOK, journeyClick("form button"))
		}
	}
	p.back()
	p.to(path, http.StatusOK)
	if got := p.text("h1"); got != "Phiếu đã được rút" {
		t.Errorf("opened again it says %q", got)
	}
}

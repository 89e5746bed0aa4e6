package server_test

import (
	"fmt"
	"net/http"
	"testing"

	"hailong/surveys"
	mongostore "hailong/surveys/store/mongo"
)

// On MongoDB as on SQLite: typed, taken back, typed again, compared and closed, each form stored once.
func TestPaperBatchOnMongo(t *testing.T) {
	t.Parallel()
	_, address := testDatabase(t)
	s := newSiteOn(t, func(clock surveys.Clock) (surveys.Store, error) { return mongostore.Open(t.Context(), address, clock) })
	_, err := s.manage.SetFirstPassword(t.Context(), password)
	s.ok(err)
	b := s.browser()
	b.signIn("", password).want(http.StatusSeeOther)
	batch := b.paper("p_hall", "short")
	b.begin(batch, "2")
	b.typeSheet(batch, short("5")...).want(http.StatusSeeOther)
	last := b.open(batch + "/type").typingForm(short("4")...)
	b.sendForm(batch+"/type", last).want(http.StatusSeeOther)
	b.sendForm(batch+"/type", last).want(http.StatusSeeOther)
	last.Set("sheet", "2")
	right := b.sendForm(batch+"/undo", last).want(http.StatusOK).typingForm(short("3")...)
	b.sendForm(batch+"/type", right).want(http.StatusSeeOther)
	b.act(batch, "finish").want(http.StatusSeeOther)
	sheet := b.batch(batch).Sample()[0]
	check := fmt.Sprintf("%s/check/%d", batch, sheet)
	differs := b.sendForm(check, b.open(check).typingForm(short("2")...)).want(http.StatusOK)
	b.sendForm(check, differs.picking("second", "second", "second", "second", "second", "second")).want(http.StatusSeeOther)
	b.act(batch, "close").want(http.StatusSeeOther)
	got := map[int]int{}
	for _, r := range b.typed() {
		got[r.Answers["Z"].Number]++
	}
	if len(b.typed()) != 2 || got[2] != 1 || got[4] != 0 {
		t.Errorf("stored are %v, want two, one of them put right", got)
	}
	if closed := b.batch(batch); closed.Sheets != nil || closed.Check != (surveys.PaperCheck{Sheets: 1, Compared: 7, Differing: 6, Corrected: 6}) {
		t.Errorf("closed, the batch is %+v", closed)
	}
}

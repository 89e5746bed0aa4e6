package storetest

import "hailong/surveys"

// mustStayFrozen tries to change and to delete a frozen record in every way.
func (t trial) mustStayFrozen(frozen surveys.Record) {
	t.Helper()
	for _, rev := range []int64{frozen.Rev, frozen.Rev + 1, 1} {
		for _, still := range []bool{true, false} {
			changed := surveys.Record{
				Kind: frozen.Kind, ID: frozen.ID, Rev: rev, Keys: map[string]string{"key": "changed"}, Body: []byte(`"changed"`), Frozen: still,
			}
			_, err := t.PutRecord(t.ctx, changed)
			t.isError(err, surveys.ErrFrozen, "PutRecord of what is frozen")
		}
		t.isError(t.DeleteRecord(t.ctx, frozen.Kind, frozen.ID, rev), surveys.ErrFrozen, "DeleteRecord of what is frozen")
	}
	changed := surveys.Record{Kind: frozen.Kind, ID: frozen.ID, Body: []byte(`"new"`)}
	_, err := t.PutRecord(t.ctx, changed)
	t.isError(err, surveys.ErrConflict, "PutRecord at revision 0 of what is frozen")
	t.stays(frozen)
	byKey := surveys.RecordQuery{Kind: frozen.Kind, Index: "key", Value: frozen.Keys["key"]}
	t.equal(t.recordIDs(byKey), []string{frozen.ID}, "records by the key of what is frozen")
	byKey.Value = "changed"
	t.equal(len(t.recordIDs(byKey)), 0, "records by the key that was refused")
}

// frozenOf makes a record that is to be frozen.
func frozenOf(id string) surveys.Record {
	r := recordOf("instrument", id, map[string]string{"key": id})
	r.Frozen = true
	return r
}

func putRecordFrozen(t trial) {
	free := t.keep(recordOf("instrument", "pulse.1", map[string]string{"key": "pulse"}))
	t.mustStayFrozen(t.keep(frozenOf("one_stop.1")))
	free.Body = []byte(`"changed"`)
	t.stays(t.keep(free)) // the one beside it is as free as before
	t.noError(t.DeleteRecord(t.ctx, "instrument", "pulse.1", 2), "DeleteRecord of what is not frozen")
}

func putRecordFreezes(t trial) {
	draft := recordOf("instrument", "one_stop.2", map[string]string{"key": "draft"})
	draft = t.keep(t.keep(draft))
	draft.Keys, draft.Body, draft.Frozen = map[string]string{"key": "one_stop"}, []byte(`"published"`), true
	frozen := t.keep(draft)
	t.equal(frozen.Rev, int64(3), "revision of what was frozen")
	t.mustStayFrozen(frozen)
}

func deleteFrozen(t trial) {
	frozen := t.keep(frozenOf("one_stop.1"))
	t.isError(t.DeleteRecord(t.ctx, "instrument", "one_stop.1", frozen.Rev), surveys.ErrFrozen, "DeleteRecord of what is frozen")
	t.isError(t.DeleteRecord(t.ctx, "instrument", "one_stop.1", frozen.Rev+1), surveys.ErrFrozen, "DeleteRecord at a revision to come")
	t.isError(t.DeleteRecord(t.ctx, "instrument", "one_stop.2", 1), surveys.ErrNotFound, "DeleteRecord of an unknown id")
	t.stays(frozen)
}

// One freezes what others change: what is frozen is what the one stored, and nothing after it.
func putRecordRacingFreeze(t trial) {
	for _, id := range []string{"a.1", "b.1", "c.1"} {
		t.keep(recordOf("instrument", id, map[string]string{"key": id}))
		var frozen surveys.Record
		errs := atOnce(4, func(i int) error {
			for range 20 {
				r, err := t.Record(t.ctx, "instrument", id)
				if err != nil {
					return err
				}
				r.Body, r.Frozen = []byte{'0' + byte(i)}, i == 0
				r.Rev, err = t.PutRecord(t.ctx, r)
				switch {
				case err == nil && i == 0:
					frozen = r
					return nil
				case isOf(err, surveys.ErrFrozen) && i > 0:
					return nil
				case err != nil && !isOf(err, surveys.ErrConflict):
					return err
				}
			}
			return nil
		})
		for _, err := range errs {
			t.noError(err, "freeze among changes")
		}
		if frozen.ID == "" { // the others were always faster
			r, err := t.Record(t.ctx, "instrument", id)
			t.noError(err, "Record")
			r.Frozen = true
			frozen = t.keep(r)
		}
		t.mustStayFrozen(frozen)
	}
}

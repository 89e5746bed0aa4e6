package storetest

import (
	"context"
	"fmt"
	"strconv"

	"hailong/surveys"
)

func recordChecks() []Check {
	return []Check{
		rule("Record/not_found", recordNotFound),
		rule("Record/all_fields", recordAllFields),
		rule("PutRecord/revisions", putRecordRevisions),
		rule("PutRecord/first_twice", putRecordFirstTwice),
		rule("PutRecord/without_predecessor", putRecordWithoutPredecessor),
		rule("PutRecord/stale_changes_nothing", putRecordStale),
		rule("PutRecord/racing", putRecordRacing),
		rule("PutRecord/racing_increments", putRecordIncrements),
		rule("PutRecord/cancelled", putRecordCancelled),
		rule("DeleteRecord/removes", deleteRemoves),
		rule("DeleteRecord/not_found", deleteNotFound),
		rule("DeleteRecord/conflict", deleteConflict),
		rule("PutRecord/frozen_stays", putRecordFrozen),
		rule("PutRecord/freezes_later", putRecordFreezes),
		rule("PutRecord/racing_freeze", putRecordRacingFreeze),
		rule("DeleteRecord/frozen_stays", deleteFrozen),
	}
}

func recordNotFound(t trial) {
	t.keep(recordOf("unit", "u1", nil))
	_, err := t.Record(t.ctx, "unit", "u2")
	t.isError(err, surveys.ErrNotFound, "Record of an unknown id")
	_, err = t.Record(t.ctx, "point", "u1")
	t.isError(err, surveys.ErrNotFound, "Record of another kind")
}

func recordAllFields(t trial) {
	full := surveys.Record{
		Kind: "point", ID: "p_điểm 1", Keys: map[string]string{"token": "7KQM2F4X", "facility": "f_Trạm y tế", "set": "a 'b' \"c\""},
		Body: []byte("{\"name\":\"Quầy số 1 😀\",\"n\":1.50}"),
	}
	bare := surveys.Record{Kind: "point", ID: "p_0", Body: []byte("null")}
	frozen := surveys.Record{Kind: "instrument", ID: "one_stop.1", Body: []byte("{}"), Frozen: true}
	for _, want := range []surveys.Record{full, bare, frozen} {
		want = t.keep(want)
		got, err := t.Record(t.ctx, want.Kind, want.ID)
		t.noError(err, "Record")
		t.equal(got, want, "Record")
	}
	got, err := t.Records(t.ctx, surveys.RecordQuery{Kind: "point", Index: "token", Value: "7KQM2F4X"})
	t.noError(err, "Records")
	full.Rev, frozen.Rev = 1, 1
	t.mustEqual(got, []surveys.Record{full}, "Records by key")
	listed, err := t.Records(t.ctx, surveys.RecordQuery{Kind: "instrument"})
	t.noError(err, "Records")
	t.equal(listed, []surveys.Record{frozen}, "Records of a kind")
	got[0].Body[0], got[0].Keys["token"] = 'X', "changed"
	again, err := t.Record(t.ctx, full.Kind, full.ID)
	t.noError(err, "Record")
	t.equal(again, full, "record after a reader changed what it got")
}

func putRecordRevisions(t trial) {
	r := recordOf("unit", "u1", nil)
	for rev := int64(1); rev <= 3; rev++ {
		r.Body = strconv.AppendInt(nil, rev, 10)
		r = t.keep(r)
		t.equal(r.Rev, rev, "revision that PutRecord gave")
		got, err := t.Record(t.ctx, "unit", "u1")
		t.noError(err, "Record")
		t.equal(got, r, "record replaced")
	}
	t.equal(t.recordIDs(surveys.RecordQuery{Kind: "unit"}), []string{"u1"}, "records")
}

// stays wants the stored record to be this one.
func (t trial) stays(want surveys.Record) {
	t.Helper()
	got, err := t.Record(t.ctx, want.Kind, want.ID)
	t.noError(err, "Record")
	t.equal(got, want, "what is stored")
}

func putRecordFirstTwice(t trial) {
	first := t.keep(recordOf("unit", "u1", map[string]string{"parent": "a"}))
	second := surveys.Record{Kind: "unit", ID: "u1", Body: []byte(`"second"`), Keys: map[string]string{"parent": "b"}}
	_, err := t.PutRecord(t.ctx, second)
	t.isError(err, surveys.ErrConflict, "PutRecord at revision 0 of a record that is there")
	t.stays(first)
}

func putRecordWithoutPredecessor(t trial) {
	ahead := recordOf("unit", "u1", nil)
	ahead.Rev = 2
	_, err := t.PutRecord(t.ctx, ahead)
	t.isError(err, surveys.ErrConflict, "PutRecord at revision 2 of no record")
	_, err = t.Record(t.ctx, "unit", "u1")
	t.isError(err, surveys.ErrNotFound, "Record after the conflict")
}

func putRecordStale(t trial) {
	first := t.keep(recordOf("unit", "u1", map[string]string{"parent": "a"}))
	second := first
	second.Body, second.Keys = []byte(`"second"`), map[string]string{"parent": "b"}
	second = t.keep(second)
	first.Body, first.Keys = []byte(`"late"`), map[string]string{"parent": "c"}
	_, err := t.PutRecord(t.ctx, first)
	t.isError(err, surveys.ErrConflict, "stale PutRecord")
	t.stays(second)
	t.equal(len(t.recordIDs(surveys.RecordQuery{Kind: "unit", Index: "parent", Value: "c"})), 0, "records by the stale key")
	t.equal(t.recordIDs(surveys.RecordQuery{Kind: "unit", Index: "parent", Value: "b"}), []string{"u1"}, "records by the right key")
}

func putRecordRacing(t trial) {
	for i := range 5 {
		r := recordOf("unit", fmt.Sprintf("u%d", i), map[string]string{"parent": "a"})
		put := func(int) error { _, err := t.PutRecord(t.ctx, r); return err }
		t.oneWins(atOnce(6, put), "first PutRecord")
		r.Rev = 1
		t.oneWins(atOnce(6, put), "second PutRecord")
	}
}

func putRecordIncrements(t trial) {
	t.keep(surveys.Record{Kind: "setting", ID: "n", Body: []byte("0")})
	const racers, each = 4, 5
	errs := atOnce(racers, func(int) error {
		for done := 0; done < each; {
			r, err := t.Record(t.ctx, "setting", "n")
			if err != nil {
				return err
			}
			n, err := strconv.Atoi(string(r.Body))
			if err != nil {
				return fmt.Errorf("the body is no number: %w", err)
			}
			r.Body = strconv.AppendInt(nil, int64(n+1), 10)
			switch _, err = t.PutRecord(t.ctx, r); {
			case err == nil:
				done++
			case !isOf(err, surveys.ErrConflict):
				return err
			}
		}
		return nil
	})
	for _, err := range errs {
		t.noError(err, "count up")
	}
	t.stays(surveys.Record{Kind: "setting", ID: "n", Rev: racers*each + 1, Body: strconv.AppendInt(nil, racers*each, 10)})
}

func putRecordCancelled(t trial) {
	ctx, cancel := context.WithCancel(t.ctx)
	cancel()
	if _, err := t.PutRecord(ctx, recordOf("unit", "u1", map[string]string{"parent": "a"})); err == nil {
		t.Errorf("PutRecord under a cancelled context gave no error")
	}
	_, err := t.Record(t.ctx, "unit", "u1")
	t.isError(err, surveys.ErrNotFound, "Record after the cancelled PutRecord")
	t.equal(len(t.recordIDs(surveys.RecordQuery{Kind: "unit", Index: "parent", Value: "a"})), 0, "records by its key")
}

func deleteRemoves(t trial) {
	r := t.keep(recordOf("session", "s1", map[string]string{"user": "an"}))
	t.keep(recordOf("session", "s2", map[string]string{"user": "an"}))
	t.noError(t.DeleteRecord(t.ctx, "session", "s1", r.Rev), "DeleteRecord")
	_, err := t.Record(t.ctx, "session", "s1")
	t.isError(err, surveys.ErrNotFound, "Record of what was deleted")
	byKey := surveys.RecordQuery{Kind: "session", Index: "user", Value: "an"}
	t.equal(t.recordIDs(byKey), []string{"s2"}, "records by its key")
	again := t.keep(recordOf("session", "s1", map[string]string{"user": "bình"}))
	t.equal(again.Rev, int64(1), "revision of what was made again")
	t.equal(t.recordIDs(byKey), []string{"s2"}, "records by the key of the deleted one")
	t.stays(again)
}

func deleteNotFound(t trial) {
	t.keep(recordOf("session", "s1", nil))
	t.isError(t.DeleteRecord(t.ctx, "session", "s2", 1), surveys.ErrNotFound, "DeleteRecord of an unknown id")
	t.isError(t.DeleteRecord(t.ctx, "unit", "s1", 1), surveys.ErrNotFound, "DeleteRecord of another kind")
	t.equal(t.recordIDs(surveys.RecordQuery{Kind: "session"}), []string{"s1"}, "records")
}

func deleteConflict(t trial) {
	r := t.keep(recordOf("session", "s1", map[string]string{"user": "an"}))
	r.Body = []byte(`"newer"`)
	r = t.keep(r)
	t.isError(t.DeleteRecord(t.ctx, "session", "s1", 1), surveys.ErrConflict, "DeleteRecord at an old revision")
	t.isError(t.DeleteRecord(t.ctx, "session", "s1", 3), surveys.ErrConflict, "DeleteRecord at a revision to come")
	t.stays(r)
	t.equal(t.recordIDs(surveys.RecordQuery{Kind: "session", Index: "user", Value: "an"}), []string{"s1"}, "records by its key")
}

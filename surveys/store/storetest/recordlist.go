package storetest

import (
	"context"
	"fmt"

	"hailong/surveys"
)

func recordListChecks() []Check {
	return []Check{
		rule("Records/order", recordsOrder),
		rule("Records/after_and_limit", recordsAfterAndLimit),
		rule("Records/by_key", recordsByKey),
		rule("Records/by_key_after_and_limit", recordsByKeyAfterAndLimit),
		rule("Records/key_change", recordsKeyChange),
		rule("Records/empty_key_is_not_indexed", recordsEmptyKey),
		rule("Records/kinds_are_apart", recordsKindsApart),
		rule("Kinds/in_order", kindsInOrder),
		rule("Kinds/emptied", kindsEmptied),
	}
}

func recordsOrder(t trial) {
	for _, id := range []string{"b", "a10", "a", "Z", "đ", "a2"} {
		t.keep(recordOf("unit", id, nil))
	}
	t.equal(t.recordIDs(surveys.RecordQuery{Kind: "unit"}), []string{"Z", "a", "a10", "a2", "b", "đ"}, "records by id, byte by byte")
}

func recordsAfterAndLimit(t trial) {
	for i := range 5 {
		t.keep(recordOf("unit", fmt.Sprintf("u%d", i), nil))
	}
	for _, c := range []struct {
		after string
		limit int
		want  []string
	}{
		{"", 2, []string{"u0", "u1"}},
		{"u1", 2, []string{"u2", "u3"}},
		{"u3", 2, []string{"u4"}},
		{"u4", 2, nil},
		{"u2", 0, []string{"u3", "u4"}},
		{"u25", 1, []string{"u3"}}, // After need not be there
	} {
		got := t.recordIDs(surveys.RecordQuery{Kind: "unit", After: c.after, Limit: c.limit})
		t.equal(got, c.want, fmt.Sprintf("records after %q, at most %d", c.after, c.limit))
	}
}

func recordsByKey(t trial) {
	t.keep(recordOf("point", "p3", map[string]string{"facility": "f1", "token": "C"}))
	t.keep(recordOf("point", "p1", map[string]string{"facility": "f1", "token": "A"}))
	t.keep(recordOf("point", "p2", map[string]string{"facility": "f2", "token": "f1"}))
	for _, c := range []struct {
		index, value string
		want         []string
	}{
		{"facility", "f1", []string{"p1", "p3"}},
		{"facility", "f2", []string{"p2"}},
		{"token", "A", []string{"p1"}},
		{"token", "f1", []string{"p2"}}, // the same value under another index
		{"facility", "f", nil},
		{"facility", "F1", nil},
		{"other", "f1", nil},
	} {
		got := t.recordIDs(surveys.RecordQuery{Kind: "point", Index: c.index, Value: c.value})
		t.equal(got, c.want, fmt.Sprintf("records with %s %q", c.index, c.value))
	}
}

func recordsByKeyAfterAndLimit(t trial) {
	for i := range 6 {
		t.keep(recordOf("point", fmt.Sprintf("p%d", i), map[string]string{"facility": fmt.Sprintf("f%d", i%2)}))
	}
	q := surveys.RecordQuery{Kind: "point", Index: "facility", Value: "f1", Limit: 2}
	t.equal(t.recordIDs(q), []string{"p1", "p3"}, "the first two of a key")
	q.After = "p3"
	t.equal(t.recordIDs(q), []string{"p5"}, "the rest of the key")
}

func recordsKeyChange(t trial) {
	r := t.keep(recordOf("point", "p1", map[string]string{"facility": "old", "token": "A"}))
	r.Keys = map[string]string{"facility": "new"}
	r = t.keep(r)
	for _, c := range []struct {
		index, value string
		want         []string
	}{{"facility", "old", nil}, {"token", "A", nil}, {"facility", "new", []string{"p1"}}} {
		got := t.recordIDs(surveys.RecordQuery{Kind: "point", Index: c.index, Value: c.value})
		t.equal(got, c.want, fmt.Sprintf("records with %s %q", c.index, c.value))
	}
	t.stays(r)
}

func recordsEmptyKey(t trial) {
	t.keep(recordOf("unit", "root", map[string]string{"parent": "", "code": "1"}))
	t.keep(recordOf("unit", "leaf", map[string]string{"parent": "root", "code": "2"}))
	t.equal(len(t.recordIDs(surveys.RecordQuery{Kind: "unit", Index: "parent"})), 0, "records with an empty parent")
	t.equal(t.recordIDs(surveys.RecordQuery{Kind: "unit", Index: "code", Value: "1"}), []string{"root"}, "records by the other key")
}

func recordsKindsApart(t trial) {
	unit := t.keep(recordOf("unit", "x", map[string]string{"name": "same"}))
	point := recordOf("point", "x", map[string]string{"name": "same"})
	point.Body = []byte(`"a point"`)
	point = t.keep(point)
	t.stays(unit)
	t.stays(point)
	for _, kind := range []string{"unit", "point"} {
		t.equal(t.recordIDs(surveys.RecordQuery{Kind: kind}), []string{"x"}, "records of kind "+kind)
		got, err := t.Records(t.ctx, surveys.RecordQuery{Kind: kind, Index: "name", Value: "same"})
		t.noError(err, "Records")
		if len(got) != 1 || got[0].Kind != kind {
			t.Errorf("records of kind %s by key: %v", kind, got)
		}
	}
	t.equal(len(t.recordIDs(surveys.RecordQuery{Kind: "uni"})), 0, "records of a kind that is a beginning")
	t.noError(t.DeleteRecord(t.ctx, "unit", "x", 1), "DeleteRecord")
	t.stays(point)
}

func lifeChecks() []Check {
	return []Check{
		rule("Ping/answers", pingAnswers),
		rule("Ping/cancelled", pingCancelled),
		rule("Close/then_unavailable", closeThenUnavailable),
	}
}

func pingAnswers(t trial) {
	t.noError(t.Ping(t.ctx), "Ping")
	t.add(answered(hall, monday))
	t.noError(t.Ping(t.ctx), "Ping")
}

func pingCancelled(t trial) {
	ctx, cancel := context.WithCancel(t.ctx)
	cancel()
	if t.Ping(ctx) == nil {
		t.Errorf("Ping under a cancelled context gave no error")
	}
}

// A store may be closed more than once; then nothing works any more, and each method says so.
func closeThenUnavailable(t trial) {
	t.add(answered(hall, monday))
	t.noError(t.Close(), "Close")
	t.noError(t.Close(), "Close again")
	t.isError(t.Ping(t.ctx), surveys.ErrUnavailable, "Ping after Close")
	_, err := t.AddResponses(t.ctx, manyAnswered(1, hall, monday))
	t.isError(err, surveys.ErrUnavailable, "AddResponses after Close")
	_, err = t.Record(t.ctx, "unit", "u1")
	t.isError(err, surveys.ErrUnavailable, "Record after Close")
	_, err = t.PutRecord(t.ctx, recordOf("unit", "u1", nil))
	t.isError(err, surveys.ErrUnavailable, "PutRecord after Close")
	err = t.EachResponse(t.ctx, surveys.ResponseQuery{}, func(surveys.Response) error { return nil })
	t.isError(err, surveys.ErrUnavailable, "EachResponse after Close")
	_, err = t.DirtyDays(t.ctx, surveys.DirtyQuery{})
	t.isError(err, surveys.ErrUnavailable, "DirtyDays after Close")
}

func kindsInOrder(t trial) {
	t.kindsAre()
	for i, kind := range []string{"unit", "a/b", "a", "setting", "a-b", "a0", "%", "unit", "điểm"} {
		t.keep(recordOf(kind, fmt.Sprintf("x%d", i), map[string]string{"name": "same"}))
	}
	t.kindsAre("%", "a", "a-b", "a/b", "a0", "setting", "unit", "điểm")
}

func kindsEmptied(t trial) {
	t.keep(recordOf("unit", "x", nil))
	t.keep(recordOf("point", "x", nil))
	t.noError(t.DeleteRecord(t.ctx, "unit", "x", 1), "DeleteRecord")
	t.kindsAre("point")
}

func (t trial) kindsAre(want ...string) {
	t.Helper()
	got, err := t.Kinds(t.ctx)
	t.noError(err, "Kinds")
	t.equal(got, want, "kinds")
}

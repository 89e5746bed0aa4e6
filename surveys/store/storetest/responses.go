package storetest

import (
	"context"
	"slices"
	"time"

	"hailong/surveys"
)

func addChecks() []Check {
	return []Check{
		rule("AddResponses/new_and_repeat", addNewAndRepeat),
		rule("AddResponses/twice_in_one_batch", addTwiceInOneBatch),
		rule("AddResponses/keeps_first", addKeepsFirst),
		rule("AddResponses/empty_batch", addEmptyBatch),
		rule("AddResponses/large_batch", addLargeBatch),
		rule("AddResponses/marks_dirty", addMarksDirty),
		rule("AddResponses/marks_again_after_count", addMarksAgain),
		rule("AddResponses/racing_alike", addRacing),
		rule("AddResponses/cancelled", addCancelled),
		rule("AddResponses/cancelled_midway", addCancelledMidway),
		rule("AddResponses/takes_a_copy", addTakesCopy),
	}
}

func addNewAndRepeat(t trial) {
	a, b, c := answered(hall, monday), answered(hall, monday), answered(clinic, monday)
	t.equal(t.add(a, b), []bool{true, true}, "two new")
	t.equal(t.add(b, c, a), []bool{false, true, false}, "a new one between two known")
	t.equal(len(t.list(surveys.ResponseQuery{})), 3, "stored responses")
}

func addTwiceInOneBatch(t trial) {
	first, other := answered(hall, monday), answered(hall, monday)
	second := first
	second.Comment = "lần hai"
	t.equal(t.add(first, second, other, first), []bool{true, false, true, false}, "two alike in one batch")
	t.equal(t.find(first.ID), first, "the first of the two")
	t.equal(len(t.list(surveys.ResponseQuery{})), 2, "stored responses")
}

func addKeepsFirst(t trial) {
	first := answered(hall, monday)
	t.add(first)
	late := answered(clinic, friday)
	late.ID = first.ID
	t.equal(t.add(late), []bool{false}, "same id, other content")
	t.equal(t.find(first.ID), first, "what stays")
	t.equal(len(t.list(surveys.ResponseQuery{Facility: clinic})), 0, "responses of the repeat's facility")
}

func addEmptyBatch(t trial) {
	t.equal(t.add(), []bool{}, "answer to an empty batch")
	t.equal(len(t.dirty(surveys.DirtyQuery{})), 0, "dirty days")
}

func addLargeBatch(t trial) {
	var batch []surveys.Response
	for i := range 6 {
		batch = append(batch, manyAnswered(100, hall, monday.Add(i))...)
	}
	t.equal(t.add(batch...), slices.Repeat([]bool{true}, 600), "600 new")
	t.equal(t.add(batch[300:]...), slices.Repeat([]bool{false}, 300), "half of them again")
	t.equal(len(t.list(surveys.ResponseQuery{})), 600, "stored responses")
	t.equal(len(t.dirty(surveys.DirtyQuery{})), 6, "dirty days")
}

func addMarksDirty(t trial) {
	t.add(answered(hall, tuesday), answered(clinic, tuesday), answered(hall, monday), answered(hall, monday))
	got := t.dirtyPairs(surveys.DirtyQuery{})
	slices.SortFunc(got, comparePairs)
	t.equal(got, []facilityDay{{hall, monday}, {hall, tuesday}, {clinic, tuesday}}, "dirty days")
}

func addMarksAgain(t trial) {
	t.add(answered(hall, monday))
	t.put(bookOf(hall, monday), t.dirtyOne(hall, monday))
	t.equal(len(t.dirty(surveys.DirtyQuery{})), 0, "dirty days after the count")
	t.add(answered(hall, monday))
	t.dirtyOne(hall, monday)
}

func addRacing(t trial) {
	const racers, size = 6, 40
	batch := manyAnswered(size, hall, monday)
	added := make([][]bool, racers)
	errs := atOnce(racers, func(i int) error {
		mine := slices.Concat(batch[i:], batch[:i]) // each in another order
		got, err := t.AddResponses(t.ctx, mine)
		if len(got) == size {
			added[i] = slices.Concat(got[size-i:], got[:size-i])
		}
		return err
	})
	for i, err := range errs {
		t.noError(err, "AddResponses")
		if added[i] == nil {
			t.Fatalf("AddResponses answered for fewer than %d", size)
		}
	}
	for k := range size {
		isNew := 0
		for i := range racers {
			if added[i][k] {
				isNew++
			}
		}
		t.equal(isNew, 1, "racers told that a response is new")
	}
	t.equal(len(t.list(surveys.ResponseQuery{})), size, "stored responses")
}

func addCancelled(t trial) {
	ctx, cancel := context.WithCancel(t.ctx)
	cancel()
	if _, err := t.AddResponses(ctx, manyAnswered(3, hall, monday)); err == nil {
		t.Errorf("AddResponses under a cancelled context gave no error")
	}
	t.equal(len(t.list(surveys.ResponseQuery{})), 0, "stored responses")
}

// A batch that is cut off anywhere may be stored, in part or not at all; but what is stored is dirty, and
// sending it all again stores each once.
func addCancelledMidway(t trial) {
	for i := range 12 {
		day := monday.Add(i)
		batch := manyAnswered(120, hall, day)
		ctx, cancel := context.WithTimeout(t.ctx, time.Duration(i*i)*100*time.Microsecond)
		_, err := t.AddResponses(ctx, batch)
		cancel()
		stored := len(t.list(surveys.ResponseQuery{From: day, To: day}))
		if err == nil {
			t.equal(stored, len(batch), "stored of an acknowledged batch")
		}
		if stored > 0 && !slices.Contains(t.dirtyPairs(surveys.DirtyQuery{}), facilityDay{hall, day}) {
			t.Errorf("%d responses are stored and their day is not dirty", stored)
		}
		again := 0
		for _, isNew := range t.add(batch...) {
			if isNew {
				again++
			}
		}
		if stored+again > len(batch) { // fewer, where a server finished after we had given up and looked
			t.Errorf("%d were stored and %d new when sent again, of a batch of %d", stored, again, len(batch))
		}
		want := make([]surveys.SubmissionID, len(batch))
		for k, r := range batch {
			want[k] = r.ID
		}
		slices.Sort(want)
		t.equal(t.ids(surveys.ResponseQuery{From: day, To: day}), want, "ids stored in the end")
	}
}

func addTakesCopy(t trial) {
	r := answered(hall, monday)
	r.Answers["K1"] = surveys.ListAnswer("a", "b")
	t.add(r)
	r.Answers["K1"].List[0] = "changed"
	r.Answers["A1"] = surveys.NumberAnswer(1)
	got := t.find(r.ID)
	t.mustEqual(got.Answers["K1"], surveys.ListAnswer("a", "b"), "stored list after the caller changed its own")
	t.equal(got.Answers["A1"], surveys.NumberAnswer(4), "stored answer after the caller changed its own")
	got.Answers["A1"] = surveys.NumberAnswer(2)
	got.Answers["K1"].List[0] = "changed too"
	again := t.find(r.ID)
	t.equal(again.Answers["A1"], surveys.NumberAnswer(4), "stored answer after a reader changed what it got")
	t.equal(again.Answers["K1"], surveys.ListAnswer("a", "b"), "stored list after a reader changed what it got")
}

func responseChecks() []Check {
	return []Check{
		rule("Response/not_found", responseNotFound),
		rule("Response/all_fields", responseAllFields),
		rule("Response/bare", responseBare),
		rule("ResponsesByReceipt/none", receiptNone),
	}
}

func responseNotFound(t trial) {
	t.add(answered(hall, monday))
	_, err := t.Response(t.ctx, surveys.NewSubmissionID())
	t.isError(err, surveys.ErrNotFound, "Response of an unknown id")
	_, err = t.Response(t.ctx, "not-an-id")
	t.isError(err, surveys.ErrNotFound, "Response of what is no id")
}

func responseAllFields(t trial) {
	full := surveys.Response{
		ID: surveys.NewSubmissionID(), Facility: clinic, Point: "p_quầy", Instrument: "outpatient",
		Version: 7, Form: surveys.FullForm, Channel: surveys.Kiosk, Standing: surveys.Aside, Reason: surveys.ReasonBurst, Pace: surveys.Quick, Lang: "en",
		Day: monday, Hour: 23, Arrived: friday,
		Answers: surveys.Answers{
			"A1": surveys.NumberAnswer(0), "G1": surveys.NumberAnswer(100), "G2": surveys.TextAnswer("maybe"),
			"G3": surveys.TextAnswer(""), "K1": surveys.ListAnswer("a", "b"), "K2": surveys.ListAnswer("chỉ một"),
			"T9": surveys.TextAnswer("\"ngoặc\" \\ <b> 'nháy' %s ; -- \t\n"), "đặc.biệt$": surveys.NumberAnswer(3),
		},
		Comment: "Cán bộ nhiệt tình, nhưng chờ lâu quá!\nXin cảm ơn 😀𠮷 \u2028",
	}
	midnight := answered(hall, tuesday)
	midnight.Hour = 0
	typed := surveys.Response{
		ID: surveys.RowSubmissionID("lô 1", "17"), Facility: hall, Point: "p_1", Instrument: "one_stop",
		Version: 1, Form: surveys.FullForm, Channel: surveys.Paper, Standing: surveys.Counted, Lang: "vi",
		Day: monday, Hour: -1, Arrived: tuesday, Answers: surveys.Answers{"A1": surveys.NumberAnswer(1)},
	}
	full.Receipt, typed.Receipt = full.ID.Receipt(), typed.ID.Receipt()
	for _, want := range []surveys.Response{full, midnight, typed} {
		t.equal(t.add(want), []bool{true}, "a new response")
		t.equal(t.find(want.ID), want, "Response")
		byReceipt, err := t.ResponsesByReceipt(t.ctx, want.Receipt)
		t.noError(err, "ResponsesByReceipt")
		t.equal(byReceipt, []surveys.Response{want}, "ResponsesByReceipt")
		t.equal(t.list(surveys.ResponseQuery{Facility: want.Facility, From: want.Day, To: want.Day}),
			[]surveys.Response{want}, "EachResponse")
	}
}

// A comment alone is an answer too.
func responseBare(t trial) {
	bare := answered(hall, monday)
	bare.Answers = surveys.Answers{}
	none := answered(hall, monday)
	none.Answers, none.Comment = nil, ""
	ticked := answered(hall, monday)
	ticked.Answers = surveys.Answers{"K1": surveys.ListAnswer()}
	t.add(bare, none, ticked)
	for _, want := range []surveys.Response{bare, none, ticked} {
		t.equal(t.find(want.ID), want, "Response with few answers")
	}
	t.equal(len(t.list(surveys.ResponseQuery{})), 3, "listed responses")
}

func receiptNone(t trial) {
	t.add(answered(hall, monday))
	got, err := t.ResponsesByReceipt(t.ctx, "NOBODYHASIT0")
	t.noError(err, "ResponsesByReceipt")
	t.equal(len(got), 0, "responses of an unknown receipt")
}

package analytics_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hailong/analytics"
	"hailong/surveys"
)

// counted counts forms with Tally.
func counted(in *surveys.Instrument, forms []surveys.Response) map[analytics.Stream]analytics.Counters {
	tally := analytics.NewTally(in)
	streams := map[analytics.Stream]*analytics.Counters{}
	for _, r := range forms {
		tally.Count(r, func(s analytics.Stream) *analytics.Counters {
			if streams[s] == nil {
				streams[s] = &analytics.Counters{}
			}
			return streams[s]
		})
	}
	out := map[analytics.Stream]analytics.Counters{}
	for s, c := range streams {
		out[s] = *c
	}
	return out
}

func encoded(t tb, c analytics.Counters) string {
	t.Helper()
	raw, err := json.Marshal(c)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return string(raw)
}

// TestRollup: the rollup of any split of the responses equals the rollup of the whole, to the byte; what was added
// can be taken out; and the whole is what the recount says.
func TestRollup(t *testing.T) {
	t.Parallel()
	all, err := testInstruments()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		key := rapid.SampledFrom([]string{"one_stop", "station", "school"}).Draw(t, "instrument")
		in := &all[slices.IndexFunc(all, func(in surveys.Instrument) bool { return in.Key == key })]
		forms := make([]surveys.Response, rapid.IntRange(0, 40).Draw(t, "forms"))
		for i := range forms {
			forms[i] = surveys.Response{
				Instrument: in.Key, Hour: rng.IntN(25) - 1,
				Standing: pick(rng, surveys.Counted, surveys.Counted, surveys.Aside, surveys.Withdrawn),
			}
			answer(rng, &forms[i])
		}
		whole := counted(in, forms)
		parts := make([][]surveys.Response, rapid.IntRange(1, 5).Draw(t, "parts"))
		for _, f := range forms {
			i := rng.IntN(len(parts))
			parts[i] = append(parts[i], f)
		}
		for _, stream := range []analytics.Stream{analytics.Answers, analytics.Aside, analytics.Detail, analytics.Restricted} {
			var sum analytics.Counters
			for _, part := range parts {
				sum = sum.Add(counted(in, part)[stream])
			}
			want := encoded(t, whole[stream])
			if got := encoded(t, sum); got != want {
				t.Errorf("%s in parts\n%s, as a whole\n%s", stream, got, want)
			}
			first := counted(in, parts[0])[stream]
			if got := encoded(t, sum.Sub(first).Add(first)); got != want {
				t.Errorf("%s: out and in again\n%s, want\n%s", stream, got, want)
			}
			if got := encoded(t, first.Add(sum.Sub(first))); got != want {
				t.Errorf("%s: the rest and the part\n%s, want\n%s", stream, got, want)
			}
			if left := sum.Sub(whole[stream]); !left.IsZero() || encoded(t, left) != encoded(t, analytics.Counters{}) {
				t.Errorf("%s: of nothing remains %+v", stream, left)
			}
			var decoded analytics.Counters
			if err := json.Unmarshal([]byte(want), &decoded); err != nil || encoded(t, decoded) != want {
				t.Errorf("%s: decoded %+v, %v", stream, decoded, err)
			}
			recount := flat{}
			o := &office{instruments: map[string]*surveys.Instrument{in.Key: in}}
			for _, f := range forms {
				if slices.Contains(streams(f.Standing), stream) {
					recount.add(o.recount(&given{Response: f}, stream), 1)
				}
			}
			o.tb = t
			o.same(flatten(whole[stream]), recount, "%s", stream)
		}
	})
}

// TestAddLeavesAlone: adding changes neither of the two.
func TestAddLeavesAlone(t *testing.T) {
	t.Parallel()
	all, err := testInstruments()
	if err != nil {
		t.Fatal(err)
	}
	form := surveys.Response{Standing: surveys.Counted, Hour: 9, Answers: scale(4, core("one_stop")...)}
	a, b := counted(&all[0], []surveys.Response{form})["answers"], counted(&all[0], []surveys.Response{form, form})["answers"]
	beforeA, beforeB := encoded(t, a), encoded(t, b)
	a.Add(b)
	a.Sub(b)
	analytics.Counters{}.Add(b).Items["A3"][4] = 99
	if encoded(t, a) != beforeA || encoded(t, b) != beforeB {
		t.Errorf("%+v and %+v changed", a, b)
	}
}

// FuzzParts: whatever stands in a book, reading it gives parts or an error, never a panic, and what is read can be
// added up and taken apart.
func FuzzParts(f *testing.F) {
	f.Add(1, []byte(`[{"i":"one_stop","v":1,"t":"answers","p":"p_1","f":"short","c":"qr","a":"2026-03-03","k":{"n":3,"sums":{"n":3,"s":1},"items":{"A3":[0,1,2]},"z":{"A3":[1]},"h":[1]}}]`))
	f.Add(1, []byte(`[{"k":{"items":{"":null,"A":[]}}},{}]`))
	f.Add(1, []byte(`null`))
	f.Add(0, []byte(`[]`))
	f.Add(1, []byte(`[`))
	f.Fuzz(func(t *testing.T, format int, body []byte) {
		parts, err := analytics.Parts(surveys.DayBook{Facility: hall, Day: "2026-03-03", Format: format, Body: body})
		if err != nil {
			return
		}
		var total analytics.Counters
		for _, p := range parts {
			total = total.Add(p.Counters)
		}
		for _, p := range parts {
			total = total.Sub(p.Counters)
		}
		if !total.IsZero() {
			t.Errorf("of %s, added and taken out, remains %+v", body, total)
		}
	})
}

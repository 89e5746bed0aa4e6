package storetest

import (
	"fmt"
	"iter"
	"math/rand/v2"

	"hailong/surveys"
	"hailong/surveys/instruments"
)

// A Year is what measurements fill a store with: responses of a year at many facilities.
type Year struct {
	Responses  int
	Facilities int
	First      surveys.Day
	Days       int
	// ByFacility gives one facility after the other, as one file of each would; else day by day across all.
	ByFacility bool
}

// FacilityID is the id of the i-th facility.
func (y Year) FacilityID(i int) surveys.FacilityID {
	return surveys.FacilityID(fmt.Sprintf("f_%012d", i))
}

// Batches gives the responses in batches, made as they are asked for. One in five is a full form, one in ten has a
// comment; the rest are short forms of the core items.
func (y Year) Batches(size int) iter.Seq2[[]surveys.Response, error] {
	return func(yield func([]surveys.Response, error) bool) {
		all, err := instruments.All()
		if err != nil {
			yield(nil, err)
			return
		}
		rng := rand.New(rand.NewPCG(1, 2))
		for from := 0; from < y.Responses; from += size {
			batch := make([]surveys.Response, min(size, y.Responses-from))
			for i := range batch {
				batch[i] = y.response(from+i, all[0], rng)
			}
			if !yield(batch, nil) {
				return
			}
		}
	}
}

func (y Year) response(i int, in surveys.Instrument, rng *rand.Rand) surveys.Response {
	facility, day := rng.IntN(y.Facilities), i*y.Days/y.Responses
	if y.ByFacility {
		facility, day = i*y.Facilities/y.Responses, i%(y.Responses/y.Facilities+1)*y.Days/(y.Responses/y.Facilities+1)
	}
	id := surveys.NewSubmissionID()
	r := surveys.Response{
		ID: id, Receipt: id.Receipt(), Facility: y.FacilityID(facility),
		Point:      surveys.PointID(fmt.Sprintf("p_%012d", 3*facility+rng.IntN(3))),
		Instrument: in.Key, Version: 1, Form: surveys.ShortForm, Channel: surveys.QR, Standing: surveys.Counted,
		Lang: "vi", Day: y.First.Add(day), Hour: 7 + rng.IntN(10), Answers: surveys.Answers{},
	}
	r.Arrived = r.Day
	if rng.IntN(5) == 0 {
		r.Form = surveys.FullForm
	}
	if rng.IntN(10) == 0 {
		r.Comment = "Cán bộ nhiệt tình, chờ hơi lâu"
	}
	for _, it := range in.Items {
		if it.Kind == surveys.Scale5 && (it.Short() || r.Form == surveys.FullForm && it.Scored()) && rng.IntN(20) > 0 {
			r.Answers[it.Code] = surveys.NumberAnswer(5 - min(rng.IntN(6), rng.IntN(6), 4))
		}
	}
	return r
}

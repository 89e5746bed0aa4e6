package surveys

import (
	"context"
)

// Visits is how many people a facility says that it served from one day to another, both included.
type Visits struct {
	Facility FacilityID `json:"facility"`
	From     Day        `json:"from"`
	To       Day        `json:"to"`
	Count    int        `json:"count"`
}

// DeclaredVisits is the collection of what facilities declare, a record for each span.
func DeclaredVisits() Collection[Visits] {
	return Collection[Visits]{
		Kind: "visits",
		ID:   func(v Visits) string { return string(v.Facility) + " " + string(v.From) + " " + string(v.To) },
		Keys: func(v Visits) map[string]string { return map[string]string{"facility": string(v.Facility)} },
	}
}

// VisitsADay is the mean of a facility's declared visits on a day, by the shortest span that holds it. A span that was
// declared after the day's end tells of that day too; false where none does.
func VisitsADay(ctx context.Context, s RecordStore, facility FacilityID, day Day) (mean float64, known bool, err error) {
	spans, err := DeclaredVisits().By(ctx, s, "facility", string(facility))
	if err != nil {
		return 0, false, err
	}
	shortest := 0
	for _, v := range spans {
		days := v.Value.From.DaysTo(v.Value.To) + 1
		if day < v.Value.From || day > v.Value.To || known && days >= shortest {
			continue
		}
		mean, known, shortest = float64(v.Value.Count)/float64(days), true, days
	}
	return mean, known, nil
}

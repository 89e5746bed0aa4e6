package demo

import (
	"context"

	"hailong/surveys"
)

// see counts that a form was opened, and begun, by whoever sent it, and by some who did not send it.
func (w *writer) see(place surveys.Place, day surveys.Day) {
	u, ok := w.use[day.Month()]
	if !ok {
		u = surveys.Usage{Facility: place.Facility.ID, Month: day.Month(), Points: map[surveys.PointID]map[int]surveys.Use{}}
		w.use[day.Month()] = u
	}
	if u.Points[place.Point.ID] == nil {
		u.Points[place.Point.ID] = map[int]surveys.Use{}
	}
	lookers := int64(poisson(w.eyes, 0.7))
	starters := int64(0)
	for range lookers {
		if w.eyes.Float64() < 0.4 {
			starters++
		}
	}
	n := day.Date().Day()
	u.Points[place.Point.ID][n] = u.Points[place.Point.ID][n].Add(surveys.Use{Opened: 1 + lookers, Begun: 1 + starters})
}

// storeUse adds what was seen, once.
func (w *writer) storeUse(ctx context.Context, st surveys.RecordStore) error {
	for _, u := range w.use {
		if err := surveys.AddUsage(ctx, st, u, "demo"); err != nil {
			return err
		}
	}
	return nil
}

// coveredFor is for how many days the poster at the hospital's gate has been covered.
const coveredFor = 8

// at is where a form is given that would be given at a place, was its poster not covered.
func (w *writer) at(place surveys.Place, day surveys.Day) surveys.Place {
	if w.site.facility.Kind == "hospital" && place.Point.Kind == "gate" && day > w.last.Add(-coveredFor) {
		return w.places[0]
	}
	return place
}

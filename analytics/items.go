package analytics

import (
	"context"
	"fmt"
	"slices"

	"hailong/surveys"
)

// addItems adds the item tables and factor rates of one instrument, and the releases they come from.
func (d *Desk) addItems(ctx context.Context, s *Summary, q Query, members []member, sheets []sheet) error {
	in, err := surveys.LatestInstrument(ctx, d.store, q.Instrument)
	if err != nil {
		return fmt.Errorf("items of %s: %w", q.Instrument, err)
	}
	rows := map[string][]int64{}
	withheld := map[string]bool{}
	for i, m := range members {
		picked := map[string]bool{}
		for _, r := range slices.Concat(sheets[i].shown, sheets[i].detail) {
			picked[r.ID] = true
		}
		for _, r := range sheets[i].detail {
			s.Releases = append(s.Releases, r.ID)
		}
		if err := d.readItems(ctx, m.facility.ID, q, picked, rows, withheld); err != nil {
			return err
		}
	}
	slices.Sort(s.Releases)
	s.tabulate(in, rows, withheld)
	return nil
}

// readItems adds up the shown tables of the picked releases of one facility.
func (d *Desk) readItems(ctx context.Context, id surveys.FacilityID, q Query, picked map[string]bool,
	rows map[string][]int64, withheld map[string]bool,
) error {
	if len(picked) == 0 {
		return nil
	}
	rq := surveys.ReleaseQuery{Facility: id, From: q.From, To: q.To, WithoutParts: true}
	err := d.store.EachRelease(ctx, rq, func(rec surveys.ReleaseRecord) error {
		if !picked[rec.ID] {
			return nil
		}
		r, err := ReadRelease(rec)
		if err != nil {
			return err
		}
		for code, row := range r.Items {
			rows[code] = mergeRow(rows[code], row, 1)
		}
		for _, code := range r.Withheld {
			withheld[code] = true
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read item tables of %s: %w", id, err)
	}
	return nil
}

// tabulate lists the scale5 items in the instrument's order. An item none of whose tables is shown is
// withheld; one that no release asked is left out.
func (s *Summary) tabulate(in *surveys.Instrument, rows map[string][]int64, withheld map[string]bool) {
	rates := map[string][]float64{}
	var liked, given int64
	for _, it := range in.Items {
		row := rows[it.Code]
		switch {
		case it.Kind != surveys.Scale5 || row == nil && !withheld[it.Code]:
			continue
		case row == nil:
			s.Items = append(s.Items, ItemTable{Code: it.Code, Factor: it.Factor, Withheld: true})
			continue
		}
		table := itemTable(it, row)
		s.Items = append(s.Items, table)
		if it.Scored() && table.Rate != nil {
			rates[it.Factor] = append(rates[it.Factor], *table.Rate)
			liked, given = liked+satisfied(row), given+answered(row)
		}
	}
	if given > 0 {
		rate := float64(liked) / float64(given)
		s.ScoredRate = &rate
	}
	for _, f := range in.Factors {
		if shown := rates[f.Code]; len(shown) > 0 {
			s.Factors = append(s.Factors, FactorRate{Code: f.Code, Rate: mean(shown)})
		}
	}
}

func itemTable(it surveys.Item, row []int64) ItemTable {
	t := ItemTable{Code: it.Code, Factor: it.Factor, None: &row[0], Counts: (*[5]int64)(row[1:6])}
	n := answered(row)
	t.Answered = &n
	if n > 0 {
		rate := float64(satisfied(row)) / float64(n)
		lower, upper := Wilson(rate, float64(n))
		t.Rate, t.Interval = &rate, &[2]float64{lower, upper}
	}
	return t
}

func mean(values []float64) float64 {
	var total float64
	for _, v := range values {
		total += v
	}
	return total / float64(len(values))
}

// ChoiceTable is the distribution of a restricted item over its options.
type ChoiceTable struct {
	Item   surveys.Item
	Counts []int64 // by option
}

// Restricted adds up the released restricted items of a facility. It is for administrator and office only;
// the caller sees to that.
func (d *Desk) Restricted(ctx context.Context, q Query) ([]ChoiceTable, error) {
	rows := map[string][]int64{}
	rq := surveys.ReleaseQuery{Facility: surveys.FacilityID(q.Scope.Name), From: q.From, To: q.To, WithoutParts: true}
	err := d.store.EachRelease(ctx, rq, func(rec surveys.ReleaseRecord) error {
		r, err := ReadRelease(rec)
		if err != nil || r.Stream != Restricted || r.Released > orDay(q.Asof, d.today()) {
			return err
		}
		for code, row := range r.Items {
			rows[r.Instrument+"/"+code] = mergeRow(rows[r.Instrument+"/"+code], row, 1)
		}
		return nil
	})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	instruments, err := surveys.Instruments(ctx, d.store)
	if err != nil {
		return nil, fmt.Errorf("restricted items: %w", err)
	}
	var tables []ChoiceTable
	for _, in := range instruments {
		for _, it := range in.Items {
			if row := rows[in.Key+"/"+it.Code]; row != nil && it.Role == surveys.Restricted {
				tables = append(tables, ChoiceTable{Item: it, Counts: row})
				delete(rows, in.Key+"/"+it.Code)
			}
		}
	}
	return tables, nil
}

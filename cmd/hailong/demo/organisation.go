// Package demo makes a store to try the product on: the real units of Nghĩa Hưng before and after 1 July 2025,
// and invented facilities and answers. It is deterministic but for tokens, and may be run again on a store that
// it was stopped on.
package demo

import (
	"context"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"

	"hailong/surveys"
)

// unitsCSV lists the 20 units of the district to 30 June 2025 and the 7 communes that took over.
//
//go:embed units.csv
var unitsCSV string

const (
	founded   surveys.Day = "2021-01-01" // of the plan's tree
	lastOfOld surveys.Day = "2025-06-30"
	reform    surveys.Day = "2025-07-01"

	invented = "Cơ sở giả định cho bản trình diễn"
)

// place is one of the 20 old units, with the commune it became part of.
type place struct {
	code, name string // name without its kind
	commune    string // code
	seat       bool   // its code went on to the commune
}

// units builds both trees.
func units() ([]surveys.Unit, []place, error) {
	records, err := csv.NewReader(strings.NewReader(unitsCSV)).ReadAll()
	if err != nil {
		return nil, nil, fmt.Errorf("read units: %w", err)
	}
	list := []surveys.Unit{
		{Code: "36", Name: "Tỉnh Nam Định", Kind: "province", From: founded, To: lastOfOld, Successors: []string{"37"}},
		{Code: "361", Name: "Huyện Nghĩa Hưng", Kind: "district", Parent: "36", From: founded, To: lastOfOld},
		{Code: "37", Name: "Tỉnh Ninh Bình", Kind: "province", From: reform},
	}
	var places []place
	seen := map[string]bool{}
	for _, r := range records[1:] {
		kind, bare := surveys.UnitKind("commune"), strings.TrimPrefix(r[1], "Xã ")
		if r[2] == "Thị trấn" {
			kind, bare = "town", strings.TrimPrefix(r[1], "Thị trấn ")
		}
		list = append(list, surveys.Unit{
			Code: r[0], Name: r[1], Kind: kind, Parent: "361", From: founded, To: lastOfOld, Successors: []string{r[3]},
		})
		if !seen[r[3]] {
			seen[r[3]] = true
			list = append(list, surveys.Unit{Code: r[3], Name: r[4], Kind: "commune", Parent: "37", From: reform})
		}
		places = append(places, place{code: r[0], name: bare, commune: r[3], seat: r[0] == r[3]})
	}
	return list, places, nil
}

// site is a facility with its points and how it is used.
type site struct {
	facility surveys.Facility
	points   []surveys.Point
	daily    float64 // forms on a usual weekday
	rate     float64 // of satisfied answers
	paper    float64 // share typed from paper
	full     float64 // share of full forms
	weekend  bool
	plan     []quota // instead of daily: exact numbers a quarter
}

// quota is how many forms of a channel a facility gets in every quarter.
type quota struct {
	channel surveys.Channel
	forms   int
}

// newSite makes a facility of the demo; its number makes its id.
func newSite(n int, unit, name string, sector surveys.Sector, kind surveys.FacilityKind, instrument string) site {
	return site{facility: surveys.Facility{
		ID: surveys.FacilityID(fmt.Sprintf("demo-%03d", n)), Name: name, Sector: sector, Kind: kind, Address: invented,
		Instrument: instrument, From: founded, Placements: []surveys.Placement{{Unit: unit, From: founded}},
	}}
}

// hang adds points by kind and name.
func (s site) hang(points ...[2]string) site {
	for _, p := range points {
		s.points = append(s.points, surveys.Point{Facility: s.facility.ID, Kind: surveys.PointKind(p[0]), Name: p[1]})
	}
	return s
}

// store writes the organisation; what stands there already is left alone, tokens above all.
func store(ctx context.Context, st surveys.Store, list []surveys.Unit, sites []site) error {
	for _, u := range list {
		if _, err := surveys.Units().Put(ctx, st, u, 0); err != nil && !errors.Is(err, surveys.ErrConflict) {
			return fmt.Errorf("store unit: %w", err)
		}
	}
	for _, s := range sites {
		if _, err := surveys.Facilities().Put(ctx, st, s.facility, 0); err != nil && !errors.Is(err, surveys.ErrConflict) {
			return fmt.Errorf("store facility: %w", err)
		}
		for i := range s.points {
			p := &s.points[i]
			p.ID = surveys.PointID(fmt.Sprintf("%s-%d", s.facility.ID, i+1))
			p.Token = surveys.NewToken()
			if _, err := surveys.Points().Put(ctx, st, *p, 0); err != nil && !errors.Is(err, surveys.ErrConflict) {
				return fmt.Errorf("store point: %w", err)
			}
		}
	}
	return surveys.OrganisationChanged(ctx, st)
}

package view

import (
	"slices"

	"hailong/surveys"
)

// PointsPage lists the points in use with how they are used, those that seem to need somebody first. The filter is a GET
// of "q", "unit" and "sector".
type PointsPage struct {
	StaffFrame
	Filter ListFilter
	// Problems are the points of the filter that seem to need somebody; on the first page only.
	Problems []PointRow
	Rows     []PointRow
	// Total counts the points of the filter, All those of the installation.
	Total, All int
	// Since is the day on which counting began, AsOf the last day that is counted.
	Since, AsOf surveys.Day
	// Next and First are the addresses of the next page and the first, "" on the last and the first.
	Next, First string
}

func (PointsPage) template() string { return "staff/points" }

// PointRow is one point in use.
type PointRow struct {
	Facility, FacilityURL string
	Point                 string
	Kind                  string // as in a SurveyPoint
	Use                   PointUse
	// Prints are the papers with its code that are not taken down; PrintURL is where they are kept.
	Prints   []PrintRow
	PrintURL string
}

// Replace is the first paper that must be replaced, nil where none must.
func (r PointRow) Replace() *PrintRow {
	i := slices.IndexFunc(r.Prints, func(p PrintRow) bool { return p.Stale != "" })
	if i < 0 {
		return nil
	}
	return &r.Prints[i]
}

// Sound says that the point needs nobody.
func (r PointRow) Sound() bool { return r.Use.Problem == "" && r.Replace() == nil }

// PointUse is how a point was used up to the last midnight. Numbers that are not exact are whole tens, the rest left out.
type PointUse struct {
	Exact       bool
	Week, Month UseCounts // the last 7 and 28 days
	// Seen is the day on which it was opened last, "" not for a year, or never.
	Seen surveys.Day
	// Share is the share of the openings of 28 days that was sent; HasShare says that there are enough of them.
	Share    float64
	HasShare bool
	// Medium is paper, link or kiosk.
	Medium string
	// Problem is silent, never or unsent; "" none.
	Problem string
}

// UseCounts are openings, starts and forms sent.
type UseCounts struct{ Opened, Begun, Sent UseCount }

// UseCount is a number, or the whole tens of one.
type UseCount struct {
	N     int64
	Exact bool
}

// Reach is whom the points of a facility ask, and how to ask others.
type Reach struct {
	// Missing are the groups that no point asks.
	Missing []MissingGroup
	// OnlyResults says that all points stand where people take away what they came for.
	OnlyResults bool
	// Offers are the points that can be made by a click. The form posts "csrf", "kind", "name" and "back" to Action.
	Offers       []PointOffer
	Action, Back string
	CSRF         string
}

// MissingGroup is a group that no point asks, with the kinds of points that would.
type MissingGroup struct {
	Name  string // refused, left, queuing, distant, families or served
	Kinds []string
}

// PointOffer is a point that can be made.
type PointOffer struct{ Kind, Name string }

// Offer is one of the offers with what its form needs.
func (r Reach) Offer(o PointOffer) PointOfferForm { return PointOfferForm{PointOffer: o, Reach: r} }

// PointOfferForm is the form of an offer.
type PointOfferForm struct {
	PointOffer
	Reach Reach
}

package view

import (
	"strconv"

	"hailong/surveys"
)

// KioskSettingPage is where staff set how a tablet asks at a point. It posts "csrf", "form" (pulse or short), "interval",
// "idle", "hours1" to "hours7" (Monday first) and "pin" to Action.
type KioskSettingPage struct {
	StaffFrame
	Facility, Point string
	Action, Back    string
	// URL is the address that the tablet opens.
	URL     string
	Retired bool
	// PIN says that one is set.
	PIN   bool
	Pulse bool
	// Interval, Idle and Hours are as they were typed.
	Interval, Idle string
	Hours          [7]string
	Problems       []KioskMistake
	Saved          bool
}

func (KioskSettingPage) template() string { return "staff/kiosk" }

// KioskProblem is what is wrong with a field of a KioskSettingPage.
type KioskProblem string

// The problems.
const (
	KioskFormUnknown   KioskProblem = "form"
	KioskIntervalWrong KioskProblem = "interval"
	KioskIdleWrong     KioskProblem = "idle"
	KioskNeverOpen     KioskProblem = "hours"
	KioskPINWrong      KioskProblem = "pin"
	KioskPINEasy       KioskProblem = "pin_easy"
	KioskPINMissing    KioskProblem = "pin_missing"
	kioskDay           KioskProblem = "day"
)

// KioskMistake is a problem with the field it is about.
type KioskMistake struct {
	Field   string
	Problem KioskProblem
	Day     int // from 1, for the hours of a day
}

// Least is the lower limit of a number.
func (m KioskMistake) Least() int { return limits(m.Problem == KioskIntervalWrong)[0] }

// Most is the upper one.
func (m KioskMistake) Most() int { return limits(m.Problem == KioskIntervalWrong)[1] }

func limits(interval bool) [2]int {
	if interval {
		return [2]int{surveys.KioskIntervalLeast, surveys.KioskIntervalMost}
	}
	return [2]int{surveys.KioskIdleLeast, surveys.KioskIdleMost}
}

// Wrong notes a mistake.
func (p *KioskSettingPage) Wrong(field string, problem KioskProblem) {
	p.Problems = append(p.Problems, KioskMistake{Field: field, Problem: problem})
}

// WrongDay notes that the hours of a day, from 1, cannot be read.
func (p *KioskSettingPage) WrongDay(day int) {
	p.Problems = append(p.Problems, KioskMistake{Field: "hours" + strconv.Itoa(day), Problem: kioskDay, Day: day})
}

// Bad says whether something is wrong with a field.
func (p KioskSettingPage) Bad(field string) bool {
	for _, m := range p.Problems {
		if m.Field == field {
			return true
		}
	}
	return false
}

// Limits are the least and most of a field.
func (KioskSettingPage) Limits(field string) [2]int { return limits(field == "interval") }

// KioskDay is one day of the form.
type KioskDay struct {
	Day   int // from 1, Monday
	Field string
	Hours string
}

// Days are the days of the form.
func (p KioskSettingPage) Days() []KioskDay {
	days := make([]KioskDay, 0, len(p.Hours))
	for i, hours := range p.Hours {
		days = append(days, KioskDay{Day: i + 1, Field: "hours" + string(rune('1'+i)), Hours: hours})
	}
	return days
}

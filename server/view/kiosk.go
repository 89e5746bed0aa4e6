package view

import (
	"encoding/json"
	"fmt"

	"hailong/surveys"
)

// KioskPage is the page of a tablet. It holds every screen in every language; kiosk.js shows one at a time.
type KioskPage struct {
	Place Place
	Token string
	// Action is where answers are posted, as by the form of the same point.
	Action string
	// Term names the PIN in force and tells nothing of it; "" while nothing is set up.
	Term string
	// Interval and Idle are in seconds.
	Interval, Idle int
	Hours          surveys.Week
	// Pulse: one question, whose answer is sent with the tap.
	Pulse bool
	Now   int64 // Unix ms
	Faces []KioskFace
}

func (KioskPage) template() string { return "citizen/kiosk" }

// Spans is the week for the script: by day, Monday first, from and to in minutes.
func (p KioskPage) Spans() (string, error) {
	week := [7][][2]int{}
	for i, spans := range p.Hours {
		week[i] = [][2]int{}
		for _, s := range spans {
			week[i] = append(week[i], [2]int{s.From, s.To})
		}
	}
	raw, err := json.Marshal(week)
	if err != nil {
		return "", fmt.Errorf("hours of a kiosk: %w", err)
	}
	return string(raw), nil
}

// KioskFace is the page in one language.
type KioskFace struct {
	Lang      Lang
	Questions []Question
	Hours     surveys.Week
}

// Keys are the digits of the pad but 0, which stands between two others.
func (KioskFace) Keys() []int { return []int{1, 2, 3, 4, 5, 6, 7, 8, 9} }

// Ask is a question with its place on the face.
func (f KioskFace) Ask(i int) KioskAsk {
	return KioskAsk{Question: f.Questions[i], Lang: f.Lang, Number: i + 1, Total: len(f.Questions)}
}

// KioskAsk is one screen with a question.
type KioskAsk struct {
	Question
	Lang          Lang
	Number, Total int
}

// Days lists the hours of the week, weekday by weekday from 1, those alike in a row together.
func (f KioskFace) Days() []KioskDays {
	var list []KioskDays
	for i, spans := range f.Hours {
		text := surveys.SpansText(spans)
		if n := len(list); n > 0 && list[n-1].Hours == text {
			list[n-1].To = i + 1
			continue
		}
		list = append(list, KioskDays{From: i + 1, To: i + 1, Hours: text})
	}
	return list
}

// KioskDays are weekdays with the same hours, "" where it is closed.
type KioskDays struct {
	From, To int
	Hours    string
}

// KioskCSP is the Content-Security-Policy of the kiosk's page: as CitizenCSP, with its own style.
func (r *Renderer) KioskCSP() string { return r.kioskCSP }

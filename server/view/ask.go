package view

import "strings"

// ask is what the template of one question sees; for the comment it holds Code and Problems only.
type ask struct {
	Question      Question
	Code          string
	Number, Total int
	Problems      []Problem
	Condition     *Message
}

// Ask gathers what the template of the question q needs.
func (p FormPage) Ask(q Question) ask { //nolint:revive // for templates only
	a := ask{
		Question: q, Code: q.Code, Number: p.Number(q.Code), Total: len(p.Questions), Problems: p.ProblemsOf(q.Code),
	}
	if q.ShowIf != nil && len(q.ShowIf.Answers) > 0 && p.Number(q.ShowIf.Code) > 0 {
		m := Msg("citizen.only_if", p.Number(q.ShowIf.Code), "“"+strings.Join(q.ShowIf.Answers, "” / “")+"”")
		a.Condition = &m
	}
	return a
}

// About gathers what stands beside the item called code.
func (p FormPage) About(code string) ask { //nolint:revive // for templates only
	return ask{Code: code, Problems: p.ProblemsOf(code)}
}

// DescribedBy lists the ids of the texts that explain the question, for aria-describedby.
func (a ask) DescribedBy() string {
	var ids []string
	if a.Question.Prompt != "" {
		ids = append(ids, a.Code+"-p")
	}
	if a.Condition != nil {
		ids = append(ids, a.Code+"-i")
	}
	if len(a.Problems) > 0 {
		ids = append(ids, a.Code+"-e")
	}
	return strings.Join(ids, " ")
}

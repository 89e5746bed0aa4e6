package openloop

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"hailong/surveys"
)

const (
	checkTries  = 10
	checkPause  = time.Second
	checkWithin = 20 * time.Second // all of it: a server that is gone is not asked five hundred times
)

// Check sends each of the sample once more: a submission that is stored is answered 200 and with its receipt. One that
// is new to the server was lost (and is stored now).
func Check(ctx context.Context, to Sender, sample []Acknowledged, sheets []*Sheet) CheckReport {
	questions := map[surveys.Token]string{}
	for _, s := range sheets {
		questions[s.Token] = s.Questions[0]
	}
	ctx, cancel := context.WithTimeout(ctx, checkWithin)
	defer cancel()
	report := CheckReport{Asked: len(sample)}
	for _, a := range sample {
		switch status := known(ctx, to, a, questions[a.Token]); status {
		case http.StatusOK:
			report.Known++
		case http.StatusCreated:
			report.Lost++
		default:
			report.Unknown++
		}
	}
	return report
}

// known is the status of the answer to a submission that should be known, 0 where there was no proper answer.
func known(ctx context.Context, to Sender, a Acknowledged, question string) int {
	body, err := json.Marshal(map[string]any{"token": a.Token, "submission_id": a.ID, "answers": map[string]int{question: 3}})
	if err != nil {
		return 0 // texts and numbers
	}
	q := Request{Method: http.MethodPost, Path: answersPath, Type: "application/json", Body: body}
	for try := 0; try < checkTries && ctx.Err() == nil; try++ {
		reply, err := to.Send(ctx, q)
		if err == nil && reply.Status != http.StatusServiceUnavailable {
			if acknowledges(a.ID)(reply) != nil {
				return 0
			}
			return reply.Status
		}
		select { // the server may still be busy
		case <-time.After(checkPause):
		case <-ctx.Done():
			return 0
		}
	}
	return 0
}

package mongo

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"hailong/surveys"
)

// errDocument: a response that cannot be written as, or read from, a document.
var errDocument = errors.New("not a response")

type responseDoc struct {
	ID         surveys.SubmissionID `bson:"_id"`
	Receipt    surveys.Receipt      `bson:"receipt"`
	At         facilityDay          `bson:",inline"`
	Point      surveys.PointID      `bson:"point"`
	Instrument string               `bson:"instrument"`
	Version    int                  `bson:"version"`
	Form       surveys.Form         `bson:"form"`
	Channel    surveys.Channel      `bson:"channel"`
	Standing   surveys.Standing     `bson:"standing"`
	Reason     string               `bson:"reason"`
	Pace       surveys.Pace         `bson:"pace,omitempty"`
	Lang       string               `bson:"lang"`
	Hour       int                  `bson:"hour"`
	Arrived    surveys.Day          `bson:"arrived"`
	Answers    bson.D               `bson:"answers"` // item code → number, string or array of strings
	Comment    string               `bson:"comment"`
}

func encodeResponse(r surveys.Response) (responseDoc, error) {
	answers := make(bson.D, 0, len(r.Answers))
	for _, code := range slices.Sorted(maps.Keys(r.Answers)) {
		value, err := encodeAnswer(r.Answers[code])
		if err != nil {
			return responseDoc{}, fmt.Errorf("item %s: %w", code, err)
		}
		answers = append(answers, bson.E{Key: code, Value: value})
	}
	return responseDoc{
		ID: r.ID, Receipt: r.Receipt, At: facilityDay{r.Facility, r.Day}, Point: r.Point,
		Instrument: r.Instrument, Version: r.Version, Form: r.Form, Channel: r.Channel,
		Standing: r.Standing, Reason: r.Reason, Pace: r.Pace, Lang: r.Lang, Hour: r.Hour, Arrived: r.Arrived,
		Answers: answers, Comment: r.Comment,
	}, nil
}

func (d responseDoc) decode() (surveys.Response, error) {
	answers := make(surveys.Answers, len(d.Answers))
	for _, e := range d.Answers {
		answer, err := decodeAnswer(e.Value)
		if err != nil {
			return surveys.Response{}, fmt.Errorf("response, item %s: %w", e.Key, err)
		}
		answers[e.Key] = answer
	}
	return surveys.Response{
		ID: d.ID, Receipt: d.Receipt, Facility: d.At.Facility, Day: d.At.Day, Point: d.Point,
		Instrument: d.Instrument, Version: d.Version, Form: d.Form, Channel: d.Channel,
		Standing: d.Standing, Reason: d.Reason, Pace: d.Pace, Lang: d.Lang, Hour: d.Hour, Arrived: d.Arrived,
		Answers: answers, Comment: d.Comment,
	}, nil
}

func encodeAnswer(a surveys.Answer) (any, error) {
	switch a.Kind {
	case surveys.Number:
		return a.Number, nil
	case surveys.Text:
		return a.Text, nil
	case surveys.List:
		return append([]string{}, a.List...), nil // no list is an empty one, not null
	default:
		return nil, fmt.Errorf("answer of kind %d: %w", a.Kind, errDocument)
	}
}

func decodeAnswer(value any) (surveys.Answer, error) {
	switch v := value.(type) {
	case int32:
		return surveys.NumberAnswer(int(v)), nil
	case int64:
		return surveys.NumberAnswer(int(v)), nil
	case float64: // as a shell writes numbers
		if v != math.Trunc(v) {
			return surveys.Answer{}, fmt.Errorf("number %v: %w", v, errDocument)
		}
		return surveys.NumberAnswer(int(v)), nil
	case string:
		return surveys.TextAnswer(v), nil
	case bson.A:
		codes := make([]string, 0, len(v))
		for _, element := range v {
			code, ok := element.(string)
			if !ok {
				return surveys.Answer{}, fmt.Errorf("list with a %T: %w", element, errDocument)
			}
			codes = append(codes, code)
		}
		return surveys.ListAnswer(codes...), nil
	default:
		return surveys.Answer{}, fmt.Errorf("answer is a %T: %w", value, errDocument)
	}
}

package surveys_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"hailong/surveys"
)

func TestAnswersAreWrittenAsTheyAreRead(t *testing.T) {
	t.Parallel()
	for want, answers := range map[string]surveys.Answers{
		`{}`: {},
		`{"A1":0,"B":100,"T1":"Ông \"Ba\" \u003cb\u003e","X":["a","b"],"Y":[]}`: {
			"X": surveys.ListAnswer("a", "b"), "A1": surveys.NumberAnswer(0), "T1": surveys.TextAnswer(`Ông "Ba" <b>`),
			"B": surveys.NumberAnswer(100), "Y": {Kind: surveys.List, List: []string{}},
		},
		`{"a\"\n":-5}`: {"a\"\n": surveys.NumberAnswer(-5)},
	} {
		text, err := json.Marshal(answers)
		if err != nil || string(text) != want {
			t.Errorf("got %s, %v, want %s", text, err, want)
		}
		var again surveys.Answers
		if err = json.Unmarshal(text, &again); err != nil || !reflect.DeepEqual(again, answers) {
			t.Errorf("%s comes back as %v, %v", text, again, err)
		}
	}
	for want, answers := range map[string]surveys.Answers{`{}`: nil, `{"X":[]}`: {"X": surveys.ListAnswer()}} {
		if text, err := json.Marshal(answers); err != nil || string(text) != want {
			t.Errorf("got %s, %v, want %s", text, err, want)
		}
	}
	if text, err := json.Marshal(surveys.Answers{"A1": {}}); err == nil {
		t.Errorf("an answer without a value became %s", text)
	}
}

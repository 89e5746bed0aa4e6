package surveys

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The short way and encoding/json read and write the same, of whatever is put in.
func FuzzAnswers(f *testing.F) {
	for _, text := range []string{
		`{}`, `{"A1":4,"B2":5,"Z":0}`, `{"A1":45}`, `{"A1":4,}`, `{"A1":4`, `{"A1":4}}`, `{"A1":4} `, `{"A1":-1}`, `{"a\u0031":4}`, `{"A1":4.0}`,
		`{"A1":"ổn","B":["x","<&>"]}`, `{"A1":4,"A1":5}`, `{"":1}`, `{"A1":null}`, `null`, `[]`, ``, `{"A1":4,"B":"2"}`, `{"A1":4"B":2}`, `{"é":1}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var want Answers
		wantErr := json.Unmarshal(text, &want)
		got, err := ParseAnswers(text)
		if (err == nil) != (wantErr == nil) || err == nil && !cmp.Equal(got, want) {
			t.Errorf("%q: got %v, %v; encoding/json reads %v, %v", text, got, err, want, wantErr)
		}
		if err != nil || want == nil {
			return
		}
		written, err := want.MarshalJSON()
		if err != nil {
			return // an answer that is null has no value
		}
		type plain map[string]Answer
		other, err := json.Marshal(plain(want))
		if err != nil || string(written) != string(other) {
			t.Errorf("wrote %s; encoding/json writes %s, %v", written, other, err)
		}
	})
}

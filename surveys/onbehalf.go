package surveys

import (
	"iter"
	"sync"
)

// OnBehalf is the code of the one item that every form has beside those of its instrument: whether somebody answers
// for another person. It stands in no instrument, because published versions never change and a further version would
// cut a small facility's releases in two. It counts in no figure, is not an answer by itself, and goes out in the raw
// export only.
const OnBehalf = "FOR"

var onBehalfItem = sync.OnceValue(func() Item { //nolint:gochecknoglobals // a constant
	return Item{
		Code: OnBehalf, Kind: Single, Role: Context,
		Text: Words{
			"vi": "Tôi trả lời thay người khác (người cao tuổi, trẻ em…)",
			"en": "I am answering for someone else (an elderly person, a child…)",
		},
		Options: []Option{{Code: "yes", Text: Words{"vi": "Có", "en": "Yes"}}},
	}
})

// Accepted lists every item that an answer may name: the instrument's own in printed order, then OnBehalf.
func (in *Instrument) Accepted() iter.Seq[Item] {
	return func(yield func(Item) bool) {
		for _, it := range in.Items {
			if !yield(it) {
				return
			}
		}
		yield(onBehalfItem())
	}
}

// AsksBehalf says whether a facility's forms have that item. At schools it would ask nothing: parents answer as parents.
func (f Facility) AsksBehalf() bool { return f.Sector != "education" }

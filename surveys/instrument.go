package surveys

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Words is one text in several languages, by language code; vi and en are always there.
type Words map[string]string

// In is the text in a language, Vietnamese where that is missing.
func (w Words) In(lang string) string {
	if s := w[lang]; s != "" {
		return s
	}
	return w["vi"]
}

// ItemKind is the shape of a question.
type ItemKind string

// The kinds of items.
const (
	Scale5   ItemKind = "scale5"   // 1–5, and 0 for "không sử dụng / không có ý kiến"
	Single   ItemKind = "single"   // one of the options
	Multiple ItemKind = "multiple" // at most Max of the options
	Percent  ItemKind = "percent"  // 0–100
	TextItem ItemKind = "text"     // at most Max characters
)

// Role is what an item is for.
type Role string

// The roles of items.
const (
	Core       Role = "core"       // on every form; these make the score
	Overall    Role = "overall"    // Z: on every form, beside the score
	Detail     Role = "detail"     // scored items of the full form
	Restricted Role = "restricted" // never scored; read by administrator and office only
	Context    Role = "context"    // everything else
)

// Option is one choice.
type Option struct {
	Code string `json:"code"`
	Text Words  `json:"text"`
}

// ShowIf says when an item is asked: when the answer to an earlier item is one of In, or is none of NotIn.
type ShowIf struct {
	Item  string   `json:"item"`
	In    []string `json:"in,omitempty"`
	NotIn []string `json:"not_in,omitempty"`
}

// Item is one question. Its code survives versions.
type Item struct {
	Code    string   `json:"code"`
	Kind    ItemKind `json:"kind"`
	Role    Role     `json:"role"`
	Factor  string   `json:"factor,omitempty"`
	Text    Words    `json:"text"`
	None    Words    `json:"none,omitempty"` // this item's own wording of 0
	Options []Option `json:"options,omitempty"`
	Max     int      `json:"max,omitempty"`
	ShowIf  *ShowIf  `json:"show_if,omitempty"`
}

// Short says whether the item stands on the short form.
func (it Item) Short() bool { return it.Role == Core || it.Role == Overall }

// Scored says whether the item is one of those that measure satisfaction, apart from Z.
func (it Item) Scored() bool { return it.Role == Core || it.Role == Detail }

// Factor is a group of items.
type Factor struct {
	Code  string `json:"code"`
	Title Words  `json:"title"`
}

// Grade is one answer of the scale with its words.
type Grade struct {
	Value int   `json:"value"`
	Text  Words `json:"text"`
}

// Instrument is one version of a questionnaire.
type Instrument struct {
	Key     string `json:"key"`
	Version int    `json:"version"`
	Sector  Sector `json:"sector,omitempty"`
	// CopyOf is the key of the instrument whose items this one asks of other people in words of their own, "" for most.
	CopyOf   string   `json:"copy_of,omitempty"`
	Title    Words    `json:"title"`
	Headline Words    `json:"headline"`
	Source   Words    `json:"source"`
	Scoring  Words    `json:"scoring"`
	Prompt   Words    `json:"prompt"`
	Comment  Words    `json:"comment"`
	Scale    []Grade  `json:"scale"`
	Factors  []Factor `json:"factors"`
	Items    []Item   `json:"items"`
	// Published is the day it came into force, "" for a draft.
	Published Day `json:"published,omitempty"`
}

// Pulse is the key of the one-question instrument, whose rates are never mixed with others.
const Pulse = "pulse"

// Pupils is the key of the copy of the parents' instrument for pupils of upper secondary schools. Parents and pupils judge
// a school differently, and how many of each answer is chance: a score of both would move with the mix. So the copy is an
// instrument of its own, with the codes of the original, and its figures stand beside the parents'.
const Pupils = "pupils"

// Apart says that an instrument's figures are shown by themselves only.
func Apart(key string) bool { return key == Pulse || key == Pupils }

// ID is the instrument's key and version, as in one_stop.1.
func (in *Instrument) ID() string { return InstrumentID(in.Key, in.Version) }

// InstrumentID names a version of an instrument.
func InstrumentID(key string, version int) string { return key + "." + strconv.Itoa(version) }

// Item finds an item that an answer may name by its code.
func (in *Instrument) Item(code string) (Item, bool) {
	if code == OnBehalf {
		return onBehalfItem(), true
	}
	i := slices.IndexFunc(in.Items, func(it Item) bool { return it.Code == code })
	if i < 0 {
		return Item{}, false
	}
	return in.Items[i], true
}

// Asked lists the items of a form in printed order.
func (in *Instrument) Asked(form Form) []Item {
	if form == FullForm {
		return in.Items
	}
	return slices.DeleteFunc(slices.Clone(in.Items), func(it Item) bool { return !in.onShort(it) })
}

// onShort: the short form holds the core items and Z; the pulse is so short that it is asked whole.
func (in *Instrument) onShort(it Item) bool { return it.Short() || in.Key == Pulse }

var itemCode = regexp.MustCompile(`^[A-Z][A-Z0-9]{0,7}$`)

// Speaks says that an instrument has its texts in a language: a checked one has all or none.
func (in *Instrument) Speaks(lang string) bool { return in.Title[lang] != "" }

// Check says what is wrong with an instrument before it may be published.
func (in *Instrument) Check() error {
	var errs []error
	note := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if in.Key == "" || in.Version < 1 {
		note("an instrument needs a key and a version of 1 or more")
	}
	in.checkTexts(note)
	if len(in.Scale) != 6 {
		note("the scale has %d grades, not 6", len(in.Scale))
	}
	seen := map[string]Item{}
	for _, it := range in.Items {
		in.checkItem(note, it, seen)
		seen[it.Code] = it
	}
	if !slices.ContainsFunc(in.Items, func(it Item) bool { return it.Role == Core }) {
		note("no core item: nothing would make the score")
	}
	return errors.Join(errs...)
}

func (in *Instrument) checkItem(note func(string, ...any), it Item, seen map[string]Item) {
	name := "item " + it.Code
	if !itemCode.MatchString(it.Code) {
		note("%s: a code is a capital followed by at most seven capitals or digits", name)
	}
	if it.Code == OnBehalf {
		note("%s: every form has that item already", name)
	}
	if _, twice := seen[it.Code]; twice {
		note("%s stands twice", name)
	}
	scored := it.Scored() || it.Role == Overall
	if scored != (it.Kind == Scale5) {
		note("%s: role %s cannot be of kind %s", name, it.Role, it.Kind)
	}
	if scored && !slices.ContainsFunc(in.Factors, func(f Factor) bool { return f.Code == it.Factor }) {
		note("%s: unknown factor %q", name, it.Factor)
	}
	checkKind(note, name, it)
	if it.ShowIf == nil {
		return
	}
	if _, earlier := seen[it.ShowIf.Item]; !earlier || len(it.ShowIf.In)+len(it.ShowIf.NotIn) == 0 {
		note("%s: show_if must name an earlier item and its answers", name)
	}
}

// checkKind notes what an item of its kind must have and has not.
func checkKind(note func(string, ...any), name string, it Item) {
	choice := it.Kind == Single || it.Kind == Multiple
	if choice != (len(it.Options) > 0) {
		note("%s: options are for single and multiple choice", name)
	}
	if (it.Kind == Multiple || it.Kind == TextItem) && it.Max < 1 {
		note("%s: max is missing", name)
	}
}

// eachText calls yield with every text of the instrument and what it is of.
func (in *Instrument) eachText(yield func(of string, w Words)) {
	yield("title", in.Title)
	yield("headline", in.Headline)
	yield("source", in.Source)
	yield("scoring", in.Scoring)
	yield("prompt", in.Prompt)
	yield("comment", in.Comment)
	for _, g := range in.Scale {
		yield("grade "+strconv.Itoa(g.Value), g.Text)
	}
	for _, f := range in.Factors {
		yield("factor "+f.Code, f.Title)
	}
	for _, it := range in.Items {
		yield("item "+it.Code, it.Text)
		if it.None != nil {
			yield("item "+it.Code+" none", it.None)
		}
		for _, o := range it.Options {
			yield("item "+it.Code+" option "+o.Code, o.Text)
		}
	}
}

// checkTexts wants every text in Vietnamese, in English, and in any other language that one of them is in: a
// questionnaire is translated whole or not at all.
func (in *Instrument) checkTexts(note func(string, ...any)) {
	langs := map[string]bool{"vi": true, "en": true}
	in.eachText(func(_ string, w Words) {
		for lang := range w {
			langs[lang] = true
		}
	})
	in.eachText(func(of string, w Words) {
		for _, lang := range slices.Sorted(maps.Keys(langs)) {
			if strings.TrimSpace(w[lang]) == "" {
				note("%s has no text in %s", of, lang)
			}
		}
	})
}

func instrumentCollection() Collection[Instrument] {
	return Collection[Instrument]{
		Kind:   "instrument",
		ID:     func(in Instrument) string { return in.ID() },
		Keys:   func(in Instrument) map[string]string { return map[string]string{"key": in.Key} },
		Frozen: func(in Instrument) bool { return in.Published != "" },
	}
}

// PublishInstrument stores a checked version as published from day. A version that is published already
// never changes: ErrFrozen, unless it is the same to the letter, which changes nothing.
func PublishInstrument(ctx context.Context, s RecordStore, in Instrument, day Day) error {
	if err := in.Check(); err != nil {
		return fmt.Errorf("instrument %s: %w", in.ID(), err)
	}
	if day == "" {
		return fmt.Errorf("instrument %s: it needs the day it comes into force", in.ID())
	}
	err := unchanged(ctx, s, in)
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	published := in
	published.Published = day
	_, err = instrumentCollection().Put(ctx, s, published, 0)
	if errors.Is(err, ErrConflict) {
		return unchanged(ctx, s, in) // another program published it at the same moment
	}
	return err
}

// unchanged says whether an instrument is what was published of its id: nil, ErrFrozen if not, ErrNotFound if there
// is none.
func unchanged(ctx context.Context, s RecordStore, in Instrument) error {
	was, err := instrumentCollection().Find(ctx, s, in.ID())
	if err != nil {
		return err
	}
	if in.Published = was.Value.Published; !reflect.DeepEqual(in, was.Value) {
		return fmt.Errorf("instrument %s: %w", in.ID(), ErrFrozen)
	}
	return nil
}

// FindInstrument reads a published version.
func FindInstrument(ctx context.Context, s RecordStore, key string, version int) (*Instrument, error) {
	in, err := instrumentCollection().Find(ctx, s, InstrumentID(key, version))
	if err != nil {
		return nil, err
	}
	return &in.Value, nil
}

// LatestInstrument reads the newest published version of a key.
func LatestInstrument(ctx context.Context, s RecordStore, key string) (*Instrument, error) {
	versions, err := instrumentCollection().By(ctx, s, "key", key)
	if err != nil {
		return nil, err
	}
	if len(versions) == 0 {
		return nil, fmt.Errorf("instrument %s: %w", key, ErrNotFound)
	}
	newest := slices.MaxFunc(versions, func(a, b Stored[Instrument]) int { return a.Value.Version - b.Value.Version })
	return &newest.Value, nil
}

// Instruments lists every published version.
func Instruments(ctx context.Context, s RecordStore) ([]Instrument, error) {
	all, err := instrumentCollection().All(ctx, s)
	if err != nil {
		return nil, err
	}
	return values(all), nil
}

package view

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Lang is a language of the interface.
type Lang string

// The languages that every page is complete in, the staff's too. Citizens may be offered more, by packs: see Renderer.Packs.
const (
	Vietnamese Lang = "vi"
	English    Lang = "en"
)

// Langs lists the languages, the default first.
func Langs() []Lang { return []Lang{Vietnamese, English} }

// ParseLang returns the language called s, or def when there is none of that name.
func ParseLang(s string, def Lang) Lang {
	for _, l := range Langs() {
		if string(l) == s {
			return l
		}
	}
	return def
}

// Other is the language that the switch of the staff's pages leads to.
func (l Lang) Other() Lang {
	if l == Vietnamese {
		return English
	}
	return Vietnamese
}

func (l Lang) tag() language.Tag {
	switch l {
	case English:
		return language.English
	case Vietnamese:
		return language.Vietnamese
	}
	return language.Make(string(l))
}

// Message names a text of the catalogue and what fills its placeholders.
type Message struct {
	Key  string
	Args []any
}

// sayMessage is say for a Message; the zero Message says nothing.
func (c catalogue) sayMessage(lang Lang, m Message) (string, error) {
	if m.Key == "" {
		return "", nil
	}
	return c.say(lang, m.Key, m.Args...)
}

// Msg is short for a Message literal.
func Msg(key string, args ...any) Message { return Message{Key: key, Args: args} }

// text is one catalogue entry by plural category; an entry without forms has only "other".
type text map[string]string

// catalogue is every message of one language by key.
type catalogue map[string]text

var errMessage = errors.New("message catalogue")

// loadCatalogue merges i18n/*.LANG.json. A key that stands twice, in one file or in two, is refused: the later
// text would silently win.
func loadCatalogue(files fs.FS, lang Lang) (catalogue, error) {
	names, err := fs.Glob(files, "i18n/*."+string(lang)+".json")
	if err != nil {
		return nil, fmt.Errorf("list catalogues of %s: %w", lang, err)
	}
	all := catalogue{}
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		if err := all.add(raw); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%w: no text in %s", errMessage, lang)
	}
	return all, nil
}

// add reads one flat JSON object, token by token because a map would swallow a repeated key.
func (c catalogue) add(raw []byte) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if _, err := dec.Token(); err != nil {
		return fmt.Errorf("open object: %w", err)
	}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return fmt.Errorf("read key: %w", err)
		}
		key := fmt.Sprint(tok)
		var value json.RawMessage
		if err = dec.Decode(&value); err != nil {
			return fmt.Errorf("read %s: %w", key, err)
		}
		if _, twice := c[key]; twice {
			return fmt.Errorf("%w: %s stands twice", errMessage, key)
		}
		if c[key], err = parseText(value); err != nil {
			return fmt.Errorf("read %s: %w", key, err)
		}
	}
	return nil
}

func parseText(value json.RawMessage) (text, error) {
	var one string
	if json.Unmarshal(value, &one) == nil {
		return text{"other": one}, nil
	}
	var forms text
	if err := json.Unmarshal(value, &forms); err != nil {
		return nil, fmt.Errorf("neither text nor plural forms: %w", err)
	}
	if _, ok := forms["other"]; !ok {
		return nil, fmt.Errorf("%w: no form for \"other\"", errMessage)
	}
	return forms, nil
}

// say fills the text called key. The first whole number among args chooses the plural form.
func (c catalogue) say(lang Lang, key string, args ...any) (string, error) {
	forms, ok := c[key]
	if !ok {
		return "", fmt.Errorf("%w: no text %q in %s", errMessage, key, lang)
	}
	if most := forms.arguments(); len(args) > most {
		return "", fmt.Errorf("%w: %s takes %d arguments, got %d", errMessage, key, most, len(args))
	}
	return fill(lang, key, forms[forms.pick(lang, args)], args)
}

// arguments is the number of arguments that the entry uses in any of its forms.
func (t text) arguments() int {
	most := 0
	for _, form := range t {
		for _, p := range placeholder.FindAllString(form, -1) {
			if i, err := strconv.Atoi(strings.Trim(p, "{}")); err == nil && i+1 > most {
				most = i + 1
			}
		}
	}
	return most
}

func (t text) pick(lang Lang, args []any) string {
	if len(t) == 1 {
		return "other"
	}
	for _, a := range args {
		n, ok := wholeNumber(a)
		if !ok {
			continue
		}
		form := map[plural.Form]string{
			plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many",
		}[plural.Cardinal.MatchPlural(lang.tag(), int(n%1_000_000), 0, 0, 0, 0)]
		if _, has := t[form]; has {
			return form
		}
		break
	}
	return "other"
}

var placeholder = regexp.MustCompile(`\{\d+\}`)

// fill puts args into the places {0}, {1} … of s; whole numbers get the language's separators. A missing argument
// is an error, because a reader would see nonsense.
func fill(lang Lang, key, s string, args []any) (string, error) {
	var bad error
	out := placeholder.ReplaceAllStringFunc(s, func(p string) string {
		i, err := strconv.Atoi(strings.Trim(p, "{}"))
		if err != nil || i >= len(args) {
			bad = fmt.Errorf("%w: %s has no argument for %s", errMessage, key, p)
			return ""
		}
		if n, ok := wholeNumber(args[i]); ok {
			return FormatInt(lang, n)
		}
		return fmt.Sprint(args[i])
	})
	return out, bad
}

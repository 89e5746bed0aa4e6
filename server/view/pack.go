package view

import (
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
)

// loadPacks reads every language pack and holds it against the Vietnamese one: a pack is the texts of a language in
// i18n/NAME.LANG.json. One that lacks a single text of the citizen's pages, leaves one blank or gives it other
// placeholders is refused, so that nobody ever meets half a translation. A complete one is offered to citizens by being there.
func (r *Renderer) loadPacks(files fs.FS) error {
	names, err := fs.Glob(files, "i18n/*.*.json")
	if err != nil {
		return fmt.Errorf("list language packs: %w", err)
	}
	model, err := loadCatalogue(files, Vietnamese)
	if err != nil {
		return err
	}
	langs := map[Lang]bool{Vietnamese: true, English: true}
	for _, name := range names {
		parts := strings.Split(path.Base(name), ".")
		langs[Lang(parts[len(parts)-2])] = true
	}
	for _, lang := range slices.Sorted(maps.Keys(langs)) {
		pack, err := loadCatalogue(files, lang)
		if err != nil {
			return err
		}
		whole := slices.Contains(Langs(), lang) // these serve the staff too
		r.catalogues[lang] = pack
		if !whole {
			r.packs = append(r.packs, lang)
		}
		if wrong := pack.wrongAgainst(model, whole); len(wrong) > 0 {
			return fmt.Errorf("%w: the pack of %s is not complete: %s", errMessage, lang, strings.Join(wrong, ", "))
		}
	}
	return nil
}

var citizenKey = regexp.MustCompile(`^(citizen|common)\.`)

// wrongAgainst lists the keys of model that c lacks, leaves blank or fills with other placeholders.
func (c catalogue) wrongAgainst(model catalogue, whole bool) []string {
	var wrong []string
	for _, key := range slices.Sorted(maps.Keys(model)) {
		if !whole && !citizenKey.MatchString(key) {
			continue
		}
		own, there := c[key]
		blank := slices.ContainsFunc(slices.Collect(maps.Values(own)), func(s string) bool { return strings.TrimSpace(s) == "" })
		if !there || blank || own.arguments() != model[key].arguments() {
			wrong = append(wrong, key)
		}
	}
	return wrong
}

// Packs lists the languages of the citizen's pages: those that all pages are in, then those of the further packs.
func (r *Renderer) Packs() []Lang { return append(Langs(), r.packs...) }

// Pack is the language of the citizen's pages called s, or def when there is none of that name.
func (r *Renderer) Pack(s string, def Lang) Lang {
	if lang := Lang(s); slices.Contains(r.Packs(), lang) {
		return lang
	}
	return def
}

// turn is one link of the language switch.
type turn struct {
	Lang Lang
	Name string // as the language calls itself
	URL  string
}

// turns is the template function behind the switch: the page at address in every other language, of those in only where
// that names any.
func (r *Renderer) turns(lang Lang) func(string, []Lang) ([]turn, error) {
	return func(address string, only []Lang) ([]turn, error) {
		if address == "" {
			return nil, nil
		}
		u, err := url.Parse(address)
		if err != nil {
			return nil, fmt.Errorf("address of the page: %w", err)
		}
		var all []turn
		for _, other := range r.Packs() {
			if other == lang || len(only) > 0 && !slices.Contains(only, other) {
				continue
			}
			name, err := r.catalogues[other].say(other, "common.language")
			if err != nil {
				return nil, err
			}
			q := u.Query()
			q.Set("lang", string(other))
			u.RawQuery = q.Encode()
			all = append(all, turn{other, name, u.String()})
		}
		return all, nil
	}
}

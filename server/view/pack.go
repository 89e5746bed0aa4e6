package view

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// checkPacks holds every language pack against the Vietnamese one: a pack is the texts of a language in
// i18n/NAME.LANG.json. One that lacks a single text of the citizen's pages, leaves one blank or gives it other
// placeholders is refused, so that nobody ever meets half a translation; what is complete already serves alone.
func checkPacks(files fs.FS) error {
	names, err := fs.Glob(files, "i18n/*.*.json")
	if err != nil {
		return fmt.Errorf("list language packs: %w", err)
	}
	model, err := loadCatalogue(files, Vietnamese)
	if err != nil {
		return err
	}
	langs := map[Lang]bool{}
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

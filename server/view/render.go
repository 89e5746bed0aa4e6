package view

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"sort"
	"strings"

	"hailong/static"
)

// Page is a page struct of this package; its template is templates/NAME.html.
type Page interface{ template() string }

// Renderer executes pages. It is safe for concurrent use.
type Renderer struct {
	pages      map[string]map[Lang]*template.Template
	catalogues map[Lang]catalogue
	packs      []Lang            // of the citizen's pages alone
	assets     map[string]Asset  // by URL path
	paths      map[string]string // asset name → URL path
	citizenCSP string
	kioskCSS   string
	kioskCSP   string
}

var errTemplate = errors.New("template")

// New parses every template in every language and checks the message keys that they name. An error means the
// program was built wrongly; the server must not start.
func New() (*Renderer, error) { return NewFrom(static.Files) }

// NewFrom is New over other files.
func NewFrom(files fs.FS) (*Renderer, error) {
	r := &Renderer{
		pages:      map[string]map[Lang]*template.Template{},
		catalogues: map[Lang]catalogue{},
		assets:     map[string]Asset{},
		paths:      map[string]string{},
	}
	if err := r.loadPacks(files); err != nil {
		return nil, err
	}
	css, err := r.loadStyles(files)
	if err != nil {
		return nil, err
	}
	if err = r.loadScripts(files); err != nil {
		return nil, err
	}
	sets, err := fs.ReadDir(files, "templates")
	if err != nil {
		return nil, fmt.Errorf("list template sets: %w", err)
	}
	for _, set := range sets {
		if set.Name() == "partials" || !set.IsDir() {
			continue
		}
		if err := r.parseSet(files, set.Name(), css); err != nil {
			return nil, fmt.Errorf("template set %s: %w", set.Name(), err)
		}
	}
	if err := r.loadWorker(files); err != nil {
		return nil, err
	}
	return r, nil
}

// parseSet parses the pages of one folder. layout.html, the files whose name begins with "_" and
// templates/partials are shared by all pages of the set; a page may redefine what they define.
func (r *Renderer) parseSet(files fs.FS, set, css string) error {
	names, err := fs.Glob(files, "templates/"+set+"/*.html")
	if err != nil {
		return fmt.Errorf("list: %w", err)
	}
	shared, err := fs.Glob(files, "templates/partials/*.html")
	if err != nil {
		return fmt.Errorf("list partials: %w", err)
	}
	var pages []string
	for _, name := range names {
		if base := path.Base(name); base == "layout.html" || strings.HasPrefix(base, "_") {
			shared = append(shared, name)
		} else {
			pages = append(pages, name)
		}
	}
	base := template.New(set).Option("missingkey=error").Funcs(r.funcs(Vietnamese, css))
	if err = parseInto(base, files, shared...); err != nil {
		return err
	}
	for _, name := range pages {
		key := set + "/" + strings.TrimSuffix(path.Base(name), ".html")
		langs := Langs()
		if set == "citizen" {
			langs = r.Packs()
		}
		if r.pages[key], err = r.parsePage(base, files, name, css, langs); err != nil {
			return err
		}
	}
	return nil
}

func (r *Renderer) parsePage(base *template.Template, files fs.FS, name, css string, langs []Lang) (map[Lang]*template.Template, error) {
	page, err := base.Clone()
	if err != nil {
		return nil, fmt.Errorf("clone layout: %w", err)
	}
	if err = parseInto(page, files, name); err != nil {
		return nil, err
	}
	if page.Lookup("layout") == nil {
		return nil, fmt.Errorf("%w: %s has no \"layout\"", errTemplate, name)
	}
	if err := r.checkKeys(page, langs); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	byLang := map[Lang]*template.Template{}
	for _, lang := range langs {
		clone, err := page.Clone()
		if err != nil {
			return nil, fmt.Errorf("clone %s: %w", name, err)
		}
		byLang[lang] = clone.Funcs(r.funcs(lang, css))
		if err := escapeNow(byLang[lang]); err != nil {
			return nil, fmt.Errorf("escape %s: %w", name, err)
		}
	}
	return byLang, nil
}

// escapeNow makes html/template add its escapers now. Left alone it would do so on the first request, and only then
// find a template whose escaping it cannot settle. The execution itself has no data and may fail.
func escapeNow(t *template.Template) error {
	var refused *template.Error
	if err := t.ExecuteTemplate(io.Discard, "layout", nil); errors.As(err, &refused) {
		return refused
	}
	return nil
}

var lineBreak = regexp.MustCompile(`[ \t]*\n\s*`)

// parseInto adds files to t. Indentation is dropped: it is a fifth of a form's bytes and means nothing in HTML
// outside of textarea and pre, whose contents come from data.
func parseInto(t *template.Template, files fs.FS, names ...string) error {
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		body := lineBreak.ReplaceAllString(string(raw), "\n")
		if _, err := t.New(name).Parse(body); err != nil {
			return fmt.Errorf("parse %s: %w", name, err)
		}
	}
	return nil
}

func (r *Renderer) funcs(lang Lang, css string) template.FuncMap {
	all := template.FuncMap{
		"lang":  func() Lang { return lang },
		"t":     func(key string, args ...any) (string, error) { return r.catalogues[lang].say(lang, key, args...) },
		"in":    func(l Lang, key string, args ...any) (string, error) { return r.catalogues[l].say(l, key, args...) },
		"msg":   func(m Message) (string, error) { return r.catalogues[lang].sayMessage(lang, m) },
		"asset": r.assetFunc,
		"turns": r.turns(lang),
		"n": func(v any) (string, error) {
			n, ok := wholeNumber(v)
			if !ok {
				return "", fmt.Errorf("%w: %T is no whole number", errFormat, v)
			}
			return FormatInt(lang, n), nil
		},
		"pct":        func(rate float64) string { return FormatPercent(lang, rate) },
		"date":       func(day any) (string, error) { return FormatDate(lang, day) },
		"spaced":     func(words []string) string { return strings.Join(words, " ") },
		"glue":       glue(lang, wordPairs()),
		"gluePlace":  glue(Vietnamese, append(placeWords(), wordPairs()...)),  // places keep their names
		"citizenCSS": func() template.CSS { return template.CSS(css) },        //nolint:gosec // our own embedded file
		"kioskCSS":   func() template.CSS { return template.CSS(r.kioskCSS) }, //nolint:gosec // our own embedded file
	}
	maps.Copy(all, staffFuncs(lang, r.catalogues[lang]))
	return all
}

// glue makes the template function that keeps words together in Vietnamese text.
func glue(lang Lang, words []string) func(string) string {
	if lang != Vietnamese {
		return func(s string) string { return s }
	}
	return newGluer(words).Replace
}

// Render writes page in lang to w. It writes nothing when the template fails, so that the caller can still send
// an error page.
func (r *Renderer) Render(w io.Writer, lang Lang, page Page) error {
	t, ok := r.pages[page.template()][lang]
	if !ok {
		return fmt.Errorf("%w: no page %q in %q", errTemplate, page.template(), lang)
	}
	var buf bytes.Buffer
	if err := t.ExecuteTemplate(&buf, "layout", page); err != nil {
		return fmt.Errorf("render %s: %w", page.template(), err)
	}
	if _, err := buf.WriteTo(w); err != nil {
		return fmt.Errorf("write %s: %w", page.template(), err)
	}
	return nil
}

// Text returns the message m in lang, for the few texts that a handler needs outside of a page.
func (r *Renderer) Text(lang Lang, m Message) (string, error) {
	return r.catalogues[lang].say(lang, m.Key, m.Args...)
}

// Templates lists the names of all parsed pages in order.
func (r *Renderer) Templates() []string {
	names := make([]string, 0, len(r.pages))
	for name := range r.pages {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

package view_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"hailong/server/view"
)

func TestCataloguesSayTheSame(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	vi, en := r.Catalogue(view.Vietnamese), r.Catalogue(view.English)
	if diff := cmp.Diff(keysOf(vi), keysOf(en)); diff != "" {
		t.Fatalf("keys (-vi +en):\n%s", diff)
	}
	for key := range vi {
		if diff := cmp.Diff(placeholders(vi[key]), placeholders(en[key])); diff != "" {
			t.Errorf("%s: placeholders (-vi +en):\n%s", key, diff)
		}
		ours := strings.HasPrefix(key, "citizen.") || strings.HasPrefix(key, "common.")
		if ours && vi[key]["other"] == en[key]["other"] && strings.ContainsFunc(en[key]["other"], isLetter) {
			t.Errorf("%s: not translated: %q", key, en[key]["other"])
		}
	}
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' }

func TestCatalogueForms(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	allowed := map[view.Lang][]string{view.Vietnamese: {"other"}, view.English: {"one", "other"}}
	for lang, forms := range allowed {
		for key, text := range r.Catalogue(lang) {
			for form, s := range text {
				if !slices.Contains(forms, form) {
					t.Errorf("%s %s: %s is no plural form of the language", lang, key, form)
				}
				if strings.TrimSpace(s) == "" {
					t.Errorf("%s %s: empty", lang, key)
				}
			}
		}
	}
}

// TestEveryTextIsUsed counts as used: keys in templates, and texts in Go files of the module that look like a key
// or, ending in a point, like the stem of several.
func TestEveryTextIsUsed(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	catalogue := r.Catalogue(view.Vietnamese)
	used := append(r.TemplateKeys(), goKeys(t, shapeOf(catalogue))...)
	for _, u := range used {
		found := false
		for key := range catalogue {
			found = found || names(u, key)
		}
		if !found {
			t.Errorf("no text for %q", u)
		}
	}
	for key := range catalogue {
		if !slices.ContainsFunc(used, func(u string) bool { return names(u, key) }) {
			t.Errorf("%s is used nowhere", key)
		}
	}
}

func names(use, key string) bool {
	return use == key || strings.HasSuffix(use, ".") && strings.HasPrefix(key, use)
}

// shapeOf matches what can be a key: one of the catalogue's first words and further words after points.
func shapeOf(catalogue map[string]map[string]string) *regexp.Regexp {
	seen := map[string]bool{}
	for key := range catalogue {
		first, _, _ := strings.Cut(key, ".")
		seen[regexp.QuoteMeta(first)] = true
	}
	return regexp.MustCompile(`^(` + strings.Join(slices.Sorted(maps.Keys(seen)), "|") + `)\.[a-z0-9_.]*$`)
}

var fileName = regexp.MustCompile(`\.(css|js|json|html|go)$`)

func goKeys(t *testing.T, shape *regexp.Regexp) []string {
	t.Helper()
	var keys []string
	err := fs.WalkDir(os.DirFS("../.."), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), "../../"+name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			s, err := strconv.Unquote(lit.Value)
			if err == nil && shape.MatchString(s) && !fileName.MatchString(s) {
				keys = append(keys, s)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func keysOf(m map[string]map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

func placeholders(forms map[string]string) []string {
	seen := map[string]bool{}
	for _, s := range forms {
		for _, p := range regexp.MustCompile(`\{[^}]*\}`).FindAllString(s, -1) {
			seen[p] = true
		}
	}
	list := make([]string, 0, len(seen))
	for p := range seen {
		list = append(list, p)
	}
	sort.Strings(list)
	return list
}

func TestText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		lang view.Lang
		msg  view.Message
		want string
	}{
		{"separators", view.Vietnamese, view.Msg("citizen.problem_long_rest", 1036, 1000), " (đã viết 1.036, nhiều nhất 1.000)."},
		{"separators in English", view.English, view.Msg("citizen.problem_long_rest", 1036, 1000), " (1,036 written, 1,000 at most)."},
		{"one", view.English, view.Msg("citizen.notice_kept", 1), "Single forms, comments too, are kept for 1 month and then deleted; only common counts remain."},
		{"other", view.English, view.Msg("citizen.notice_kept", 24), "Single forms, comments too, are kept for 24 months and then deleted; only common counts remain."},
		{"one without its number", view.English, view.Msg("citizen.not_sent_body", 1), "Everything you entered is still here. Please correct the item below and send again."},
		{"order of places", view.English, view.Msg("citizen.only_if", 3, "“Bad”"), "Answer only if you chose “Bad” in question 3."},
		{"braces in an argument stay", view.English, view.Msg("citizen.notice_contact", "{1}"), "Contact: {1}."},
	}
	r := renderer(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := r.Text(tt.lang, tt.msg)
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestTextRefuses(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	for name, m := range map[string]view.Message{
		"unknown key":          view.Msg("citizen.nothing_like_it"),
		"missing argument":     view.Msg("citizen.notice_kept"),
		"superfluous argument": view.Msg("citizen.send", 1),
	} {
		if got, err := r.Text(view.English, m); err == nil {
			t.Errorf("%s: got %q, want an error", name, got)
		}
	}
}

// A pack for citizens needs no text of the staff's, and is then taken.
func TestNewTakesACompletePack(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{}
	for name, body := range map[string]string{
		"i18n/citizen.vi.json": `{"citizen.a":"{0} câu"}`, "i18n/citizen.en.json": `{"citizen.a":"{0} questions"}`,
		"i18n/staff.vi.json": `{"staff.a":"a"}`, "i18n/staff.en.json": `{"staff.a":"a"}`, "i18n/citizen.tay.json": `{"citizen.a":"made up {0}"}`,
		"templates/citizen/layout.html": `{{define "layout"}}{{end}}`,
	} {
		files[name] = &fstest.MapFile{Data: []byte(body)}
	}
	if _, err := view.NewFrom(files); err != nil {
		t.Error(err)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	base := map[string]string{
		"i18n/citizen.vi.json":          `{"citizen.a":"một"}`,
		"i18n/citizen.en.json":          `{"citizen.a":"one"}`,
		"templates/citizen/layout.html": `{{define "layout"}}{{template "main" .}}{{end}}`,
		"templates/citizen/p.html":      `{{define "main"}}{{t "citizen.a"}}{{end}}`,
	}
	tests := map[string]map[string]string{
		"":                                 {},
		"stands twice":                     {"i18n/staff.vi.json": `{"citizen.a":"hai"}`},
		"citizen.a stands twice":           {"i18n/citizen.vi.json": `{"citizen.a":"một","citizen.a":"hai"}`},
		"no form for \"other\"":            {"i18n/citizen.en.json": `{"citizen.a":{"one":"one"}}`},
		"no text in en":                    {"i18n/citizen.en.json": `{}`},
		"of en is not complete: citizen.c": {"i18n/staff.vi.json": `{"citizen.c":"ba"}`},
		"of tay is not complete: citizen.d": {
			"i18n/citizen.tay.json": `{"citizen.a":"made up","staff.x":"made up"}`, "i18n/citizen.vi.json": `{"citizen.a":"một","citizen.d":"bốn"}`,
			"i18n/citizen.en.json": `{"citizen.a":"one","citizen.d":"four"}`,
		},
		"of tay is not complete: citizen.a": {"i18n/citizen.tay.json": `{"citizen.a":" "}`},
		"of tay is not complete: citizen.e": {
			"i18n/citizen.tay.json": `{"citizen.a":"x","citizen.e":"x"}`, "i18n/citizen.vi.json": `{"citizen.a":"một","citizen.e":"{0} câu"}`,
			"i18n/citizen.en.json": `{"citizen.a":"one","citizen.e":"{0} questions"}`,
		},
		"no text \"citizen.b\"":   {"templates/citizen/p.html": `{{define "main"}}{{if .}}{{t "citizen.b"}}{{end}}{{end}}`},
		"no text \"citizen.b.\"":  {"templates/citizen/p.html": `{{define "main"}}{{t (print "citizen.b." .)}}{{end}}`},
		"function \"nothing\" no": {"templates/citizen/p.html": `{{define "main"}}{{nothing}}{{end}}`},
		"different contexts":      {"templates/citizen/p.html": `{{define "main"}}<a href="{{if .}}">{{end}}{{end}}`},
		"has no \"layout\"":       {"templates/citizen/layout.html": ``},
	}
	for want, change := range tests {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			files := fstest.MapFS{}
			for _, m := range []map[string]string{base, change} {
				for name, body := range m {
					files[name] = &fstest.MapFile{Data: []byte(body)}
				}
			}
			_, err := view.NewFrom(files)
			if want == "" && err != nil {
				t.Fatalf("got %v, want no error", err)
			}
			if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("got %v, want an error with %q", err, want)
			}
		})
	}
}

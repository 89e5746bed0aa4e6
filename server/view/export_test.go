package view

import "html/template"

// Catalogue returns the texts of lang by key and plural form.
func (r *Renderer) Catalogue(lang Lang) map[string]map[string]string {
	all := map[string]map[string]string{}
	for key, forms := range r.catalogues[lang] {
		all[key] = forms
	}
	return all
}

// TemplateKeys returns the message keys, and the stems that end in a point, named by all templates.
func (r *Renderer) TemplateKeys() []string {
	var keys []string
	for _, byLang := range r.pages {
		keys = append(keys, templateKeys(byLang[Vietnamese])...)
	}
	return keys
}

// TemplateOf names the template of a page.
func TemplateOf(p Page) string { return p.template() }

// KeysOf returns the message keys named by a template text.
func KeysOf(t *template.Template) []string { return templateKeys(t) }

// MinifyJS is minifyJS.
func MinifyJS(s string) string { return minifyJS(s) }

// MinifyCSS is minifyCSS.
func MinifyCSS(s string) string { return minifyCSS(s) }

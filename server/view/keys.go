package view

import (
	"fmt"
	"html/template"
	"strings"
	"text/template/parse"
)

// checkKeys refuses a template that names a message the catalogues do not have.
func (r *Renderer) checkKeys(t *template.Template, langs []Lang) error {
	for _, key := range templateKeys(t) {
		for _, lang := range langs {
			if !r.catalogues[lang].knows(key) {
				return fmt.Errorf("%w: no text %q in %s", errMessage, key, lang)
			}
		}
	}
	return nil
}

// knows tells whether c has the text called key, or one that begins with key when that is a stem.
func (c catalogue) knows(key string) bool {
	if _, ok := c[key]; ok || !strings.HasSuffix(key, ".") {
		return ok
	}
	for k := range c {
		if strings.HasPrefix(k, key) {
			return true
		}
	}
	return false
}

// templateKeys returns the keys and stems of keys that stand in t and in all templates associated with it.
func templateKeys(t *template.Template) []string {
	var keys []string
	for _, one := range t.Templates() {
		if one.Tree != nil {
			keys = append(keys, nodeKeys(one.Tree.Root)...)
		}
	}
	return keys
}

func nodeKeys(n parse.Node) []string {
	var keys []string
	each := func(nodes ...parse.Node) {
		for _, c := range nodes {
			keys = append(keys, nodeKeys(c)...)
		}
	}
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			each(n.Nodes...)
		}
	case *parse.ActionNode:
		each(n.Pipe)
	case *parse.IfNode:
		each(n.Pipe, n.List, n.ElseList)
	case *parse.RangeNode:
		each(n.Pipe, n.List, n.ElseList)
	case *parse.WithNode:
		each(n.Pipe, n.List, n.ElseList)
	case *parse.TemplateNode:
		each(n.Pipe)
	case *parse.PipeNode:
		if n != nil {
			for _, c := range n.Cmds {
				each(c)
			}
		}
	case *parse.CommandNode:
		keys = append(keys, commandKey(n)...)
		each(n.Args...)
	}
	return keys
}

// commandKey returns the key of a call like {{t "citizen.send"}} or {{in .Lang "citizen.send"}}, or the stem of one like
// {{t (print "staff.verdict." .Verdict)}}, which ends in a point.
func commandKey(n *parse.CommandNode) []string {
	if len(n.Args) < 2 {
		return nil
	}
	f, isFunc := n.Args[0].(*parse.IdentifierNode)
	if !isFunc {
		return nil
	}
	at, known := map[string]int{"t": 1, "rich": 1, "print": 1, "in": 2}[f.Ident]
	if !known || len(n.Args) <= at {
		return nil
	}
	key, isText := n.Args[at].(*parse.StringNode)
	if !isText || f.Ident == "print" && !strings.HasSuffix(key.Text, ".") {
		return nil
	}
	return []string{key.Text}
}

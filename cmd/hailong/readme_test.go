package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// configurationTable is the table as the README must print it.
func configurationTable() string {
	var b strings.Builder
	b.WriteString("| flag | environment | default | commands | meaning |\n|---|---|---|---|---|\n")
	for _, o := range options() {
		flag, env, commands := "`--"+o.Flag+"`", "`"+o.Env()+"`", "all"
		if o.Secret {
			flag = "–"
		}
		if o.Secret || o.FromFile {
			env += ", `" + o.Env() + "_FILE`"
		}
		if o.Commands != nil {
			commands = strings.Join(o.Commands, ", ")
		}
		def := "–"
		if o.Default != "" {
			def = "`" + o.Default + "`"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", flag, env, def, commands, strings.ReplaceAll(o.Help, "|", "\\|"))
	}
	return b.String()
}

func TestReadmeHoldsTheConfigurationTable(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if want := configurationTable(); !strings.Contains(string(readme), want) {
		t.Errorf("README.md does not hold this table:\n%s", want)
	}
	for _, cmd := range commands() {
		if !strings.Contains(string(readme), "`hailong "+cmd.name) {
			t.Errorf("README.md does not name the command %q", cmd.name)
		}
	}
}

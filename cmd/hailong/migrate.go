package main

import (
	"context"
	"fmt"

	"hailong/surveys"
	"hailong/surveys/store"
)

// migrateConfig is how a store is brought to the present schema.
type migrateConfig struct {
	Plan      bool
	BackupDir string
}

func migrateOptions() []option {
	return []option{
		{Flag: "plan", Help: "say what would be done, and change nothing", Commands: []string{"migrate"}, truth: func(c *config) *bool { return &c.Plan }},
		{Flag: "backup-dir", Help: "folder for the copy that is made before the schema of an embedded store changes; default beside it", text: func(c *config) *string { return &c.BackupDir }},
	}
}

// migrate brings the store to the present schema, as every command does that opens it.
func migrate(ctx context.Context, p *program, c config, words []string) error {
	if err := noWords(words); err != nil {
		return err
	}
	plan, err := store.Plan(ctx, c.Store)
	if err != nil {
		return err
	}
	p.sayPlan(c, plan)
	if c.Plan || plan.From == 0 || len(plan.Steps) == 0 {
		return nil
	}
	return p.upgrade(ctx, c)
}

func (p *program) sayPlan(c config, plan surveys.Migration) {
	name := "the MongoDB database"
	if file, ok := store.File(c.Store); ok {
		name = file
	}
	switch {
	case plan.From == 0:
		p.say("%s: there is no store yet; it will be made with schema %d\n", name, plan.To)
		return
	case len(plan.Steps) == 0:
		p.say("%s: schema %d, nothing to do\n", name, plan.From)
		return
	}
	p.say("%s: from schema %d to %d\n", name, plan.From, plan.To)
	p.say("  copy: %s\n", plan.Copy)
	for _, step := range plan.Steps {
		p.say("  step %d, %s: %s\n", step.Number, step.Name, step.About)
	}
}

// upgrade brings a store that is there to the present schema and says where the copy of before is.
func (p *program) upgrade(ctx context.Context, c config) error {
	copied, err := store.Migrate(ctx, c.Store, p.clock, c.BackupDir)
	if err != nil {
		return fmt.Errorf("open store: %w", err)
	}
	if copied != "" {
		p.say("the store has a new schema now; as it was before it is in %s\n", copied)
	}
	return nil
}

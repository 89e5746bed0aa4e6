package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"hailong/server/account"
	"hailong/surveys"
)

// tokenConfig is what a token is for and what it may see.
type tokenConfig struct {
	Name  string
	Role  string
	Scope string
}

func tokenOptions() []option {
	return []option{
		{Flag: "name", Help: "what the token is for", Commands: []string{"token"}, text: func(c *config) *string { return &c.Name }},
		{Flag: "role", Help: "viewer, manager, office or admin", Commands: []string{"token"}, text: func(c *config) *string { return &c.Role }},
		{Flag: "scope", Default: "all", Help: "what the token may see: facility:ID, unit:CODE, sector:NAME or all", Commands: []string{"token"}, text: func(c *config) *string { return &c.Scope }},
	}
}

// token makes an API token.
func token(ctx context.Context, p *program, c config, words []string) error {
	if !slices.Equal(words, []string{"create"}) {
		return fmt.Errorf("%w: hailong token create --name N --role R [--scope S]", errUsage)
	}
	return p.withStore(ctx, c, func(s surveys.Store, _ surveys.Installation) error {
		secret, err := account.New(s, p.clock).CreateToken(ctx, c.Name, account.Role(c.Role), c.Scope)
		if errors.Is(err, account.ErrBadToken) {
			return fmt.Errorf("%w: %w", errUsage, err)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(p.stdout, secret)
		return err //nolint:wrapcheck // a broken pipe says it all
	})
}

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"hailong/cmd/hailong/openloop"
)

const (
	defaultRate   = "50"
	shortestStory = 10 * time.Second
	longestStory  = time.Hour
	// standingWithin is how long a server that counts once a minute has to tell how answers stand.
	standingWithin = 100 * time.Second
	standingEvery  = 2 * time.Second
)

// checkStory reads what a story needs: how long its hour is.
func (c *loadConfig) checkStory(story openloop.Story) (mistakes []error) {
	hour, err := time.ParseDuration(cmp.Or(c.Duration, "2m"))
	if err != nil || hour < shortestStory || hour > longestStory {
		mistakes = append(mistakes, fmt.Errorf("--duration %q stands for the hour of --scenario %s: it is from %s to %s", c.Duration, c.Scenario, shortestStory, longestStory))
		hour = shortestStory
	}
	if c.Rate != defaultRate {
		mistakes = append(mistakes, errors.New("--rate is not for --scenario "+c.Scenario+", which says itself how many come"))
	}
	c.plan, c.scenario = story(hour)
	c.patience = openloop.StoryPatience
	return mistakes
}

// standing asks how the answers of today stand before a story; false where it need not or cannot be known.
func (c *loadConfig) standing(ctx context.Context, p *program, client *openloop.Client) (openloop.Standing, bool) {
	if openloop.Stories()[c.Scenario] == nil || c.Bearer == "" {
		return openloop.Standing{}, false
	}
	s, err := openloop.StandingOn(ctx, client, p.today())
	if err != nil {
		p.say("how the answers stand is not told: %s\n", err)
	}
	return s, err == nil
}

// standingSince waits until the server has counted what came. Only an administrator's token is told exactly.
func (c *loadConfig) standingSince(ctx context.Context, p *program, client *openloop.Client, before openloop.Standing, sent int64) *openloop.Standing {
	ctx, cancel := context.WithTimeout(ctx, standingWithin)
	defer cancel()
	tick := time.NewTicker(standingEvery)
	defer tick.Stop()
	day := p.today()
	for {
		now, err := openloop.StandingOn(ctx, client, day)
		since := now.Minus(before)
		if err == nil && since.Counted+since.Aside >= sent {
			return &since
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			p.say("how the answers stand is not told: it needs an administrator's API token, and that midnight does not come in between\n")
			return nil
		}
	}
}

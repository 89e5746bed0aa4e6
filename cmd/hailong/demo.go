package main

import (
	"context"
	"errors"
	"fmt"

	qrcode "github.com/skip2/go-qrcode"

	"hailong/analytics"
	"hailong/cmd/hailong/demo"
	"hailong/surveys"
)

// runDemo makes the demo store if it is not there, and serves it.
func runDemo(ctx context.Context, p *program, c config, words []string) error {
	if err := noWords(words); err != nil {
		return err
	}
	s, in, err := p.openStore(ctx, c, true)
	if err != nil {
		return err
	}
	return errors.Join(p.demoStore(ctx, c, s, in), s.Close())
}

func (p *program) demoStore(ctx context.Context, c config, s surveys.Store, in surveys.Installation) error {
	if !in.Demo {
		return fmt.Errorf("%s holds a real installation: give the demo another --data or --store", c.Data)
	}
	calendar, err := analytics.NewCalendar(in.MonthStart)
	if err != nil {
		return err
	}
	tell := func(step string) { p.say("  %s\n", step) }
	if err := demo.Make(ctx, s, calendar, p.today(), p.logger(), tell); err != nil {
		return err
	}
	return p.whileHeld(ctx, c, s, func() error {
		return p.serveStore(ctx, c, s, in, func(base string) error { return p.greet(ctx, s, base) })
	})
}

// greet prints where to click, with one survey address a sector.
func (p *program) greet(ctx context.Context, s surveys.Store, base string) error {
	samples, err := demo.Sample(ctx, s)
	if err != nil {
		return err
	}
	titles := map[surveys.Sector]string{
		"health": "Y tế / health", "education": "Giáo dục / education", "one_stop": "Một cửa / one-stop", "policy": "Chính sách / policy",
	}
	for _, sector := range surveys.Sectors() {
		address := base + "/s/" + string(samples[sector])
		code, err := qrcode.New(address, qrcode.Low)
		if err != nil {
			return fmt.Errorf("draw code: %w", err)
		}
		p.say("\n%s: %s\n%s", titles[sector], address, code.ToSmallString(false))
	}
	p.say("\nTrang quản lý / staff pages: %s/app\n", base)
	return nil
}

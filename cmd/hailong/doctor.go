package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// How grave a finding is.
type gravity int

const (
	fine gravity = iota
	warned
	wrong
)

// sign stands before a line.
func (g gravity) sign() string { return [...]string{"✓", "!", "✕"}[g] }

// phrase is a sentence in both languages; both take the same arguments.
type phrase struct{ vi, en string }

// area is what a group of findings is about.
type area phrase

func areaConfiguration() area { return area{"Cấu hình", "Configuration"} }
func areaStore() area         { return area{"Kho dữ liệu", "Store"} }
func areaClock() area         { return area{"Đồng hồ", "Clock"} }
func areaDisk() area          { return area{"Đĩa", "Disk"} }
func areaCertificate() area   { return area{"Chứng thư", "Certificate"} }
func areaBackup() area        { return area{"Sao lưu", "Backup"} }

// patient is what the doctor looks at, and what was found so far. Every finding is one line: what is the case and,
// after an arrow, what to do.
type patient struct {
	p     *program
	c     config
	now   time.Time
	area  area
	count [3]int
}

// note prints one finding.
func (d *patient) note(g gravity, says phrase, args ...any) {
	d.count[g]++
	format, heading := says.vi, d.area.vi
	if d.c.Lang == "en" {
		format, heading = says.en, d.area.en
	}
	line := strings.Join(strings.Fields(fmt.Sprintf(format, args...)), " ") // an error may have lines
	fmt.Fprintf(d.p.stdout, "%s %s: %s\n", g.sign(), heading, line)         //nolint:errcheck // nothing is left to say it to
}

var errSick = errors.New("something is wrong, see ✕ above")

// doctor says in words what is wrong with an installation and what to do. It changes nothing and makes no store.
func doctor(ctx context.Context, p *program, c config, words []string) error {
	if err := noWords(words); err != nil {
		return err
	}
	d := &patient{p: p, c: c, now: p.clock()}
	for _, look := range []struct {
		area area
		look func(context.Context)
	}{
		{areaConfiguration(), d.lookAtConfiguration},
		{areaStore(), d.lookAtStore},
		{areaClock(), d.lookAtClock},
		{areaDisk(), d.lookAtDisk},
		{areaCertificate(), d.lookAtCertificate},
		{areaBackup(), d.lookAtBackup},
	} {
		d.area = look.area
		look.look(ctx)
	}
	p.say("✓ %d   ! %d   ✕ %d\n", d.count[fine], d.count[warned], d.count[wrong])
	if d.count[wrong] > 0 {
		return errSick
	}
	return nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing/fstest"
	"time"

	"github.com/rs/zerolog"

	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors/all"
	"github.com/tandem-sync/tandem/internal/app"
	"github.com/tandem-sync/tandem/syncer"
)

// phase is one measured cycle.
type phase struct {
	Name           string  `json:"name"`
	Wall           float64 `json:"wall_s"`
	CPU            float64 `json:"cpu_s"`
	PeakMB         float64 `json:"peak_mb"`
	HubReads       int64   `json:"hubspot_reads"`
	HubReadFloor   int64   `json:"hubspot_read_floor"`
	SalesReads     int64   `json:"salesforce_reads"`
	SalesReadFloor int64   `json:"salesforce_read_floor"`
	Writes         int64   `json:"writes"`
	WriteFloor     int64   `json:"write_floor"`
	Rows           int     `json:"rows_written"`
}

const overlap = 2 * time.Second

const settings = "network: {loopback: true}\nfirst_run: apply\nstate: {dir: %q}\nidentity: {person: [email]}\nlimits: {ranges: %d}\n"

const hubFile = `
type: hubspot
base_url: %s
overlap: 2s
auth: {service_key: "${env:TOKEN}"}
search_rate: %d
objects:
  contacts:
    as: person
    create: true
    key: tandem_id
    fields:
      - {field: email, remote: email}
      - {field: first_name, remote: firstname}
      - {field: last_name, remote: lastname}
      - {field: company_name, remote: company}
      - {field: job_title, remote: jobtitle}
      - {field: city, remote: city}
      - {field: phone, remote: phone}
      - {field: lead_status, remote: hs_lead_status, direction: out}
`

const salesFile = `
type: salesforce
base_url: %s
overlap: 2s
auth: {client_id: %q, client_secret: "${env:SECRET}"}
bulk: {off: true}
objects:
  Lead:
    as: person
    create: 'email != nil'
    key: Tandem_Id__c
    fields:
      - {field: email, remote: Email}
      - {field: first_name, remote: FirstName}
      - {field: last_name, remote: LastName, placeholder: "[unknown]"}
      - {field: company_name, remote: Company, placeholder: "[unknown]"}
      - {field: job_title, remote: Title}
      - {field: city, remote: City}
      - {field: phone, remote: Phone}
`

func daemon(ctx context.Context, o options, t *twins) ([]phase, error) {
	dir, err := os.MkdirTemp("", "tandem-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	a, err := open(ctx, o, t, dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = a.Close() }()
	var phases []phase
	one := func(name string) error {
		p, err := cycle(ctx, a, t, name)
		phases = append(phases, p)
		return err
	}
	if err := one("first"); err != nil {
		return phases, err
	}
	if err := errors.Join(wait(ctx), one("verify"), wait(ctx), t.edit(o.people/20), one("delta 5%"), wait(ctx), one("verify"), wait(ctx), one("idle")); err != nil {
		return phases, err
	}
	return phases, nil
}

// wait lets the overlap window pass.
func wait(ctx context.Context) error {
	timer := time.NewTimer(2*overlap + time.Second)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func open(ctx context.Context, o options, t *twins, dir string) (*app.App, error) {
	ranges, rate := 4, 0
	if o.chain {
		ranges = 1
	}
	if o.limits {
		rate = 4
	}
	hub := fmt.Sprintf(hubFile, t.Hub, rate)
	if o.chain {
		hub += "ranges: 1\n"
	}
	return app.Open(ctx, app.Options{
		Dir: "bench", Registry: all.Registry(), Log: zerolog.New(os.Stderr).Level(zerolog.WarnLevel),
		Files: fstest.MapFS{
			"tandem.yaml":                {Data: fmt.Appendf(nil, settings, dir, ranges)},
			"connectors/hubspot.yaml":    {Data: []byte(hub)},
			"connectors/salesforce.yaml": {Data: fmt.Appendf(nil, salesFile, t.Sales, t.ClientID)},
		},
		Secrets: secret.Resolver{Env: func(name string) (string, bool) {
			v, ok := map[string]string{"TOKEN": t.Token, "SECRET": t.Secret}[name]
			return v, ok
		}},
	})
}

func cycle(ctx context.Context, a *app.App, t *twins, name string) (phase, error) {
	p := phase{Name: name}
	if err := t.reset(ctx); err != nil {
		return p, err
	}
	cpu, began := cpuSeconds(), time.Now()
	c, err := a.Engine.NewCycle(ctx, "sync", syncer.Scope{})
	if err != nil {
		return p, err
	}
	out, err := c.Run(ctx)
	if err != nil {
		return p, err
	}
	if len(out.Failures) > 0 {
		return p, errors.New(strings.Join(out.Failures, "; "))
	}
	p.Wall, p.CPU, p.PeakMB = time.Since(began).Seconds(), cpuSeconds()-cpu, peakMB()
	floor := a.Engine.Floor(out)
	p.HubReadFloor, p.SalesReadFloor = floor["hubspot"].Reads, floor["salesforce"].Reads
	p.WriteFloor = floor["hubspot"].Writes + floor["salesforce"].Writes
	p.Rows = out.Pushed.Applied
	err = p.count(ctx, t)
	return p, err
}

func (p *phase) count(ctx context.Context, t *twins) error {
	hub, err := t.counts(ctx, t.Hub)
	if err != nil {
		return err
	}
	sales, err := t.counts(ctx, t.Sales)
	p.HubReads, p.SalesReads, p.Writes = hub.Reads, sales.Reads, hub.Writes+sales.Writes
	return err
}

func cpuSeconds() float64 {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}

// peakMB is the process's largest resident size so far.
func peakMB() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.SplitSeq(string(status), "\n") {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb / 1024
		}
	}
	return 0
}

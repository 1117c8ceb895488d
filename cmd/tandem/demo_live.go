package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/tandem-sync/tandem/internal/app"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer"
)

// demoReport is the last line of `demo --once --json`.
type demoReport struct {
	People            int                            `json:"people"`
	InSync            int                            `json:"in_sync"`
	Pending           int                            `json:"pending"`
	Excluded          int                            `json:"excluded"`
	Quarantined       int                            `json:"quarantined"`
	Dead              int                            `json:"dead"`
	FieldHolds        int                            `json:"field_holds"`
	SecondCycleWrites int                            `json:"second_cycle_writes"`
	Objects           map[record.Object]syncer.Tally `json:"objects"`
	Systems           map[string]*demoSystem         `json:"systems"`
}

// agree tells how both sides stand once nothing is left to write.
func (d *demo) agree(ctx context.Context, a *app.App, jsonOut io.Writer) error {
	tallies, err := a.Engine.Summarise(ctx)
	if err != nil {
		return err
	}
	p := tallies[record.Person]
	hub, sales := d.box.HubSpot().Counts(), d.box.Salesforce().Counts()
	d.floors["hubspot"].Reads, d.floors["hubspot"].Writes = hub.Reads, hub.Writes
	d.floors["salesforce"].Reads, d.floors["salesforce"].Writes = sales.Reads, sales.Writes
	delete(tallies, record.Person)
	if d.globals.json {
		return printJSON(jsonOut, demoReport{
			People: p.N, InSync: p.InSync, Pending: p.Pending, Excluded: p.Excluded, Quarantined: p.Quarantined, Dead: p.Dead,
			FieldHolds: p.FieldHolds, SecondCycleWrites: d.second, Objects: tallies, Systems: d.floors,
		})
	}
	fmt.Fprintf(d.out, "\nBoth sides agree: %d people, %d in sync", p.N, p.InSync)
	for _, part := range []struct {
		n    int
		what string
	}{{p.Pending, "pending"}, {p.Excluded, "excluded"}, {p.Quarantined, "in quarantine"}, {p.Dead, "refused"}} {
		if part.n > 0 {
			fmt.Fprintf(d.out, ", %d %s", part.n, part.what)
		}
	}
	fmt.Fprintln(d.out, ".")
	for _, name := range []string{"hubspot", "salesforce"} {
		s := d.floors[name]
		fmt.Fprintf(d.out, "  %s: %d reads (at least %d), %d writes (at least %d)\n", name, s.Reads, s.ReadFloor, s.Writes, s.WriteFloor)
	}
	return nil
}

// live lets both sides change and keeps them in step until ctx ends.
func (d *demo) live(ctx context.Context, dir string) error {
	fmt.Fprintln(d.out, "\nNow both sides keep changing. Ctrl-C ends the demo.")
	changes := make(chan struct{})
	lctx, stop := context.WithCancel(ctx)
	go func() {
		defer close(changes)
		d.box.Live(lctx, 4*time.Second, func(what string) { fmt.Fprintf(d.out, "  %s  %s\n", time.Now().Format(time.TimeOnly), what) })
	}()
	err := runDaemon(ctx, d.appOptions(dir, nil), daemonUI{
		listening: func(url string) { fmt.Fprintf(d.out, "Status page: %s\n\n", url) },
		event:     d.tellEvent,
	})
	stop()
	<-changes
	fmt.Fprintln(d.out, "\nThe demo has ended.")
	return err
}

func (d *demo) tellEvent(ev syncer.Event) {
	if ev.Kind == syncer.BatchPushed && ev.Result == "applied" {
		fmt.Fprintf(d.out, "  %s  Tandem wrote %d rows to %s %s\n", time.Now().Format(time.TimeOnly), ev.N, ev.System, ev.Object)
	}
}

package connectortest

import (
	"context"
	"sync"
	"time"

	"github.com/tandem-sync/tandem/connectors"
)

func safetyCases() []Case {
	return []Case{
		{Name: "nothing secret is shown", About: "Secrets and personal data are in no error, log or metric, whatever goes wrong.", needs: need{
			transport: HTTP, faults: []string{"server_error", "html", "reset"},
		}, run: nothingShown},
		{Name: "side by side", About: "Several reads and writes at once do not disturb each other.", run: sideBySide},
		{Name: "ended context", About: "A call with an ended context does nothing.", run: endedContext},
	}
}

func nothingShown(k *kit) {
	ids := k.Bench.Seed(2, time.Now())
	k.Bench.Edit(ids[0], canaryName)
	k.Bench.Edit(ids[1], canaryEmail)
	k.advance(time.Hour)
	for _, kind := range []string{"server_error", "html", "reset"} {
		bench := k.inject(always(kind), Any)
		_, err := k.try(k.query())
		_ = k.note(err)
		_, err = k.Connector.Check(k.ctx())
		_ = k.note(err)
		k.findCanaries(ids)
		if k.obj.Caps.Update {
			_, err = k.write(k.update("op-"+kind, ids[0], canaryEmail))
			_ = k.note(err)
		}
		bench.Reset()
		k.advance(time.Hour)
	}
	k.pull(k.query())
}

func (k *kit) findCanaries(ids []string) {
	f, ok := k.Connector.(connectors.Finder)
	if !ok {
		return
	}
	if k.obj.Caps.Read {
		_, err := f.Read(k.ctx(), k.obj.Name, ids[:min(len(ids), k.obj.Caps.BatchRead)], []string{k.setup.Field})
		_ = k.note(err)
	}
	if k.obj.Caps.Lookup && len(k.obj.Keys) > 0 {
		_, err := f.Lookup(k.ctx(), k.obj.Name, k.obj.Keys[0], []string{canaryEmail}, []string{k.setup.Field})
		_ = k.note(err)
	}
}

func sideBySide(k *kit) {
	ids := k.Bench.Seed(k.page()+5, time.Now())
	k.advance(time.Hour)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			got, err := k.try(k.query())
			if err != nil || len(got.records) < len(ids) {
				k.t.Errorf("%d of %d records: %v", len(got.records), len(ids), err)
			}
		})
		if k.obj.Caps.Update {
			wg.Go(func() {
				results, err := k.write(k.update("op-"+ids[i], ids[i], "Vienna"))
				if err != nil || results["op-"+ids[i]].Status != connectors.Applied {
					k.t.Errorf("a write side by side is %q: %v", results["op-"+ids[i]].Status, err)
				}
			})
		}
	}
	wg.Wait()
}

func endedContext(k *kit) {
	k.Bench.Seed(1, time.Now())
	k.advance(time.Hour)
	ctx, cancel := context.WithCancel(k.ctx())
	cancel()
	if _, err := k.Connector.Changes(ctx, k.query()); k.note(err) == nil {
		k.t.Error("a read with an ended context succeeds")
	}
	if !k.obj.Caps.Update {
		return
	}
	ids := k.Bench.Seed(1, time.Now())
	if results, err := k.writer().Write(ctx, []connectors.Op{k.update("op-1", ids[0], "Vienna")}); err == nil && len(results) > 0 && results[0].Status == connectors.Applied {
		k.t.Error("a write with an ended context is applied")
	}
}

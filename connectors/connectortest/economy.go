package connectortest

import (
	"fmt"
	"slices"
	"time"

	"github.com/tandem-sync/tandem/connectors"
)

// economyRows is no multiple of a usual page, so that no page is asked for only
// to find the end.
const economyRows = 990

// spare is what a pass or a batch of writes may cost beside, whatever its size.
const spare = 1

func economyCases() []Case {
	return []Case{
		{
			Name: "calls of a thousand rows", About: "Changed rows are read and written in hardly more calls than pages and batches have to be.",
			needs: need{transport: HTTP, caps: []string{"changes"}, faults: []string{"latency"}}, run: economy,
		},
	}
}

func economy(k *kit) {
	counter, ok := k.Bench.(Faulter)
	if !ok {
		k.t.Fatal("the bench counts no calls")
	}
	calls := func(do func()) int {
		before := counter.Counts().Total
		do()
		return int(counter.Counts().Total - before)
	}
	ids := k.Bench.Seed(economyRows, time.Now())
	k.advance(time.Hour)
	q := k.since()
	q.Cursor = k.pull(q).next
	k.advance(time.Hour)
	for i, id := range ids {
		k.Bench.Edit(id, "Vienna")
		if i%10 == 0 {
			k.advance(time.Second) // one moment for all is another case's
		}
	}
	k.advance(k.obj.Lag + time.Minute)
	_, err := k.Connector.Describe(k.ctx()) // what it asks is not asked for each page
	k.must(err)
	var got pulled
	read := calls(func() { got = k.pull(q) })
	k.holdsAll(got, ids)
	k.economical("read", read, pagesOf(economyRows, k.page()))
	if !k.obj.Caps.Update {
		return
	}
	ops := make([]connectors.Op, len(ids))
	for i, id := range ids {
		ops[i] = k.update(fmt.Sprintf("op-%d", i), id, "Graz")
		if k.obj.Caps.Conditional {
			ops[i].Version = got.records[id].Version
		}
	}
	written := calls(func() {
		for batch := range slices.Chunk(ops, k.obj.Caps.BatchWrite) {
			results, err := k.write(batch...)
			k.must(err)
			k.honest(batch, results, nil)
		}
	})
	floor := pagesOf(len(ops), k.obj.Caps.BatchWrite)
	if k.setup.OneByOne {
		floor = len(ops)
	}
	k.economical("updated", written, floor)
}

func pagesOf(rows, size int) int { return (rows + size - 1) / size }

// economical reports the calls, and fails beyond 1.2 times the floor.
func (k *kit) economical(what string, calls, floor int) {
	k.t.Helper()
	k.t.Logf("%d rows %s in %d calls, floor %d", economyRows, what, calls, floor)
	if most := floor*12/10 + spare; calls > most {
		k.t.Errorf("%d rows %s in %d calls; the floor is %d, allowed are %d", economyRows, what, calls, floor, most)
	}
}

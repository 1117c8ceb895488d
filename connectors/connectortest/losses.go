package connectortest

import (
	"strconv"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

func lossCases() []Case {
	write := func(capability string, faults ...string) need {
		return need{transport: HTTP, caps: []string{capability}, faults: faults}
	}
	return []Case{
		{Name: "reply to a create lost", About: "A create whose reply is lost is not made twice and not said to be refused; it is found again by its key.", needs: write("create", "reply_lost"), run: lostCreate},
		{Name: "reply to an update lost", About: "An update whose reply is lost is stored and not said to be refused.", needs: write("update", "reply_lost"), run: lostUpdate},
		{Name: "cut before the write", About: "A connection cut before the answer leaves no false result.", needs: write("create", "reset"), run: cutWrite},
		{Name: "unreadable reply to a create", About: "A create answered with a web page is not made twice.", needs: write("create", "truncate"), run: unreadableCreate},
		{Name: "partial batch failure", About: "Of a batch, the bad row is refused with its reason and the others are stored.", needs: write("update", "row_error"), run: partialBatch},
		{Name: "locked row", About: "A row locked over there is told as such, the others are stored.", needs: write("update", "row_lock"), run: lockedRow},
		{Name: "whole batch refused", About: "A batch refused for one row is not said to be stored.", needs: write("update", "whole_batch_error"), run: wholeBatch},
		{Name: "rate limit while writing", About: "A rate limit while writing leaves true results.", needs: write("update", "rate_limit"), run: honestWrite("rate_limit")},
		{Name: "server error while writing", About: "A server error while writing leaves true results.", needs: write("update", "server_error"), run: honestWrite("server_error")},
		{Name: "server error while creating", About: "A create answered by a server error is not made twice.", needs: write("create", "server_error"), run: failedCreate},
	}
}

func lostCreate(k *kit) {
	k.inject(once("reply_lost"), Writing)
	op := k.personal("op-1", 1)
	results, err := k.write(op)
	k.uncertain(op, results, err)
}

func unreadableCreate(k *kit) {
	k.inject(once("truncate"), Writing)
	op := k.personal("op-1", 1)
	results, err := k.write(op)
	k.uncertain(op, results, err)
}

// uncertain checks a create that took effect though its reply did not come.
func (k *kit) uncertain(op connectors.Op, results map[string]connectors.Result, err error) {
	k.t.Helper()
	if n := k.Bench.Count(); n != 1 {
		k.t.Fatalf("there are %d records, want 1", n)
	}
	r, ok := results[op.ID]
	if r.Status == connectors.Rejected || !ok && (err == nil || connectors.Untouched(err)) {
		k.t.Errorf("a create that took effect is said not to have: %v", err)
	}
	if !ok && !fault.Is(err, fault.OutcomeUnknown) {
		k.t.Errorf("a create of unknown fate answers %v", err)
	}
	if !k.obj.Caps.Lookup || op.Key.Field == "" {
		return
	}
	k.advance(time.Minute)
	found, err := k.finder().Lookup(k.ctx(), k.obj.Name, op.Key.Field, []string{op.Key.Value}, []string{k.setup.Field})
	k.must(err)
	if len(found) != 1 || len(found[0]) != 1 {
		k.t.Error("the record is not found again by its key")
	}
}

func lostUpdate(k *kit) {
	ids := k.Bench.Seed(1, time.Now())
	k.advance(time.Hour)
	k.inject(once("reply_lost"), Writing)
	op := k.update("op-1", ids[0], canaryName)
	results, err := k.write(op)
	k.honest([]connectors.Op{op}, results, err)
	if held, _ := k.Bench.Value(ids[0]); held != canaryName {
		k.t.Error("the twin did not store the update: the fault hit another call")
	}
}

func cutWrite(k *kit) {
	k.inject(once("reset"), Writing)
	results, err := k.write(k.personal("op-1", 1))
	n, r := k.Bench.Count(), results["op-1"]
	if n > 1 || n == 0 && r.Status == connectors.Applied || n == 1 && r.Status == connectors.Rejected {
		k.t.Errorf("%d records, the result is %q", n, r.Status)
	}
	if n == 1 && r.Status == "" && connectors.Untouched(err) {
		k.t.Errorf("the record was made, the error says it was not: %v", err)
	}
}

func failedCreate(k *kit) {
	k.inject(once("server_error"), Writing)
	results, err := k.write(k.personal("op-1", 1))
	_ = k.note(err)
	if n, r := k.Bench.Count(), results["op-1"]; n > 1 || n == 0 && r.Status == connectors.Applied {
		k.t.Errorf("%d records, the result is %q", n, r.Status)
	}
}

// batch seeds rows and makes an update for each, of different values.
func (k *kit) batch() ([]string, []connectors.Op) {
	n := min(5, k.obj.Caps.BatchWrite)
	ids := k.Bench.Seed(n, time.Now())
	k.advance(time.Hour)
	ops := make([]connectors.Op, n)
	for i, id := range ids {
		ops[i] = k.update("op-"+strconv.Itoa(i), id, canaryName+" "+strconv.Itoa(i))
	}
	return ids, ops
}

func partialBatch(k *kit) {
	ids, ops := k.batch()
	bad := len(ids) / 2
	k.inject(on(ids[bad], "row_error"), Writing)
	results, err := k.write(ops...)
	k.honest(ops, results, err)
	if k.atomic(results, err) {
		return
	}
	for i := range ops {
		r := results[ops[i].ID]
		if want := (i == bad); want != (r.Status == connectors.Rejected) {
			k.t.Errorf("row %d of %d is %q, the bad one is %d", i, len(ops), r.Status, bad)
		}
	}
}

// atomic tells whether the system refused the batch as a whole; the core then
// splits it.
func (k *kit) atomic(results map[string]connectors.Result, err error) bool {
	return len(results) == 0 && err != nil && connectors.Untouched(err) && fault.As(err).Scope == fault.ScopeBatch
}

func lockedRow(k *kit) {
	ids, ops := k.batch()
	k.inject(faultKind{Kind: "row_lock", Rows: ids[:1]}, Writing)
	results, err := k.write(ops...)
	k.honest(ops, results, err)
	if r, ok := results[ops[0].ID]; ok && r.Status == connectors.Rejected {
		err = r.Err
	}
	k.class(err, fault.Locked)
}

func wholeBatch(k *kit) {
	ids, ops := k.batch()
	bad := len(ids) / 2
	k.inject(faultKind{Kind: "whole_batch_error", Rows: []string{ids[bad], ops[bad].Fields[k.setup.Field].Text()}}, Writing)
	results, err := k.write(ops...)
	k.honest(ops, results, err)
	for i, o := range ops {
		if held, _ := k.Bench.Value(ids[i]); held == o.Fields[k.setup.Field].Text() && results[o.ID].Status != connectors.Applied {
			k.t.Errorf("row %d was stored and is not said to be", i)
		}
	}
	if len(results) == 0 && fault.As(err).Scope != fault.ScopeBatch {
		k.t.Errorf("the refusal of a batch has the scope %d", fault.As(err).Scope)
	}
}

func honestWrite(kind string) func(*kit) {
	return func(k *kit) {
		_, ops := k.batch()
		bench := k.inject(once(kind), Writing)
		results, err := k.write(ops...)
		k.honest(ops, results, err)
		bench.Reset()
		bench.Inject(always(kind), Writing)
		for i := range ops {
			ops[i].ID += "-again"
			ops[i].Fields = ops[i].Fields.Clone()
			ops[i].Fields[k.setup.Field] = k.text("again " + strconv.Itoa(i))
		}
		results, err = k.write(ops...)
		k.honest(ops, results, err)
		if len(results) == 0 && err == nil {
			k.t.Error("a write that failed for good answers neither results nor an error")
		}
	}
}

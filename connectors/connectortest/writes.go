package connectortest

import (
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
)

func writeCases() []Case {
	caps := func(names ...string) need { return need{caps: names} }
	return []Case{
		{Name: "update", About: "An update stores the value, and only that.", needs: caps("update"), run: updates},
		{Name: "clear", About: "A null clears the field.", needs: caps("update"), run: clears},
		{Name: "create", About: "A create makes one record with the fields given.", needs: caps("create"), run: creates},
		{Name: "create with the same key twice", About: "A second create with the same key makes no second record.", needs: caps("create", "lookup"), run: createTwice},
		{Name: "archive", About: "An archived record is gone.", needs: caps("archive"), run: archives},
		{Name: "read by id", About: "Records are read by id; a missing id is simply not there.", needs: caps("read"), run: readsByID},
		{Name: "read after write", About: "A read by id sees what a finished write stored.", needs: caps("read", "update"), run: readAfterWrite},
		{Name: "lookup", About: "A lookup answers each value asked for, in order.", needs: caps("create", "lookup"), run: lookups},
		{Name: "write echo", About: "Where declared, a write's reply tells the version stored.", needs: caps("update", "echo"), run: echoes},
		{Name: "conditional update", About: "Where declared, an update of a record changed since is refused as stale.", needs: caps("conditional", "update"), run: conditional},
		{Name: "update of a missing record", About: "An update of a record that does not exist is refused, and makes none.", needs: caps("update"), run: updateMissing},
		{Name: "deletions are told", About: "Gone tells what a person deleted.", needs: need{caps: []string{"gone"}, remover: true}, run: gone},
	}
}

func updates(k *kit) {
	ids := k.Bench.Seed(3, time.Now())
	k.Bench.Edit(ids[2], "Linz")
	k.advance(time.Hour)
	ops := []connectors.Op{k.update("op-1", ids[0], "Vienna"), k.update("op-2", ids[1], `O'Brien, "the" third`)}
	ops = ops[:min(len(ops), k.obj.Caps.BatchWrite)]
	results, err := k.write(ops...)
	k.must(err)
	for _, o := range ops {
		k.applied(results[o.ID])
	}
	k.honest(ops, results, err)
	if held, _ := k.Bench.Value(ids[2]); held != "Linz" {
		k.t.Errorf("another record was changed")
	}
	if n := k.Bench.Count(); n != 3 {
		k.t.Errorf("there are %d records, want 3", n)
	}
}

func clears(k *kit) {
	ids := k.Bench.Seed(1, time.Now())
	k.Bench.Edit(ids[0], "Vienna")
	k.advance(time.Hour)
	results, err := k.write(k.update("op-1", ids[0], ""))
	k.must(err)
	k.applied(results["op-1"])
	if held, _ := k.Bench.Value(ids[0]); held != "" {
		k.t.Errorf("the field still holds a value")
	}
}

func creates(k *kit) {
	k.Bench.Seed(2, time.Now())
	k.advance(time.Hour)
	op := k.create("op-1", 1)
	op.Fields[k.setup.Field] = k.text("Innsbruck")
	results, err := k.write(op)
	k.must(err)
	k.applied(results["op-1"])
	if held, found := k.Bench.Value(results["op-1"].RemoteID); !found || held != "Innsbruck" {
		k.t.Errorf("the record made holds %q, found: %t", held, found)
	}
	if n := k.Bench.Count(); n != 3 {
		k.t.Errorf("there are %d records, want 3", n)
	}
}

func createTwice(k *kit) {
	first := k.create("op-1", 1)
	results, err := k.write(first)
	k.must(err)
	k.applied(results["op-1"])
	id := results["op-1"].RemoteID
	second := k.create("op-2", 2)
	second.Key = first.Key
	if _, ok := first.Fields[first.Key.Field]; ok {
		second.Fields[first.Key.Field] = first.Fields[first.Key.Field]
	}
	k.advance(time.Minute)
	results, err = k.write(second)
	_ = k.note(err)
	if n := k.Bench.Count(); n != 1 {
		k.t.Fatalf("there are %d records with the key, want 1", n)
	}
	switch r := results["op-2"]; r.Status {
	case connectors.Applied:
		if r.RemoteID != id || !r.Adopted {
			k.t.Errorf("applied to another record, or not told as adopted: %t", r.Adopted)
		}
	case connectors.Rejected:
		k.class(r.Err, fault.Conflict)
		if got := fault.As(r.Err).Existing; got != "" && got != id {
			k.t.Errorf("the record in the way is told as %s, want %s", got, id)
		}
	default:
		k.t.Errorf("the second create is %q, %v", r.Status, err)
	}
}

func archives(k *kit) {
	ids := k.Bench.Seed(2, time.Now())
	k.advance(time.Hour)
	op := connectors.Op{ID: "op-1", Kind: connectors.Archive, Object: k.obj.Name, RemoteID: ids[0]}
	results, err := k.write(op)
	k.must(err)
	k.applied(results["op-1"])
	if _, found := k.Bench.Value(ids[0]); found {
		k.t.Error("the archived record is still there")
	}
	if _, found := k.Bench.Value(ids[1]); !found {
		k.t.Error("another record was archived")
	}
}

func readsByID(k *kit) {
	ids := k.Bench.Seed(3, time.Now())
	k.Bench.Edit(ids[0], "Vienna")
	k.advance(time.Hour)
	got, err := k.finder().Read(k.ctx(), k.obj.Name, ids[:min(2, k.obj.Caps.BatchRead)], []string{k.setup.Field})
	k.must(err)
	found := map[string]connectors.Record{}
	for _, r := range got {
		found[r.ID] = r
	}
	if len(found) != min(2, k.obj.Caps.BatchRead) || found[ids[0]].Fields[k.setup.Field].Text() != "Vienna" {
		k.t.Errorf("read %d records", len(found))
	}
	bench, ok := k.Bench.(Remover)
	if !ok {
		return
	}
	bench.Delete(ids[2])
	k.advance(time.Minute)
	got, err = k.finder().Read(k.ctx(), k.obj.Name, ids[2:], []string{k.setup.Field})
	k.must(err)
	for _, r := range got {
		if !r.Archived {
			k.t.Error("a deleted record is read as if it were live")
		}
	}
}

func readAfterWrite(k *kit) {
	ids := k.Bench.Seed(1, time.Now())
	k.advance(time.Hour)
	for _, value := range []string{"one", "two"} {
		results, err := k.write(k.update("op-"+value, ids[0], value))
		k.must(err)
		k.applied(results["op-"+value])
		got, err := k.finder().Read(k.ctx(), k.obj.Name, ids, []string{k.setup.Field})
		k.must(err)
		if len(got) != 1 || got[0].Fields[k.setup.Field].Text() != value {
			k.t.Fatalf("the read after the write does not see it")
		}
		k.advance(time.Second)
	}
}

func lookups(k *kit) {
	op := k.create("op-1", 1)
	results, err := k.write(op)
	k.must(err)
	k.applied(results["op-1"])
	k.advance(time.Minute)
	found, err := k.finder().Lookup(k.ctx(), k.obj.Name, op.Key.Field, []string{"nobody@tandem.example", op.Key.Value}, []string{k.setup.Field})
	k.must(err)
	if len(found) != 2 || len(found[0]) != 0 || len(found[1]) != 1 || found[1][0].ID != results["op-1"].RemoteID {
		k.t.Errorf("looked up two values, got %d answers", len(found))
	}
}

func echoes(k *kit) {
	ids := k.Bench.Seed(1, time.Now())
	k.advance(time.Hour)
	results, err := k.write(k.update("op-1", ids[0], "Vienna"))
	k.must(err)
	k.applied(results["op-1"])
	if e := results["op-1"].Echo; e == nil || e.Version == "" {
		k.t.Error("an echo is declared, the reply tells no version")
	}
}

func conditional(k *kit) {
	ids := k.Bench.Seed(1, time.Now())
	k.advance(time.Hour)
	version := k.pull(k.query()).records[ids[0]].Version
	k.advance(time.Minute)
	k.Bench.Edit(ids[0], "theirs")
	k.advance(time.Minute)
	op := k.update("op-1", ids[0], "ours")
	op.Version = version
	results, err := k.write(op)
	_ = k.note(err)
	if r := results["op-1"]; r.Status != connectors.Rejected || !fault.Is(r.Err, fault.Stale) {
		k.t.Errorf("an update of a changed record is %q: %v", r.Status, r.Err)
	}
	if held, _ := k.Bench.Value(ids[0]); held != "theirs" {
		k.t.Error("the edit of a person was overwritten")
	}
}

func updateMissing(k *kit) {
	ids := k.Bench.Seed(2, time.Now())
	missing := ids[1]
	if bench, ok := k.Bench.(Remover); ok {
		bench.Delete(missing)
	} else {
		missing = "999999999999"
	}
	k.advance(time.Hour)
	count := k.Bench.Count()
	results, err := k.write(k.update("op-1", missing, "Vienna"))
	if r, ok := results["op-1"]; ok {
		if r.Status != connectors.Rejected {
			k.t.Errorf("an update of a missing record is %q", r.Status)
		}
		err = r.Err
	}
	k.class(err, fault.Missing, fault.Merged, fault.Invalid)
	if k.Bench.Count() != count {
		k.t.Error("an update made a record")
	}
}

func gone(k *kit) {
	ids := k.Bench.Seed(3, time.Now())
	k.advance(time.Hour)
	q := connectors.Query{Object: k.obj.Name}
	q.Cursor, _ = k.goneSince(q)
	k.advance(time.Hour)
	bench, ok := k.Bench.(Remover)
	if !ok {
		k.t.Fatal("the bench cannot delete")
	}
	bench.Delete(ids[1])
	k.advance(k.obj.Lag + time.Hour)
	_, told := k.goneSince(q)
	if g, ok := told[ids[1]]; !ok || g.Kind == "" {
		k.t.Errorf("the deletion is not told among %d", len(told))
	}
	if _, ok := told[ids[0]]; ok {
		k.t.Error("a live record is told as gone")
	}
}

func (k *kit) goneSince(q connectors.Query) (connectors.Cursor, map[string]connectors.Gone) {
	k.t.Helper()
	told := map[string]connectors.Gone{}
	for range mostPages {
		page, err := k.Connector.Gone(k.ctx(), q)
		k.must(err)
		for _, g := range page.Gone {
			told[g.ID] = g
		}
		q.Cursor = page.Next
		if !page.More {
			break
		}
	}
	return q.Cursor, told
}

// personal is a row that carries personal data, for the search afterwards.
func (k *kit) personal(op string, n int) connectors.Op {
	o := k.create(op, n)
	for _, f := range k.obj.Fields {
		if _, set := o.Fields[f.Name]; set && f.Kind == record.Email {
			o.Fields[f.Name] = record.Of(record.Email, canaryEmail)
		}
	}
	o.Fields[k.setup.Field] = k.text(canaryName)
	return o
}

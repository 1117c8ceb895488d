package connectortest

import (
	"errors"
	"slices"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
)

const mostPages = 3000

func (k *kit) query() connectors.Query {
	return connectors.Query{Object: k.obj.Name, Fields: []string{k.setup.Field}}
}

// pulled is what a pull to its end brought.
type pulled struct {
	records map[string]connectors.Record // the last version of each
	times   map[string]int
	issues  []connectors.Issue
	pages   int
	next    connectors.Cursor
}

// try pulls until there is no more, or to the first error.
func (k *kit) try(q connectors.Query) (pulled, error) {
	k.t.Helper()
	got := pulled{records: map[string]connectors.Record{}, times: map[string]int{}, next: q.Cursor}
	for got.pages < mostPages {
		page, err := k.Connector.Changes(k.ctx(), q)
		if err != nil {
			return got, k.note(err)
		}
		got.pages++
		got.issues = append(got.issues, page.Issues...)
		for _, r := range page.Records {
			got.records[r.ID] = r
			got.times[r.ID]++
		}
		if most := k.obj.Caps.PageSize; most > 0 && len(page.Records) > most {
			k.t.Errorf("a page of %d records, declared are %d", len(page.Records), most)
		}
		got.next, q.Cursor = page.Next, page.Next
		if !page.More {
			if page.Next == "" {
				k.t.Error("the last page has no cursor to go on from")
			}
			return got, nil
		}
		if page.Next == "" {
			k.t.Fatal("a page says there is more and has no cursor")
		}
	}
	k.t.Fatalf("no end after %d pages", mostPages)
	return got, nil
}

func (k *kit) pull(q connectors.Query) pulled {
	k.t.Helper()
	got, err := k.try(q)
	k.must(err)
	return got
}

// pullFor pulls as whoever runs connectors would: after an error that may go
// away it begins again from the last cursor, or from the start if that expired.
func (k *kit) pullFor(q connectors.Query, tries int) pulled {
	k.t.Helper()
	all := pulled{records: map[string]connectors.Record{}, times: map[string]int{}}
	for range tries {
		got, err := k.try(q)
		for id, r := range got.records {
			all.records[id] = r
			all.times[id] += got.times[id]
		}
		all.next = got.next
		if err == nil {
			return all
		}
		f := fault.As(err)
		switch {
		case f.Class == fault.Expired:
			q.Cursor = ""
		case f.Class.Later():
			q.Cursor = got.next
		default:
			k.t.Fatalf("unexpected error: %v", err)
		}
		k.advance(max(time.Minute, time.Until(f.Until)+time.Second))
	}
	k.t.Fatalf("still failing after %d tries", tries)
	return all
}

// holdsAll checks that every id was delivered.
func (k *kit) holdsAll(got pulled, ids []string) {
	k.t.Helper()
	var lost int
	for _, id := range ids {
		if _, ok := got.records[id]; !ok {
			lost++
		}
	}
	if lost > 0 {
		k.t.Fatalf("%d of %d records were not delivered", lost, len(ids))
	}
}

// since returns the cursor after everything there is now, well in the past of
// what a case does next.
func (k *kit) since() connectors.Query {
	k.t.Helper()
	q := k.query()
	q.Cursor = k.pull(q).next
	k.advance(time.Hour)
	return q
}

func (k *kit) page() int {
	if n := k.obj.Caps.PageSize; n > 0 {
		return n
	}
	return 100
}

func (k *kit) inject(f faultKind, on Call) Faulter {
	bench, ok := k.Bench.(Faulter)
	if !ok {
		k.t.Fatal("the bench plays no faults")
	}
	bench.Inject(f, on)
	return bench
}

func (k *kit) writer() connectors.Writer {
	k.t.Helper()
	w, ok := k.Connector.(connectors.Writer)
	if !ok {
		k.t.Fatal("the catalog declares writing, the connector has no Writer")
	}
	return w
}

func (k *kit) finder() connectors.Finder {
	k.t.Helper()
	f, ok := k.Connector.(connectors.Finder)
	if !ok {
		k.t.Fatal("the catalog declares reading by id, the connector has no Finder")
	}
	return f
}

func (k *kit) text(s string) record.Value {
	f, _ := k.obj.Field(k.setup.Field)
	if s == "" {
		return record.NullOf(f.Kind)
	}
	return record.Of(f.Kind, s)
}

func (k *kit) update(op, id, value string) connectors.Op {
	return connectors.Op{ID: op, Kind: connectors.Update, Object: k.obj.Name, RemoteID: id, Fields: record.Fields{k.setup.Field: k.text(value)}}
}

func (k *kit) create(op string, n int) connectors.Op {
	k.t.Helper()
	if k.setup.Create == nil {
		k.t.Fatal("the catalog declares creates, Setup.Create is nil")
	}
	o := connectors.Op{ID: op, Kind: connectors.Create, Object: k.obj.Name, Fields: k.setup.Create(n)}
	if len(k.obj.Keys) > 0 && k.obj.Caps.Lookup {
		o.Key = connectors.Key{Field: k.obj.Keys[0], Value: "key-" + op + "@tandem.example"}
	}
	return o
}

// write sends ops and follows accepted ones to their end.
func (k *kit) write(ops ...connectors.Op) (map[string]connectors.Result, error) {
	k.t.Helper()
	results, err := k.writer().Write(k.ctx(), ops)
	byOp := map[string]connectors.Result{}
	for _, r := range results {
		if _, twice := byOp[r.Op]; twice {
			k.t.Errorf("two results for one op")
		}
		if !slices.ContainsFunc(ops, func(o connectors.Op) bool { return o.ID == r.Op }) {
			k.t.Errorf("a result for an op that was not asked for")
		}
		_ = k.note(r.Err)
		byOp[r.Op] = r
	}
	for range 100 {
		if !k.resume(ops, byOp) {
			break
		}
		k.advance(10 * time.Second)
	}
	return byOp, k.note(err)
}

func (k *kit) resume(ops []connectors.Op, byOp map[string]connectors.Result) (open bool) {
	handles := map[connectors.Handle][]connectors.Op{}
	for _, o := range ops {
		if r := byOp[o.ID]; r.Status == connectors.Accepted {
			handles[r.Handle] = append(handles[r.Handle], o)
		}
	}
	for h, waiting := range handles {
		results, err := k.writer().Resume(k.ctx(), h, waiting)
		k.must(err)
		for _, r := range results {
			_ = k.note(r.Err)
			byOp[r.Op] = r
		}
	}
	return len(handles) > 0
}

func (k *kit) applied(r connectors.Result) {
	k.t.Helper()
	if r.Status != connectors.Applied {
		k.t.Fatalf("the op is %q, want applied: %v", r.Status, r.Err)
	}
	if r.RemoteID == "" {
		k.t.Error("an applied op has no remote id")
	}
}

// honest checks each result of updates against what the system holds: nothing
// is said to be done that is not, nor refused that was done.
func (k *kit) honest(ops []connectors.Op, results map[string]connectors.Result, err error) {
	k.t.Helper()
	for _, o := range ops {
		held, _ := k.Bench.Value(o.RemoteID)
		stored := held == o.Fields[k.setup.Field].Text()
		r, ok := results[o.ID]
		switch {
		case !ok && err == nil:
			k.t.Errorf("op %s has no result and there is no error", o.ID)
		case !ok && connectors.Untouched(err) && stored, r.Status == connectors.Rejected && stored:
			k.t.Errorf("op %s is said not to be stored, but is", o.ID)
		case r.Status == connectors.Applied && !stored:
			k.t.Errorf("op %s is said to be stored, but is not", o.ID)
		case r.Status == connectors.Rejected && r.Err == nil:
			k.t.Errorf("op %s is rejected without a reason", o.ID)
		}
	}
}

// class fails unless err is a fault of one of the classes.
func (k *kit) class(err error, want ...fault.Class) {
	k.t.Helper()
	if k.note(err) == nil {
		k.t.Fatalf("no error, want %v", want)
	}
	if _, ok := errors.AsType[*fault.Error](err); !ok {
		k.t.Fatalf("the error is no fault: %v", err)
	}
	if !slices.Contains(want, fault.ClassOf(err)) {
		k.t.Errorf("the error is %s, want one of %v: %v", fault.ClassOf(err), want, err)
	}
}

package connectortest

import (
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

func pageCases() []Case {
	http := func(faults ...string) need { return need{transport: HTTP, faults: faults} }
	return []Case{
		{Name: "repeated page", About: "A page that comes twice neither loops nor loses records.", needs: http("repeated_page"), run: oddPage("repeated_page")},
		{Name: "empty page", About: "An empty page with more to come does not end the read.", needs: http("empty_page"), run: oddPage("empty_page")},
		{Name: "expired cursor", About: "A cursor that is no longer accepted is told as expired; reading again delivers everything.", needs: http("expired_cursor"), run: expiredCursor},
		{Name: "merge while reading", About: "A merge between two pages loses no other record.", needs: need{transport: HTTP, remover: true}, run: mergeMeanwhile},
		{
			Name: "expired token mid-page", About: "An access token that expires between pages is renewed once, and nothing is lost.",
			needs: need{transport: HTTP, expirer: true}, run: expiredToken,
		},
		{Name: "stale read", About: "A read that shows a state from before our write does not pass for a newer version.", needs: need{
			transport: HTTP, caps: []string{"read", "update"}, faults: []string{"stale_read"},
		}, run: staleRead},
		{Name: "foreign next link", About: "A link to another origin is not followed: it sees no request.", needs: http("foreign_next"), run: foreignNext},
		{Name: "foreign redirect", About: "A redirect to another origin is not followed: it sees no request.", needs: http("redirect"), run: foreignRedirect},
	}
}

func oddPage(kind string) func(*kit) {
	return func(k *kit) {
		ids := k.Bench.Seed(3*k.page()+1, time.Now())
		k.advance(time.Hour)
		k.inject(after(1, kind), Reading)
		k.holdsAll(k.pullFor(k.query(), 4), ids)
	}
}

func expiredCursor(k *kit) {
	ids := k.Bench.Seed(3*k.page()+1, time.Now())
	k.advance(time.Hour)
	k.inject(after(1, "expired_cursor"), Reading)
	k.holdsAll(k.pullFor(k.query(), 4), ids)
}

func mergeMeanwhile(k *kit) {
	ids := k.Bench.Seed(2*k.page()+1, time.Now())
	k.advance(time.Hour)
	q := k.query()
	first, err := k.Connector.Changes(k.ctx(), q)
	k.must(err)
	bench, ok := k.Bench.(Remover)
	if !ok {
		k.t.Fatal("the bench cannot merge")
	}
	if bench.Merge(ids[0], ids[1]) == "" {
		k.t.Skip("not applicable: the system has no merging")
	}
	q.Cursor = first.Next
	got := k.pullFor(q, 3)
	for _, r := range first.Records {
		got.records[r.ID] = r
	}
	k.holdsAll(got, ids[2:])
}

func expiredToken(k *kit) {
	bench, ok := k.Bench.(Expirer)
	if !ok {
		k.t.Fatal("the credentials do not expire")
	}
	ids := k.Bench.Seed(2*k.page()+1, time.Now())
	k.advance(time.Minute)
	q := k.query()
	first, err := k.Connector.Changes(k.ctx(), q)
	k.must(err)
	bench.Expire()
	q.Cursor = first.Next
	got := k.pull(q)
	for _, r := range first.Records {
		got.records[r.ID] = r
	}
	k.holdsAll(got, ids)
}

func staleRead(k *kit) {
	ids := k.Bench.Seed(1, time.Now())
	k.advance(time.Hour)
	before, err := k.finder().Read(k.ctx(), k.obj.Name, ids, []string{k.setup.Field})
	k.must(err)
	results, err := k.write(k.update("op-1", ids[0], "Salzburg"))
	k.must(err)
	k.applied(results["op-1"])
	bench := k.inject(always("stale_read"), Any)
	k.advance(time.Second)
	stale, err := k.finder().Read(k.ctx(), k.obj.Name, ids, []string{k.setup.Field})
	k.must(err)
	bench.Reset()
	k.advance(k.obj.Lag + time.Hour)
	fresh, err := k.finder().Read(k.ctx(), k.obj.Name, ids, []string{k.setup.Field})
	k.must(err)
	if len(before) != 1 || len(fresh) != 1 || fresh[0].Fields[k.setup.Field].Text() != "Salzburg" {
		k.t.Fatal("a read by id does not see the finished write")
	}
	if fresh[0].Version == before[0].Version || !fresh[0].Modified.After(before[0].Modified) {
		k.t.Error("the write did not move the version and the time of the record")
	}
	for _, r := range stale {
		if r.Fields[k.setup.Field].Text() != "Salzburg" && (r.Version == fresh[0].Version || !r.Modified.Before(fresh[0].Modified)) {
			k.t.Error("an old state is delivered under the new version")
		}
	}
}

func foreignNext(k *kit) {
	k.Bench.Seed(3*k.page(), time.Now())
	k.advance(time.Hour)
	k.inject(faultKind{Kind: "foreign_next", Value: k.foreign}, Reading)
	// A connector that builds its own next requests may ignore the link.
	if _, err := k.try(k.query()); err != nil {
		k.class(err, fault.Forbidden)
	}
	k.untouched()
}

func foreignRedirect(k *kit) {
	k.Bench.Seed(1, time.Now())
	k.advance(time.Hour)
	bench := k.inject(faultKind{Kind: "redirect", Value: k.foreign + "/steal?x=1"}, Reading)
	_, err := k.try(k.query())
	k.class(err, fault.Forbidden)
	bench.Reset()
	if _, isWriter := k.Connector.(connectors.Writer); isWriter && k.obj.Caps.Update {
		ids := k.Bench.Seed(1, time.Now())
		bench.Inject(faultKind{Kind: "redirect", Value: k.foreign + "/steal?x=1"}, Writing)
		op := k.update("op-1", ids[0], canaryName)
		results, err := k.write(op)
		k.honest([]connectors.Op{op}, results, err)
	}
	k.untouched()
}

func (k *kit) untouched() {
	k.t.Helper()
	if n := k.foreignHits.Load(); n != 0 {
		k.t.Errorf("the foreign origin saw %d requests", n)
	}
	if n := k.net.strangers(); n != 0 {
		k.t.Errorf("%d connections to addresses nobody serves", n)
	}
}

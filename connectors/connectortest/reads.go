package connectortest

import (
	"slices"
	"time"

	"github.com/tandem-sync/tandem/connectors"
)

func readCases() []Case {
	changes := need{caps: []string{"changes"}}
	return []Case{
		{Name: "first read", About: "A first read delivers every record.", run: firstRead},
		{Name: "page caps", About: "No page is larger than declared, and reading on after a full page loses nothing.", run: pageCaps},
		{Name: "changes since", About: "Reading on from a cursor delivers what was edited and added since.", needs: changes, run: changesSince},
		{Name: "cursor ties", About: "Records changed at the same moment across the edge of a page are all delivered.", needs: changes, run: ties},
		{Name: "25,000 at one timestamp", About: "25,000 records changed at one moment are all delivered, without an endless loop.", needs: changes, run: manyTies},
		{
			Name: "late-visible rows", About: "Rows that become visible late, with an older time, are still delivered.",
			needs: need{caps: []string{"changes"}, lag: true}, run: lateRows,
		},
		{Name: "cursor asked twice", About: "Asking again with the same cursor delivers the same records.", run: sameCursor},
		{Name: "only asked fields", About: "A record carries the fields asked for and no others; an empty one is null, not absent.", run: askedFields},
		{Name: "values as stored", About: "Text is delivered as it is stored: quotes, line breaks, emoji, right-to-left.", run: oddTexts},
		{
			Name: "split covers everything once", About: "Ranges side by side cover every record once and end at the same cursor.",
			run: splitCovers,
		},
	}
}

func firstRead(k *kit) {
	ids := k.Bench.Seed(2*k.page()+3, time.Now())
	k.advance(time.Hour)
	k.holdsAll(k.pull(k.query()), ids)
}

func pageCaps(k *kit) {
	ids := k.Bench.Seed(3*k.page(), time.Now()) // exactly full pages
	k.advance(time.Hour)
	k.holdsAll(k.pull(k.query()), ids)
}

func changesSince(k *kit) {
	ids := k.Bench.Seed(5, time.Now())
	k.advance(time.Hour)
	q := k.since()
	k.Bench.Edit(ids[2], "Vienna")
	added := k.Bench.Seed(2, time.Now())
	k.advance(k.obj.Lag + time.Hour)
	got := k.pull(q)
	k.holdsAll(got, append(added, ids[2]))
	if held := got.records[ids[2]].Fields[k.setup.Field].Text(); held != "Vienna" {
		k.t.Errorf("the edited field reads %q", held)
	}
	q.Cursor = got.next
	k.Bench.Edit(ids[0], "Graz")
	k.advance(k.obj.Lag + time.Hour)
	k.holdsAll(k.pull(q), ids[:1])
}

func ties(k *kit) {
	k.Bench.Seed(3, time.Now())
	k.advance(time.Hour)
	q := k.since()
	ids := k.Bench.Seed(k.page()-1, time.Now())
	k.advance(time.Second)
	ids = append(ids, k.Bench.Seed(k.page()/2+3, time.Now())...)
	k.advance(time.Second)
	ids = append(ids, k.Bench.Seed(3, time.Now())...)
	k.advance(k.obj.Lag + time.Hour)
	k.holdsAll(k.pull(q), ids)
}

func manyTies(k *kit) {
	k.Bench.Seed(1, time.Now())
	k.advance(time.Hour)
	q := k.since()
	ids := k.Bench.Seed(25_000, time.Now())
	k.advance(time.Second)
	ids = append(ids, k.Bench.Seed(2, time.Now())...)
	k.advance(k.obj.Lag + time.Hour)
	got := k.pull(q)
	k.holdsAll(got, ids)
	if most := 3*(len(ids)/k.page()+1) + 10; got.pages > most {
		k.t.Errorf("%d pages for %d records, want at most %d", got.pages, len(ids), most)
	}
}

func lateRows(k *kit) {
	k.Bench.Seed(2, time.Now())
	k.advance(time.Hour)
	q := k.query()
	q.Cursor = k.pull(q).next
	k.advance(k.obj.Lag)
	fresh := k.Bench.Seed(1, time.Now())
	k.advance(time.Second)
	q.Cursor = k.pull(q).next
	late := k.Bench.Seed(2, time.Now().Add(-k.obj.Lag/2))
	k.advance(k.obj.Lag + time.Hour)
	k.holdsAll(k.pull(q), slices.Concat(fresh, late))
}

func sameCursor(k *kit) {
	ids := k.Bench.Seed(k.page()+2, time.Now())
	k.advance(time.Hour)
	q := k.query()
	first, err := k.Connector.Changes(k.ctx(), q)
	k.must(err)
	again, err := k.Connector.Changes(k.ctx(), q)
	k.must(err)
	same := func(a, b connectors.Record) bool { return a.ID == b.ID && a.Version == b.Version }
	if len(first.Records) == 0 || !slices.EqualFunc(first.Records, again.Records, same) {
		k.t.Errorf("%d records, then %d, or others", len(first.Records), len(again.Records))
	}
	k.holdsAll(k.pull(q), ids)
}

func askedFields(k *kit) {
	ids := k.Bench.Seed(3, time.Now())
	k.Bench.Edit(ids[0], "Vienna")
	k.Bench.Edit(ids[1], "")
	k.advance(time.Hour)
	got := k.pull(k.query())
	for id, r := range got.records {
		for name, v := range r.Fields {
			if name != k.setup.Field {
				k.t.Errorf("the field %s was not asked for", name)
			}
			if v.IsAbsent() {
				k.t.Errorf("record %s holds an absent value", id)
			}
		}
		if r.Version == "" || r.Object != k.obj.Name {
			k.t.Errorf("record %s: version %q, object %q", id, r.Version, r.Object)
		}
	}
	if v := got.records[ids[0]].Fields[k.setup.Field]; v.Text() != "Vienna" {
		k.t.Errorf("the field reads %v %q", v, v.Text())
	}
	if v := got.records[ids[1]].Fields[k.setup.Field]; !v.IsNull() {
		k.t.Errorf("an empty field is %v, want null", v)
	}
	got = k.pull(connectors.Query{Object: k.obj.Name})
	for _, r := range got.records {
		if len(r.Fields) != 0 {
			k.t.Fatalf("no field was asked for, %d came", len(r.Fields))
		}
	}
}

func oddTexts(k *kit) {
	texts := []string{
		`O'Brien "the; third", Ltd`, "Größe 東京 🦜", "שלום", `back\slash %41 &amp; <b>`, "=1+2", "null", "0012",
	}
	ids := k.Bench.Seed(len(texts), time.Now())
	for i, text := range texts {
		k.Bench.Edit(ids[i], text)
	}
	k.advance(time.Hour)
	got := k.pull(k.query())
	for i, text := range texts {
		if held := got.records[ids[i]].Fields[k.setup.Field].Text(); held != text {
			k.t.Errorf("stored %q, delivered %q", text, held)
		}
	}
}

func splitCovers(k *kit) {
	ids := k.Bench.Seed(4*k.page()+7, time.Now())
	k.advance(time.Hour)
	ranges, err := k.Connector.Split(k.ctx(), k.query())
	k.must(err)
	if len(ranges) == 0 || len(ranges) > 1 && !k.obj.Caps.Split {
		k.t.Fatalf("%d ranges, split declared: %t", len(ranges), k.obj.Caps.Split)
	}
	all := pulled{records: map[string]connectors.Record{}}
	nexts := map[connectors.Cursor]bool{}
	for _, q := range ranges {
		got := k.pull(q)
		nexts[got.next] = true
		for id, r := range got.records {
			if _, twice := all.records[id]; twice {
				k.t.Errorf("a record is in two ranges")
			}
			all.records[id] = r
		}
	}
	k.holdsAll(all, ids)
	if len(nexts) != 1 {
		k.t.Errorf("the ranges end at %d different cursors", len(nexts))
	}
	k.Bench.Edit(ids[0], "after the split")
	k.advance(k.obj.Lag + time.Hour)
	q := k.query()
	for next := range nexts {
		q.Cursor = next
	}
	if got := k.pull(q); got.records[ids[0]].Fields[k.setup.Field].Text() != "after the split" {
		k.t.Errorf("an edit after the split is lost: %d records", len(got.records))
	}
}

//go:build unix

package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
	"github.com/tandem-sync/tandem/syncer/ledger/sqlite"
)

// The mix of a first sync: people appear in one system page by page, are found
// again in the other by e-mail, are planned, written and settled.
const (
	benchPeople = 20_000
	benchPage   = 100 // rows a transaction
)

type firstSync struct {
	tb   testing.TB
	l    ledger.Ledger
	now  time.Time
	cost map[string]time.Duration
}

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// step times what f answers for each page; f itself makes the rows, untimed.
func (s *firstSync) step(name string, f func(from int) (work func())) {
	for from := 0; from < benchPeople; from += benchPage {
		work := f(from)
		before := cpu()
		work()
		s.cost[name] += cpu() - before
	}
}

func (s *firstSync) total() (d time.Duration) {
	for _, c := range s.cost {
		d += c
	}
	return d
}

func (s *firstSync) update(f func(tx ledger.Tx) error) {
	if err := s.l.Update(context.Background(), f); err != nil {
		s.tb.Fatal(err)
	}
}

func (s *firstSync) view(f func(r ledger.Reader) error) {
	if err := s.l.View(context.Background(), f); err != nil {
		s.tb.Fatal(err)
	}
}

func remoteID(system string, n int) string {
	if system == "salesforce" {
		return fmt.Sprintf("00Q5g00000%05dEAA", n*7919%99991)
	}
	return strconv.Itoa(90_000_000_000 + n)
}

func benchFields(system string, n int) record.Fields {
	return record.Fields{
		"email":      record.Of(record.Email, fmt.Sprintf("person.%d@company%d.example", n*7919%20011, n%500)),
		"first_name": record.OfString("Firstname"), "last_name": record.OfString(fmt.Sprintf("Lastname%d", n)),
		"company": record.OfString(fmt.Sprintf("Company Number %d", n%500)), "phone": record.Of(record.Phone, fmt.Sprintf("+4930%07d", n)),
		"title": record.OfString("Head of Something"), "city": record.OfString("Hannover"), "country": record.Of(record.Country, "DE"),
		"lead_status": record.Of(record.Enum, "WORKING"), "lifecycle": record.Of(record.Enum, "marketingqualifiedlead"),
		"owner": record.OfString("7781"), "created": record.OfInstant(time.Unix(1.7e9, 0)), system: record.OfBool(true),
		"note": record.NullOf(record.Text),
	}
}

func benchKeys(n int) []ledger.MatchKey {
	return []ledger.MatchKey{
		{Kind: "email", Value: fmt.Sprintf("person.%d@company%d.example", n*7919%20011, n%500)},
		{Kind: "external:crm", Value: fmt.Sprintf("X-%d", n*31)},
	}
}

func (s *firstSync) entity(id record.EntityID, system string, n int) ledger.Entity {
	golden := benchFields(system, n)
	o := ledger.Origin{
		Source: record.Source{System: system, Object: "contacts", Remote: remoteID(system, n), At: s.now},
		Rule:   "newest", Run: "01jd8x0000000000000000run1", Read: s.now,
	}
	origins := make(map[string]ledger.Origin, len(golden))
	for name := range golden {
		origins[name] = o
	}
	return ledger.Entity{ID: id, Object: record.Person, Golden: golden, Origins: origins, Created: s.now, Updated: s.now, Dirty: true}
}

func (s *firstSync) link(id record.EntityID, system string, n int) ledger.Link {
	return ledger.Link{
		Ref: ledger.Ref{System: system, Object: "contacts", ID: remoteID(system, n)}, Entity: id, As: record.Person,
		Primary: true, State: ledger.Live, Rule: "match:email", Made: s.now,
		Shadow: ledger.Shadow{
			Held: benchFields(system, n), Version: "2026-11-23T08:30:00.123Z", Modified: s.now, Created: s.now, Read: s.now,
			Actor: record.Actor{Kind: record.ActorUser, ID: "7781"}, MapRev: "0123456789abcdef", Confirmed: true, ReadRun: "01jd8x0000000000000000run1",
		},
	}
}

func benchID(n int) record.EntityID {
	return record.NewEntityID(record.Person, "hubspot", "contacts", remoteID("hubspot", n), 0)
}

// take is one page of a pull, with the reads the engine makes.
func (s *firstSync) take(system string, from int) func() {
	ctx := context.Background()
	remote, ids, keys := []string{}, []record.EntityID{}, []ledger.MatchKey{}
	entities, links := []ledger.Entity{}, []ledger.Link{}
	for n := from; n < from+benchPage; n++ {
		remote, ids, keys = append(remote, remoteID(system, n)), append(ids, benchID(n)), append(keys, benchKeys(n)...)
		entities = append(entities, s.entity(benchID(n), system, n))
		links = append(links, s.link(benchID(n), system, n))
	}
	changes := s.changes(system, ids)
	read := func(tx ledger.Tx) error {
		_, err1 := tx.Links.ByRemote(ctx, system, "contacts", remote...)
		_, err2 := tx.Entities.ByKeys(ctx, record.Person, keys...)
		_, err3 := tx.Entities.Get(ctx, ids...)
		_, err4 := tx.Links.ByEntity(ctx, ids...)
		_, err5 := tx.Intents.UnendedOf(ctx, ids...)
		_, err6 := tx.Holds.Of(ctx, ids...)
		return errors.Join(err1, err2, err3, err4, err5, err6)
	}
	write := func(tx ledger.Tx) error {
		if err := tx.Entities.Put(ctx, entities...); err != nil {
			return err
		}
		for i := range ids {
			if err := tx.Entities.PutKeys(ctx, ids[i], record.Person, keys[2*i:2*i+2]...); err != nil {
				return err
			}
		}
		_, err := tx.Entities.ByKeys(ctx, record.Person, keys...)
		return errors.Join(err, tx.Links.Put(ctx, links...), tx.History.Append(ctx, changes...),
			tx.Meta.PutCursors(ctx, ledger.Cursor{CursorKey: ledger.CursorKey{System: system, Object: "contacts"}, Value: "x", Seq: int64(from)}))
	}
	return func() {
		s.update(func(tx ledger.Tx) error {
			if err := read(tx); err != nil {
				return err
			}
			return write(tx)
		})
	}
}

func (s *firstSync) changes(system string, ids []record.EntityID) []ledger.Change {
	if system != "hubspot" {
		return nil
	}
	changes := make([]ledger.Change, 0, len(ids))
	for i, id := range ids {
		c := ledger.Change{Entity: id, At: s.now, Run: "01jd8x0000000000000000run1", Source: record.Source{System: system, Object: "contacts", Remote: remoteID(system, i)}}
		golden := benchFields(system, i)
		for _, name := range golden.Names() {
			c.Fields = append(c.Fields, ledger.FieldChange{Field: name, To: golden[name], Rule: "newest"})
		}
		changes = append(changes, c)
	}
	return changes
}

func (s *firstSync) plan(from int, after record.EntityID) record.EntityID {
	s.view(func(r ledger.Reader) error {
		ctx := context.Background()
		page, err := r.Entities.Scan(ctx, ledger.EntityScan{Object: record.Person, After: after, Dirty: true, Limit: benchPage})
		if err != nil || len(page) != benchPage {
			return fmt.Errorf("page at %d has %d: %w", from, len(page), err)
		}
		ids := make([]record.EntityID, len(page))
		for i := range page {
			ids[i] = page[i].ID
		}
		after = ids[len(ids)-1]
		if _, err := r.Links.ByEntity(ctx, ids...); err != nil {
			return err
		}
		if _, err := r.Holds.Of(ctx, ids...); err != nil {
			return err
		}
		_, err = r.Intents.UnendedOf(ctx, ids...)
		return err
	})
	return after
}

func (s *firstSync) intents(from int, state ledger.IntentState) []ledger.Intent {
	out := make([]ledger.Intent, 0, benchPage)
	for n := from; n < from+benchPage; n++ {
		f := benchFields("salesforce", n)
		out = append(out, ledger.Intent{
			Op: string(record.NewEntityID("op", "", "", strconv.Itoa(n), 0)), Run: "01jd8x0000000000000000run1", Plan: "0123456789abcdef0123456789abcdef",
			Ref: ledger.Ref{System: "salesforce", Object: "contacts", ID: remoteID("salesforce", n)}, Entity: benchID(n), Kind: "update",
			Before: record.Fields{"city": f["city"], "phone": f["phone"]}, After: record.Fields{"city": f["city"], "phone": f["phone"], "title": f["title"]},
			Rules: map[string]string{"city": "newest", "phone": "owner", "title": "fill_blank"}, State: state, At: s.now,
		})
	}
	return out
}

// settle ends the intents and keeps what the system echoed.
func (s *firstSync) settle(from int) func() {
	ctx := context.Background()
	ended := s.intents(from, ledger.IntentApplied)
	remote := make([]string, 0, benchPage)
	for n := from; n < from+benchPage; n++ {
		remote = append(remote, remoteID("salesforce", n))
	}
	sent := record.Fields{"city": record.OfString("Bonn")}
	return func() {
		s.update(func(tx ledger.Tx) error { //nolint:contextcheck // a benchmark is not cancelled
			got, err := tx.Links.ByRemote(ctx, "salesforce", "contacts", remote...)
			if err != nil {
				return err
			}
			for _, x := range got {
				x.Shadow.Sent, x.Shadow.Echo = sent, sent
				if err := tx.Links.Put(ctx, x); err != nil {
					return err
				}
			}
			return tx.Intents.Put(ctx, ended...)
		})
	}
}

func (s *firstSync) run() {
	s.step("1 pull first system", func(from int) func() { return s.take("hubspot", from) })
	s.step("2 pull second system", func(from int) func() { return s.take("salesforce", from) })
	var after record.EntityID
	s.step("3 plan", func(from int) func() { return func() { after = s.plan(from, after) } })
	s.step("4 open intents", func(from int) func() {
		open := s.intents(from, ledger.IntentOpen)
		return func() {
			s.update(func(tx ledger.Tx) error { return tx.Intents.Put(context.Background(), open...) })
		}
	})
	s.step("5 settle", s.settle)
	s.step("6 mark clean", func(from int) func() {
		ids := make([]record.EntityID, benchPage)
		for i := range ids {
			ids[i] = benchID(from + i)
		}
		return func() {
			s.update(func(tx ledger.Tx) error { return tx.Entities.Mark(context.Background(), ledger.Clean, ids...) })
		}
	})
}

// BenchmarkFirstSync reports processor time for each person, collecting garbage
// included.
func BenchmarkFirstSync(b *testing.B) {
	for b.Loop() {
		l, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "ledger.db"), sqlite.Options{})
		if err != nil {
			b.Fatal(err)
		}
		s := &firstSync{tb: b, l: l, now: time.Unix(1_790_000_000, 123_000_000).UTC(), cost: map[string]time.Duration{}}
		s.run()
		b.ReportMetric(s.total().Seconds(), "cpu-s/first-sync")
		for _, name := range slices.Sorted(maps.Keys(s.cost)) {
			b.Logf("%-22s %6.1f µs/person", name, float64(s.cost[name].Microseconds())/benchPeople)
		}
		if err := l.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

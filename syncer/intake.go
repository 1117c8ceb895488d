package syncer

import (
	"context"
	"fmt"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/mapping"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/identity"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// mapped is one record with its canonical fields. The mapping is done by the
// readers, side by side.
type mapped struct {
	connectors.Record
	fields   record.Fields
	problems []mapping.Problem
	excluded bool
	doubt    error // the filter could not judge it
}

func mapPage(o *Object, page connectors.Page) []mapped {
	out := make([]mapped, len(page.Records))
	for i, r := range page.Records {
		out[i] = mapRecord(o, r)
	}
	return out
}

func mapRecord(o *Object, r connectors.Record) mapped {
	m := mapped{Record: r}
	m.fields, m.problems = o.Map.In(r.Fields)
	if o.Filter != nil {
		in, err := o.Filter.Includes(r.Fields)
		m.excluded, m.doubt = !in && err == nil, err
	}
	return m
}

// intake is one page in one ledger transaction, its cursor inside it.
type intake struct {
	cycle  *Cycle
	system *System
	object *Object
	tx     ledger.Tx
	rows   []mapped

	links    map[string]ledger.Link // of this object, by remote id, as before the page
	entities map[record.EntityID]*ledger.Entity
	siblings map[record.EntityID][]ledger.Link // all links of entities that were there before
	intents  map[record.EntityID][]ledger.Intent
	holds    map[record.EntityID][]ledger.Hold
	refs     map[ledger.Ref]record.EntityID

	put     []ledger.Link
	touched map[record.EntityID]bool
	changes []ledger.Change
	newHold []ledger.Hold
	release []ledger.HoldKey
	// again lists ids to be read by id: the same version with other content.
	again []string
}

func (c *Cycle) intake(ctx context.Context, f fetched) error {
	var again []string
	err := c.engine.Ledger.Update(ctx, func(tx ledger.Tx) error {
		in := &intake{cycle: c, system: f.system, object: f.object, tx: tx, rows: f.mapped}
		if err := in.run(ctx); err != nil {
			return err
		}
		again = in.again
		if err := in.issues(ctx, f.page.Issues); err != nil {
			return err
		}
		for _, g := range f.page.Gone {
			if err := c.goneOne(ctx, tx, f.system, g); err != nil {
				return err
			}
		}
		if err := tx.Meta.PutCursors(ctx, f.cursor); err != nil {
			return err
		}
		return tx.Meta.DeleteCursors(ctx, f.last...)
	})
	if err != nil {
		return fmt.Errorf("storing a page of %s %s: %w", f.system.Name, f.object.Name, err)
	}
	c.saveCheckpoint(ctx, f.cursor)
	c.engine.observe(Event{Kind: PagePulled, Run: c.ID, System: f.system.Name, Object: f.object.Name, N: len(f.mapped)})
	return c.reread(ctx, f.system, f.object, again)
}

// reread reads records by id and takes them in: those whose page showed the
// same version with other content, or whose read is too old to write upon.
func (c *Cycle) reread(ctx context.Context, s *System, o *Object, ids []string) error {
	finder, ok := s.Conn.(connectors.Finder)
	if !ok || !o.Schema.Caps.Read || len(ids) == 0 {
		return nil
	}
	for chunk := range chunks(ids, max(o.Schema.Caps.BatchRead, 1)) {
		records, err := finder.Read(ctx, o.Name, chunk, o.fields())
		if err != nil {
			return fmt.Errorf("reading %s %s again by id: %w", s.Name, o.Name, err)
		}
		rows := mapPage(o, connectors.Page{Records: records})
		err = c.engine.Ledger.Update(ctx, func(tx ledger.Tx) error {
			in := &intake{cycle: c, system: s, object: o, tx: tx, rows: rows}
			return in.byID(ctx)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// reading is how rows were read: only a read by id is sure to be consistent.
type reading uint8

const (
	readPage reading = iota
	readByID
)

// byID takes in rows read by id: a read by id is believed over a page of the
// same version.
func (in *intake) byID(ctx context.Context) error { return in.take(ctx, readByID) }

// run takes in the rows of a page.
func (in *intake) run(ctx context.Context) error { return in.take(ctx, readPage) }

func (in *intake) take(ctx context.Context, how reading) error {
	if len(in.rows) == 0 {
		return nil
	}
	if err := in.loadLinks(ctx); err != nil {
		return err
	}
	in.rows = in.fresh(how)
	if len(in.rows) == 0 {
		return nil
	}
	decisions, err := in.identify(ctx)
	if err != nil {
		return err
	}
	if err := in.loadEntities(ctx, decisions); err != nil {
		return err
	}
	if err := in.resolveRefs(ctx); err != nil {
		return err
	}
	for i, d := range decisions {
		if err := in.row(ctx, in.rows[i], d); err != nil {
			return err
		}
	}
	return in.store(ctx)
}

func (in *intake) loadLinks(ctx context.Context) error {
	ids := make([]string, 0, len(in.rows))
	for _, r := range in.rows {
		ids = append(ids, r.ID)
	}
	var err error
	in.links, err = in.tx.Links.ByRemote(ctx, in.system.Name, in.object.Name, ids...)
	return err
}

// fresh drops what says nothing new: a read older than the shadow, the same
// version again. The same version with other content is read again by id, for
// it may come from a replica that lags.
func (in *intake) fresh(how reading) []mapped {
	kept := in.rows[:0:0]
	seen := map[string]int{}
	for _, r := range in.rows {
		if how == readPage && in.known(r) {
			continue
		}
		at, twice := seen[r.ID]
		switch {
		case !twice:
			seen[r.ID] = len(kept)
			kept = append(kept, r)
		case r.Modified.After(kept[at].Modified):
			kept[at] = r
		}
	}
	return kept
}

// known tells whether a row of a page says nothing that its shadow does not.
func (in *intake) known(r mapped) bool {
	link, linked := in.links[r.ID]
	if !linked || link.State != ledger.Live || !link.Shadow.Confirmed {
		return false
	}
	if r.Version == link.Shadow.Version {
		if !sameContent(r.Fields, link.Shadow.Held) {
			in.again = append(in.again, r.ID)
		}
		return true
	}
	return r.Modified.Before(link.Shadow.Modified)
}

// sameContent compares what was read with what is held, as far as both know.
func sameContent(read, held record.Fields) bool {
	for name, v := range read {
		if h, ok := held[name]; ok && h != v {
			return false
		}
		if _, ok := held[name]; !ok && !v.IsAbsent() {
			return false
		}
	}
	return true
}

func (in *intake) identify(ctx context.Context) ([]identity.Decision, error) {
	candidates := make([]identity.Candidate, len(in.rows))
	var keys []ledger.MatchKey
	known := identity.Known{Links: map[ledger.Ref]ledger.Link{}}
	for i, r := range in.rows {
		ref := in.ref(r.ID)
		if link, ok := in.links[r.ID]; ok {
			known.Links[ref] = link
		}
		candidates[i] = identity.Candidate{Ref: ref, As: in.object.As, Keys: in.keys(r)}
		keys = append(keys, candidates[i].Keys...)
		if _, linked := in.links[r.ID]; !linked {
			claim, err := in.claim(ctx, r)
			if err != nil {
				return nil, err
			}
			candidates[i].Claims = claim
		}
	}
	var err error
	if len(keys) > 0 {
		if known.ByKey, err = in.tx.Entities.ByKeys(ctx, in.object.As, keys...); err != nil {
			return nil, err
		}
	}
	fresh, err := in.existing(ctx, candidates, known)
	if err != nil {
		return nil, err
	}
	known.Exists = func(id record.EntityID) bool { return fresh[id] }
	return identity.Resolve(candidates, known), nil
}

// existing tells which of the ids that new entities would get are taken.
func (in *intake) existing(ctx context.Context, cs []identity.Candidate, known identity.Known) (map[record.EntityID]bool, error) {
	taken := map[record.EntityID]bool{}
	for salt := 0; ; salt++ {
		var ids []record.EntityID
		for _, c := range cs {
			before := record.NewEntityID(c.As, c.Ref.System, c.Ref.Object, c.Ref.ID, salt-1)
			if _, linked := known.Links[c.Ref]; !linked && (salt == 0 || taken[before]) {
				ids = append(ids, record.NewEntityID(c.As, c.Ref.System, c.Ref.Object, c.Ref.ID, salt))
			}
		}
		if len(ids) == 0 {
			return taken, nil
		}
		found, err := in.tx.Entities.Get(ctx, ids...)
		if err != nil {
			return nil, err
		}
		for id := range found {
			taken[id] = true
		}
	}
}

func (in *intake) ref(id string) ledger.Ref {
	return ledger.Ref{System: in.system.Name, Object: in.object.Name, ID: id}
}

// claim returns the entity whose create is under way and whose id the record
// carries in our key field. Any other id there is a hint and no identity.
func (in *intake) claim(ctx context.Context, r mapped) (record.EntityID, error) {
	v := r.Fields[in.object.Key]
	if in.object.Key == "" || !v.IsPresent() {
		return "", nil
	}
	id := record.EntityID(v.Text())
	open, err := in.tx.Intents.UnendedOf(ctx, id)
	if err != nil {
		return "", err
	}
	for _, i := range open[id] {
		if i.System == in.system.Name && i.Object == in.object.Name && i.Kind == string(connectors.Create) {
			return id, nil
		}
	}
	return "", nil
}

// issues parks what the connector could not read.
func (in *intake) issues(ctx context.Context, issues []connectors.Issue) error {
	holds := make([]ledger.Hold, 0, len(issues))
	for _, i := range issues {
		f := fault.As(i.Err)
		cause := f.Class.String()
		if f.Code != "" {
			cause = f.Code
		}
		if i.Field != "" {
			cause += " on " + i.Field
		}
		holds = append(holds, ledger.Hold{
			HoldKey: ledger.HoldKey{System: in.system.Name, Field: fieldOrAll(i.Field), Object: in.object.Name, Remote: i.Ref},
			Reason:  ledger.Quarantined, Cause: cause, Detail: i.Err.Error(), Since: in.cycle.engine.Now(),
		})
	}
	if len(holds) == 0 {
		return nil
	}
	return in.tx.Holds.Put(ctx, holds...)
}

func fieldOrAll(field string) string {
	if field == "" {
		return "*"
	}
	return field
}

package sqlite

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

func (e *encoder) entity(x *ledger.Entity) {
	e.time(x.Created)
	e.time(x.Updated)
	e.origins(x.Origins)
}

func (e *encoder) restOf(x *ledger.Entity) []byte {
	e.begin()
	e.entity(x)
	return e.end()
}

func (d *decoder) entity(x *ledger.Entity) {
	x.Created, x.Updated = d.time(), d.time()
	x.Origins = d.origins()
}

// namedOrigin is one entry of a map of origins.
type namedOrigin struct {
	name   string
	origin ledger.Origin
	which  int
}

// origins keeps what distinct origins share once: most fields of an entity
// came from the same record.
func (e *encoder) origins(m map[string]ledger.Origin) {
	all := e.named[:0]
	for name, o := range m {
		all = append(all, namedOrigin{name: name, origin: o})
	}
	e.named = all
	slices.SortFunc(all, func(a, b namedOrigin) int { return strings.Compare(a.name, b.name) })
	firsts := make([]int, 0, 8)
	for i := range all {
		all[i].which = len(firsts)
		for k, at := range firsts {
			if sameOrigin(&all[at].origin, &all[i].origin) {
				all[i].which = k
				break
			}
		}
		if all[i].which == len(firsts) {
			firsts = append(firsts, i)
		}
	}
	e.uint(uint64(len(firsts)))
	for _, at := range firsts {
		o := &all[at].origin
		e.source(&o.Source)
		e.str(o.Rule)
		e.str(o.Run)
		e.time(o.Read)
		e.time(o.After)
	}
	e.uint(uint64(len(all)))
	for i := range all {
		e.str(all[i].name)
		e.uint(uint64(all[i].which)) //nolint:gosec // an index
		e.str(all[i].origin.Before)
		e.int(int64(all[i].origin.Flips))
	}
}

// sameOrigin leaves out what is the field's own.
func sameOrigin(a, b *ledger.Origin) bool {
	return a.Remote == b.Remote && a.At.Equal(b.At) && a.Read.Equal(b.Read) && a.After.Equal(b.After) &&
		a.Rule == b.Rule && a.Run == b.Run && a.System == b.System && a.Object == b.Object && a.Actor == b.Actor
}

func (d *decoder) origins() map[string]ledger.Origin {
	distinct := make([]ledger.Origin, d.count())
	for i := range distinct {
		o := &distinct[i]
		o.Source = d.source()
		o.Rule, o.Run = d.str(), d.str()
		o.Read, o.After = d.time(), d.time()
	}
	n := d.count()
	m := make(map[string]ledger.Origin, n)
	for range n {
		name, at := d.str(), d.uint()
		if at >= uint64(len(distinct)) {
			d.fail()
			return m
		}
		o := distinct[at]
		o.Before, o.Flips = d.str(), int(d.int())
		m[name] = o
	}
	return m
}

func (e *encoder) source(s *record.Source) {
	e.str(s.System)
	e.str(s.Object)
	e.str(s.Remote)
	e.actor(s.Actor)
	e.time(s.At)
}

func (d *decoder) source() record.Source {
	return record.Source{System: d.str(), Object: d.str(), Remote: d.str(), Actor: d.actor(), At: d.time()}
}

func (e *encoder) actor(a record.Actor) {
	e.str(string(a.Kind))
	e.str(a.ID)
}

func (d *decoder) actor() record.Actor {
	return record.Actor{Kind: record.ActorKind(d.str()), ID: d.str()}
}

func (e *encoder) ref(r ledger.Ref) {
	e.str(r.System)
	e.str(r.Object)
	e.str(r.ID)
}

func (d *decoder) ref() ledger.Ref { return ledger.Ref{System: d.str(), Object: d.str(), ID: d.str()} }

// link writes all of a link but its key, state and held values.
func (e *encoder) link(l *ledger.Link) {
	e.str(string(l.Entity))
	e.str(string(l.As))
	e.bool(l.Primary)
	e.bool(l.Survivor != ledger.Ref{})
	if (l.Survivor != ledger.Ref{}) {
		e.ref(l.Survivor)
	}
	e.str(l.Rule)
	e.time(l.Made)
	s := &l.Shadow
	e.fields(s.Sent)
	e.fields(s.Echo)
	e.str(s.Version)
	for _, t := range []time.Time{s.Modified, s.Created, s.Read} {
		e.time(t)
	}
	e.actor(s.Actor)
	e.str(s.MapRev)
	e.bool(s.Confirmed)
	e.str(s.ReadRun)
}

func (e *encoder) restOfLink(l *ledger.Link) []byte {
	e.begin()
	e.link(l)
	return e.end()
}

func (d *decoder) link(l *ledger.Link) {
	l.Entity = record.EntityID(d.str())
	l.As, l.Primary = record.Object(d.str()), d.bool()
	if d.bool() {
		l.Survivor = d.ref()
	}
	l.Rule, l.Made = d.str(), d.time()
	s := &l.Shadow
	s.Sent, s.Echo = d.fields(), d.fields()
	s.Version = d.str()
	s.Modified, s.Created, s.Read = d.time(), d.time(), d.time()
	s.Actor = d.actor()
	s.MapRev, s.Confirmed, s.ReadRun = d.str(), d.bool(), d.str()
}

func (e *encoder) change(c *ledger.Change) {
	e.str(string(c.Entity))
	e.time(c.At)
	e.source(&c.Source)
	e.uint(uint64(len(c.Fields)))
	for i := range c.Fields {
		f := &c.Fields[i]
		e.str(f.Field)
		e.value(f.From)
		e.value(f.To)
		e.str(f.Rule)
		e.value(f.Lost)
		e.str(f.LostBy)
	}
}

func (d *decoder) change(c *ledger.Change) {
	c.Entity = record.EntityID(d.str())
	c.At, c.Source = d.time(), d.source()
	c.Fields = make([]ledger.FieldChange, d.count())
	for i := range c.Fields {
		c.Fields[i] = ledger.FieldChange{
			Field: d.str(), From: d.value(), To: d.value(), Rule: d.str(), Lost: d.value(), LostBy: d.str(),
		}
	}
}

// intent writes all of an intent but its op and run.
func (e *encoder) intent(x *ledger.Intent) {
	e.str(string(x.Entity))
	e.str(x.Plan)
	e.ref(x.Ref)
	e.str(x.Kind)
	e.fields(x.Before)
	e.fields(x.After)
	e.uint(uint64(len(x.Rules)))
	for _, name := range slices.Sorted(maps.Keys(x.Rules)) {
		e.str(name)
		e.str(x.Rules[name])
	}
	for _, s := range []string{string(x.State), x.Handle, x.Code, x.Corr} {
		e.str(s)
	}
	e.time(x.At)
	e.time(x.EndedAt)
}

func (e *encoder) restOfIntent(x *ledger.Intent) []byte {
	e.begin()
	e.intent(x)
	return e.end()
}

func (d *decoder) intent(x *ledger.Intent) {
	x.Entity = record.EntityID(d.str())
	x.Plan, x.Ref, x.Kind = d.str(), d.ref(), d.str()
	x.Before, x.After = d.fields(), d.fields()
	n := d.count()
	x.Rules = make(map[string]string, n)
	for range n {
		name := d.str()
		x.Rules[name] = d.str()
	}
	x.State, x.Handle, x.Code, x.Corr = ledger.IntentState(d.str()), d.str(), d.str(), d.str()
	x.At, x.EndedAt = d.time(), d.time()
}

package reconcile

import (
	"maps"
	"time"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// Golden is the golden record as it stands.
type Golden struct {
	Fields  record.Fields
	Origins map[string]ledger.Origin
}

// Side is what one read of one system says, in canonical fields.
type Side struct {
	System string
	Role   string // the system's role: marketing, sales or both
	// Incoming is what the system holds now.
	Incoming record.Fields
	// Base is what it held when last read, our own writes since laid over it,
	// mapped by the same map. Known is false when there is no base: the record
	// is new to us, or its shadow is not confirmed.
	Base  record.Fields
	Known bool
	// Source names the record, who changed it last and when.
	Source record.Source
	// Actors and Times say more about single fields, where the system tells.
	Actors map[string]record.Actor
	Times  map[string]time.Time
	// After is a moment at which the system still held Base.
	After time.Time
	// Follows marks a record that is read but not written and does not decide:
	// a second link of the entity in the same system. Only its opt-outs count.
	Follows bool
}

// Roles gives the role of each system, to tell who a golden value came from.
type Roles map[string]string

// Context is what a merge is done under.
type Context struct {
	Policies Policies
	Roles    Roles
	Run      string
	Now      time.Time
}

// Held is a difference that is not settled by the merge.
type Held struct {
	Field  string
	Reason ledger.Reason
	Cause  string
	Detail string
}

// Result is what a merge makes.
type Result struct {
	Golden  Golden
	Changes []ledger.FieldChange
	Held    []Held
	// Settled lists the fields whose earlier hold on this system no longer
	// describes anything: the values agree, or the change was taken over.
	Settled []string
}

// MaxFlips is how often a field may go back and forth without a person's edit
// before it is held as a fight.
const MaxFlips = 2

// Merge takes one side into the golden record. Neither argument is changed.
// Only what changed at this side since its base can change golden: a value
// that merely differs is the plan's business. Merging the same side twice
// gives the same golden record.
func Merge(g Golden, side Side, c Context) Result {
	m := merger{side: side, context: c, golden: g}
	m.out.Golden = Golden{Fields: g.Fields, Origins: g.Origins}
	for _, field := range side.Incoming.Names() {
		m.field(field)
	}
	return m.out
}

type merger struct {
	side    Side
	context Context
	golden  Golden
	out     Result
	copied  bool
}

// edit is one field's change at the side.
type edit struct {
	field    string
	golden   record.Value
	incoming record.Value
	base     record.Value
	known    bool // base is known
	policy   Policy
}

func (m *merger) field(name string) {
	e := edit{
		field: name, golden: m.golden.Fields[name], incoming: m.side.Incoming[name],
		policy: m.context.Policies.Of(name),
	}
	if e.incoming.IsAbsent() || e.incoming.State() == record.Placeholder {
		return
	}
	if m.side.Known {
		e.base = m.side.Base[name]
		e.known = !e.base.IsAbsent()
	}
	switch {
	case m.side.Follows && (e.policy.Rule != Consent || !optedOut(e.incoming)):
		return
	case e.golden == e.incoming:
		m.out.Settled = append(m.out.Settled, name)
		return
	case e.known && e.incoming == e.base:
		return // not changed here: whatever differs is for the plan to write
	}
	m.apply(e, decide(m, e))
}

// verdict is what a rule says of an edit.
type verdict struct {
	take   bool
	value  record.Value // what golden becomes, if take
	rule   string
	held   ledger.Reason // why the difference stays, if it does
	cause  string
	detail string
}

func (m *merger) apply(e edit, v verdict) {
	if v.take && v.value != e.golden {
		flips := m.flips(e, v.value)
		if flips > MaxFlips {
			m.hold(e, ledger.Fights, "goes back and forth", "the field changed back and forth without a person's edit: "+
				"find out which automation or integration also writes it")
			return
		}
		m.set(e, v, flips)
	}
	switch {
	case v.held != "":
		m.hold(e, v.held, v.cause, v.detail)
	case v.take && v.value == e.incoming:
		m.out.Settled = append(m.out.Settled, e.field)
	}
}

func (m *merger) hold(e edit, reason ledger.Reason, cause, detail string) {
	m.out.Held = append(m.out.Held, Held{Field: e.field, Reason: reason, Cause: cause + " on " + e.field, Detail: detail})
}

// flips counts how often the field has returned to the value it had before,
// since a person last edited it.
func (m *merger) flips(e edit, value record.Value) int {
	origin := m.golden.Origins[e.field]
	switch {
	case e.policy.Rule == Consent: // an opt-out wins however often it comes
		return 0
	case m.actor(e.field).Kind == record.ActorUser:
		return 0
	case origin.Before == value.Hash():
		return origin.Flips + 1
	default:
		return origin.Flips
	}
}

func (m *merger) actor(field string) record.Actor {
	if a, ok := m.side.Actors[field]; ok {
		return a
	}
	return m.side.Source.Actor
}

func (m *merger) set(e edit, v verdict, flips int) {
	if !m.copied {
		m.out.Golden.Fields = m.golden.Fields.Clone()
		if m.out.Golden.Fields == nil {
			m.out.Golden.Fields = record.Fields{}
		}
		origins := make(map[string]ledger.Origin, len(m.golden.Origins)+1)
		maps.Copy(origins, m.golden.Origins)
		m.out.Golden.Origins, m.copied = origins, true
	}
	source := m.side.Source
	source.Actor = m.actor(e.field)
	after := m.side.After
	if t, ok := m.side.Times[e.field]; ok {
		source.At, after = t, justBefore(t)
	}
	origin := ledger.Origin{Source: source, Rule: v.rule, Run: m.context.Run, Read: m.context.Now, After: after, Flips: flips}
	change := ledger.FieldChange{Field: e.field, From: e.golden, To: v.value, Rule: v.rule}
	if !e.golden.IsAbsent() {
		origin.Before = e.golden.Hash()
		change.Lost, change.LostBy = e.golden, m.golden.Origins[e.field].System
	}
	m.out.Golden.Fields[e.field] = v.value
	m.out.Golden.Origins[e.field] = origin
	m.out.Changes = append(m.out.Changes, change)
}

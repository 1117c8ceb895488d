// Package syncer is the engine: it pulls, reconciles, plans and pushes. What
// it decides is decided in the pure packages below it; here is the order of
// things and their durability.
package syncer

import (
	"context"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/mapping"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
	"github.com/tandem-sync/tandem/syncer/ledger"
	"github.com/tandem-sync/tandem/syncer/plan"
	"github.com/tandem-sync/tandem/syncer/reconcile"
)

// Engine runs cycles over one ledger. It is built once from a configuration
// and does not change; a reload builds another.
type Engine struct {
	Ledger  ledger.Ledger
	Systems []*System
	// Policies and Match are per canonical object: how conflicts are decided,
	// and which canonical fields propose identity, strongest first.
	Policies map[record.Object]reconcile.Policies
	Match    map[record.Object][]string
	// Pairs are records that another sync paired, both ways: they count before
	// any match by fields.
	Pairs  map[ledger.Ref]ledger.Ref
	Guard  Guard
	Tuning Tuning
	// Revision is the hash of everything that decides what is written.
	Revision string
	// ApplyFirst lets a revision that was never applied write without a person's
	// apply, breakers included. The default is to plan and wait.
	ApplyFirst bool
	// Accounts is whose data each system holds, as Check told.
	Accounts map[string]string
	// Dir is where plans are spooled.
	Dir     string
	Log     zerolog.Logger
	Now     func() time.Time
	Observe func(Event) // nil for nobody
	// Fence proves within a transaction that this process still holds the lease
	// under which it writes; nil where nobody else can hold it.
	Fence func(context.Context, ledger.Tx) error
	// Checkpoint is told every position once the ledger has it; nil for nobody.
	Checkpoint func(context.Context, ledger.Cursor) error
}

// System is one connected system.
type System struct {
	Name    string
	Type    string
	Role    string // marketing, sales or both
	Conn    connectors.Connector
	Objects []*Object // in the order they are configured
}

// Object is one remote object that takes part.
type Object struct {
	Name   string
	As     record.Object
	Schema schema.Object
	Map    *mapping.Map
	Filter *mapping.Filter // nil takes every record
	// Create says from which golden values a new record may be made; nil means
	// records are never created here.
	Create   *mapping.Filter
	Key      string // remote field that carries our external id
	OnDelete string
	// Adopt maps a remote field that holds another system's id, left by another
	// sync, to that system and object.
	Adopt map[string]ledger.Ref
	// ReadOnly takes the object out of every plan; Observe does so for single
	// remote fields, because another integration writes them.
	ReadOnly bool
	Observe  []string
}

// Tuning is how hard the engine works. The zero value of each is its default.
type Tuning struct {
	Ranges   int           // ranges of a first read side by side; default 4
	Lanes    int           // batches of one object written side by side; default 8
	MaxAge   time.Duration // oldest read an update may be based on; default 60 s
	PlanPage int           // entities planned together; default 200
}

func (t Tuning) withDefaults() Tuning {
	set := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	set(&t.Ranges, 4)
	set(&t.Lanes, 8)
	set(&t.PlanPage, 200)
	if t.MaxAge <= 0 {
		t.MaxAge = time.Minute
	}
	return t
}

// Event tells an observer what the engine is doing.
type Event struct {
	Kind   EventKind
	Run    string
	System string
	Object string
	N      int // rows
	Of     int // rows in all, if known
	Result string
	// Lag is how far behind the source the object was read up to.
	Lag time.Duration
	// Took is the duration of what ended.
	Took time.Duration
}

// EventKind is a kind of event.
type EventKind string

// The kinds of events.
const (
	PagePulled   EventKind = "page_pulled"
	ObjectPulled EventKind = "object_pulled"
	PullFailed   EventKind = "pull_failed"
	RowsPlanned  EventKind = "rows_planned"
	BatchPushed  EventKind = "batch_pushed" // one event per result: applied, rejected, unknown, held, stale
	CycleEnded   EventKind = "cycle_ended"
)

func (e *Engine) observe(ev Event) {
	if e.Observe != nil {
		e.Observe(ev)
	}
}

func (e *Engine) system(name string) *System {
	i := slices.IndexFunc(e.Systems, func(s *System) bool { return s.Name == name })
	if i < 0 {
		return nil
	}
	return e.Systems[i]
}

func (s *System) object(name string) *Object {
	i := slices.IndexFunc(s.Objects, func(o *Object) bool { return o.Name == name })
	if i < 0 {
		return nil
	}
	return s.Objects[i]
}

// inOrder returns the objects in the order they are read and written: what
// others refer to comes first.
func (s *System) inOrder() []*Object {
	objects := slices.Clone(s.Objects)
	slices.SortStableFunc(objects, func(a, b *Object) int { return a.As.Rank() - b.As.Rank() })
	return objects
}

// preference lists the remote objects of a canonical one, the best to be
// written first.
func (s *System) preference(as record.Object) []string {
	var names []string
	for _, o := range s.Objects {
		if o.As == as {
			names = append(names, o.Name)
		}
	}
	return names
}

func (e *Engine) roles() reconcile.Roles {
	roles := reconcile.Roles{}
	for _, s := range e.Systems {
		roles[s.Name] = s.Role
	}
	return roles
}

// fields lists the remote fields to ask for: those mapped, filtered by, used
// as our key and as ids left by another sync. Nothing else is fetched.
func (o *Object) fields() []string {
	names := slices.Clone(o.Map.RemoteFields())
	if o.Filter != nil {
		names = append(names, o.Filter.RemoteFields()...)
	}
	if o.Key != "" {
		names = append(names, o.Key)
	}
	for name := range o.Adopt {
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// outs lists the fields the object is written in.
func (o *Object) outs() []plan.Out {
	var outs []plan.Out
	for _, entry := range o.Map.Entries() {
		if !entry.Out {
			continue
		}
		out := plan.Out{
			Remote: entry.Remote, Field: entry.Field, Reads: entry.OutReads,
			Mirror: entry.In && entry.Field != "", Rewrite: entry.RewriteForm,
			Observed: slices.Contains(o.Observe, entry.Remote),
		}
		if f, ok := o.Schema.Field(entry.Remote); ok && f.Kind == record.Reference {
			out.Ref = f.RefersTo
		}
		outs = append(outs, out)
	}
	return outs
}

// bound is a field map as planning sees it.
type bound struct {
	*mapping.Map
	outs []plan.Out
}

// In maps a raw record; what cannot be mapped was parked when it was read.
func (b bound) In(raw record.Fields) record.Fields {
	out, _ := b.Map.In(raw)
	return out
}

// Out maps a golden record and names what cannot be written.
func (b bound) Out(golden record.Fields) (out record.Fields, failed map[string]string) {
	out, problems := b.Map.Out(golden)
	for _, p := range problems {
		if failed == nil {
			failed = map[string]string{}
		}
		failed[p.Remote] = string(p.Reason)
	}
	return out, failed
}

// Outs lists the fields written.
func (b bound) Outs() []plan.Out { return b.outs }

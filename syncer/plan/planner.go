package plan

import (
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// Map is what planning needs of a field map.
type Map interface {
	// In maps raw remote values to canonical ones.
	In(raw record.Fields) record.Fields
	// Out maps golden values to raw remote ones. Fields that cannot be mapped
	// are missing and named in failed, with the reason.
	Out(golden record.Fields) (out record.Fields, failed map[string]string)
	// Outs lists the fields written, in the order of the map.
	Outs() []Out
	Revision() string
}

// Out is one field written.
type Out struct {
	Remote  string
	Field   string   // the canonical field it mirrors; "" for an expression over several
	Reads   []string // the canonical fields it is made of
	Mirror  bool     // the same entry reads the field back
	Rewrite bool     // rewrite_form: write even what means the same
	Ref     string   // for a reference: the remote objects it may point to, by comma
	// Observed fields are something else's to write: they are given their first
	// value with a new record and never changed.
	Observed bool
}

// Object is one remote object that is written.
type Object struct {
	Remote   string
	As       record.Object
	Map      Map
	Caps     schema.Capabilities
	Key      string // the remote field that carries our external id; "" for none
	OnDelete string // unlink, archive or recreate
	// Create tells whether a new record may be made from these golden values.
	// nil means records are never created there.
	Create func(golden record.Fields) (bool, error)
	// Includes tells whether the inclusion filter takes a record; nil is all.
	Includes func(raw record.Fields) (bool, error)
}

// System is one system that is written to.
type System struct {
	Name    string
	Objects []Object // the best to be written first: a contact before a lead
	Former  connectors.Former
}

// Planner plans single entities.
type Planner struct {
	Systems []System
	// OptOut tells whether a canonical field is an opt-out, which is never
	// taken back by a write.
	OptOut func(as record.Object, field string) bool
}

// Input is what the ledger knows about one entity.
type Input struct {
	Entity  ledger.Entity
	Links   []ledger.Link
	Holds   []ledger.Hold
	Intents []ledger.Intent // those not ended
	// Entity of a remote record, and the record an entity is written as in a
	// system: both answer "" where there is none.
	EntityOf func(ledger.Ref) record.EntityID
	RemoteOf func(id record.EntityID, system string) (object, remote string)
	Now      time.Time
}

// Output is what one entity needs.
type Output struct {
	Rows    []Row
	Blocked []Blocked
	// Ended lists holds that no longer hold anything.
	Ended []ledger.HoldKey
}

// Entity plans the writes of one entity in every system.
func (p *Planner) Entity(in Input) Output {
	var out Output
	if in.Entity.Into != "" || !anyLive(in.Links) {
		return out
	}
	for i := range p.Systems {
		s := step{planner: p, system: &p.Systems[i], in: in, out: &out}
		s.run()
	}
	return out
}

// anyLive tells whether the entity still exists somewhere inside a filter: an
// excluded or vanished one is written nowhere.
func anyLive(links []ledger.Link) bool {
	for _, l := range links {
		if l.State == ledger.Live {
			return true
		}
	}
	return false
}

// step plans one entity in one system.
type step struct {
	planner *Planner
	system  *System
	in      Input
	out     *Output
}

func (s *step) run() {
	var mine []ledger.Link
	for _, l := range s.in.Links {
		if l.System == s.system.Name {
			mine = append(mine, l)
		}
	}
	for _, l := range mine {
		if !l.Primary || l.State != ledger.Live {
			continue
		}
		if o := s.object(l.Object); o != nil {
			s.existing(o, l)
		}
		return
	}
	s.absent(mine)
}

func (s *step) object(remote string) *Object {
	for i := range s.system.Objects {
		if s.system.Objects[i].Remote == remote {
			return &s.system.Objects[i]
		}
	}
	return nil
}

// existing plans the primary live record of the entity.
func (s *step) existing(o *Object, l ledger.Link) {
	if o.OnDelete == "archive" && o.Caps.Archive && s.goneElsewhere() {
		s.emit(o, Row{Remote: l.ID, Kind: connectors.Archive, Version: l.Shadow.Version}, l.Shadow.Version)
		return
	}
	if o.Caps.Update {
		s.update(o, l)
	}
}

// goneElsewhere tells whether every record of the entity in some other system
// is proven gone.
func (s *step) goneElsewhere() bool {
	gone := map[string]bool{}
	for _, l := range s.in.Links {
		if l.System == s.system.Name {
			continue
		}
		before, seen := gone[l.System]
		gone[l.System] = l.State == ledger.GoneState && (before || !seen)
	}
	for _, all := range gone {
		if all {
			return true
		}
	}
	return false
}

// absent plans the creation of a record where the entity never had one.
func (s *step) absent(mine []ledger.Link) {
	for i := range s.system.Objects {
		o := &s.system.Objects[i]
		if o.As != s.in.Entity.Object || o.Create == nil || !o.Caps.Create {
			continue
		}
		if len(mine) > 0 && (o.OnDelete != "recreate" || !allGone(mine)) {
			return
		}
		if ok, err := o.Create(s.in.Entity.Golden); err == nil && !ok {
			continue // the next object may take it
		} else if err == nil {
			s.create(o)
		}
		return
	}
}

func allGone(links []ledger.Link) bool {
	for _, l := range links {
		if l.State != ledger.GoneState {
			return false
		}
	}
	return true
}

func (s *step) emit(o *Object, r Row, version string) {
	r.Entity, r.As, r.System, r.Object = s.in.Entity.ID, o.As, s.system.Name, o.Remote
	r.MapRev = o.Map.Revision()
	desired := r.After.Hash()
	if hold, held := s.held("*", desired, r.MapRev, version); held {
		s.out.Blocked = append(s.out.Blocked, Blocked{Hold: hold})
		return
	}
	s.out.Rows = append(s.out.Rows, r)
}

package plan

import (
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// update plans the fields of a record that differ. A field is not written if
//
//	it is observed only                                          another tool writes the field
//	it was not read (absent)                                     it is degraded, not changed
//	map_in(held) equals golden, unless rewrite_form              it means the same
//	Canonical(map_out(golden)) equals held                       it would be stored the same
//	map_out(golden) equals sent, and held is the echo of that    the system rewrites it so
//	it would clear what is blank                                 nothing to clear
//	it is a placeholder and there is a value                     a placeholder never replaces one
//	it is an opt-out field and nobody opted out                  consent is never written
//	a hold on it stands
func (s *step) update(o *Object, l ledger.Link) {
	golden := s.in.Entity.Golden
	want, failed := o.Map.Out(golden)
	means := o.Map.In(l.Shadow.Held)
	stored := want
	if s.system.Former != nil {
		stored = s.system.Former.Canonical(o.Remote, want)
	}
	row := Row{Remote: l.ID, Kind: connectors.Update, Version: l.Shadow.Version}
	for _, out := range o.Map.Outs() {
		if out.Observed {
			continue
		}
		if reason, bad := failed[out.Remote]; bad {
			s.blockField(o, out, l, reason)
			continue
		}
		value, differs := s.differs(o, out, difference{
			want: want[out.Remote], stored: stored[out.Remote], means: means[out.Field], link: l,
		})
		if differs {
			s.add(&row, out, value, l.Shadow.Held[out.Remote])
		}
	}
	if len(row.After) > 0 {
		s.emit(o, row, l.Shadow.Version)
	}
}

// difference is one field's wanted and held value.
type difference struct {
	want, stored, means record.Value
	link                ledger.Link
}

func (s *step) differs(o *Object, out Out, d difference) (record.Value, bool) {
	shadow := d.link.Shadow
	held := shadow.Held[out.Remote]
	golden := s.in.Entity.Golden[out.Field]
	if d.want.IsAbsent() || held.IsAbsent() {
		return d.want, false
	}
	value := d.want
	switch {
	case d.want.State() == record.Placeholder && (held.IsPresent() || d.want.Text() == held.Text()):
		return d.want, false
	case out.Ref != "":
		id, differs := s.refDiffers(out, d.want, held)
		if !differs || s.rewrittenRef(out, id, shadow) {
			return d.want, false
		}
		value = id
	case out.Mirror && !out.Rewrite && d.means == golden:
		return d.want, false
	case d.stored == held, blank(d.want) && blank(held):
		return d.want, false
	case shadow.Sent[out.Remote] == d.want && shadow.Echo[out.Remote] == held && !held.IsAbsent() && !shadow.Echo[out.Remote].IsAbsent():
		return d.want, false
	case s.takesBack(o, out):
		return d.want, false
	}
	if hold, standing := s.held(out.Field, d.want.Hash(), o.Map.Revision(), shadow.Version); standing {
		s.out.Blocked = append(s.out.Blocked, Blocked{Hold: hold})
		return d.want, false
	}
	return value, true
}

func blank(v record.Value) bool { return !v.IsPresent() || v.Text() == "" }

// takesBack tells whether a write would carry consent: of an opt-out only the
// opt-out itself is ever written, for consent is given by the person, not by
// us, and "no" where nothing is known says nothing new.
func (s *step) takesBack(o *Object, out Out) bool {
	if s.planner.OptOut == nil || !s.planner.OptOut(o.As, out.Field) {
		return false
	}
	golden, _ := s.in.Entity.Golden[out.Field].Bool()
	return !golden
}

// refDiffers compares what a reference means, not how it is spelled. The value
// returned is an entity id.
func (s *step) refDiffers(out Out, want, held record.Value) (record.Value, bool) {
	if !want.IsPresent() {
		return want, held.IsPresent()
	}
	id := s.Resolve(want)
	if id == "" {
		return want, false // the other record has not been read yet
	}
	object, remote := s.in.RemoteOf(id, s.system.Name)
	if remote == "" {
		if !s.mayCreate(out.Ref) {
			return want, false
		}
	} else if held.Text() == remote || held.Text() == object+"/"+remote {
		return want, false
	}
	return record.Of(record.Reference, string(id)), true
}

// rewrittenRef tells whether the system answered just this reference with the
// other one that it still holds.
func (s *step) rewrittenRef(out Out, id record.Value, shadow ledger.Shadow) bool {
	sent, echo := shadow.Sent[out.Remote], shadow.Echo[out.Remote]
	if sent.IsAbsent() || echo.IsAbsent() || echo != shadow.Held[out.Remote] {
		return false
	}
	if !id.IsPresent() {
		return !sent.IsPresent()
	}
	object, remote := s.in.RemoteOf(record.EntityID(id.Text()), s.system.Name)
	return remote != "" && (sent.Text() == remote || sent.Text() == object+"/"+remote)
}

// Resolve returns the entity a golden reference means: it is an entity id, or
// "system/object/id" of a record that was not known when it was read.
func (s *step) Resolve(v record.Value) record.EntityID {
	if ref, ok := ParseRef(v.Text()); ok {
		return s.in.EntityOf(ref)
	}
	return record.EntityID(v.Text())
}

func (s *step) mayCreate(objects string) bool {
	for i := range s.system.Objects {
		o := &s.system.Objects[i]
		if o.Create != nil && o.Caps.Create && listed(objects, o.Remote) {
			return true
		}
	}
	return false
}

func (s *step) add(row *Row, out Out, value, before record.Value) {
	if row.After == nil {
		row.After, row.Before, row.Why = record.Fields{}, record.Fields{}, map[string]Why{}
	}
	row.After[out.Remote] = value
	if !before.IsAbsent() {
		row.Before[out.Remote] = before
	}
	if out.Ref != "" && value.IsPresent() {
		if row.Refs == nil {
			row.Refs = map[string]string{}
		}
		row.Refs[out.Remote] = out.Ref
	}
	row.Why[out.Remote] = s.why(out)
}

func (s *step) why(out Out) Why {
	field := out.Field
	if field == "" && len(out.Reads) > 0 {
		field = out.Reads[0]
	}
	origin := s.in.Entity.Origins[field]
	return Why{Field: field, Rule: origin.Rule, From: origin.System}
}

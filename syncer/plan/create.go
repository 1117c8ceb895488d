package plan

import (
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// create plans a new record. It is made only once: an earlier create of the
// entity there whose fate is not known blocks it.
func (s *step) create(o *Object) {
	golden := s.in.Entity.Golden
	want, failed := o.Map.Out(golden)
	if o.Includes != nil {
		if ok, err := o.Includes(want); err != nil || !ok {
			return
		}
	}
	if s.createOpen() {
		s.block("*", ledger.Pending, "create not confirmed", "an earlier create may have taken effect: it is looked for before another is tried")
		return
	}
	if h, ok := s.quarantinedKey(); ok {
		s.block("*", ledger.Pending, "match key in quarantine", "the record is not created while its "+h.Field+" is in quarantine")
		return
	}
	row := Row{Kind: connectors.Create}
	for _, out := range o.Map.Outs() {
		if reason, bad := failed[out.Remote]; bad {
			s.block("*", ledger.Quarantined, reason+" for "+out.Remote, "the record cannot be created: correct the value or its map")
			return
		}
		if !s.takesBack(o, out) {
			s.fieldOfNew(&row, o, out, want[out.Remote])
		}
	}
	if len(row.After) == 0 {
		return
	}
	if o.Key != "" {
		row.Key = connectors.Key{Field: o.Key, Value: string(s.in.Entity.ID)}
	}
	row.Before = nil
	s.emit(o, row, "")
}

func (s *step) fieldOfNew(row *Row, o *Object, out Out, v record.Value) {
	if !v.IsPresent() && v.State() != record.Placeholder {
		return
	}
	if h, standing := s.held(out.Field, v.Hash(), o.Map.Revision(), ""); standing && out.Field != "" {
		s.out.Blocked = append(s.out.Blocked, Blocked{Hold: h})
		return
	}
	if out.Ref == "" {
		s.add(row, out, v, record.Value{})
		return
	}
	if value, differs := s.refDiffers(out, v, record.NullOf(record.Reference)); differs {
		s.add(row, out, value, record.Value{})
	}
}

func (s *step) createOpen() bool {
	for _, i := range s.in.Intents {
		if i.System == s.system.Name && i.Kind == string(connectors.Create) && !i.State.Ended() {
			return true
		}
	}
	return false
}

func (s *step) quarantinedKey() (ledger.Hold, bool) {
	for _, h := range s.in.Holds {
		if h.Reason == ledger.Quarantined && (h.Field == "email" || h.Field == "phone") {
			return h, true
		}
	}
	return ledger.Hold{}, false
}

func (s *step) blockField(o *Object, out Out, l ledger.Link, reason string) {
	field := out.Field
	if field == "" {
		field = out.Remote
	}
	// What was taken back is judged by the value, which cannot be told now.
	taken := func(h ledger.Hold) bool {
		return h.System == s.system.Name && h.Field == field && h.Reason == ledger.Undone
	}
	if i := slices.IndexFunc(s.in.Holds, taken); i >= 0 {
		s.out.Blocked = append(s.out.Blocked, Blocked{Hold: s.in.Holds[i]})
		return
	}
	if h, standing := s.held(field, reason, o.Map.Revision(), l.Shadow.Version); standing {
		s.out.Blocked = append(s.out.Blocked, Blocked{Hold: h})
		return
	}
	s.out.Blocked = append(s.out.Blocked, Blocked{New: true, Hold: ledger.Hold{
		HoldKey: ledger.HoldKey{Entity: s.in.Entity.ID, System: s.system.Name, Field: field},
		Reason:  ledger.Quarantined, Cause: reason + " for " + out.Remote, Detail: "the value cannot be written as the map says",
		Desired: reason, MapRev: o.Map.Revision(), Version: l.Shadow.Version, Since: s.in.Now,
	}})
}

func (s *step) block(field string, reason ledger.Reason, cause, detail string) {
	for _, h := range s.in.Holds {
		if h.System == s.system.Name && h.Field == field && h.Reason == reason && h.Cause == cause {
			s.out.Blocked = append(s.out.Blocked, Blocked{Hold: h})
			return
		}
	}
	s.out.Blocked = append(s.out.Blocked, Blocked{New: true, Hold: ledger.Hold{
		HoldKey: ledger.HoldKey{Entity: s.in.Entity.ID, System: s.system.Name, Field: field},
		Reason:  reason, Cause: cause, Detail: detail, Since: s.in.Now, Desired: s.in.Entity.Golden.Hash(),
	}})
}

// ParseRef reads "system/object/id", the form of a reference to a record whose
// entity was not known when it was read.
func ParseRef(text string) (ledger.Ref, bool) {
	system, rest, ok := strings.Cut(text, "/")
	if !ok {
		return ledger.Ref{}, false
	}
	object, id, ok := strings.Cut(rest, "/")
	return ledger.Ref{System: system, Object: object, ID: id}, ok
}

// FormatRef is the inverse of ParseRef.
func FormatRef(r ledger.Ref) string { return r.System + "/" + r.Object + "/" + r.ID }

func listed(list, name string) bool {
	for item := range strings.SplitSeq(list, ",") {
		if item == name {
			return true
		}
	}
	return false
}

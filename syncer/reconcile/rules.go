package reconcile

import (
	"slices"
	"time"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

func decide(m *merger, e edit) verdict {
	if e.policy.Rule == Consent {
		return consent(e)
	}
	if blank(e.golden) && !e.known && !unknownStage(e) {
		return fill(e)
	}
	switch e.policy.Rule {
	case Owner:
		return owner(m, e)
	case FillBlank:
		return fillBlank(e)
	case NeverClear:
		return neverClear(m, e)
	case Max:
		return maximum(e)
	case Ratchet:
		return ratchet(e)
	case Union:
		return union(e)
	case Manual:
		return manual(m, e)
	case Newest, Consent:
	}
	return newest(m, e)
}

func optedOut(v record.Value) bool {
	out, ok := v.Bool()
	return ok && out
}

func blank(v record.Value) bool { return !v.IsPresent() }

func take(e edit, rule string) verdict { return verdict{take: true, value: e.incoming, rule: rule} }

func keep() verdict { return verdict{} }

func leave(cause string) verdict {
	return verdict{held: ledger.Left, cause: cause, detail: "the difference is left as the field's policy says"}
}

// fill takes a first value into a blank.
//
//	golden blank, incoming present -> taken
//	golden absent, incoming null   -> taken (known to be empty)
//	golden null, incoming null     -> equal, never comes here
func fill(e edit) verdict {
	if blank(e.incoming) && !e.golden.IsAbsent() {
		return keep()
	}
	return take(e, "fill")
}

// first settles a difference between two records when they are first linked.
//
//	incoming blank                  -> golden stays, and fills the blank
//	First names this side           -> taken
//	First names golden's origin     -> golden stays
//	First "newest"                  -> the later source time; the same or an unknown time goes on to the next of First
//	"hold" or nothing matches -> held
func first(m *merger, e edit, fallback []string) verdict {
	if blank(e.incoming) {
		return keep()
	}
	order := e.policy.First
	if len(order) == 0 {
		order = fallback
	}
	origin := m.golden.Origins[e.field]
	for _, who := range order {
		switch {
		case who == FirstHold:
			return firstHeld()
		case who == "newest":
			if v, decided := laterFirst(m, e, origin); decided {
				return v
			}
		case rank([]string{who}, m.side.System, m.side.Role) >= 0:
			return take(e, "first:"+who)
		case rank([]string{who}, origin.System, m.context.Roles[origin.System]) >= 0:
			return keep()
		}
	}
	return firstHeld()
}

func laterFirst(m *merger, e edit, origin ledger.Origin) (verdict, bool) {
	mine := m.when(e)
	switch {
	case mine.IsZero() || origin.At.IsZero(): // one system does not tell: not guessed
		return verdict{}, false
	case mine.After(origin.At):
		return take(e, "first:newest"), true
	case mine.Before(origin.At):
		return keep(), true
	default:
		return verdict{}, false
	}
}

func firstHeld() verdict {
	return verdict{
		held: ledger.Manual, cause: "differs at first sight",
		detail: "both systems already hold different values: decide once, or set first: in the field's policy",
	}
}

func (m *merger) when(e edit) time.Time {
	if t, ok := m.side.Times[e.field]; ok {
		return t
	}
	return m.side.Source.At
}

// owner lets one system or role decide.
//
//	side is the owner                          -> taken, a clear included
//	side is the owner, no base, blank          -> golden stays, and fills the blank
//	side is not, no base, golden not by owner  -> first (default: hold)
//	side is not, no base, golden by owner      -> golden stays, is written
//	side is not, changed it, others: revert    -> golden stays, is written back
//	side is not, changed it, others: leave     -> golden stays, the side keeps its own
//	no owner has ever given a value            -> taken until one does
func owner(m *merger, e edit) verdict {
	mine := rank(e.policy.Owners, m.side.System, m.side.Role)
	origin := m.golden.Origins[e.field]
	theirs := rank(e.policy.Owners, origin.System, m.context.Roles[origin.System])
	switch {
	case mine >= 0 && (theirs < 0 || mine <= theirs):
		if blank(e.incoming) && !e.known {
			return keep()
		}
		return take(e, "owner")
	case theirs < 0 && !e.known:
		return first(m, e, nil)
	case theirs < 0:
		return take(e, "owner:none yet")
	case e.known && e.policy.Others == Leave:
		return leave("owned by another system")
	default:
		return keep()
	}
}

// newest lets the later edit win.
//
//	no base                                         -> first (default: hold)
//	golden has not changed since the base           -> taken, a clear included
//	both changed, this edit certainly later         -> taken
//	both changed, golden's edit certainly later     -> golden stays, is written
//	both changed, intervals overlap, Tie names side -> taken (reported as a tie)
//	both changed, intervals overlap, Tie names golden's origin -> golden stays
//	both changed, intervals overlap, no Tie         -> held
//	both changed, one system does not tell when     -> as an overlap
func newest(m *merger, e edit) verdict {
	if !e.known {
		return first(m, e, nil)
	}
	if e.golden == e.base || e.golden.IsAbsent() {
		return take(e, "newest")
	}
	origin := m.golden.Origins[e.field]
	at, after := m.side.Source.At, m.side.After
	if t, ok := m.side.Times[e.field]; ok {
		at, after = t, justBefore(t)
	}
	switch {
	case at.IsZero() || origin.At.IsZero(): // one system does not tell when: not guessed
	case !after.Before(origin.At):
		return take(e, "newest")
	case !origin.After.IsZero() && !origin.After.Before(at):
		return keep()
	}
	for _, who := range e.policy.Tie {
		if rank([]string{who}, m.side.System, m.side.Role) >= 0 {
			return take(e, "newest:tie:"+who)
		}
		if rank([]string{who}, origin.System, m.context.Roles[origin.System]) >= 0 {
			return keep()
		}
	}
	return verdict{
		held: ledger.Manual, cause: "edited on both sides at the same time",
		detail: "the two edits overlap in time: decide once, or name a tie: in the field's policy",
	}
}

// justBefore makes the instant t the end of an interval that holds only t.
func justBefore(t time.Time) time.Time { return t.Add(-time.Nanosecond) }

// fillBlank never replaces a value.
//
//	golden blank, incoming present -> taken
//	golden present, incoming blank -> golden stays, and fills the blank
//	both present, differ           -> left
func fillBlank(e edit) verdict {
	switch {
	case blank(e.golden) && !blank(e.incoming):
		return take(e, "fill_blank")
	case !blank(e.golden) && !blank(e.incoming):
		return leave("both have a value")
	default:
		return keep()
	}
}

// neverClear is newest without clears.
//
//	incoming blank -> golden stays, is written back
//	else           -> as newest
func neverClear(m *merger, e edit) verdict {
	if blank(e.incoming) {
		return keep()
	}
	return newest(m, e)
}

// union merges sets three ways.
//
//	no base         -> golden and incoming together
//	base, Keep      -> golden and what was added here
//	base, not Keep  -> golden, plus what was added here, less what was removed here
func union(e edit) verdict {
	members := slices.Clone(e.golden.Members())
	for _, m := range e.incoming.Members() {
		if !e.known || !slices.Contains(e.base.Members(), m) {
			members = append(members, m)
		}
	}
	if e.known && !e.policy.Keep {
		members = slices.DeleteFunc(members, func(m string) bool {
			return slices.Contains(e.base.Members(), m) && !slices.Contains(e.incoming.Members(), m)
		})
	}
	return verdict{take: true, value: record.OfSet(members...), rule: "union"}
}

// manual holds every difference.
//
//	both present and different -> held
//	golden blank               -> taken (nothing is lost)
//	incoming cleared           -> held
//	no base                    -> first (default: hold; incoming blank is filled)
func manual(m *merger, e edit) verdict {
	if !e.known {
		return first(m, e, nil)
	}
	if blank(e.golden) {
		return take(e, "manual:fill")
	}
	return verdict{held: ledger.Manual, cause: "differs", detail: "the field's policy leaves every difference to a person"}
}

// consent keeps any opt-out for ever: only recorded evidence, which does not
// come by this way, raises consent again.
//
//	incoming opted out                 -> taken
//	golden opted out, incoming not     -> golden stays, is written back
//	neither opted out, golden blank    -> taken
func consent(e edit) verdict {
	out, ok := e.incoming.Bool()
	was, _ := e.golden.Bool()
	switch {
	case ok && out:
		return take(e, "consent")
	case was:
		return keep()
	case ok:
		return take(e, "consent:no opt-out")
	default:
		return keep()
	}
}

package salesforcesim

import "github.com/tandem-sync/tandem/connectors/simkit"

// automate runs the organisation's automations after a save: a workflow writes
// as the Automated Process user, a rival tool as its own.
func (t *Twin) automate(w *writer, o *object, seq uint32) {
	if w.user == t.users.AutomatedProcess || w.user == t.users.Rival {
		return
	}
	for _, a := range t.Automations.For(o.name) {
		f, fd, ok := o.field(a.Field)
		if !ok {
			continue
		}
		r := o.rows[seq-1]
		held, _ := o.value(r, f)
		text, err := canonical(fd, a.Rewrite(held))
		if err != nil || text == held {
			continue
		}
		was := *w
		w.quiet, w.noAssign, w.user = true, true, t.users.AutomatedProcess
		if a.Kind == simkit.Rival {
			w.user = t.users.Rival
		}
		t.update(w, o, r, []change{{f, text}}) // what the organisation refuses its own automation is not the caller's matter
		undo := w.undo
		*w = was
		w.undo = undo
	}
}

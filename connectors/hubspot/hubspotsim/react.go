package hubspotsim

import "github.com/tandem-sync/tandem/connectors/simkit"

// reaction is a write that automations may answer.
type reaction struct {
	tb *table
	r  *record
	by *Actor
}

// settle runs the customer's automations after writes that were not theirs.
// It comes after the reply is made: a workflow is never quick enough to show
// in the answer to the write that set it off.
func (t *Twin) settle() {
	due := t.pending
	t.pending = nil
	for _, p := range due {
		if p.by.SourceType == "AUTOMATION_PLATFORM" || p.by.SourceID == rivalApp || p.r.archived != 0 {
			continue
		}
		for _, auto := range t.autos.For(p.tb.plural) {
			t.run(auto, p.tb, p.r)
		}
	}
}

func (t *Twin) run(auto simkit.Automation, tb *table, r *record) {
	actor := WorkflowActor("4711")
	if auto.Kind == simkit.Rival {
		actor = IntegrationActor(rivalApp)
	}
	old := tb.stored(r, auto.Field)
	value := auto.Rewrite(old)
	if old == value {
		return
	}
	clean, bad := t.check(tb, r, map[string]string{auto.Field: value})
	if bad != nil {
		return // as a workflow whose action fails: the write that set it off stands
	}
	t.assign(tb, r, clean, &actor)
	tb.touch(r, max(t.now(), r.modified+1))
}

package tryton

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

// stateField is how far an opportunity has come.
const stateField = "state"

// buttons lead an opportunity to a state. None leads to won: its sale does.
func buttons() map[string]string {
	return map[string]string{"lead": "lead", "opportunity": "opportunity", "converted": "convert", "lost": "lost", "cancelled": "cancel"}
}

// press leads opportunities to the states wanted, and tells by id what stood
// against it. A button is ignored where it does not lead on from the state a
// record is in, so the states are read again. A record that is in its state
// already, by a press whose reply was lost, stays there.
func (w *writer) press(ctx context.Context, drafts []draft, ids []int64) map[int64]error {
	p := presses{w: w, missed: map[int64]error{}, stamps: map[int64]map[string]string{}}
	wanted := map[string][]int64{}
	for i, d := range drafts {
		if d.state == "" {
			continue
		}
		wanted[d.state] = append(wanted[d.state], ids[i])
		if len(d.values) == 0 { // else the record has just been written under its stamp
			p.stamps[ids[i]] = d.stamps
		}
	}
	for _, state := range slices.Sorted(maps.Keys(wanted)) {
		p.button(ctx, buttons()[state], wanted[state])
	}
	for state, list := range wanted {
		p.look(ctx, state, list)
	}
	return p.missed
}

type presses struct {
	w      *writer
	stamps map[int64]map[string]string // of records that were not written just now
	missed map[int64]error
}

// button presses a button of records in one call, or in halves if that is
// refused for one of them.
func (p presses) button(ctx context.Context, name string, ids []int64) {
	m, stamps := method{object: opportunities, name: name, op: "press " + name}, map[string]string{}
	for _, id := range ids {
		maps.Copy(stamps, p.stamps[id])
	}
	_, err := p.w.c.call(ctx, m, map[string]any{"_timestamp": stamps}, nil, ids)
	switch {
	case err == nil:
	case rowsFault(err) && len(ids) > 1:
		p.button(ctx, name, ids[:len(ids)/2])
		p.button(ctx, name, ids[len(ids)/2:])
	default:
		p.miss(err, ids)
	}
}

func (p presses) miss(err error, ids []int64) {
	for _, id := range ids {
		p.missed[id] = err
	}
}

// look finds those that are not in the state wanted.
func (p presses) look(ctx context.Context, want string, ids []int64) {
	var asked []string
	for _, id := range ids {
		if p.missed[id] == nil {
			asked = append(asked, strconv.FormatInt(id, 10))
		}
	}
	if len(asked) == 0 {
		return
	}
	got, err := p.w.c.Read(ctx, opportunities, asked, []string{stateField})
	if err != nil {
		p.miss(err, slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return p.missed[id] != nil }))
		return
	}
	for _, r := range got {
		if is := r.Fields[stateField].Text(); is != want {
			p.missed[integer(r.ID)] = p.w.fault(connectors.Op{Kind: connectors.Update}, fault.Invalid, stateField,
				"Tryton leaves it "+is+": no button leads from there to "+want+". Take the steps between them, or map another stage to it")
		}
	}
}

package hubspotsim

import "net/http"

// merge makes one new record of two: the primary's values win, the other's
// fill its blanks, and both old ids vanish without a trace in the bin.
func (t *Twin) merge(tb *table, primary, loser *record, by *Actor) *record {
	now := t.moment(by)
	r := &record{created: min(primary.created, loser.created), modified: now, origin: primary.origin, editor: by}
	for _, p := range loser.props {
		r.set(p.key, p.value)
	}
	for _, p := range primary.props {
		r.set(p.key, p.value)
	}
	r.history = append(append(r.history, loser.history...), primary.history...)
	for _, old := range []*record{primary, loser} {
		r.merged = append(append(r.merged, old.merged...), old.id)
	}
	tb.remove(primary)
	tb.remove(loser)
	tb.add(r)
	for _, old := range []*record{primary, loser} {
		tb.gone[old.id] = r.id
		t.moveEdges(tb.plural, old.id, r.id)
	}
	return r
}

func (t *Twin) handleMerge(c *call) error {
	var body struct {
		Primary string `json:"primaryObjectId"`
		Loser   string `json:"objectIdToMerge"`
	}
	tb, err := c.tableAndBody(&body)
	if err != nil {
		return err
	}
	a, b := tb.resolve(number(body.Primary)), tb.resolve(number(body.Loser))
	if a == nil || b == nil || a.archived != 0 || b.archived != 0 {
		return notFound()
	}
	if a == b {
		return invalid("Cannot merge an object with itself")
	}
	r := t.merge(tb, a, b, c.actor)
	return c.record(http.StatusOK, tb, r, t.fullView(tb, r))
}

// mergeFault merges two records when a fault says so, after the read under way.
func (t *Twin) mergeFault(c *call, tb *table) {
	fault, ok := c.fault("merge")
	if !ok {
		return
	}
	c.after = append(c.after, func() {
		pair := tb.liveOf(fault.Rows)
		if len(fault.Rows) == 0 {
			pair = tb.firstLive(2)
		}
		if len(pair) == 2 && pair[0] != pair[1] {
			by := UserActor(userID)
			t.merge(tb, pair[0], pair[1], &by)
		}
	})
}

// liveOf returns the live records of ids, merged ones followed.
func (tb *table) liveOf(ids []string) []*record {
	var live []*record
	for _, id := range ids {
		if r := tb.resolve(number(id)); r != nil && r.archived == 0 {
			live = append(live, r)
		}
	}
	return live
}

// firstLive returns the first live records, n at most.
func (tb *table) firstLive(n int) []*record {
	var live []*record
	for i := 0; i < len(tb.recs) && len(live) < n; i++ {
		if tb.recs[i].archived == 0 {
			live = append(live, tb.recs[i])
		}
	}
	return live
}

package syncer

import (
	"context"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// Tally counts the entities of one object by their worst state.
type Tally struct {
	N           int `json:"n"`
	InSync      int `json:"in_sync"`
	Pending     int `json:"pending"`
	Excluded    int `json:"excluded"`
	Quarantined int `json:"quarantined"`
	Dead        int `json:"dead"`
	FieldHolds  int `json:"field_holds"`
}

// Summarise counts every entity by its worst state: dead, quarantined,
// pending, excluded, in sync. Rows in quarantine that never became an entity
// count as one each.
func (e *Engine) Summarise(ctx context.Context) (map[record.Object]Tally, error) {
	out := map[record.Object]Tally{}
	err := e.Ledger.View(ctx, func(r ledger.Reader) error {
		scan := ledger.EntityScan{Limit: 500}
		for {
			page, err := r.Entities.Scan(ctx, scan)
			if err != nil {
				return err
			}
			if len(page) == 0 {
				return e.tallyRows(ctx, r, out)
			}
			if err := e.tallyPage(ctx, r, page, out); err != nil {
				return err
			}
			scan.After = page[len(page)-1].ID
		}
	})
	return out, err
}

func (e *Engine) tallyPage(ctx context.Context, r ledger.Reader, page []ledger.Entity, out map[record.Object]Tally) error {
	ids := make([]record.EntityID, len(page))
	for i, entity := range page {
		ids[i] = entity.ID
	}
	links, err := r.Links.ByEntity(ctx, ids...)
	if err != nil {
		return err
	}
	holds, err := r.Holds.Of(ctx, ids...)
	if err != nil {
		return err
	}
	open, err := r.Intents.UnendedOf(ctx, ids...)
	if err != nil {
		return err
	}
	for _, entity := range page {
		t := out[entity.Object]
		t.add(worst(entity, links[entity.ID], holds[entity.ID], len(open[entity.ID])))
		for _, h := range holds[entity.ID] {
			if h.Field != "*" {
				t.FieldHolds++
			}
		}
		out[entity.Object] = t
	}
	return nil
}

func (t *Tally) add(state ledger.Reason) {
	t.N++
	switch state {
	case ledger.Dead:
		t.Dead++
	case ledger.Quarantined:
		t.Quarantined++
	case ledger.Pending:
		t.Pending++
	case ledger.Excluded:
		t.Excluded++
	case ledger.Left, ledger.Undone, ledger.Fights, ledger.Consent, ledger.Manual:
		t.InSync++
	default:
		t.InSync++
	}
}

func worst(e ledger.Entity, links []ledger.Link, holds []ledger.Hold, open int) ledger.Reason {
	whole := map[ledger.Reason]bool{}
	for _, h := range holds {
		if h.Field == "*" {
			whole[h.Reason] = true
		}
	}
	live := false
	for _, l := range links {
		live = live || l.State == ledger.Live
	}
	switch {
	case whole[ledger.Dead]:
		return ledger.Dead
	case whole[ledger.Quarantined]:
		return ledger.Quarantined
	case whole[ledger.Pending], open > 0, e.Dirty:
		return ledger.Pending
	case whole[ledger.Excluded], !live:
		return ledger.Excluded
	}
	return ""
}

func (e *Engine) tallyRows(ctx context.Context, r ledger.Reader, out map[record.Object]Tally) error {
	scan := ledger.HoldScan{Reason: ledger.Quarantined, Limit: 500}
	for {
		page, err := r.Holds.Scan(ctx, scan)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, h := range page {
			s := e.system(h.System)
			if h.Entity != "" || s == nil || s.object(h.Object) == nil {
				continue
			}
			as := s.object(h.Object).As
			t := out[as]
			if h.Field == "*" {
				t.add(ledger.Quarantined)
			} else {
				t.FieldHolds++
			}
			out[as] = t
		}
		scan.After = page[len(page)-1].HoldKey
	}
}

package app

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// rivalFact keeps, per connector and object, the remote fields that another
// integration writes, with its id there. While it does, they are observed only:
// two tools writing one field never agree.
const rivalFact = "rivals/"

// rivals finds the fields that other integrations write. Before the first
// apply every integration seen is another one; afterwards only those found
// then are looked for, for our own writes look alike in some systems. A rival
// that no longer writes is let go.
func (a *App) rivals(ctx context.Context, s *syncer.System, o *syncer.Object, again bool) error {
	k, err := a.knownRivals(ctx, s, o)
	if err != nil {
		return err
	}
	first := !k.applied && !k.stored
	if recheck := again && (!k.applied || len(k.fields) > 0); first || recheck {
		if err := a.sampleRivals(ctx, s, o, &k); err != nil {
			return err
		}
	}
	for _, field := range slices.Sorted(maps.Keys(k.fields)) {
		if !slices.Contains(o.Observe, field) {
			o.Observe = append(o.Observe, field)
		}
	}
	return nil
}

// rivalry is what is known of who else writes an object.
type rivalry struct {
	fields  map[string]string // remote field: id of the integration
	stored  bool              // looked for before
	applied bool              // we have written here ourselves
}

func (a *App) knownRivals(ctx context.Context, s *syncer.System, o *syncer.Object) (rivalry, error) {
	k := rivalry{fields: map[string]string{}}
	err := a.Ledger.View(ctx, func(r ledger.Reader) error {
		stored, err := r.Meta.Get(ctx, rivalFact+s.Name+"/"+o.Name)
		if err != nil {
			return err
		}
		if k.stored = stored != nil; k.stored {
			if err := json.Unmarshal(stored, &k.fields); err != nil {
				return fmt.Errorf("the list of fields others write in %s %s is damaged: %w", s.Name, o.Name, err)
			}
		}
		applied, err := r.Meta.Get(ctx, "revision/applied")
		k.applied = applied != nil
		return err
	})
	return k, err
}

// sampleRivals asks the system who writes the fields that we would write, and
// stores the answer.
func (a *App) sampleRivals(ctx context.Context, s *syncer.System, o *syncer.Object, k *rivalry) error {
	teller, ok := s.Conn.(connectors.WriterTeller)
	fields := writtenFields(o)
	if !ok || len(fields) == 0 || o.ReadOnly {
		return nil
	}
	writers, err := teller.FieldWriters(ctx, o.Name, fields)
	if err != nil {
		a.options.Log.Warn().Err(err).Str("system", s.Name).Str("object", o.Name).Msg("who else writes here could not be found out")
		return nil
	}
	found := map[string]string{}
	for field, list := range writers {
		for _, w := range list {
			if w.Actor.Kind == record.ActorIntegration && (!k.applied || k.fields[field] == w.Actor.ID) {
				found[field] = w.Actor.ID
				break
			}
		}
	}
	k.fields = found
	b, err := json.Marshal(found)
	if err != nil {
		return err
	}
	return a.Ledger.Update(ctx, func(tx ledger.Tx) error { return tx.Meta.Set(ctx, rivalFact+s.Name+"/"+o.Name, b) })
}

func writtenFields(o *syncer.Object) []string {
	if !o.Schema.Caps.Update {
		return nil
	}
	var out []string
	for _, e := range o.Map.Entries() {
		if e.Out && e.Remote != "" {
			out = append(out, e.Remote)
		}
	}
	return out
}

func (a *App) allRivals(ctx context.Context, again bool) error {
	for _, s := range a.Engine.Systems {
		for _, o := range s.Objects {
			if err := a.rivals(ctx, s, o, again); err != nil {
				return err
			}
		}
	}
	return nil
}

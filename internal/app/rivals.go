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
	fact := rivalFact + s.Name + "/" + o.Name
	var stored, applied []byte
	err := a.Ledger.View(ctx, func(r ledger.Reader) error {
		var err error
		if stored, err = r.Meta.Get(ctx, fact); err == nil {
			applied, err = r.Meta.Get(ctx, "revision/applied")
		}
		return err
	})
	if err != nil {
		return err
	}
	known := map[string]string{}
	if stored != nil {
		if err := json.Unmarshal(stored, &known); err != nil {
			return fmt.Errorf("the list of fields others write in %s %s is damaged: %w", s.Name, o.Name, err)
		}
	}
	if stored == nil && applied == nil || again && (applied == nil || len(known) > 0) {
		if known, err = a.sampleRivals(ctx, s, o, known, applied == nil); err != nil {
			return err
		}
		b, err := json.Marshal(known)
		if err != nil {
			return err
		}
		if err := a.Ledger.Update(ctx, func(tx ledger.Tx) error { return tx.Meta.Set(ctx, fact, b) }); err != nil {
			return err
		}
	}
	for _, field := range slices.Sorted(maps.Keys(known)) {
		if !slices.Contains(o.Observe, field) {
			o.Observe = append(o.Observe, field)
		}
	}
	return nil
}

// sampleRivals asks the system who writes the fields that we would write.
func (a *App) sampleRivals(ctx context.Context, s *syncer.System, o *syncer.Object, known map[string]string, everyone bool) (map[string]string, error) {
	teller, ok := s.Conn.(connectors.WriterTeller)
	fields := writtenFields(o)
	if !ok || len(fields) == 0 || o.ReadOnly {
		return map[string]string{}, nil
	}
	writers, err := teller.FieldWriters(ctx, o.Name, fields)
	if err != nil {
		a.options.Log.Warn().Err(err).Str("system", s.Name).Str("object", o.Name).Msg("who else writes here could not be found out")
		return known, nil
	}
	out := map[string]string{}
	for field, list := range writers {
		for _, w := range list {
			if w.Actor.Kind == record.ActorIntegration && (everyone || known[field] == w.Actor.ID) {
				out[field] = w.Actor.ID
				break
			}
		}
	}
	return out, nil
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

package ledgertest

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/tandem-sync/tandem/syncer/ledger"
)

func metaCases() map[string]func(*kit) {
	return map[string]func(*kit){
		"cursors are stored and forgotten":    metaCursors,
		"a cursor stays with its page":        metaCursorWithPage,
		"runs come newest first":              metaRuns,
		"facts are set, listed and forgotten": metaFacts,
		"a lower epoch is fenced":             metaFence,
		"a fenced transaction keeps nothing":  metaFenced,
	}
}

func cursor(object, lane, value string) ledger.Cursor {
	return ledger.Cursor{
		CursorKey: ledger.CursorKey{System: "hubspot", Object: object, Lane: lane}, Value: value, Seq: 7,
		CompleteTo: at(1), Done: true, Updated: at(2),
	}
}

func metaCursors(k *kit) {
	a, b := cursor("contacts", "changes", "x"), cursor("contacts", "gone", "y")
	bare := ledger.Cursor{CursorKey: ledger.CursorKey{System: "hubspot", Object: "deals", Lane: "changes"}}
	other := cursor("contacts", "changes", "z")
	other.System = "crm"
	k.everywhere(func(tx ledger.Tx) error {
		if err := tx.Meta.PutCursors(k.Context(), bare, b, cursor("contacts", "changes", "old"), other); err != nil {
			return err
		}
		return tx.Meta.PutCursors(k.Context(), a)
	}, func(r ledger.Reader) error {
		return same("Cursors", []ledger.Cursor{a, b, bare})(r.Meta.Cursors(k.Context(), "hubspot"))
	})
	k.everywhere(func(tx ledger.Tx) error {
		return tx.Meta.DeleteCursors(k.Context(), a.CursorKey, bare.CursorKey, ledger.CursorKey{System: "none"})
	}, func(r ledger.Reader) error {
		return same("Cursors", []ledger.Cursor{b})(r.Meta.Cursors(k.Context(), "hubspot"))
	})
}

func metaCursorWithPage(k *kit) {
	page := func(n int, fail error) error {
		return k.l.Update(k.Context(), func(tx ledger.Tx) error {
			return errors.Join(tx.Entities.Put(k.Context(), entity(n)),
				tx.Meta.PutCursors(k.Context(), cursor("contacts", "changes", strconv.Itoa(n))), fail)
		})
	}
	if err := page(1, nil); err != nil {
		k.Fatal(err)
	}
	if err := page(2, errIntended); !errors.Is(err, errIntended) {
		k.Fatalf("got %v", err)
	}
	k.l = k.reopen()
	k.view(func(r ledger.Reader) error {
		n, err := r.Entities.Count(k.Context())
		if err != nil || n["person"] != 1 {
			return fmt.Errorf("%v entities: %w", n, err)
		}
		return same("Cursors", []ledger.Cursor{cursor("contacts", "changes", "1")})(r.Meta.Cursors(k.Context(), "hubspot"))
	})
}

func metaRuns(k *kit) {
	var want []ledger.Run
	k.everywhere(func(tx ledger.Tx) error {
		for i := range 5 {
			run := ledger.Run{ID: fmt.Sprint("run", 9-i), Kind: "sync", Revision: "v1", Started: at(i)}
			if err := tx.Meta.PutRun(k.Context(), run); err != nil {
				return err
			}
			run.Ended, run.Outcome, run.Summary = at(i+1), "ok", []byte(`{"n":1}`)
			if err := tx.Meta.PutRun(k.Context(), run); err != nil {
				return err
			}
			want = append([]ledger.Run{run}, want...)
		}
		return nil
	}, func(r ledger.Reader) error {
		if err := same("Runs", want)(r.Meta.Runs(k.Context(), 10)); err != nil {
			return err
		}
		return same("Runs", want[:2])(r.Meta.Runs(k.Context(), 2))
	})
}

func metaFacts(k *kit) {
	k.everywhere(func(tx ledger.Tx) error {
		return errors.Join(tx.Meta.Set(k.Context(), "token/a", []byte{0, 1, 255}), tx.Meta.Set(k.Context(), "token/b", []byte("old")),
			tx.Meta.Set(k.Context(), "token/b", []byte("new")), tx.Meta.Set(k.Context(), "token0", []byte("x")),
			tx.Meta.Set(k.Context(), "tokem", []byte("x")), tx.Meta.Set(k.Context(), "empty", []byte{}))
	}, func(r ledger.Reader) error {
		if err := same("List", map[string][]byte{"token/a": {0, 1, 255}, "token/b": []byte("new")})(r.Meta.List(k.Context(), "token/")); err != nil {
			return err
		}
		if all, err := r.Meta.List(k.Context(), ""); err != nil || len(all) != 5 {
			return fmt.Errorf("all: %d: %w", len(all), err)
		}
		if got, err := r.Meta.Get(k.Context(), "empty"); err != nil || got == nil || len(got) != 0 {
			return fmt.Errorf("an empty fact came back as %v: %w", got, err)
		}
		got, err := r.Meta.Get(k.Context(), "none")
		if got != nil || err != nil {
			return fmt.Errorf("an unknown fact is %v, %w", got, err)
		}
		return same("Get", []byte("new"))(r.Meta.Get(k.Context(), "token/b"))
	})
	k.everywhere(func(tx ledger.Tx) error { return tx.Meta.Set(k.Context(), "token/a", nil) }, func(r ledger.Reader) error {
		return same("List", map[string][]byte{"token/b": []byte("new")})(r.Meta.List(k.Context(), "token/"))
	})
}

func metaFence(k *kit) {
	for _, step := range []struct {
		name  string
		epoch int64
		want  error
	}{
		{"a", 5, nil}, {"a", 5, nil}, {"a", 4, ledger.ErrFenced}, {"b", 1, nil}, {"a", 9, nil}, {"a", 8, ledger.ErrFenced}, {"a", 9, nil},
	} {
		err := k.l.Update(k.Context(), func(tx ledger.Tx) error { return tx.Meta.Fence(k.Context(), step.name, step.epoch) })
		if !errors.Is(err, step.want) || (err != nil) != (step.want != nil) {
			k.Fatalf("epoch %d of %s: got %v, want %v", step.epoch, step.name, err, step.want)
		}
		k.l = k.reopen()
	}
}

func metaFenced(k *kit) {
	k.update(func(tx ledger.Tx) error { return tx.Meta.Fence(k.Context(), "a", 2) })
	err := k.l.Update(k.Context(), func(tx ledger.Tx) error {
		return errors.Join(tx.Entities.Put(k.Context(), entity(1)), tx.Meta.Fence(k.Context(), "a", 1))
	})
	if !errors.Is(err, ledger.ErrFenced) {
		k.Fatalf("got %v", err)
	}
	k.view(func(r ledger.Reader) error {
		return empty[[]ledger.Entity]("Scan")(r.Entities.Scan(k.Context(), ledger.EntityScan{}))
	})
}

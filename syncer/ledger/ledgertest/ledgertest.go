// Package ledgertest is the suite that every implementation of the ledger
// passes: each promise of the contract's prose is a case.
package ledgertest

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// Open opens a new empty ledger, closed when the test ends. What it returns
// besides closes that ledger and opens it again.
type Open func(t *testing.T) (l ledger.Ledger, reopen func() ledger.Ledger)

// Run runs the suite.
func Run(t *testing.T, open Open) {
	t.Helper()
	groups := map[string]map[string]func(*kit){
		"entities": entityCases(), "keys": keyCases(), "links": linkCases(), "history": historyCases(),
		"holds": holdCases(), "intents": intentCases(), "inbox": inboxCases(), "meta": metaCases(), "transactions": transactionCases(),
		"values": valueCases(),
	}
	for group, cases := range groups {
		t.Run(group, func(t *testing.T) {
			t.Parallel()
			for name, f := range cases {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					l, reopen := open(t)
					f(&kit{T: t, l: l, reopen: reopen})
				})
			}
		})
	}
}

// kit is what a case works with.
type kit struct {
	*testing.T
	l      ledger.Ledger
	reopen func() ledger.Ledger
}

func (k *kit) update(f func(tx ledger.Tx) error) {
	k.Helper()
	if err := k.l.Update(k.Context(), f); err != nil {
		k.Fatalf("Update: %v", err)
	}
}

func (k *kit) view(f func(r ledger.Reader) error) {
	k.Helper()
	if err := k.l.View(k.Context(), f); err != nil {
		k.Fatalf("View: %v", err)
	}
}

// everywhere runs a check in a transaction that did the writing, in one after
// it, and after the ledger was opened again.
func (k *kit) everywhere(write func(tx ledger.Tx) error, check func(r ledger.Reader) error) {
	k.Helper()
	k.update(func(tx ledger.Tx) error {
		if err := write(tx); err != nil {
			return err
		}
		if err := check(tx.Reader()); err != nil {
			return fmt.Errorf("in the same transaction: %w", err)
		}
		return nil
	})
	if err := k.l.View(k.Context(), check); err != nil {
		k.Fatalf("in a later transaction: %v", err)
	}
	k.l = k.reopen()
	if err := k.l.View(k.Context(), check); err != nil {
		k.Fatalf("after opening again: %v", err)
	}
}

// same compares what a method answered with what is wanted.
func same[T any](what string, want T) func(got T, err error) error {
	return func(got T, err error) error {
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if !reflect.DeepEqual(got, want) {
			return fmt.Errorf("%s: got\n%+v\nwant\n%+v", what, got, want)
		}
		return nil
	}
}

// empty wants nothing in a slice or map.
func empty[T any](what string) func(got T, err error) error {
	return func(got T, err error) error {
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if n := reflect.ValueOf(got).Len(); n != 0 {
			return fmt.Errorf("%s: got %d, want none", what, n)
		}
		return nil
	}
}

func at(minute int) time.Time {
	return time.Date(2026, 11, 23, 8, minute, 0, 123_456_789, time.UTC)
}

func id(n int) record.EntityID {
	return record.NewEntityID(record.Person, "hubspot", "contacts", strconv.Itoa(n), 0)
}

func entity(n int) ledger.Entity {
	source := record.Source{
		System: "hubspot", Object: "contacts", Remote: strconv.Itoa(n),
		Actor: record.Actor{Kind: record.ActorUser, ID: "7781"}, At: at(1),
	}
	return ledger.Entity{
		ID: id(n), Object: record.Person,
		Golden: record.Fields{"email": record.Of(record.Email, fmt.Sprintf("p%d@x.example", n)), "score": record.OfInt(int64(n))},
		Origins: map[string]ledger.Origin{
			"email": {Source: source, Rule: "newest", Run: "run1", Read: at(2), After: at(0)},
			"score": {Source: source, Rule: "max", Run: "run1", Read: at(2), Before: "0af3", Flips: 2},
		},
		Created: at(3), Updated: at(4),
	}
}

func link(n int) ledger.Link {
	return ledger.Link{
		Ref: ledger.Ref{System: "hubspot", Object: "contacts", ID: fmt.Sprintf("%04d", n)}, Entity: id(n), As: record.Person,
		Primary: true, State: ledger.Live, Rule: "match:email", Made: at(5),
		Shadow: ledger.Shadow{
			Held: record.Fields{"email": record.OfString("p@x.example")}, Sent: record.Fields{"city": record.OfString("Bonn")},
			Echo: record.Fields{"city": record.OfString("BONN")}, Version: "7", Modified: at(6), Created: at(7), Read: at(8),
			Actor: record.Actor{Kind: record.ActorWorkflow, ID: "12"}, MapRev: "m1", Confirmed: true, ReadRun: "run1",
		},
	}
}

func ids(entities []ledger.Entity) []record.EntityID {
	out := make([]record.EntityID, len(entities))
	for i, e := range entities {
		out[i] = e.ID
	}
	return out
}

// errIntended is what cases let their own functions fail with.
var errIntended = errors.New("intended")

package syncer

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tandem-sync/tandem/syncer/ledger"
)

// Decision is what a person decides about something held back.
type Decision string

// The decisions.
const (
	Retry   Decision = "retry"   // try again now
	Release Decision = "release" // end the hold
	Drop    Decision = "drop"    // keep it and do not ask again
)

// ErrDecision says that there is no such decision.
var ErrDecision = errors.New("there is no such decision; use retry, release or drop")

// ParseDecision reads a decision.
func ParseDecision(text string) (Decision, error) {
	switch d := Decision(text); d {
	case Retry, Release, Drop:
		return d, nil
	default:
		return "", fmt.Errorf("%q: %w", text, ErrDecision)
	}
}

// factDecision keeps decisions that are to be made again for every hold of the
// same cause.
const factDecision = "decision/"

// Remember makes a decision a rule: every later hold of that cause is decided
// so at the start of a cycle.
func Remember(ctx context.Context, l ledger.Ledger, cause string, d Decision) error {
	return l.Update(ctx, func(tx ledger.Tx) error { return tx.Meta.Set(ctx, factDecision+cause, []byte(d)) })
}

// Forget ends a rule.
func Forget(ctx context.Context, l ledger.Ledger, cause string) error {
	return l.Update(ctx, func(tx ledger.Tx) error { return tx.Meta.Set(ctx, factDecision+cause, nil) })
}

// Remembered lists the rules, by cause.
func Remembered(ctx context.Context, l ledger.Ledger) (map[string]Decision, error) {
	rules := map[string]Decision{}
	err := l.View(ctx, func(r ledger.Reader) error {
		facts, err := r.Meta.List(ctx, factDecision)
		for name, d := range facts {
			rules[strings.TrimPrefix(name, factDecision)] = Decision(d)
		}
		return err
	})
	return rules, err
}

// Decide carries out what choose says of each hold and returns how many it
// decided; "" leaves a hold as it is. A hold for consent is never ended.
func Decide(ctx context.Context, l ledger.Ledger, choose func(ledger.Hold) Decision) (int, error) {
	var chosen []ledger.Hold
	for after := (ledger.HoldKey{}); ; {
		page, err := holdPage(ctx, l, after)
		if err != nil {
			return 0, err
		}
		if len(page) == 0 {
			break
		}
		for _, h := range page {
			if d := choose(h); d != "" && h.Reason != ledger.Consent && h.Decision != string(d) {
				h.Decision = string(d)
				chosen = append(chosen, h)
			}
		}
		after = page[len(page)-1].HoldKey
	}
	if len(chosen) == 0 {
		return 0, nil
	}
	return len(chosen), l.Update(ctx, func(tx ledger.Tx) error { return carryOut(ctx, tx, chosen) })
}

func holdPage(ctx context.Context, l ledger.Ledger, after ledger.HoldKey) ([]ledger.Hold, error) {
	var page []ledger.Hold
	err := l.View(ctx, func(r ledger.Reader) error {
		var err error
		page, err = r.Holds.Scan(ctx, ledger.HoldScan{After: after, Limit: 500})
		return err
	})
	return page, err
}

func carryOut(ctx context.Context, tx ledger.Tx, chosen []ledger.Hold) error {
	for _, h := range chosen {
		if h.Decision == string(Drop) {
			if err := tx.Holds.Put(ctx, h); err != nil {
				return err
			}
			continue
		}
		if err := tx.Holds.Release(ctx, h.HoldKey); err != nil {
			return err
		}
		if err := tx.Entities.Mark(ctx, ledger.Dirty, heldEntities([]ledger.Hold{h})...); err != nil {
			return err
		}
	}
	return nil
}

// remembered carries out the rules on what is held.
func (c *Cycle) remembered(ctx context.Context) error {
	rules, err := Remembered(ctx, c.engine.Ledger)
	if err != nil || len(rules) == 0 {
		return err
	}
	_, err = Decide(ctx, c.engine.Ledger, func(h ledger.Hold) Decision { return rules[h.Cause] })
	return err
}

package ledgertest

import (
	"errors"
	"fmt"
	"time"

	"github.com/tandem-sync/tandem/syncer/ledger"
)

func inboxCases() map[string]func(*kit) {
	return map[string]func(*kit){
		"is read by number":               inboxAfter,
		"keeps a key once":                inboxOnce,
		"gives no number twice":           inboxNumbers,
		"forgets what is old and read":    inboxPrune,
		"forgets a transaction that ends": inboxTaken,
	}
}

func delivery(n int) ledger.Delivery {
	return ledger.Delivery{Key: fmt.Sprint("key ", n), At: at(n), Body: []byte{0, byte(n), 255}}
}

// appended stores deliveries and fails unless so many of their keys are new.
func appended(k *kit, tx ledger.Tx, system string, want int, deliveries ...ledger.Delivery) error {
	fresh := 0
	for _, d := range deliveries {
		is, err := tx.Inbox.Append(k.Context(), system, d)
		if err != nil {
			return err
		}
		if is {
			fresh++
		}
	}
	return same("new ones", want)(fresh, nil)
}

// read walks over an inbox and sets the numbers apart.
func read(k *kit, r ledger.Reader, system string, limit int) (all []ledger.Delivery, seqs []int64, err error) {
	var last int64
	for {
		page, err := r.Inbox.After(k.Context(), system, last, limit)
		if err != nil || len(page) == 0 {
			return all, seqs, err
		}
		if limit > 0 && len(page) > limit {
			return nil, nil, fmt.Errorf("a page of %d, want at most %d", len(page), limit)
		}
		for _, d := range page {
			if d.Seq <= last {
				return nil, nil, fmt.Errorf("%d comes after %d", d.Seq, last)
			}
			last, seqs = d.Seq, append(seqs, d.Seq)
			d.Seq = 0
			all = append(all, d)
		}
	}
}

func inboxAfter(k *kit) {
	bare := ledger.Delivery{Key: "bare", Body: []byte{}}
	k.everywhere(func(tx ledger.Tx) error {
		numbered := delivery(1)
		numbered.Seq = 99 // ignored
		return errors.Join(appended(k, tx, "forms", 2, numbered, bare), appended(k, tx, "other", 1, delivery(1)),
			appended(k, tx, "forms", 1, delivery(2)))
	}, func(r ledger.Reader) error {
		for _, limit := range []int{1, 2, 0} {
			got, _, err := read(k, r, "forms", limit)
			if err := same("After", []ledger.Delivery{delivery(1), bare, delivery(2)})(got, err); err != nil {
				return err
			}
		}
		return empty[[]ledger.Delivery]("After")(r.Inbox.After(k.Context(), "none", 0, 10))
	})
}

func inboxOnce(k *kit) {
	again := delivery(1)
	again.Body, again.At = []byte("another"), at(9)
	k.everywhere(func(tx ledger.Tx) error {
		return errors.Join(appended(k, tx, "forms", 1, delivery(1)), appended(k, tx, "forms", 0, again))
	}, func(r ledger.Reader) error {
		got, _, err := read(k, r, "forms", 0)
		return same("After", []ledger.Delivery{delivery(1)})(got, err)
	})
	k.everywhere(func(tx ledger.Tx) error { return appended(k, tx, "forms", 0, again, again) }, func(r ledger.Reader) error {
		got, _, err := read(k, r, "forms", 0)
		return same("After", []ledger.Delivery{delivery(1)})(got, err)
	})
}

func inboxNumbers(k *kit) {
	var last int64
	for n := range 3 {
		k.update(func(tx ledger.Tx) error { return appended(k, tx, "forms", 1, delivery(n)) })
		k.view(func(r ledger.Reader) error {
			_, seqs, err := read(k, r, "forms", 0)
			if err != nil || len(seqs) != 1 || seqs[0] <= last {
				return fmt.Errorf("the numbers are %v after %d: %w", seqs, last, err)
			}
			last = seqs[0]
			return nil
		})
		k.update(func(tx ledger.Tx) error {
			_, err := tx.Inbox.Prune(k.Context(), "forms", last, at(59))
			return err
		})
		k.l = k.reopen()
	}
}

func inboxPrune(k *kit) {
	k.update(func(tx ledger.Tx) error {
		return errors.Join(appended(k, tx, "forms", 4, delivery(1), delivery(2), delivery(3), delivery(4)), appended(k, tx, "other", 1, delivery(1)))
	})
	prune := func(upTo int64, before time.Time, want int) {
		k.Helper()
		k.update(func(tx ledger.Tx) error {
			return same("Prune", want)(tx.Inbox.Prune(k.Context(), "forms", upTo, before))
		})
	}
	var seqs []int64
	k.view(func(r ledger.Reader) (err error) {
		_, seqs, err = read(k, r, "forms", 0)
		return err
	})
	prune(seqs[2], at(2), 1)  // of three that were read, one is old
	prune(seqs[2], at(59), 2) // of four that are old, three were read
	prune(seqs[2], at(59), 0)
	k.view(func(r ledger.Reader) error {
		got, _, err := read(k, r, "forms", 0)
		if err := same("After", []ledger.Delivery{delivery(4)})(got, err); err != nil {
			return err
		}
		got, _, err = read(k, r, "other", 0)
		return same("After", []ledger.Delivery{delivery(1)})(got, err)
	})
	k.update(func(tx ledger.Tx) error { return appended(k, tx, "forms", 1, delivery(1)) })
}

func inboxTaken(k *kit) {
	err := k.l.Update(k.Context(), func(tx ledger.Tx) error {
		return errors.Join(appended(k, tx, "forms", 1, delivery(1)), errIntended)
	})
	if !errors.Is(err, errIntended) {
		k.Fatalf("got %v", err)
	}
	k.update(func(tx ledger.Tx) error { return appended(k, tx, "forms", 1, delivery(1)) })
}

package checkpointtest

import (
	"math"
	"time"
)

func epochCases() map[string]func(*kit) {
	return map[string]func(*kit){
		"grow with every owner": func(k *kit) {
			last := int64(0)
			for _, owner := range []string{"a", "b", "a", "c", "c"} {
				l := k.acquire(k.Store, owner, long, 0)
				if l.Epoch <= last {
					k.Fatalf("epoch %d after %d", l.Epoch, last)
				}
				last = l.Epoch
				k.release(l)
			}
		},
		"are above the floor": func(k *kit) {
			if l := k.acquire(k.Store, "a", long, 41); l.Epoch != 42 {
				k.Fatalf("epoch %d above a floor of 41 in a new store, want 42", l.Epoch)
			}
		},
		"stay above a floor given once": func(k *kit) {
			k.release(k.acquire(k.Store, "a", long, 1000))
			if l := k.acquire(k.Other, "b", long, 5); l.Epoch <= 1001 {
				k.Fatalf("epoch %d after 1001", l.Epoch)
			}
		},
		"outlive their lease by far":                        outlive,
		"of an owner that starts again are above its floor": startsAgain,
		"above 2^53 are exact": func(k *kit) {
			const great = int64(1)<<60 + 1
			k.release(k.acquire(k.Store, "a", long, great))
			if l := k.acquire(k.Other, "b", long, great); l.Epoch != great+2 {
				k.Fatalf("epoch %d after %d", l.Epoch, great+1)
			}
		},
		"do not begin again after the last": func(k *kit) {
			if l, err := k.Store.Acquire(k.Context(), "work", "a", long, math.MaxInt64); err == nil {
				k.Fatalf("epoch %d above the greatest floor", l.Epoch)
			}
		},
		"are above a floor below zero": func(k *kit) {
			if l := k.acquire(k.Store, "a", long, -5); l.Epoch < 1 {
				k.Fatalf("epoch %d", l.Epoch)
			}
		},
	}
}

func outlive(k *kit) {
	last := k.acquire(k.Store, "a", short, 6)
	wait := 2 * short
	if k.Virtual {
		wait = 10_000 * time.Hour
	}
	k.Pass(wait)
	if l := k.acquire(k.Other, "b", long, 0); l.Epoch != last.Epoch+1 {
		k.Fatalf("epoch %d after %d", l.Epoch, last.Epoch)
	}
}

// startsAgain: in a container every run has the same host name and process id.
// The floor, which the ledger remembers, tells the runs apart.
func startsAgain(k *kit) {
	first := k.acquire(k.Store, "a", long, 0)
	second := k.acquire(k.Other, "a", long, first.Epoch)
	if second.Epoch <= first.Epoch {
		k.Fatalf("a new run got epoch %d, the former had %d", second.Epoch, first.Epoch)
	}
	k.release(first) // by the former run, late
	k.refused(k.Other, "b")
}

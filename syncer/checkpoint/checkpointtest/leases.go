package checkpointtest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tandem-sync/tandem/syncer/checkpoint"
)

func leaseCases() map[string]func(*kit) {
	return map[string]func(*kit){
		"are held by one owner":                       oneOwner,
		"of another name are another matter":          otherName,
		"are given to one of many who ask at once":    askAtOnce,
		"are prolonged under the same epoch":          prolong,
		"expire":                                      expire,
		"that are released can be taken":              releaseThenTake,
		"that are lost are left alone by a release":   lostThenRelease,
		"of a former run are left alone by a release": formerRunReleases,
		"released twice are no error": func(k *kit) {
			l := k.acquire(k.Store, "a", long, 0)
			k.release(l)
			k.release(l)
			k.release(checkpoint.Lease{Name: "never", Owner: "a", Epoch: 1})
		},
		"of a paused holder pass on and fence it off": pausedHolder,
		"need a name, an owner and a time":            badLeases,
	}
}

func oneOwner(k *kit) {
	k.acquire(k.Store, "a", long, 0)
	k.refused(k.Store, "b")
	k.refused(k.Other, "c")
}

func otherName(k *kit) {
	k.acquire(k.Store, "a", long, 0)
	if _, err := k.Other.Acquire(k.Context(), "other work", "b", long, 0); err != nil {
		k.Fatalf("Acquire of another name: %v", err)
	}
}

func askAtOnce(k *kit) {
	var all sync.WaitGroup
	var got atomic.Int32
	for i := range 20 {
		store := []checkpoint.Store{k.Store, k.Other}[i%2]
		all.Go(func() {
			_, err := store.Acquire(k.Context(), "work", fmt.Sprint("owner ", i), long, 0)
			if err == nil {
				got.Add(1)
			} else if !errors.Is(err, checkpoint.ErrHeld) {
				k.Errorf("Acquire: %v", err)
			}
		})
	}
	all.Wait()
	if got.Load() != 1 {
		k.Fatalf("%d owners hold the lease", got.Load())
	}
}

func prolong(k *kit) {
	first := k.acquire(k.Store, "a", short, 0)
	again := k.acquire(k.Store, "a", long, 0)
	if k.Virtual && first.Epoch != again.Epoch { // in real time it may have expired between
		k.Fatalf("prolonged under epoch %d, was %d", again.Epoch, first.Epoch)
	}
	if !again.Until.After(first.Until) {
		k.Fatalf("prolonged to %v, was %v", again.Until, first.Until)
	}
	third := k.acquire(k.Store, "a", long, 0)
	if third.Epoch != again.Epoch {
		k.Fatalf("prolonged under epoch %d, was %d", third.Epoch, again.Epoch)
	}
	k.Pass(short + 50*time.Millisecond)
	k.refused(k.Other, "b")
}

func expire(k *kit) {
	first := k.acquire(k.Store, "a", short, 0)
	k.Pass(short + 50*time.Millisecond)
	second := k.acquire(k.Other, "b", long, 0)
	if second.Epoch <= first.Epoch {
		k.Fatalf("the next owner got epoch %d, the last had %d", second.Epoch, first.Epoch)
	}
	k.refused(k.Store, "a")
}

func releaseThenTake(k *kit) {
	first := k.acquire(k.Store, "a", long, 0)
	k.release(first)
	if second := k.acquire(k.Other, "b", long, 0); second.Epoch <= first.Epoch {
		k.Fatalf("epoch %d after %d", second.Epoch, first.Epoch)
	}
}

func lostThenRelease(k *kit) {
	first := k.acquire(k.Store, "a", short, 0)
	k.Pass(short + 50*time.Millisecond)
	k.acquire(k.Other, "b", long, 0)
	k.release(first)
	k.refused(k.Store, "c")
}

func formerRunReleases(k *kit) {
	first := k.acquire(k.Store, "a", short, 0)
	k.Pass(short + 50*time.Millisecond)
	k.acquire(k.Other, "a", long, 0) // the same name, another run
	k.release(first)
	k.refused(k.Other, "b")
}

func pausedHolder(k *kit) {
	a := k.acquire(k.Store, "a", short, 0)
	k.save(key, checkpoint.Position{Value: "a", Seq: 7, Epoch: a.Epoch})
	k.Pass(2 * short) // a is paused meanwhile
	b := k.acquire(k.Other, "b", long, 0)
	want := checkpoint.Position{Value: "b", Seq: 3, Epoch: b.Epoch}
	if err := k.Other.Save(k.Context(), key, want); err != nil {
		k.Fatalf("Save: %v", err)
	}
	err := k.Store.Save(k.Context(), key, checkpoint.Position{Value: "a", Seq: 8, Epoch: a.Epoch})
	if !errors.Is(err, checkpoint.ErrFenced) {
		k.Fatalf("the paused owner's save: %v, want ErrFenced", err)
	}
	k.release(a)
	k.refused(k.Store, "a")
	k.refused(k.Store, "c")
	k.holds(key, want)
}

func badLeases(k *kit) {
	for _, c := range []struct {
		name, owner string
		ttl         time.Duration
	}{{"", "a", long}, {"work", "", long}, {"work", "a", 0}, {"work", "a", -long}, {"work", "a", time.Microsecond}} {
		if _, err := k.Store.Acquire(k.Context(), c.name, c.owner, c.ttl, 0); err == nil {
			k.Errorf("a lease was given for %+v", c)
		}
	}
}

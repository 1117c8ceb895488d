package checkpointtest

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/tandem-sync/tandem/syncer/checkpoint"
)

func limitCases() map[string]func(*kit) {
	return map[string]func(*kit){
		"let n calls pass at once, and then say how long to wait": func(k *kit) {
			k.exhaust("l", 3, time.Hour)
			if wait := k.take(k.Other, "l", 3, time.Hour); wait < 59*time.Minute {
				k.Fatalf("wait %v of an hour that has just begun", wait)
			}
		},
		"of other names are other matters": func(k *kit) {
			k.exhaust("l", 1, time.Hour)
			k.exhaust("m", 1, time.Hour)
		},
		"are shared by all who ask at once": shared,
		"are free again after the wait":     freeAgain,
		"hold over any stretch of a period": stretch,
		"of great numbers are counted":      quota,
		"of none are no limits": func(k *kit) {
			for range 5 {
				if wait := k.take(k.Store, "l", 0, time.Hour); wait != 0 {
					k.Fatalf("wait %v under no limit", wait)
				}
			}
		},
		"need a name and a period": func(k *kit) {
			_, unnamed := k.Store.Take(k.Context(), "", 1, time.Hour)
			_, endless := k.Store.Take(k.Context(), "l", 1, 0)
			if unnamed == nil || endless == nil {
				k.Fatalf("no error: %v, %v", unnamed, endless)
			}
		},
		"can change while they are used": func(k *kit) {
			k.exhaust("l", 3, time.Hour)
			if wait := k.take(k.Store, "l", 4, time.Hour); wait != 0 {
				k.Fatalf("wait %v for the fourth of 4", wait)
			}
			if wait := k.take(k.Store, "l", 2, time.Hour); wait == 0 {
				k.Fatal("a fifth call passed a limit lowered to 2")
			}
		},
	}
}

func (k *kit) exhaust(limit string, n int, period time.Duration) {
	k.Helper()
	for i := range n {
		if wait := k.take(k.Store, limit, n, period); wait != 0 {
			k.Fatalf("call %d of %d has to wait %v", i+1, n, wait)
		}
	}
	if wait := k.take(k.Store, limit, n, period); wait == 0 {
		k.Fatalf("more than %d calls passed in %v", n, period)
	}
}

func shared(k *kit) {
	const n = 12
	var all sync.WaitGroup
	var passed atomic.Int32
	for i := range 3 * n {
		store := []checkpoint.Store{k.Store, k.Other}[i%2]
		all.Go(func() {
			wait, err := store.Take(k.Context(), "l", n, time.Hour)
			if err != nil {
				k.Errorf("Take: %v", err)
			} else if wait == 0 {
				passed.Add(1)
			}
		})
	}
	all.Wait()
	if passed.Load() != n {
		k.Fatalf("%d calls passed a limit of %d", passed.Load(), n)
	}
}

func freeAgain(k *kit) {
	const period = 500 * time.Millisecond
	var wait time.Duration
	for range 1000 {
		if wait = k.take(k.Store, "l", 2, period); wait > 0 {
			break
		}
	}
	if wait == 0 {
		k.Fatal("the limit never said to wait")
	}
	k.Pass(wait + time.Millisecond)
	if again := k.take(k.Store, "l", 2, period); again != 0 {
		k.Fatalf("after the wait of %v one of %v more", wait, again)
	}
}

func stretch(k *kit) {
	if !k.Virtual {
		k.Skip("needs time that stands still between calls")
	}
	const period = 10 * time.Second
	var passed []time.Duration
	for now := time.Duration(0); now < 60*time.Second; now += 300 * time.Millisecond {
		if k.take(k.Store, "l", 4, period) == 0 {
			passed = append(passed, now)
		}
		k.Pass(300 * time.Millisecond)
	}
	if len(passed) < 20 {
		k.Fatalf("only %d calls in six periods of 4", len(passed))
	}
	for i := 4; i < len(passed); i++ {
		if passed[i]-passed[i-4] < period {
			k.Fatalf("5 calls within %v, at %v", passed[i]-passed[i-4], passed[i-4:i+1])
		}
	}
}

func quota(k *kit) {
	const n = 1500
	k.exhaust("day", n, 24*time.Hour)
	if !k.Virtual {
		return
	}
	wait := k.take(k.Store, "day", n, 24*time.Hour)
	k.Pass(wait + time.Millisecond)
	k.exhaust("day", n, 24*time.Hour)
}

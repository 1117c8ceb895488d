package redis_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/syncer/checkpoint"
	"github.com/tandem-sync/tandem/syncer/checkpoint/checkpointtest"
	"github.com/tandem-sync/tandem/syncer/checkpoint/redis"
)

func TestSuiteOnRealServer(t *testing.T) {
	t.Parallel()
	srv := serve(t)
	var n atomic.Int32
	checkpointtest.Run(t, func(t *testing.T) checkpointtest.Setup {
		t.Helper()
		prefix := fmt.Sprintf("case%d", n.Add(1))
		both := [2]*redis.Store{}
		for i := range both {
			s, err := redis.Open(t.Context(), srv.url(), prefix, instance)
			if err != nil {
				t.Fatalf("Open: %v", err)
			}
			t.Cleanup(func() { _ = s.Close() })
			both[i] = s
		}
		return checkpointtest.Setup{Store: both[0], Other: both[1], Pass: func(d time.Duration) { <-time.After(d) }}
	})
}

func TestKilledServerKeepsAcknowledgedPositions(t *testing.T) {
	t.Parallel()
	srv := serve(t)
	s := open(t, srv.url())
	lease, err := s.Acquire(t.Context(), "writer", "a", time.Hour, 0)
	if err != nil {
		t.Fatal(err)
	}
	var acked [8]atomic.Int64
	total := make(chan struct{}, 1<<20)
	ctx, stop := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	for w := range acked {
		writers.Go(func() {
			for seq := int64(1); ctx.Err() == nil; seq++ {
				p := checkpoint.Position{Value: strconv.FormatInt(seq, 10), Seq: seq, Epoch: lease.Epoch}
				if s.Save(ctx, fmt.Sprint("lane", w), p) != nil {
					return
				}
				acked[w].Store(seq)
				total <- struct{}{}
			}
		})
	}
	for range 2000 {
		<-total
	}
	srv.kill() // in the middle of writing
	stop()
	writers.Wait()
	srv.start()
	all, err := s.Positions(t.Context(), "lane") // the same store finds the server again
	if err != nil {
		t.Fatal(err)
	}
	for w := range acked {
		if got, want := all[fmt.Sprint("lane", w)].Seq, acked[w].Load(); got < want {
			t.Errorf("lane %d stands at %d, acknowledged was %d", w, got, want)
		}
	}
	next, err := s.Acquire(t.Context(), "writer", "a", time.Hour, lease.Epoch)
	if err != nil || next.Epoch <= lease.Epoch {
		t.Errorf("after the restart: %+v, %v", next, err)
	}
}

func TestServerWithoutAOFIsWarnedOfAndLosesOnlyTime(t *testing.T) {
	t.Parallel()
	srv := serve(t, "--appendonly", "no")
	s := open(t, srv.url())
	warned(t, s, "append-only")
	lease, err := s.Acquire(t.Context(), "writer", "a", time.Hour, 7)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Save(t.Context(), "k", checkpoint.Position{Seq: 1, Epoch: lease.Epoch}); err != nil {
		t.Fatal(err)
	}
	srv.kill()
	srv.start()
	again := open(t, srv.url()) // remembers nothing; the ledger does
	if all, err := again.Positions(t.Context(), ""); err != nil || len(all) != 0 {
		t.Errorf("positions after the loss: %v, %v", all, err)
	}
	next, err := again.Acquire(t.Context(), "writer", "b", time.Hour, lease.Epoch)
	if err != nil || next.Epoch <= lease.Epoch {
		t.Errorf("epoch after the loss: %+v, %v; was %d", next, err, lease.Epoch)
	}
}

func TestEvictingServerIsWarnedOf(t *testing.T) {
	t.Parallel()
	srv := serve(t)
	s := open(t, srv.url())
	if warnings, err := s.Health(t.Context()); err != nil || len(warnings) != 0 {
		t.Fatalf("a server as it should be: %q, %v", warnings, err)
	}
	for _, policy := range []string{"allkeys-lru", "volatile-lru", "allkeys-random", "volatile-ttl"} {
		srv.do("CONFIG", "SET", "maxmemory-policy", policy)
		warned(t, s, policy, "vanish", "noeviction")
	}
}

// Evicted keys cost reading again, and the epoch stays above all that were
// given in this process and above the ledger's.
func TestEvictedLeaseAndEpochGiveNoOldEpoch(t *testing.T) {
	t.Parallel()
	srv := serve(t)
	s := open(t, srv.url())
	first, err := s.Acquire(t.Context(), "writer", "a", time.Hour, 3)
	if err != nil {
		t.Fatal(err)
	}
	srv.do("DEL", "tandem:lease:writer", "tandem:epoch:writer")
	second, err := s.Acquire(t.Context(), "writer", "b", time.Hour, 3)
	if err != nil || second.Epoch <= first.Epoch {
		t.Errorf("%+v, %v after epoch %d", second, err, first.Epoch)
	}
	// The epoch's key alone is gone: the lease knows better.
	srv.do("DEL", "tandem:epoch:writer")
	if _, err := s.Acquire(t.Context(), "writer", "b", time.Hour, 3); err != nil {
		t.Fatal(err)
	}
	if got := srv.raw.Get(t.Context(), "tandem:epoch:writer").Val(); got != strconv.FormatInt(second.Epoch, 10) {
		t.Errorf("the epoch's key was restored as %q, want %d", got, second.Epoch)
	}
}

func TestFlushedServerGivesEpochsAboveTheFloor(t *testing.T) {
	t.Parallel()
	srv := serve(t)
	s := open(t, srv.url())
	var last int64
	for _, owner := range []string{"a", "b", "c"} {
		l, err := s.Acquire(t.Context(), "writer", owner, time.Hour, last)
		if err != nil {
			t.Fatal(err)
		}
		if l.Epoch <= last {
			t.Fatalf("epoch %d for %s, the last was %d", l.Epoch, owner, last)
		}
		last = l.Epoch
		srv.do("FLUSHALL")
	}
	fresh := open(t, srv.url())
	if l, err := fresh.Acquire(t.Context(), "writer", "d", time.Hour, last); err != nil || l.Epoch <= last {
		t.Errorf("another process got %+v, %v above floor %d", l, err, last)
	}
}

func warned(t *testing.T, s *redis.Store, words ...string) {
	t.Helper()
	warnings, err := s.Health(t.Context())
	if err != nil || len(warnings) != 1 {
		t.Fatalf("Health: %q, %v; want one warning", warnings, err)
	}
	for _, w := range words {
		if !strings.Contains(warnings[0], w) {
			t.Errorf("the warning %q does not speak of %q", warnings[0], w)
		}
	}
}

package redis_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/tandem-sync/tandem/syncer/checkpoint"
	"github.com/tandem-sync/tandem/syncer/checkpoint/redis"
)

const posKey = "tandem:position:k"

func TestAnotherInstancesPrefixIsRefused(t *testing.T) {
	t.Parallel()
	m, _ := mini(t)
	s := open(t, "redis://"+m.Addr())
	_, err := redis.Open(t.Context(), "redis://"+m.Addr(), "tandem", "another")
	if !errors.Is(err, redis.ErrForeign) {
		t.Fatalf("%v, want ErrForeign", err)
	}
	says(t, err, "state.redis_prefix", "tandem")
	other, err := redis.Open(t.Context(), "redis://"+m.Addr(), "tandem2", "another")
	if err != nil {
		t.Fatalf("with a prefix of its own: %v", err)
	}
	t.Cleanup(func() { _ = other.Close() })
	if err := saves(t, s); err != nil {
		t.Fatal(err)
	}
	if all, err := other.Positions(t.Context(), ""); err != nil || len(all) != 0 {
		t.Errorf("the neighbour sees %v, %v", all, err)
	}
	again := open(t, "redis://"+m.Addr()) // the same instance comes back
	if all, err := again.Positions(t.Context(), ""); err != nil || len(all) != 1 {
		t.Errorf("the same instance sees %v, %v", all, err)
	}
}

func TestPrefixTakenAfterFlushIsRefusedAtEveryCall(t *testing.T) {
	t.Parallel()
	m, _ := mini(t)
	s := open(t, "redis://"+m.Addr())
	m.FlushAll()
	other, err := redis.Open(t.Context(), "redis://"+m.Addr(), "tandem", "another")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	_, errPositions := s.Positions(t.Context(), "")
	_, errAcquire := s.Acquire(t.Context(), "w", "a", time.Hour, 0)
	_, errTake := s.Take(t.Context(), "l", 1, time.Hour)
	_, errQuota := s.Take(t.Context(), "l", 5000, time.Hour)
	_, errHealth := s.Health(t.Context())
	for what, err := range map[string]error{
		"Positions": errPositions, "Acquire": errAcquire, "Take": errTake, "Take of a quota": errQuota, "Health": errHealth,
		"Save": saves(t, s), "Release": s.Release(t.Context(), checkpoint.Lease{Name: "w", Owner: "a", Epoch: 1}),
	} {
		if !errors.Is(err, redis.ErrForeign) {
			t.Errorf("%s: %v, want ErrForeign", what, err)
		}
	}
}

func pushed(t *testing.T, m *miniredis.Miniredis) {
	t.Helper()
	if _, err := m.Lpush(posKey, "x"); err != nil {
		t.Fatal(err)
	}
}

func TestDamagedOrNewerPositionIsRefused(t *testing.T) {
	t.Parallel()
	const num = "0000000000000000001"
	for name, c := range map[string]struct {
		put      func(*testing.T, *miniredis.Miniredis)
		word     string
		saveable bool // the head is whole: a newer page may replace it
	}{
		"garbage":          {set(posKey, "garbage"), "damaged", false},
		"empty":            {set(posKey, ""), "damaged", false},
		"cut off":          {set(posKey, "1 00000000 "+num), "damaged", false},
		"newer":            {set(posKey, "2 {\"seq\":1}"), "format 2", false},
		"another type":     {pushed, "something else", false},
		"wrong checksum":   {set(posKey, "1 00000000 "+num+" "+num+" v"), "damaged", true},
		"edited value":     {edit, "damaged", true},
		"of another key":   {copied, "damaged", true},
		"of another owner": {foreign, "not written by this installation", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, _ := mini(t)
			s := open(t, "redis://"+m.Addr())
			c.put(t, m)
			all, err := s.Positions(t.Context(), "")
			says(t, err, c.word)
			if all != nil || strings.Contains(err.Error(), "garbage") {
				t.Errorf("%v, %v", all, err)
			}
			err = s.Save(t.Context(), "k", checkpoint.Position{Value: "v2", Seq: 9, Epoch: 9})
			if c.saveable != (err == nil) {
				t.Errorf("Save: %v", err)
			}
			if !c.saveable {
				says(t, err, c.word)
			}
		})
	}
}

func set(key, value string) func(*testing.T, *miniredis.Miniredis) {
	return func(t *testing.T, m *miniredis.Miniredis) {
		t.Helper()
		if err := m.Set(key, value); err != nil {
			t.Fatal(err)
		}
	}
}

func edit(t *testing.T, m *miniredis.Miniredis) {
	t.Helper()
	if err := saves(t, open(t, "redis://"+m.Addr())); err != nil {
		t.Fatal(err)
	}
	old, _ := m.Get(posKey)
	set(posKey, old+"0")(t, m)
}

func copied(t *testing.T, m *miniredis.Miniredis) {
	t.Helper()
	if err := saves(t, open(t, "redis://"+m.Addr())); err != nil {
		t.Fatal(err)
	}
	old, _ := m.Get(posKey)
	m.Del(posKey)
	set("tandem:position:j", old)(t, m)
}

// foreign is what eviction of the instance's key alone could leave behind.
func foreign(t *testing.T, m *miniredis.Miniredis) {
	t.Helper()
	mine, _ := m.Get("tandem:instance")
	m.Del("tandem:instance")
	other, err := redis.Open(t.Context(), "redis://"+m.Addr(), "tandem", "another")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	if err := saves(t, other); err != nil {
		t.Fatal(err)
	}
	set("tandem:instance", mine)(t, m)
}

func TestDamagedOrNewerLeaseEpochAndInstanceAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ key, value, word string }{
		"lease":          {"tandem:lease:w", "a", "tandem:lease:w is damaged"},
		"newer lease":    {"tandem:lease:w", "3 a 7", "format 3"},
		"epoch":          {"tandem:epoch:w", "many", "tandem:epoch:w is damaged"},
		"long epoch":     {"tandem:epoch:w", "99999999999999999999", "tandem:epoch:w is damaged"},
		"negative epoch": {"tandem:epoch:w", "-4", "tandem:epoch:w is damaged"},
		"instance":       {"tandem:instance", "x", "tandem:instance is damaged"},
		"newer instance": {"tandem:instance", "2 x", "format 2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, _ := mini(t)
			s := open(t, "redis://"+m.Addr())
			set(c.key, c.value)(t, m)
			_, err := s.Acquire(t.Context(), "w", "b", time.Hour, 0)
			says(t, err, c.word)
			if !errors.Is(err, redis.ErrUnreadable) {
				t.Errorf("%v, want ErrUnreadable", err)
			}
			if got, _ := m.Get(c.key); got != c.value {
				t.Errorf("what could not be read was overwritten by %q", got)
			}
		})
	}
}

func TestEpochNeverExpiresAndLeaseDoes(t *testing.T) {
	t.Parallel()
	m, _ := mini(t)
	s := open(t, "redis://"+m.Addr())
	for range 2 {
		if _, err := s.Acquire(t.Context(), "w", "a", time.Minute, 0); err != nil {
			t.Fatal(err)
		}
		if lease, epoch := m.TTL("tandem:lease:w"), m.TTL("tandem:epoch:w"); lease != time.Minute || epoch != 0 {
			t.Errorf("the lease lives %v, the epoch %v (0 is for ever)", lease, epoch)
		}
	}
	if err := saves(t, s); err != nil || m.TTL(posKey) != 0 || m.TTL("tandem:instance") != 0 {
		t.Errorf("%v; position lives %v, instance %v", err, m.TTL(posKey), m.TTL("tandem:instance"))
	}
	if _, err := s.Take(t.Context(), "l", 3, time.Minute); err != nil || m.TTL("tandem:rate:l") != time.Minute {
		t.Errorf("%v; a limit's times live %v", err, m.TTL("tandem:rate:l"))
	}
}

func TestServersClockSetBackDoesNotStopCalls(t *testing.T) {
	t.Parallel()
	m, pass := mini(t)
	s := open(t, "redis://"+m.Addr())
	for range 2 {
		_, _ = s.Take(t.Context(), "l", 1, time.Minute)
	}
	pass(0)
	m.SetTime(time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC))
	if wait, err := s.Take(t.Context(), "l", 1, time.Minute); err != nil || wait != 0 {
		t.Errorf("wait %v, %v", wait, err)
	}
}

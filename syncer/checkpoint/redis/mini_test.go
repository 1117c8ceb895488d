package redis_test

import (
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/tandem-sync/tandem/syncer/checkpoint/checkpointtest"
	"github.com/tandem-sync/tandem/syncer/checkpoint/redis"
)

const instance = "0123456789abcdef"

func open(t *testing.T, url string) *redis.Store {
	t.Helper()
	s, err := redis.Open(t.Context(), url, "tandem", instance)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func mini(t *testing.T) (server *miniredis.Miniredis, pass func(time.Duration)) {
	t.Helper()
	m := miniredis.RunT(t)
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	m.SetTime(now)
	return m, func(d time.Duration) {
		now = now.Add(d)
		m.SetTime(now)
		m.FastForward(d)
	}
}

func TestSuiteOnMiniredis(t *testing.T) {
	t.Parallel()
	checkpointtest.Run(t, func(t *testing.T) checkpointtest.Setup {
		t.Helper()
		m, pass := mini(t)
		url := "redis://" + m.Addr()
		return checkpointtest.Setup{Store: open(t, url), Other: open(t, url), Pass: pass, Virtual: true}
	})
}

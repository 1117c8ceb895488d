package local_test

import (
	"sync"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/syncer/checkpoint/checkpointtest"
	"github.com/tandem-sync/tandem/syncer/checkpoint/local"
)

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func TestSuite(t *testing.T) {
	t.Parallel()
	checkpointtest.Run(t, func(*testing.T) checkpointtest.Setup {
		c := &clock{now: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
		s := local.New(c.Now)
		return checkpointtest.Setup{Store: s, Other: s, Pass: c.Pass, Virtual: true}
	})
}

func TestNothingToWarnOf(t *testing.T) {
	t.Parallel()
	if warnings, err := local.New(nil).Health(t.Context()); err != nil || len(warnings) != 0 {
		t.Errorf("Health: %v, %v", warnings, err)
	}
}

func TestClockSetBackDoesNotStopCalls(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2000} {
		c := &clock{now: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
		s := local.New(c.Now)
		for range n {
			_, _ = s.Take(t.Context(), "l", n, time.Minute)
		}
		c.Pass(-time.Hour)
		if wait, err := s.Take(t.Context(), "l", n, time.Minute); err != nil || wait != 0 {
			t.Errorf("limit of %d: wait %v, %v an hour before the last call", n, wait, err)
		}
	}
}

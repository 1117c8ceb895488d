package simkit

import (
	"sync"
	"time"
)

// Clock tells a twin's time: the machine's, or another, moved at will.
// The zero value is the machine's clock.
type Clock struct {
	mu     sync.RWMutex
	source func() time.Time
	offset time.Duration
}

// NewClock returns a clock that reads source; nil means the machine's clock.
func NewClock(source func() time.Time) *Clock { return &Clock{source: source} }

// Now returns the twin's present time in UTC.
func (c *Clock) Now() time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.source == nil {
		return time.Now().Add(c.offset).UTC()
	}
	return c.source().Add(c.offset).UTC()
}

// Advance moves the clock by d; a negative d moves it back.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
}

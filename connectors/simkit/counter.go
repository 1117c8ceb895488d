package simkit

import (
	"maps"
	"sync"
)

// Class says what a call does, as the twin that answers it sees it.
type Class int

// The classes of call.
const (
	// Read is a call that changes nothing, a search by POST included.
	Read Class = iota
	// Write is a call that may change records.
	Write
	// Auth is a call to the token server.
	Auth
)

// Counter counts the calls a twin was sent. Its zero value is ready for
// concurrent use.
type Counter struct {
	mu     sync.Mutex
	routes map[string]int64
	class  [Auth + 1]int64
}

// Counts is a copy of what a Counter holds.
type Counts struct {
	Total  int64            `json:"total"`
	Reads  int64            `json:"reads"`
	Writes int64            `json:"writes"`
	Auth   int64            `json:"auth"`
	Routes map[string]int64 `json:"routes"`
}

// Count adds one call; route is the path with ids left out.
func (c *Counter) Count(class Class, method, route string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.routes == nil {
		c.routes = map[string]int64{}
	}
	c.routes[method+" "+route]++
	c.class[class]++
}

// Snapshot returns the calls per "METHOD route".
func (c *Counter) Snapshot() map[string]int64 { return c.Counts().Routes }

// Counts returns all counts at one moment.
func (c *Counter) Counts() Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	routes := maps.Clone(c.routes)
	if routes == nil {
		routes = map[string]int64{}
	}
	return Counts{
		Total: c.class[Read] + c.class[Write] + c.class[Auth],
		Reads: c.class[Read], Writes: c.class[Write], Auth: c.class[Auth],
		Routes: routes,
	}
}

// Total returns all calls counted.
func (c *Counter) Total() int64 { return c.Counts().Total }

// Reads returns the calls classed as reads.
func (c *Counter) Reads() int64 { return c.Counts().Reads }

// Writes returns the calls classed as writes.
func (c *Counter) Writes() int64 { return c.Counts().Writes }

// Reset sets every count to nought.
func (c *Counter) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.routes = nil
	c.class = [Auth + 1]int64{}
}

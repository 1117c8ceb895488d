package simkit

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// Fault is one misbehaviour asked of a twin.
type Fault struct {
	// Kind names the misbehaviour; see Middleware for those every twin knows.
	Kind string `json:"kind"`
	// PathPrefix limits the fault to paths that begin with it; empty means all.
	PathPrefix string `json:"path_prefix,omitempty"`
	// Times is how many calls it spoils; 0 means until faults are reset.
	Times int `json:"times,omitempty"`
	// Method limits the fault to one HTTP method; empty means all.
	Method string `json:"method,omitempty"`
	// After lets that many matching calls pass first.
	After int `json:"after,omitempty"`
	// LatencyMS is the wait of the kinds that wait.
	LatencyMS int `json:"latency_ms,omitempty"`
	// Value is what the kind says it is: a status, an address, a duration.
	Value string `json:"value,omitempty"`
	// Rows limits row-wise kinds to these record ids or values.
	Rows []string `json:"rows,omitempty"`
}

// Duration reads Value as a duration, else LatencyMS, else fallback.
func (f Fault) Duration(fallback time.Duration) time.Duration {
	if d, err := time.ParseDuration(f.Value); err == nil {
		return d
	}
	if f.LatencyMS > 0 {
		return time.Duration(f.LatencyMS) * time.Millisecond
	}
	return fallback
}

// MatchesRow reports whether a row-wise fault spoils a row known by any of
// these ids or values; without Rows only the first row offered is spoiled,
// which is the caller's to see to.
func (f Fault) MatchesRow(values ...string) bool {
	for _, v := range values {
		if v != "" && slices.Contains(f.Rows, v) {
			return true
		}
	}
	return false
}

// Faults is the list of faults that wait for a matching call. It is safe for
// concurrent use, and its zero value is empty.
type Faults struct {
	// Alias, when set before use, maps a path to one canonical spelling, so
	// that a prefix given for one API version matches the others too.
	Alias func(path string) string

	mu   sync.Mutex
	list []*Fault
}

// Add appends a fault.
func (f *Faults) Add(fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, &fault)
}

// Reset forgets every fault.
func (f *Faults) Reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = nil
}

// Take returns the first live fault of one of these kinds that matches the
// call, and uses up one of its times. Ask once per call and kind: each asking
// counts as a call for After and Times.
func (f *Faults) Take(method, path string, kinds ...string) (Fault, bool) {
	return f.TakeWhere(method, path, func(fault Fault) bool { return slices.Contains(kinds, fault.Kind) })
}

func (f *Faults) matches(fault *Fault, method, path string) bool {
	if fault.Method != "" && !strings.EqualFold(fault.Method, method) {
		return false
	}
	if strings.HasPrefix(path, fault.PathPrefix) {
		return true
	}
	return f.Alias != nil && strings.HasPrefix(f.Alias(path), f.Alias(fault.PathPrefix))
}

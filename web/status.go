package web

import (
	"context"
	"time"
)

// Source tells how the daemon stands.
type Source interface {
	// Status is everything the page shows. It may be a few seconds old.
	Status(ctx context.Context) (Status, error)
	// Ready says why work cannot be done, or nil.
	Ready(ctx context.Context) error
}

// Control acts on jobs. Each method tells whether there is such a job.
type Control interface {
	Trigger(job string) bool
	Pause(job string) bool
	Resume(job string) bool
}

// Status is how the daemon stands. It holds counts, names and causes, never a
// value of a record.
type Status struct {
	Version  string    `json:"version"`
	At       time.Time `json:"at"`
	Started  time.Time `json:"started"`
	Revision string    `json:"revision"`
	Applied  bool      `json:"applied"`           // the revision was applied: schedules write
	Waiting  string    `json:"waiting,omitempty"` // a revision that was loaded and waits for its apply
	Refused  []string  `json:"refused,omitempty"` // why the last reload was refused
	Draining bool      `json:"draining"`
	Systems  []System  `json:"systems"`
	Breakers []Breaker `json:"breakers"` // open now
	Holds    []Holds   `json:"holds"`
	Jobs     []Job     `json:"jobs"`
	Runs     []Run     `json:"runs"` // newest first
}

// System is one connected system.
type System struct {
	Name        string    `json:"name"`
	Type        string    `json:"type"`
	Role        string    `json:"role"`
	Account     string    `json:"account"`
	LastSuccess time.Time `json:"last_success,omitzero"`
	Objects     []Object  `json:"objects"`
	Gaps        []Gap     `json:"gaps,omitempty"`
	// Observed are the fields that are read only, because another integration
	// writes them or the configuration says so.
	Observed []string `json:"observed,omitempty"`
}

// Object is one remote object of a system.
type Object struct {
	Name string `json:"name"`
	As   string `json:"as"`
	// Links counts the records there that are tied to an entity.
	Links int `json:"links"`
	// CompleteTo is the system's time up to which every change was read; zero
	// before the first read has ended.
	CompleteTo time.Time `json:"complete_to,omitzero"`
	LagSeconds float64   `json:"lag_seconds"`
	ReadOnly   bool      `json:"read_only,omitempty"`
}

// Gap is what an account lacks and what follows from that.
type Gap struct {
	Object string `json:"object,omitempty"`
	What   string `json:"what"`
	Effect string `json:"effect"`
}

// Breaker is a breaker that stops writes until a person looks.
type Breaker struct {
	Rule   string `json:"rule"`
	System string `json:"system"`
	Object string `json:"object"`
	Field  string `json:"field,omitempty"`
	N      int    `json:"n"`
	Of     int    `json:"of"`
	Limit  string `json:"limit"`
}

// Holds counts what is held for one reason.
type Holds struct {
	Reason string      `json:"reason"`
	N      int         `json:"n"`
	Groups []HoldGroup `json:"groups"` // the largest
	More   int         `json:"more,omitempty"`
}

// HoldGroup counts what is held for one cause.
type HoldGroup struct {
	System string    `json:"system"`
	Object string    `json:"object,omitempty"`
	Cause  string    `json:"cause"`
	Detail string    `json:"detail,omitempty"`
	N      int       `json:"n"`
	Oldest time.Time `json:"oldest,omitzero"`
}

// Job is a job of the schedule.
type Job struct {
	Name    string    `json:"name"`
	Next    time.Time `json:"next,omitzero"`
	Last    time.Time `json:"last,omitzero"`
	Running bool      `json:"running"`
	Paused  bool      `json:"paused"`
	Error   string    `json:"error,omitempty"`
	Skipped int       `json:"skipped"`
}

// Run is one run of the past.
type Run struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind"`
	Started  time.Time `json:"started"`
	Ended    time.Time `json:"ended,omitzero"` // zero while it runs
	Outcome  string    `json:"outcome,omitempty"`
	Created  int       `json:"created"`
	Updated  int       `json:"updated"`
	Archived int       `json:"archived"`
	Unsent   int       `json:"not_written"` // refused, to be tried again, unconfirmed or changed meanwhile
	Failures []string  `json:"failures,omitempty"`
}

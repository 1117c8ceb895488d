// Package harness holds the tests that run Tandem as a whole for longer than
// a unit test would: faults and edits at random between the twins.
package harness

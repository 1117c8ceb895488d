// Package mapping turns what a system holds into the canonical model and back:
// one field map per object, written in YAML, both directions of a field in one
// entry where they mirror. A map is checked as a whole when it is compiled
// (every mistake with its place), and from then on is pure: it does no I/O,
// logs nothing, reads no clock, and may be used from several goroutines.
//
// A field that cannot be mapped is left out of the result and named in the
// problems: one field is parked before one record is. Problems carry no values.
package mapping

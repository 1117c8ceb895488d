package connectortest

import "github.com/tandem-sync/tandem/connectors/simkit"

type faultKind = simkit.Fault

// once is a fault that spoils one call.
func once(kind string) faultKind { return faultKind{Kind: kind, Times: 1} }

// always is a fault that stays until faults are reset.
func always(kind string) faultKind { return faultKind{Kind: kind} }

// after is a fault that lets n calls pass, then spoils one.
func after(n int, kind string) faultKind { return faultKind{Kind: kind, After: n, Times: 1} }

// on is a fault that spoils a row once.
func on(row, kind string) faultKind { return faultKind{Kind: kind, Rows: []string{row}, Times: 1} }

package connectortest_test

import (
	"maps"
	"slices"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
)

// told gives every op a result of this status, whatever became of it.
func told(status connectors.Status, ops []connectors.Op) []connectors.Result {
	results := make([]connectors.Result, len(ops))
	for i, op := range ops {
		results[i] = connectors.Result{Op: op.ID, Status: status, RemoteID: op.RemoteID}
		if op.RemoteID == "" {
			results[i].RemoteID = "1"
		}
		if status == connectors.Rejected {
			results[i].Err = fault.New(fault.Invalid, fault.ScopeRow, "refused")
		}
	}
	return results
}

// lies sends nothing and says that all is done.
func lies(b *broken) {
	b.ops = func([]connectors.Op) []connectors.Op { return nil }
	b.results = func(ops []connectors.Op, _ []connectors.Result, _ error) ([]connectors.Result, error) {
		return told(connectors.Applied, ops), nil
	}
}

// onFailure says of what failed as a whole that each row has this status.
func onFailure(status connectors.Status) func(*broken) {
	return func(b *broken) {
		b.results = func(ops []connectors.Op, results []connectors.Result, err error) ([]connectors.Result, error) {
			unknown := func(r connectors.Result) bool { return r.Status == connectors.Unknown }
			if err != nil || slices.ContainsFunc(results, unknown) {
				return told(status, ops), nil //nolint:nilerr // that is the fault
			}
			return results, nil
		}
	}
}

// onRejected changes the results that are refusals.
func onRejected(change func(*connectors.Result)) func(*broken) {
	return func(b *broken) {
		b.results = func(_ []connectors.Op, results []connectors.Result, err error) ([]connectors.Result, error) {
			for i := range results {
				if results[i].Status == connectors.Rejected {
					change(&results[i])
				}
			}
			return results, err
		}
	}
}

func saysApplied(r *connectors.Result) { r.Status, r.Err, r.RemoteID = connectors.Applied, nil, "1" }

// without sends ops without some of their values.
func without(drop func(name string, v record.Value) bool) func(*broken) {
	return func(b *broken) {
		b.ops = func(ops []connectors.Op) []connectors.Op {
			ops = slices.Clone(ops)
			for i := range ops {
				ops[i].Fields = maps.Clone(ops[i].Fields)
				maps.DeleteFunc(ops[i].Fields, drop)
			}
			return ops
		}
	}
}

func writeMutants() []mutant {
	held := map[string]connectors.Record{}
	return []mutant{
		{"update", "said to be stored, but is not", lies},
		{"clear", "", without(func(_ string, v record.Value) bool { return v.IsNull() })},
		{"create", "the record made holds", without(func(name string, _ record.Value) bool { return name == "jobtitle" })},
		{"create with the same key twice", "not told as adopted", func(b *broken) {
			b.results = func(_ []connectors.Op, results []connectors.Result, err error) ([]connectors.Result, error) {
				for i := range results {
					results[i].Adopted = false
				}
				return results, err
			}
		}},
		{"archive", "still there", lies},
		{"read by id", "read 1 records", func(b *broken) {
			b.read = func(got []connectors.Record) []connectors.Record { return got[:min(1, len(got))] }
		}},
		{"read after write", "does not see it", func(b *broken) {
			b.read = func(got []connectors.Record) []connectors.Record {
				for i, r := range got {
					if old, seen := held[r.ID]; seen {
						got[i] = old
					}
					held[r.ID] = got[i]
				}
				return got
			}
		}},
		{"lookup", "looked up two values", func(b *broken) {
			b.lookup = func(got [][]connectors.Record) [][]connectors.Record { return got[1:] }
		}},
		{"write echo", "the reply tells no version", func(b *broken) {
			b.results = func(_ []connectors.Op, results []connectors.Result, err error) ([]connectors.Result, error) {
				for i := range results {
					results[i].Echo = nil
				}
				return results, err
			}
		}},
		{"update of a missing record", "an update of a missing record is", onRejected(saysApplied)},
		{"deletions are told", "is not told", func(b *broken) {
			b.gone = func(_ connectors.Query, p connectors.Page, err error) (connectors.Page, error) {
				p.Gone = nil
				return p, err
			}
		}},
	}
}

func lossMutants() []mutant {
	return []mutant{
		{"reply to a create lost", "is said not to have", onFailure(connectors.Rejected)},
		{"reply to an update lost", "said not to be stored, but is", func(b *broken) {
			b.results = func(ops []connectors.Op, _ []connectors.Result, _ error) ([]connectors.Result, error) {
				return told(connectors.Rejected, ops), nil
			}
		}},
		{"cut before the write", "0 records", lies},
		{"unreadable reply to a create", "is said not to have", onFailure(connectors.Rejected)},
		{"partial batch failure", "said to be stored, but is not", onRejected(saysApplied)},
		{"locked row", "want one of", func(b *broken) {
			b.results = func([]connectors.Op, []connectors.Result, error) ([]connectors.Result, error) {
				return nil, fault.New(fault.Invalid, fault.ScopeBatch, "refused")
			}
		}},
		{"whole batch refused", "said to be stored, but is not", onFailure(connectors.Applied)},
		{"rate limit while writing", "said to be stored, but is not", lies},
		{"server error while writing", "said to be stored, but is not", lies},
		{"server error while creating", "0 records", lies},
	}
}

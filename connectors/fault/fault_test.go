package fault_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors/fault"
)

func TestErrorSaysWhatWhereAndNext(t *testing.T) {
	t.Parallel()
	until := time.Date(2026, 11, 23, 9, 0, 0, 0, time.FixedZone("", 3600))
	cases := map[string]struct {
		err  *fault.Error
		want string
	}{
		"bare":  {&fault.Error{}, "unclassified"},
		"class": {&fault.Error{Class: fault.OutcomeUnknown}, "outcome unknown"},
		"all": {
			&fault.Error{
				Class: fault.RateLimited, System: "crm", Op: "search contacts", Status: 429, Code: "LIMIT", Field: "Email",
				Detail: "too many", Err: errors.New("cause"), Until: until, Next: "lower the rate",
			},
			"crm: search contacts: rate limited (HTTP 429) LIMIT on field Email: too many: cause; again at 2026-11-23T08:00:00Z; lower the rate",
		},
		"made": {fault.New(fault.Invalid, fault.ScopeRow, "row %d", 7), "invalid: row 7"},
	}
	for name, c := range cases {
		if got := c.err.Error(); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestLater(t *testing.T) {
	t.Parallel()
	later := map[fault.Class]bool{
		fault.Unclassified: true, fault.Transient: true, fault.RateLimited: true, fault.Exhausted: true, fault.Locked: true,
		fault.Auth: false, fault.Permission: false, fault.Invalid: false, fault.Conflict: false, fault.Stale: true,
		fault.Missing: false, fault.Merged: false, fault.Unsupported: false, fault.Expired: true, fault.Malformed: true,
		fault.Forbidden: false, fault.Canceled: true, fault.OutcomeUnknown: true,
	}
	names := map[string]bool{}
	for c := fault.Unclassified; c <= fault.OutcomeUnknown; c++ {
		want, listed := later[c]
		if !listed || c.Later() != want {
			t.Errorf("%s: later is %t, want %t", c, c.Later(), want)
		}
		if names[c.String()] {
			t.Errorf("two classes are called %s", c)
		}
		names[c.String()] = true
	}
	if beyond := fault.OutcomeUnknown + 1; beyond.Later() || beyond.String() != "unclassified" {
		t.Error("a class that is none works later")
	}
}

func TestAsAndIs(t *testing.T) {
	t.Parallel()
	inner := fault.New(fault.Conflict, fault.ScopeRow, "taken: %w", context.Canceled)
	wrapped := fmt.Errorf("writing: %w", inner)
	if fault.As(wrapped) != inner || !fault.Is(wrapped, fault.Conflict) || fault.ClassOf(wrapped) != fault.Conflict || !errors.Is(wrapped, context.Canceled) {
		t.Error("a wrapped fault is not found")
	}
	foreign := errors.New("foreign")
	if f := fault.As(foreign); f.Class != fault.Unclassified || f.Scope != fault.ScopeCall || !errors.Is(f, foreign) {
		t.Errorf("a foreign error is %+v", f)
	}
	if fault.As(nil) != nil || fault.Is(nil, fault.Unclassified) || !fault.Is(foreign, fault.Unclassified) {
		t.Error("no error is no fault")
	}
	f := fault.As(fault.ErrUnsupported("crm", "Lead", "archive"))
	if f.Class != fault.Unsupported || f.Scope != fault.ScopeObject || f.Error() != "crm: archive: unsupported: not supported for Lead" {
		t.Errorf("%+v", f)
	}
}

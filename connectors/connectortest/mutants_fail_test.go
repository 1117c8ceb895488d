package connectortest_test

import (
	"context"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

// swallows takes a failed read for the end of what there is.
func swallows(b *broken) {
	b.changes = onPage(func(q connectors.Query, p *connectors.Page, err error) error {
		if err != nil {
			*p = connectors.Page{Next: q.Cursor + "x"}
		}
		return nil
	})
}

// impatient drops a page that it had to wait for.
func impatient(b *broken) {
	b.changes = func(ctx context.Context, q connectors.Query, next pages) (connectors.Page, error) {
		begun := time.Now()
		p, err := next(ctx, q)
		if time.Since(begun) > 0 {
			p.Records = nil
		}
		return p, err
	}
}

// outlives goes on when it is told to stop.
func outlives(b *broken) {
	b.changes = func(ctx context.Context, q connectors.Query, next pages) (connectors.Page, error) {
		return next(context.WithoutCancel(ctx), q)
	}
}

func failMutants() []mutant {
	return []mutant{
		{"rate limit", "not delivered", impatient},
		{"rate limit of the day", "no error, want", swallows},
		{"server error", "no error, want", swallows},
		{"html", "no error, want", swallows},
		{"reset", "no error, want", swallows},
		{"truncate", "no error, want", swallows},
		{"oversize", "no error, want", swallows},
		{"gzip bomb", "no error, want", swallows},
		{"hang", "not delivered", swallows},
		{"slow body", "not delivered", swallows},
		{"cancellation", "want one of [canceled]", outlives},
		{"ended context", "succeeds", outlives},
		{"cancelled write", `is "applied"`, lies},
		{"side by side", "records", spoiled(func(_ connectors.Query, p *connectors.Page) { p.Records = p.Records[1:] })},
		{"nothing secret is shown", "shows a secret", func(b *broken) {
			b.changes = onPage(func(_ connectors.Query, _ *connectors.Page, err error) error {
				if err != nil {
					return fault.New(fault.Transient, fault.ScopeSystem, "the key %s was refused", b.secret)
				}
				return nil
			})
		}},
	}
}

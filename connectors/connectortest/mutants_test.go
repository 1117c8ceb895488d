package connectortest_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// onPage spoils the pages of changes.
func onPage(spoil func(connectors.Query, *connectors.Page, error) error) func(context.Context, connectors.Query, pages) (connectors.Page, error) {
	return func(ctx context.Context, q connectors.Query, next pages) (connectors.Page, error) {
		p, err := next(ctx, q)
		err = spoil(q, &p, err)
		return p, err
	}
}

// spoiled spoils the pages that came.
func spoiled(spoil func(connectors.Query, *connectors.Page)) func(*broken) {
	return func(b *broken) {
		b.changes = onPage(func(q connectors.Query, p *connectors.Page, err error) error {
			if err == nil {
				spoil(q, p)
			}
			return err
		})
	}
}

// metaMutants misbehave in what they tell about themselves.
func metaMutants() []mutant {
	return []mutant{
		{"check names the account", "the account is", func(b *broken) {
			n := 0
			b.check = func(a connectors.Account, err error) (connectors.Account, error) {
				n++
				a.ID += strings.Repeat("x", n)
				return a, err
			}
		}},
		{"check with refused credentials", "want one of [auth]", func(b *broken) {
			b.check = func(a connectors.Account, err error) (connectors.Account, error) {
				return a, fault.New(fault.Transient, fault.ScopeSystem, "try again: %v", err != nil)
			}
		}},
		{"describe agrees with itself", "twice", func(b *broken) {
			b.catalog = func(_ context.Context, c *schema.Catalog) {
				c.Objects = slices.Clone(c.Objects)
				fields := c.Objects[0].Fields
				c.Objects[0].Fields = append(slices.Clone(fields), fields[0])
			}
		}},
		{"describe is cached", "asking again cost", func(b *broken) {
			b.catalog = func(ctx context.Context, _ *schema.Catalog) { _, _ = b.whole.Check(ctx) }
		}},
		{"undeclared is unsupported", "does not declare Gone", func(b *broken) {
			b.gone = func(_ connectors.Query, p connectors.Page, _ error) (connectors.Page, error) { return p, nil }
		}},
		{"unknown object", "answers without an error", func(b *broken) {
			b.changes = onPage(func(_ connectors.Query, p *connectors.Page, err error) error {
				if err != nil {
					p.Next = "end"
				}
				return nil
			})
		}},
	}
}

// unlessAfter drops what is not newer than the newest of the pages before: a
// cursor that keeps the time alone.
func unlessAfter(drop func(at, newest time.Time) bool) func(*broken) {
	var newest time.Time
	return spoiled(func(q connectors.Query, p *connectors.Page) {
		before := newest
		for _, r := range p.Records {
			if r.Modified.After(newest) {
				newest = r.Modified
			}
		}
		if q.Cursor != "" {
			p.Records = slices.DeleteFunc(p.Records, func(r connectors.Record) bool { return drop(r.Modified, before) })
		}
	})
}

func readMutants() []mutant {
	asked, turned := 0, 0
	return []mutant{
		{"25,000 at one timestamp", "not delivered", spoiled(func(_ connectors.Query, p *connectors.Page) {
			turned++
			p.More = p.More && turned < 100
		})},
		{"first read", "not delivered", spoiled(func(_ connectors.Query, p *connectors.Page) { p.Records = p.Records[:len(p.Records)-1] })},
		{"page caps", "declared are", spoiled(func(_ connectors.Query, p *connectors.Page) { p.Records = slices.Repeat(p.Records, 3) })},
		{"changes since", "not delivered", spoiled(lostOnceBegun)},
		{"cursor ties", "not delivered", unlessAfter(func(at, newest time.Time) bool { return !at.After(newest) })},
		{"late-visible rows", "not delivered", unlessAfter(time.Time.Before)},
		{"cursor asked twice", "or others", spoiled(func(_ connectors.Query, p *connectors.Page) {
			if asked++; asked == 2 {
				p.Records = p.Records[1:]
			}
		})},
		{"only asked fields", "was not asked for", spoiled(func(_ connectors.Query, p *connectors.Page) {
			for _, r := range p.Records {
				if r.Fields != nil {
					r.Fields["extra"] = record.OfString("x")
				}
			}
		})},
		{"values as stored", "delivered", spoiled(func(_ connectors.Query, p *connectors.Page) {
			for _, r := range p.Records {
				for name, v := range r.Fields {
					r.Fields[name] = record.OfString(strings.ReplaceAll(v.Text(), "&amp;", "&"))
				}
			}
		})},
		{"split covers everything once", "in two ranges", func(b *broken) {
			b.split = func(qs []connectors.Query) []connectors.Query { return append(qs, qs[0]) }
		}},
		{"calls of a thousand rows", "allowed are", func(b *broken) {
			b.changes = func(ctx context.Context, q connectors.Query, next pages) (connectors.Page, error) {
				_, _ = b.whole.Check(ctx)
				return next(ctx, q)
			}
		}},
	}
}

func lostOnceBegun(q connectors.Query, p *connectors.Page) {
	if q.Cursor != "" {
		p.Records = nil
	}
}

func pageMutants() []mutant {
	return []mutant{
		{"repeated page", "not delivered", spoiled(lostOnceBegun)},
		{"foreign next link", "the foreign origin saw", func(b *broken) { b.wire = b.followAll }},
		{"empty page", "not delivered", spoiled(func(_ connectors.Query, p *connectors.Page) { p.More = p.More && len(p.Records) > 0 })},
		{"expired cursor", "not delivered", func(b *broken) {
			b.changes = onPage(func(q connectors.Query, p *connectors.Page, err error) error {
				if fault.Is(err, fault.Expired) {
					p.Next = q.Cursor
					return nil
				}
				return err
			})
		}},
		{"merge while reading", "not delivered", spoiled(lostOnceBegun)},
		{"expired token mid-page", "not delivered", spoiled(lostOnceBegun)},
		{"stale read", "did not move the version", func(b *broken) {
			b.read = func(got []connectors.Record) []connectors.Record {
				for i := range got {
					got[i].Version = "1"
				}
				return got
			}
		}},
		{"foreign redirect", "the foreign origin saw", func(b *broken) {
			b.wire = func(req *http.Request, res *http.Response, err error) (*http.Response, error) {
				if err != nil || res.StatusCode/100 != 3 {
					return res, err
				}
				return res, b.follow(req, res.Header.Get("Location"))
			}
		}},
	}
}

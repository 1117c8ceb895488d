package salesforce

import (
	"context"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

// Split divides a first read of a large object into ranges of ids, or leaves
// it to one bulk query. A small one stays one chain: there, finding the ranges
// would cost more calls than it saves time.
func (c *Connector) Split(ctx context.Context, q connectors.Query) ([]connectors.Query, error) {
	o, ok := objectNamed(q.Object)
	if !ok {
		return nil, fault.ErrUnsupported(c.name, q.Object, "split a read")
	}
	if q.Cursor != "" || q.Range != "" {
		return []connectors.Query{q}, nil
	}
	rows := c.meta.rows(ctx, q.Object)
	if err := ctx.Err(); err != nil {
		return nil, fault.New(fault.Canceled, fault.ScopeCall, "splitting a read: %w", err)
	}
	bulk := !c.cfg.Bulk.Off && c.cfg.Bulk.QueryAbove > 0 && rows > c.cfg.Bulk.QueryAbove && !o.archive
	if !bulk && (rows <= c.cfg.Split.Above || c.cfg.Split.Ranges < 2) {
		return []connectors.Query{q}, nil
	}
	low, s, err := c.bound(ctx, o, "")
	if err != nil {
		return nil, err
	}
	if bulk {
		s.Bulk = true
		q.Range = s.String()
		return []connectors.Query{q}, nil
	}
	high, _, err := c.bound(ctx, o, " DESC")
	if err != nil {
		return nil, err
	}
	return ranges(q, s, cutPoints(low, high, c.cfg.Split.Ranges)), nil
}

// bound returns the lowest or highest id, and Salesforce's time.
func (c *Connector) bound(ctx context.Context, o object, direction string) (string, span, error) {
	s := selection{object: o.name, fields: []string{fieldID}, order: fieldID + direction, limit: 1}
	if o.filter != "" {
		s.where = []string{o.filter}
	}
	resource := plainQuery
	if o.archive {
		resource = allQuery
	}
	reply, err := c.api.query(ctx, resource, s)
	if err != nil {
		return "", span{}, err
	}
	if len(reply.Records) == 0 {
		return "", span{Until: reply.at}, nil
	}
	return longID(value(reply.Records[0], fieldID)), span{Until: reply.at}, nil
}

func ranges(q connectors.Query, s span, cuts []string) []connectors.Query {
	out := make([]connectors.Query, 0, len(cuts)+1)
	for i := range len(cuts) + 1 {
		part := s
		if i > 0 {
			part.Low = cuts[i-1]
		}
		if i < len(cuts) {
			part.High = cuts[i]
		}
		one := q
		one.Range = part.String()
		out = append(out, one)
	}
	return out
}

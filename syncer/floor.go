package syncer

import (
	"strings"

	"github.com/tandem-sync/tandem/connectors"
)

// Calls is a number of API calls and what they did.
type Calls struct {
	Reads, Writes    int64
	Created, Updated int
}

// Floor is the least number of calls by which the cycle's work can be done:
// every row read once at the largest page, every row written once at the
// largest batch, every row read back once where the write's reply does not
// carry it. An object with nothing new costs one read.
func (e *Engine) Floor(out Outcome) map[string]Calls {
	calls := map[string]Calls{}
	for _, p := range out.Pulled {
		c := calls[p.System]
		caps := e.system(p.System).object(p.Object).Schema.Caps
		page := caps.PageSize
		if p.First && caps.FirstPage > 0 {
			page = caps.FirstPage
		}
		c.Reads += int64(max(1, ceilDiv(p.Rows, page)))
		calls[p.System] = c
	}
	for id, n := range out.Pushed.ByObject {
		parts := strings.SplitN(id, "/", 3)
		caps := e.system(parts[0]).object(parts[1]).Schema.Caps
		c := calls[parts[0]]
		c.Writes += int64(ceilDiv(n, caps.BatchWrite))
		if !caps.Echo {
			c.Reads += int64(ceilDiv(n, caps.BatchRead))
		}
		switch connectors.OpKind(parts[2]) {
		case connectors.Create:
			c.Created += n
		case connectors.Update:
			c.Updated += n
		case connectors.Archive:
		}
		calls[parts[0]] = c
	}
	return calls
}

package mautic

import (
	"context"
	"regexp"
	"time"

	"github.com/tandem-sync/tandem/connectors"
)

// auditKept is after how long Mautic's own clean-up forgets the audit log,
// unless it is told otherwise.
const auditKept = 365 * 24 * time.Hour

// mergedInto finds the winner in what PHP serialized.
var mergedInto = regexp.MustCompile(`"merged_into";(?:i:(\d+);|s:\d+:"(\d+)";)`)

// Gone reads deletions and merges from the audit log: nothing else remembers
// them.
func (c *Connector) Gone(ctx context.Context, q connectors.Query) (connectors.Page, error) {
	k, ok := kindOf(q.Object)
	if !ok {
		return connectors.Page{}, c.unsupported(q.Object, "tell what disappeared")
	}
	cur, err := readCursor(q.Cursor)
	if err != nil {
		return connectors.Page{}, err
	}
	page, err := c.rows(ctx, auditTable(k), &cur)
	if err != nil {
		return connectors.Page{}, err
	}
	var p connectors.Page
	for _, r := range page.rows {
		g := connectors.Gone{Object: k.name, ID: r["object_id"].s, Kind: connectors.GoneDeleted, At: instant(r["date_added"].s)}
		if m := mergedInto.FindStringSubmatch(r["details"].s); m != nil && r["action"].s == "merge" {
			g.Kind, g.IntoObject, g.IntoID = connectors.GoneMerged, k.name, m[1]+m[2]
		}
		p.Gone = append(p.Gone, g)
	}
	if page.more {
		return cur.on(p), nil
	}
	return cur.end(p, c.cfg.Overlap), nil
}

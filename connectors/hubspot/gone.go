package hubspot

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
)

// The halves of a pass of Gone: a mode and a token of cursors.
const (
	modeBin     = "bin"    // the recycling bin
	tokenMerges = "merges" // the survivors of merges
)

// Gone reads the recycling bin, where HubSpot keeps what was deleted for 90
// days, then the survivors of merges, whose former ids appear nowhere else.
// Erasures for privacy leave no trace that can be asked for: only a complete
// sweep of the ids finds them.
func (c *Connector) Gone(ctx context.Context, q connectors.Query) (connectors.Page, error) {
	cur, err := readCursor(q.Cursor)
	if err != nil {
		return connectors.Page{}, err
	}
	if q.Object == "owners" {
		return c.goneOwners(ctx, cur)
	}
	k, ok := kindOf(q.Object)
	if !ok {
		return connectors.Page{}, c.unsupported(q.Object, "read deletions")
	}
	switch {
	case q.Cursor == "":
		cur = cursor{Mode: modeBin}
	case cur.Mode == modeDelta && cur.Token != tokenMerges:
		cur.Mode = modeBin // a new pass, with the place merges go on from
	}
	if cur.Mode == modeBin {
		return c.bin(ctx, k, cur)
	}
	return c.merges(ctx, k, cur)
}

// bin lists what was deleted since the pass before; the bin is in order of id,
// so it is read whole each time.
func (c *Connector) bin(ctx context.Context, k kind, cur cursor) (connectors.Page, error) {
	v := url.Values{"limit": {strconv.Itoa(listPage)}, "archived": {"true"}, "properties": {"hs_object_id"}}
	if cur.After != "" {
		v.Set("after", cur.After)
	}
	var answer page
	_, err := c.get(ctx, call{op: "list deleted " + k.name, object: k.name}, c.path.object(k.name, "?"+v.Encode()), &answer)
	if err != nil {
		return connectors.Page{}, expired(err, cur.After)
	}
	p := connectors.Page{More: true}
	for i := range answer.Results {
		r := &answer.Results[i]
		at := max(millis(r.ArchivedAt), 0)
		if at == 0 {
			at = millis(r.Updated)
		}
		if at >= cur.From {
			p.Gone = append(p.Gone, connectors.Gone{Object: k.name, ID: r.ID, Kind: connectors.GoneDeleted, At: moment(at)})
		}
	}
	after := answer.Paging.after()
	if after == cur.After {
		after = ""
	}
	if cur.After = after; after == "" {
		cur.Mode, cur.Token = modeDelta, tokenMerges
	}
	p.Next = cur.encode()
	return p, nil
}

// merges searches survivors changed since the pass before.
func (c *Connector) merges(ctx context.Context, k kind, cur cursor) (connectors.Page, error) {
	w := walk{c: c, kind: k, asked: asked{props: []string{"hs_merged_object_ids"}}}
	w.only = &filter{Property: "hs_merged_object_ids", Operator: "HAS_PROPERTY"}
	s, err := w.search(ctx, cur)
	if err != nil {
		return connectors.Page{}, err
	}
	p := connectors.Page{Next: s.next.encode(), More: s.more, CompleteTo: s.completeTo}
	for i := range s.rows {
		r := &s.rows[i]
		for id := range strings.SplitSeq(r.value("hs_merged_object_ids"), ";") {
			if id != "" && id != r.ID {
				p.Gone = append(p.Gone, connectors.Gone{
					Object: k.name, ID: id, Kind: connectors.GoneMerged, IntoObject: k.name, IntoID: r.ID, At: moment(w.stamp(r)),
				})
			}
		}
	}
	return p, nil
}

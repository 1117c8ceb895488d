package salesforce

import (
	"context"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

// settle finds out what some refusals do not say: where a deleted record was
// merged into, what a converted lead became, which campaign member is already
// there. A failure to find out leaves the refusal as it is.
func (c *Connector) settle(ctx context.Context, o object, s *sobject, ops []connectors.Op, results []connectors.Result) {
	byOp := make(map[string]connectors.Op, len(ops))
	for _, op := range ops {
		byOp[op.ID] = op
	}
	var moved []string
	var members []*fault.Error
	var pairs []connectors.Op
	for _, res := range results {
		f := fault.As(res.Err)
		if f == nil {
			continue
		}
		switch {
		case byOp[res.Op].Kind == connectors.Update && (f.Code == "ENTITY_IS_DELETED" || f.Class == fault.Merged) && s.has(fieldMaster):
			moved = append(moved, longID(byOp[res.Op].RemoteID))
		case o.name == campaignMember && f.Class == fault.Conflict && f.Existing == "":
			members, pairs = append(members, f), append(pairs, byOp[res.Op])
		}
	}
	c.settleMoved(ctx, o, s, moved, results)
	c.settleMembers(ctx, members, pairs)
}

func (c *Connector) settleMoved(ctx context.Context, o object, s *sobject, ids []string, results []connectors.Result) {
	rows, err := c.tombstones(ctx, &reader{object: o, describe: s}, ids)
	if err != nil {
		return
	}
	into := map[string]string{}
	for _, row := range rows {
		for _, field := range []string{fieldMaster, fieldConvertedTo} {
			if to := value(row, field); isID(to) {
				into[longID(value(row, fieldID))] = longID(to)
			}
		}
	}
	for i := range results {
		if to := into[results[i].RemoteID]; to != "" && results[i].Err != nil {
			f := fault.As(results[i].Err)
			f.Class, f.Existing = fault.Merged, to
		}
	}
}

// settleMembers looks for campaign members by campaign and person, which is
// what Salesforce keeps unique.
func (c *Connector) settleMembers(ctx context.Context, faults []*fault.Error, ops []connectors.Op) {
	if len(ops) == 0 {
		return
	}
	var where []string
	for _, op := range ops {
		field, id := person(op)
		campaign, _ := encoded(op.Fields["CampaignId"])
		if isID(id) && isID(campaign) {
			where = append(where, "(CampaignId = "+quote(campaign)+" AND "+field+" = "+quote(id)+")")
		}
	}
	const most = 50 // conditions a query has room for
	existing := map[string]string{}
	for len(where) > 0 {
		n := min(len(where), most)
		rows, err := c.api.all(ctx, plainQuery, selection{
			object: campaignMember, fields: []string{fieldID, "CampaignId", "LeadId", "ContactId"},
			where: []string{"(" + strings.Join(where[:n], " OR ") + ")"},
		})
		if err != nil {
			return
		}
		for _, row := range rows {
			for _, field := range []string{"LeadId", "ContactId"} {
				existing[longID(value(row, "CampaignId"))+longID(value(row, field))] = longID(value(row, fieldID))
			}
		}
		where = where[n:]
	}
	for i, op := range ops {
		_, id := person(op)
		campaign, _ := encoded(op.Fields["CampaignId"])
		faults[i].Existing = existing[longID(campaign)+longID(id)]
	}
}

func person(op connectors.Op) (field, id string) {
	for _, field := range []string{"ContactId", "LeadId"} {
		if text, null := encoded(op.Fields[field]); !null && text != "" {
			return field, text
		}
	}
	return "LeadId", ""
}

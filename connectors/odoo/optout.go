package odoo

import (
	"context"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

// optOut puts the addresses of those who opted out on the blacklist, before
// anything else is written: should that fail later, no mail is sent meanwhile.
func (w *write) optOut(ctx context.Context) error {
	addresses, err := w.addresses(ctx)
	if err != nil || len(addresses) == 0 {
		return err
	}
	listed := make([]string, 0, len(addresses))
	for _, a := range addresses {
		if !slices.Contains(listed, a) {
			listed = append(listed, a)
		}
	}
	slices.Sort(listed)
	err = w.blacklist(ctx, listed)
	if err == nil || !aboutRows(err) {
		return err
	}
	w.refuse(func(op connectors.Op) *fault.Error {
		if _, ok := addresses[op.ID]; !ok {
			return nil
		}
		f := rowFault(blacklistFault(err))
		f.Field = optOutField
		return f
	})
	return nil
}

// addresses are those of the ops that opt out, by op. What has none, or is not
// there, is refused.
func (w *write) addresses(ctx context.Context) (map[string]string, error) {
	given, unknown := map[string]string{}, []int64{}
	for _, op := range w.ops {
		switch v, ok := op.Fields[w.kind.email]; {
		case !isTrue(op.Fields[optOutField]):
		case ok && !v.IsAbsent(), op.Kind == connectors.Create:
			given[op.ID] = normalized(v.Text())
		default:
			unknown = append(unknown, number(op.RemoteID))
		}
	}
	held, err := w.addressesOf(ctx, unknown)
	if err != nil {
		return nil, err
	}
	w.refuse(func(op connectors.Op) *fault.Error {
		if !isTrue(op.Fields[optOutField]) {
			return nil
		}
		if _, ok := given[op.ID]; !ok {
			address, there := held[op.RemoteID]
			if !there {
				return &fault.Error{Class: fault.Missing, Scope: fault.ScopeRow}
			}
			given[op.ID] = address
		}
		if strings.Contains(given[op.ID], "@") {
			return nil
		}
		delete(given, op.ID)
		return &fault.Error{
			Class: fault.Invalid, Scope: fault.ScopeField, Field: optOutField, Detail: "Odoo notes an opt-out by the address, and this record has none",
		}
	})
	return given, nil
}

// addressesOf are the addresses that records have now, by id.
func (w *write) addressesOf(ctx context.Context, ids []int64) (map[string]string, error) {
	held := map[string]string{}
	if len(ids) == 0 {
		return held, nil
	}
	rows, err := w.c.search(ctx, w.kind.of(), query{object: w.kind.name, domain: domain{{"id", "in", ids}}, fields: []string{"email_normalized"}})
	for _, r := range rows {
		held[itoa(r.id())] = r.text("email_normalized")
	}
	return held, err
}

// blacklist adds addresses, and restores the entries that were archived: those
// Odoo would leave so.
func (w *write) blacklist(ctx context.Context, addresses []string) error {
	found, err := w.c.search(ctx, blacklist, query{object: w.kind.name, domain: domain{{"email", "in", addresses}}, fields: []string{"email", "active"}})
	if err != nil {
		return err
	}
	var off []int64
	var data [][]string
	for _, a := range addresses {
		i := slices.IndexFunc(found, func(r row) bool { return r.text("email") == a })
		switch {
		case i < 0:
			data = append(data, []string{a})
		case !found[i].yes("active"):
			off = append(off, found[i].id())
		}
	}
	k := call{model: blacklist, op: "opt out", object: w.kind.name, again: true}
	if len(off) > 0 {
		k.method, k.ids = "action_unarchive", off
		if _, err := w.c.do(ctx, k, nil); err != nil {
			return err
		}
	}
	if len(data) == 0 {
		return nil
	}
	// Not by create, whose parameter has another name in each version.
	var answer loaded
	k.method, k.ids, k.args = "load", nil, map[string]any{"fields": []string{"email"}, "data": data}
	if _, err := w.c.do(ctx, k, &answer); err != nil {
		return err
	}
	if !strings.HasPrefix(string(answer.IDs), "[") {
		return fault.New(fault.Invalid, fault.ScopeBatch, "Odoo refuses an address for its blacklist")
	}
	return nil
}

package suitecrm

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

// book is what SuiteCRM's address book says of some addresses, in lower case.
type book struct {
	known map[string]bool
	out   map[string]bool // those that opted out
}

// addressOf is the e-mail address that an op brings, in lower case.
func addressOf(op connectors.Op) string {
	text := op.Fields[emailField].Text()
	if op.Kind == connectors.Create && op.Key.Field == emailField {
		text = op.Key.Value
	}
	return strings.ToLower(strings.TrimSpace(text))
}

// look asks, before anything is written, which of the addresses to come are
// known and opted out, because SuiteCRM takes an opt-out back when a record is
// made with the address, and who has the keys of the creates already.
func (w *write) look(ctx context.Context, ops []connectors.Op) error {
	if kept(w.object) {
		var addresses []string
		for _, op := range ops {
			addresses = append(addresses, addressOf(op))
		}
		var err error
		if w.book, err = w.c.lookUp(ctx, distinct(addresses)); err != nil {
			return err
		}
	}
	keys := map[string][]string{}
	for _, op := range ops {
		nobodys := op.Key.Field == emailField && w.book.known != nil && !w.book.known[addressOf(op)]
		if op.Kind == connectors.Create && op.Key.Field != "" && !nobodys {
			keys[op.Key.Field] = append(keys[op.Key.Field], op.Key.Value)
		}
	}
	for field, values := range keys {
		rows, err := w.c.holding(ctx, newDecoder(w.object, nil), field, values)
		if err != nil {
			return err
		}
		for i := range rows {
			w.held[keyOf(connectors.Op{Key: connectors.Key{Field: field, Value: rows[i].text(field)}})] = rows[i].ID
		}
	}
	return nil
}

// lookUp reads what the book says of addresses, four in a call. Without access
// to it nothing is known.
func (c *Connector) lookUp(ctx context.Context, addresses []string) (book, error) {
	b := book{known: map[string]bool{}, out: map[string]bool{}}
	for four := range slices.Chunk(addresses, 4) {
		rows, err := c.entries(ctx, four)
		if fault.Is(err, fault.Permission) {
			return book{}, nil
		}
		if err != nil {
			return b, err
		}
		for i := range rows {
			a := strings.ToLower(rows[i].text("email_address"))
			b.known[a] = true
			b.out[a] = b.out[a] || rows[i].text("opt_out") == "1"
		}
	}
	return b, nil
}

// entries reads up to four addresses: two columns hold each, and two operators
// compare for equality.
func (c *Connector) entries(ctx context.Context, four []string) ([]row, error) {
	a := ask{object: addressBook, fields: []string{"email_address", "opt_out"}, either: true, most: c.cfg.PageSize}
	ways := []cond{{"email_address_caps", "eq", ""}, {"email_address_caps", "like", ""}, {"email_address", "eq", ""}, {"email_address", "like", ""}}
	for i, address := range four {
		way := ways[i]
		way.value = address
		if i < 2 {
			way.value = strings.ToUpper(address)
		}
		a.conds = append(a.conds, way)
	}
	p, _, err := c.list(ctx, a)
	return p.rows, err
}

// optOut marks an address: what a PATCH says of the opt-out of a record that
// has an address is not heeded.
func (w *write) optOut(ctx context.Context, address string) error {
	rows, err := w.c.entries(ctx, []string{address})
	if err != nil {
		return err
	}
	for i := range rows {
		if !rows[i].holds("email_address", address) || rows[i].text("opt_out") == "1" {
			continue
		}
		if _, err := w.send(ctx, http.MethodPatch, addressBook, rows[i].ID, map[string]any{"opt_out": true}); err != nil {
			return err
		}
	}
	return nil
}

package mautic

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

// event is one entry of a delivery. Which record it is about stands in another
// place for each kind of event.
type event struct {
	ID      text `json:"id"`
	Contact *ref `json:"contact"`
	Lead    *ref `json:"lead"`
	Company *ref `json:"company"`
	Stat    *struct {
		Lead *ref `json:"lead"`
	} `json:"stat"`
	Hit *struct {
		Lead *ref `json:"lead"`
	} `json:"hit"`
	Submission *struct {
		Lead *ref `json:"lead"`
	} `json:"submission"`
}

// Verify checks the signature, which is of the body alone. Mautic signs with an
// empty secret too, which proves nothing and is refused. It posts in batches,
// when its cron job runs: an old delivery is no sign of a replay, and one that
// is replayed only makes us read again.
func (c *Connector) Verify(d connectors.Delivery) (connectors.Notice, error) {
	refused := func(why, next string) (connectors.Notice, error) {
		return connectors.Notice{}, &fault.Error{Class: fault.Forbidden, System: c.name, Op: "verify a delivery", Detail: why, Next: next}
	}
	if c.cfg.WebhookSecret.IsZero() || c.cfg.WebhookSecret.Reveal() == "" {
		return refused("no webhook_secret is configured", "set webhook_secret to the secret of the webhook in Mautic")
	}
	given, err := base64.StdEncoding.DecodeString(d.Header.Get("Webhook-Signature"))
	mac := hmac.New(sha256.New, []byte(c.cfg.WebhookSecret.Reveal()))
	_, _ = mac.Write(d.Body) // never fails
	if err != nil || !hmac.Equal(given, mac.Sum(nil)) {
		return refused("the signature does not fit", "compare webhook_secret with the secret of the webhook in Mautic")
	}
	var events map[string]raw
	if err := json.Unmarshal(d.Body, &events); err != nil {
		return refused("the delivery is not JSON", "")
	}
	var n connectors.Notice
	for name, body := range events {
		if !strings.HasPrefix(name, "mautic.") {
			continue // timestamps and the like
		}
		var list bag[event]
		if list.UnmarshalJSON(body) != nil {
			continue // what is no list of events names no record
		}
		for i := range list.items {
			n.Hints = append(n.Hints, list.items[i].hints(name)...)
		}
	}
	return n, nil
}

func (e *event) hints(name string) []connectors.Hint {
	refs := []*ref{e.Contact, e.Lead}
	if e.Stat != nil {
		refs = append(refs, e.Stat.Lead)
	}
	if e.Hit != nil {
		refs = append(refs, e.Hit.Lead)
	}
	if e.Submission != nil {
		refs = append(refs, e.Submission.Lead)
	}
	var hints []connectors.Hint
	add := func(object, id string) {
		if h := (connectors.Hint{Object: object, ID: id}); number(id) > 0 && (len(hints) == 0 || hints[len(hints)-1] != h) {
			hints = append(hints, h)
		}
	}
	for _, r := range refs {
		add(contacts, r.id())
	}
	add(companies, e.Company.id())
	if len(hints) == 0 && strings.Contains(name, "lead_post_delete") { // the record itself is gone
		add(contacts, e.ID.s)
	}
	return hints
}

package espocrm

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

// Verify checks a delivery's signature: the webhook's id, a colon and the HMAC
// of the body, in hexadecimal in the header Signature, or raw in X-Signature,
// which is all that versions before 8.4 send. EspoCRM posts in batches when its
// cron job runs: an old delivery is no sign of a replay, and one that is
// replayed only makes us read again.
func (c *Connector) Verify(d connectors.Delivery) (connectors.Notice, error) {
	refused := func(why, next string) (connectors.Notice, error) {
		return connectors.Notice{}, &fault.Error{Class: fault.Forbidden, System: c.name, Op: "verify a delivery", Detail: why, Next: next}
	}
	header := d.Header.Get("Signature")
	if header == "" {
		header = d.Header.Get("X-Signature")
	}
	text, err := base64.StdEncoding.DecodeString(header)
	id, sum, found := strings.Cut(string(text), ":")
	if err != nil || !found {
		return refused("it is not signed", "set up a webhook in EspoCRM: Administration, Webhooks")
	}
	i := slices.IndexFunc(c.cfg.Webhooks, func(h Webhook) bool { return h.ID == id })
	if i < 0 || c.cfg.Webhooks[i].Secret.Reveal() == "" {
		return refused("its webhook is not configured", "add the webhook to webhooks in the connector's file")
	}
	hook := c.cfg.Webhooks[i]
	mac := hmac.New(sha256.New, []byte(hook.Secret.Reveal()))
	_, _ = mac.Write(d.Body) // never fails
	want := mac.Sum(nil)
	if !hmac.Equal([]byte(sum), want) && !hmac.Equal([]byte(sum), []byte(hex.EncodeToString(want))) {
		return refused("the signature does not fit", "compare the secret of the webhook with its secret key in EspoCRM")
	}
	var rows []struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(d.Body, &rows); err != nil {
		return refused("the delivery is no list of records", "")
	}
	var n connectors.Notice
	for _, r := range rows {
		if h := (connectors.Hint{Object: hook.Entity, ID: r.ID}); r.ID != "" && !slices.Contains(n.Hints, h) {
			n.Hints = append(n.Hints, h)
		}
	}
	return n, nil
}

package webhook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/connectortest"
	"github.com/tandem-sync/tandem/connectors/webhook"
)

const formSecret = "a secret that only the form tool knows"

const formsYAML = `
signature: {header: X-Signature, secret: "${env:FORM_SECRET}"}
forms:
  signups:
    as: person
    id: id
    modified: at
    fields:
      - {name: email, kind: email}
      - {name: city}
`

func environment(values map[string]string) secret.Resolver {
	return secret.Resolver{Env: func(name string) (string, bool) {
		v, ok := values[name]
		return v, ok
	}}
}

// build makes a connector from the text of its file.
func build(t *testing.T, env connectors.Env, yaml string) *webhook.Connector {
	t.Helper()
	env.Name = "forms"
	if env.Secrets.Env == nil {
		env.Secrets = environment(map[string]string{"FORM_SECRET": formSecret, "OLD": "the secret before that one", "TOKEN": "a shared secret for a header"})
	}
	node, problems := diag.Parse("forms.yaml", []byte(yaml))
	c, more := webhook.Factory().New(env, node)
	if problems.Add(more...); problems.HasErrors() {
		t.Fatal(problems)
	}
	out, ok := c.(*webhook.Connector)
	if !ok {
		t.Fatal("another connector was made")
	}
	return out
}

// inbox is one in memory.
type inbox struct {
	mu   sync.Mutex
	kept []connectors.Delivered
	seen map[string]bool
	err  error
}

func (b *inbox) Append(_ context.Context, _, key string, at time.Time, body []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.seen == nil {
		b.seen = map[string]bool{}
	}
	if b.err != nil || b.seen[key] {
		return b.err
	}
	b.seen[key] = true
	b.kept = append(b.kept, connectors.Delivered{Seq: int64(len(b.kept) + 1), Key: key, At: at, Body: slices.Clone(body)})
	return nil
}

func (b *inbox) After(ctx context.Context, _ string, seq int64, limit int) ([]connectors.Delivered, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	rest := b.kept[min(int(seq), len(b.kept)):]
	return slices.Clone(rest[:min(limit, len(rest))]), b.err
}

func sign(body []byte) string {
	mac := hmac.New(sha256.New, []byte(formSecret))
	_, _ = mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// post is a delivery as the tool sends it.
func post(body string, headers ...string) connectors.Delivery {
	d := connectors.Delivery{Method: http.MethodPost, Header: http.Header{}, Body: []byte(body), Received: time.Now()}
	d.Header.Set("Content-Type", "application/json; charset=utf-8")
	d.Header.Set("X-Signature", sign(d.Body))
	for i := 0; i+1 < len(headers); i += 2 {
		d.Header.Set(headers[i], headers[i+1])
	}
	return d
}

// tool is a form tool whose people fill in forms.
type tool struct {
	t    *testing.T
	to   *webhook.Connector
	held map[string]string
	ids  []string
}

func (f *tool) send(id string, at time.Time) {
	city := any(f.held[id])
	if city == "" {
		city = nil
	}
	body, err := json.Marshal(map[string]any{"id": id, "at": at, "email": id + "@seed.example", "city": city})
	if err != nil {
		f.t.Fatal(err)
	}
	for {
		if err = f.to.Receive(f.t.Context(), post(string(body))); err == nil {
			return
		}
		<-time.After(time.Second) // above the pace
	}
}

func (f *tool) Seed(n int, at time.Time) []string {
	var ids []string
	for range n {
		id := "s" + strconv.Itoa(len(f.ids)+1)
		f.held[id], f.ids, ids = "Berlin", append(f.ids, id), append(ids, id)
		f.send(id, at)
	}
	return ids
}

func (f *tool) Edit(id, value string) {
	f.held[id] = value
	f.send(id, time.Now())
}

func (f *tool) Value(id string) (string, bool) {
	v, ok := f.held[id]
	return v, ok
}

func (f *tool) Count() int { return len(f.ids) }

func TestConnector(t *testing.T) {
	cat, err := build(t, connectors.Env{}, formsYAML).Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	connectortest.Run(t, connectortest.Setup{
		Transport: connectortest.File, Object: "signups", Field: "city", Catalog: cat,
		New: func(t *testing.T, o connectortest.Options) connectortest.Instance {
			t.Helper()
			o.Env.Inbox = &inbox{}
			c := build(t, o.Env, "rate: 1000"+formsYAML)
			return connectortest.Instance{Connector: c, Bench: &tool{t: t, to: c, held: map[string]string{}}, Secrets: []string{formSecret}}
		},
	})
}

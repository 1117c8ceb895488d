package connectortest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/record/schema"
)

// The personal data that cases put into records. No log or error may show it.
const (
	canaryEmail = "canary.bird@private-person.example"
	canaryName  = "Xylophonia Quetzalcoatl-Canary"
)

// Run runs every case that applies, each against a fresh system; the others
// are skipped with the reason.
func Run(t *testing.T, s Setup) {
	t.Helper()
	main, ok := s.Catalog.Object(s.Object)
	if !ok {
		t.Fatalf("the catalog has no object %q", s.Object)
	}
	for _, c := range cases() {
		t.Run(strings.ReplaceAll(c.Name, " ", "_"), func(t *testing.T) {
			reason := c.needs.missing([]schema.Object{main}, s.Transport)
			if why, ok := s.Except[c.Name]; ok {
				reason = why
			}
			if reason != "" {
				t.Skip("not applicable: " + reason)
			}
			synctest.Test(t, func(t *testing.T) { newKit(t, s, main).run(c) })
		})
	}
	for name := range s.Except {
		if !slices.ContainsFunc(cases(), func(c Case) bool { return c.Name == name }) {
			t.Errorf("Except names %q, which is no case", name)
		}
	}
}

func newKit(t *testing.T, s Setup, main schema.Object) *kit {
	t.Helper()
	return &kit{t: t, test: t, setup: s, obj: main, net: newNetwork(t), log: &syncBuffer{}, metrics: prometheus.NewRegistry()}
}

// run runs a case, which tells its findings to k.t.
func (k *kit) run(c Case) {
	k.t.Helper()
	k.foreign = k.net.serve(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { k.foreignHits.Add(1) }))
	k.Instance = k.setup.New(k.test, k.options())
	if reason := c.needs.lacking(k.setup, k.Bench); reason != "" {
		k.t.Skip("not applicable: " + reason)
	}
	c.run(k)
	k.searchForCanaries()
}

// kit is what a case works with.
type kit struct {
	Instance
	t       testing.TB // takes the findings
	test    *testing.T
	setup   Setup
	obj     schema.Object
	net     *network
	log     *syncBuffer
	metrics *prometheus.Registry

	foreign     string
	foreignHits atomic.Int64

	mu   sync.Mutex
	errs []error
}

func (k *kit) options() Options {
	return Options{net: k.net, Env: connectors.Env{
		Name: "system-under-test",
		HTTP: httpapi.Env{
			Tokens: httpapi.NewMemoryTokens(), Budget: httpapi.NewLocalBudget(), Transport: k.net.wire, AllowLoopback: true,
			Log: zerolog.New(k.log).Level(zerolog.TraceLevel), Metrics: k.metrics, Version: "test",
		},
	}}
}

func (k *kit) ctx() context.Context { return k.t.Context() }

// note keeps an error for the search for canaries, and returns it.
func (k *kit) note(err error) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err != nil {
		k.errs = append(k.errs, err)
	}
	return err
}

// must fails the case on an error.
func (k *kit) must(err error) {
	k.t.Helper()
	if k.note(err) != nil {
		k.t.Fatalf("unexpected error: %v", err)
	}
}

// advance lets virtual time pass, for the connector and its twin alike.
func (k *kit) advance(d time.Duration) { <-time.After(d) }

func (k *kit) searchForCanaries() {
	k.t.Helper()
	forbidden := append([]string{canaryEmail, canaryName, "Quetzalcoatl"}, k.Secrets...)
	texts := map[string]string{"the log": k.log.String(), "the metrics": k.gathered()}
	for i, err := range k.errs {
		texts[fmt.Sprintf("error %d", i+1)] = everything(err)
	}
	for where, text := range texts {
		for _, canary := range forbidden {
			if canary != "" && strings.Contains(text, canary) {
				k.t.Errorf("%s shows a secret or personal data", where)
			}
		}
	}
}

// everything prints an error and all errors inside it in every usual way.
func everything(err error) string {
	var b strings.Builder
	for e := err; e != nil; e = errors.Unwrap(e) {
		fmt.Fprintf(&b, "%v\n%+v\n%#v\n", e, e, e)
	}
	return b.String()
}

func (k *kit) gathered() string {
	families, err := k.metrics.Gather()
	if err != nil {
		k.t.Errorf("the metrics cannot be gathered: %v", err)
	}
	var b strings.Builder
	for _, f := range families {
		b.WriteString(f.String())
	}
	return b.String()
}

type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

package metrics_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"

	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/syncer"
	"github.com/tandem-sync/tandem/web"
	"github.com/tandem-sync/tandem/web/metrics"
)

type source struct {
	status web.Status
	err    error
}

func (s source) Status(context.Context) (web.Status, error) { return s.status, s.err }
func (source) Ready(context.Context) error                  { return nil }

func observer(t *testing.T) (*prometheus.Registry, *metrics.Observer) {
	t.Helper()
	reg := prometheus.NewPedanticRegistry()
	o, err := metrics.New(reg, "v1")
	if err != nil {
		t.Fatal(err)
	}
	return reg, o
}

func TestEventsAreCounted(t *testing.T) {
	reg, o := observer(t)
	for _, ev := range []syncer.Event{
		{Kind: syncer.PagePulled, System: "hub", Object: "contacts", N: 100},
		{Kind: syncer.PagePulled, System: "hub", Object: "contacts", N: 7},
		{Kind: syncer.PagePulled, System: "hub", Object: "empty"},
		{Kind: syncer.BatchPushed, System: "sf", Object: "Lead", N: 3, Result: "applied"},
		{Kind: syncer.BatchPushed, System: "sf", Object: "Lead", N: 2, Result: "somebody@acme.example"},
		{Kind: syncer.PullFailed, System: "sf", Object: "Lead", Result: "auth"},
		{Kind: syncer.CycleEnded, Result: "ok", Took: time.Second},
		{Kind: syncer.CycleEnded, Result: "strange"},
		{Kind: syncer.ObjectPulled, System: "hub", Object: "contacts", N: 107},
		{Kind: syncer.RowsPlanned, N: 5},
	} {
		o.Observe(ev)
	}
	const want = `
# HELP tandem_rows_total Rows read from and written to a system, by what became of them.
# TYPE tandem_rows_total counter
tandem_rows_total{object="Lead",result="applied",system="sf"} 3
tandem_rows_total{object="Lead",result="other",system="sf"} 2
tandem_rows_total{object="contacts",result="read",system="hub"} 107
# HELP tandem_pulls_failed_total Objects that could not be read, by what went wrong.
# TYPE tandem_pulls_failed_total counter
tandem_pulls_failed_total{class="auth",object="Lead",system="sf"} 1
# HELP tandem_cycles_total Cycles that ended, by how.
# TYPE tandem_cycles_total counter
tandem_cycles_total{outcome="failed"} 0
tandem_cycles_total{outcome="ok"} 1
tandem_cycles_total{outcome="other"} 1
tandem_cycles_total{outcome="stopped"} 0
tandem_cycles_total{outcome="tripped"} 0
tandem_cycles_total{outcome="waiting"} 0
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "tandem_rows_total", "tandem_pulls_failed_total", "tandem_cycles_total"); err != nil {
		t.Error(err)
	}
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(families, func(f *dto.MetricFamily) bool { return f.GetName() == "tandem_cycle_seconds" })
	h := families[i].GetMetric()[0].GetHistogram()
	if h.GetSampleCount() != 2 || h.Schema == nil || len(h.GetBucket()) == 0 {
		t.Errorf("the cycle's time is not native and classic at once: %v", h)
	}
}

func TestStatesAreLookedUp(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	s := source{status: web.Status{
		Systems: []web.System{
			{Name: "hub", LastSuccess: time.Unix(1000, 5e8), Objects: []web.Object{{Name: "contacts", CompleteTo: time.Unix(1, 0), LagSeconds: 42}, {Name: "unread"}}},
			{Name: "sf"},
		},
		Breakers: []web.Breaker{{System: "sf"}, {System: "sf"}},
		Holds:    []web.Holds{{Reason: "dead", N: 4}, {Reason: "invented", N: 2}},
	}}
	if err := metrics.Watch(reg, s); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	b.WriteString("# HELP tandem_breaker_open Breakers that stop writes to a system until a person looks.\n# TYPE tandem_breaker_open gauge\n" +
		"tandem_breaker_open{system=\"hub\"} 0\ntandem_breaker_open{system=\"sf\"} 2\n" +
		"# HELP tandem_last_success_timestamp_seconds When a system was last read to its end by a cycle that also wrote all it had to; 0 for never. It survives a restart.\n" +
		"# TYPE tandem_last_success_timestamp_seconds gauge\n" +
		"tandem_last_success_timestamp_seconds{system=\"hub\"} 1000.5\ntandem_last_success_timestamp_seconds{system=\"sf\"} 0\n" +
		"# HELP tandem_lag_seconds How far behind an object is: the time since the instant up to which every change was read. It grows between reads.\n" +
		"# TYPE tandem_lag_seconds gauge\ntandem_lag_seconds{object=\"contacts\",system=\"hub\"} 42\n" +
		"# HELP tandem_holds Values and records held, by reason.\n# TYPE tandem_holds gauge\n")
	for _, r := range []string{"consent", "dead", "excluded", "fights", "left", "manual", "other", "pending", "quarantined", "undone"} {
		b.WriteString("tandem_holds{reason=\"" + r + "\"} " + map[string]string{"dead": "4", "other": "2"}[r])
		if r != "dead" && r != "other" {
			b.WriteString("0")
		}
		b.WriteString("\n")
	}
	if err := testutil.GatherAndCompare(reg, &b); err != nil {
		t.Error(err)
	}
}

func TestALedgerThatCannotBeReadFailsItsMetricsOnly(t *testing.T) {
	reg, _ := observer(t)
	if err := metrics.Watch(reg, source{err: errors.New("gone")}); err != nil {
		t.Fatal(err)
	}
	families, err := reg.Gather()
	if err == nil || len(families) == 0 {
		t.Errorf("%d families, error %v", len(families), err)
	}
}

func TestPairsAreBounded(t *testing.T) {
	reg, o := observer(t)
	for i := range 5000 {
		o.Observe(syncer.Event{Kind: syncer.PagePulled, System: "hub", Object: strings.Repeat("x", i), N: 1})
	}
	if n, err := testutil.GatherAndCount(reg, "tandem_rows_total"); err != nil || n > 1001 {
		t.Errorf("%d series, %v", n, err)
	}
}

// recorder notes what is registered, metrics without a series included.
type recorder struct {
	*prometheus.Registry
	docs map[string]metrics.Doc
}

var described = regexp.MustCompile(`fqName: "([^"]*)", help: "([^"]*)".*variableLabels: \{([^}]*)\}`)

func (r recorder) Register(c prometheus.Collector) error {
	ch := make(chan *prometheus.Desc, 100)
	c.Describe(ch)
	close(ch)
	for d := range ch {
		m := described.FindStringSubmatch(d.String())
		if m == nil {
			return errors.New("not understood: " + d.String())
		}
		doc := metrics.Doc{Name: m[1], Help: m[2]}
		if m[3] != "" {
			doc.Labels = strings.Split(m[3], ",")
		}
		r.docs[doc.Name] = doc
	}
	return r.Registry.Register(c)
}

func TestEveryMetricIsDescribedAndTheReverse(t *testing.T) {
	r := recorder{prometheus.NewRegistry(), map[string]metrics.Doc{}}
	if _, err := metrics.New(r, "v1"); err != nil {
		t.Fatal(err)
	}
	if err := metrics.Watch(r, source{}); err != nil {
		t.Fatal(err)
	}
	if _, err := httpapi.New(httpapi.Env{Metrics: r, AllowLoopback: true}, httpapi.Profile{}, "probe", "http://127.0.0.1:1", httpapi.NoAuth()); err != nil {
		t.Fatal(err)
	}
	for _, d := range metrics.Describe() {
		got, ok := r.docs[d.Name]
		if !ok {
			t.Errorf("%s is described and not registered", d.Name)
			continue
		}
		if got.Help != d.Help || !slices.Equal(got.Labels, d.Labels) {
			t.Errorf("%s is registered as %+v and described as %+v", d.Name, got, d)
		}
		delete(r.docs, d.Name)
	}
	for name := range r.docs {
		t.Errorf("%s is registered and not described", name)
	}
}

func TestThePageNamesEveryMetricOnce(t *testing.T) {
	var b bytes.Buffer
	if err := metrics.Markdown(&b); err != nil {
		t.Fatal(err)
	}
	for _, d := range metrics.Describe() {
		if n := strings.Count(b.String(), "`"+d.Name+"`"); n != 1 {
			t.Errorf("%s stands %d times on the page", d.Name, n)
		}
	}
}

func TestAlertsNameMetricsThatExist(t *testing.T) {
	rules, err := os.ReadFile(filepath.Join("..", "..", "deploy", "prometheus", "tandem.rules.yml"))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, d := range metrics.Describe() {
		known[d.Name] = true
	}
	for _, name := range regexp.MustCompile(`tandem_[a-z_]+`).FindAllString(string(rules), -1) {
		if !known[name] {
			t.Errorf("an alert asks for %s, which does not exist", name)
		}
	}
}

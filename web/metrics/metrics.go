// Package metrics turns what the engine tells and what the ledger holds into
// Prometheus metrics. Describe lists them all.
package metrics

import (
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/syncer"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// other is the label value of what is not in a list, so that no series can
// multiply without end.
const other = "other"

// mostObjects bounds the pairs of system and object. They come from the
// configuration, but a daemon that is reloaded for months may see many.
const mostObjects = 1000

// Observer counts what the engine tells. Its Observe may be called from several
// goroutines.
type Observer struct {
	rows   *prometheus.CounterVec
	cycles *prometheus.CounterVec
	failed *prometheus.CounterVec
	took   prometheus.Histogram
	mu     sync.Mutex
	pairs  map[[2]string]bool
}

// New registers the metrics that are counted; Watch those that are looked up.
func New(reg prometheus.Registerer, version string) (*Observer, error) {
	o := &Observer{
		rows:   prometheus.NewCounterVec(prometheus.CounterOpts(opts("tandem_rows_total")), of("tandem_rows_total").Labels),
		cycles: prometheus.NewCounterVec(prometheus.CounterOpts(opts("tandem_cycles_total")), of("tandem_cycles_total").Labels),
		failed: prometheus.NewCounterVec(prometheus.CounterOpts(opts("tandem_pulls_failed_total")), of("tandem_pulls_failed_total").Labels),
		took: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "tandem_cycle_seconds", Help: of("tandem_cycle_seconds").Help,
			Buckets:                     []float64{.1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600},
			NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 100, NativeHistogramMinResetDuration: time.Hour,
		}),
		pairs: map[[2]string]bool{},
	}
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts(opts("tandem_build_info")), of("tandem_build_info").Labels)
	build.WithLabelValues(version, runtime.Version()).Set(1)
	for _, outcome := range outcomes() {
		o.cycles.WithLabelValues(outcome)
	}
	for _, c := range []prometheus.Collector{o.rows, o.cycles, o.failed, o.took, build} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// Observe counts an event.
func (o *Observer) Observe(ev syncer.Event) {
	switch ev.Kind {
	case syncer.PagePulled:
		o.row(ev, "read")
	case syncer.BatchPushed:
		o.row(ev, among(ev.Result, results()))
	case syncer.PullFailed:
		system, object := o.pair(ev)
		o.failed.WithLabelValues(system, object, ev.Result).Inc()
	case syncer.CycleEnded:
		o.cycles.WithLabelValues(among(ev.Result, outcomes())).Inc()
		o.took.Observe(ev.Took.Seconds())
	case syncer.ObjectPulled, syncer.RowsPlanned:
	}
}

func (o *Observer) row(ev syncer.Event, result string) {
	if ev.N <= 0 {
		return
	}
	system, object := o.pair(ev)
	o.rows.WithLabelValues(system, object, result).Add(float64(ev.N))
}

func (o *Observer) pair(ev syncer.Event) (system, object string) {
	p := [2]string{ev.System, ev.Object}
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.pairs[p] && len(o.pairs) >= mostObjects {
		return other, other
	}
	o.pairs[p] = true
	return p[0], p[1]
}

func among(s string, list []string) string {
	if slices.Contains(list, s) {
		return s
	}
	return other
}

func results() []string {
	return []string{
		"read", string(connectors.Applied), string(connectors.Rejected), string(connectors.Accepted), string(connectors.Unknown),
		"held", "stale", "rewritten", other,
	}
}

func outcomes() []string { return []string{"ok", "failed", "tripped", "waiting", "stopped", other} }

func reasons() []string {
	return []string{
		string(ledger.Pending), string(ledger.Dead), string(ledger.Quarantined), string(ledger.Left), string(ledger.Excluded),
		string(ledger.Undone), string(ledger.Fights), string(ledger.Consent), string(ledger.Manual), other,
	}
}

func of(name string) Doc {
	all := own()
	return all[slices.IndexFunc(all, func(d Doc) bool { return d.Name == name })]
}

func opts(name string) prometheus.Opts { return prometheus.Opts{Name: name, Help: of(name).Help} }

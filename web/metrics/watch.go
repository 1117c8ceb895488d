package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tandem-sync/tandem/web"
)

// patience is how long a scrape may wait for the ledger.
const patience = 5 * time.Second

// watcher looks up at each scrape what is a state, not an event: it is right
// after a restart, and a lag grows although nothing is read.
type watcher struct {
	source  web.Source
	lag     *prometheus.Desc
	success *prometheus.Desc
	holds   *prometheus.Desc
	breaker *prometheus.Desc
}

// Watch registers the metrics that are looked up in the source at each scrape.
func Watch(reg prometheus.Registerer, source web.Source) error {
	return reg.Register(&watcher{
		source: source, lag: desc("tandem_lag_seconds"), success: desc("tandem_last_success_timestamp_seconds"),
		holds: desc("tandem_holds"), breaker: desc("tandem_breaker_open"),
	})
}

func desc(name string) *prometheus.Desc {
	d := of(name)
	return prometheus.NewDesc(d.Name, d.Help, d.Labels, nil)
}

// Describe sends the descriptions.
func (w *watcher) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{w.lag, w.success, w.holds, w.breaker} {
		ch <- d
	}
}

// Collect looks up and sends the values. A source that cannot tell makes these
// metrics fail, and no others.
func (w *watcher) Collect(ch chan<- prometheus.Metric) {
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	s, err := w.source.Status(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(w.holds, err)
		return
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	open := map[string]int{}
	for _, b := range s.Breakers {
		open[b.System]++
	}
	for _, system := range s.Systems {
		gauge(w.breaker, float64(open[system.Name]), system.Name)
		gauge(w.success, seconds(system.LastSuccess), system.Name)
		for _, o := range system.Objects {
			if !o.CompleteTo.IsZero() {
				gauge(w.lag, o.LagSeconds, system.Name, o.Name)
			}
		}
	}
	held := map[string]int{}
	for _, h := range s.Holds {
		held[among(h.Reason, reasons())] += h.N
	}
	for _, reason := range reasons() {
		gauge(w.holds, float64(held[reason]), reason)
	}
}

func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}

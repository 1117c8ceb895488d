package httpapi

import (
	"errors"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tandem-sync/tandem/connectors/fault"
)

// mostOps bounds the series of one system: ops are fixed words, but a mistake
// in a connector must not fill the memory of whoever collects them.
const mostOps = 64

type metrics struct {
	system  string
	calls   *prometheus.CounterVec
	seconds *prometheus.HistogramVec
	left    *prometheus.GaugeVec
	retries *prometheus.CounterVec

	mu  sync.Mutex
	ops map[string]bool
}

func newMetrics(reg prometheus.Registerer, system string) *metrics {
	return &metrics{
		system: system, ops: map[string]bool{},
		calls: register(reg, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tandem_api_calls_total", Help: "Calls to a system's API, by what was done and how it ended.",
		}, []string{"system", "op", "outcome"})),
		seconds: register(reg, prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tandem_api_call_seconds", Help: "Time of calls to a system's API, without waiting.",
			Buckets:                     []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
			NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 100, NativeHistogramMinResetDuration: time.Hour,
		}, []string{"system", "op"})),
		left: register(reg, prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "tandem_api_budget_remaining", Help: "Calls left of a limit, as the system told last.",
		}, []string{"system", "limit"})),
		retries: register(reg, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tandem_api_retries_total", Help: "Calls made again, by what went wrong.",
		}, []string{"system", "op", "reason"})),
	}
}

// register returns the collector that is registered already, if one is: a
// reload builds every client anew.
func register[C prometheus.Collector](reg prometheus.Registerer, c C) C {
	if reg == nil {
		return c
	}
	err := reg.Register(c)
	if dup, ok := errors.AsType[prometheus.AlreadyRegisteredError](err); ok {
		if same, isSame := dup.ExistingCollector.(C); isSame {
			return same
		}
	}
	return c
}

func (m *metrics) op(op string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if op == "" || (!m.ops[op] && len(m.ops) >= mostOps) {
		return "other"
	}
	m.ops[op] = true
	return op
}

func (m *metrics) call(op string, f *fault.Error, took time.Duration) {
	outcome := "ok"
	if f != nil {
		outcome = f.Class.String()
	}
	op = m.op(op)
	m.calls.WithLabelValues(m.system, op, outcome).Inc()
	m.seconds.WithLabelValues(m.system, op).Observe(took.Seconds())
}

func (m *metrics) retry(op string, reason fault.Class) {
	m.retries.WithLabelValues(m.system, m.op(op), reason.String()).Inc()
}

func (m *metrics) budget(limit string, remaining int) {
	m.left.WithLabelValues(m.system, limit).Set(float64(remaining))
}

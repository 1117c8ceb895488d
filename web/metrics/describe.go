package metrics

import (
	"fmt"
	"io"
	"strings"
)

// Doc describes one metric.
type Doc struct {
	Name   string
	Type   string // counter, gauge or histogram
	Labels []string
	Help   string
}

// Describe lists every metric of Tandem's own, those of the connectors' client
// included.
func Describe() []Doc {
	return append(own(), api()...)
}

func own() []Doc {
	object := []string{"system", "object"}
	return []Doc{
		{"tandem_build_info", "gauge", []string{"version", "go"}, "Always 1; the labels tell what runs."},
		{"tandem_rows_total", "counter", []string{"system", "object", "result"}, "Rows read from and written to a system, by what became of them."},
		{"tandem_lag_seconds", "gauge", object, "How far behind an object is: the time since the instant up to which every change was read. It grows between reads."},
		{"tandem_cycle_seconds", "histogram", nil, "Time of whole cycles."},
		{"tandem_cycles_total", "counter", []string{"outcome"}, "Cycles that ended, by how."},
		{"tandem_last_success_timestamp_seconds", "gauge", []string{"system"}, "When a system was last read to its end by a cycle that also wrote all it had to; 0 for never. It survives a restart."},
		{"tandem_holds", "gauge", []string{"reason"}, "Values and records held, by reason."},
		{"tandem_breaker_open", "gauge", []string{"system"}, "Breakers that stop writes to a system until a person looks."},
		{"tandem_pulls_failed_total", "counter", []string{"system", "object", "class"}, "Objects that could not be read, by what went wrong."},
	}
}

// api are the metrics of the connectors' client, which registers them itself.
func api() []Doc {
	return []Doc{
		{"tandem_api_calls_total", "counter", []string{"system", "op", "outcome"}, "Calls to a system's API, by what was done and how it ended."},
		{"tandem_api_call_seconds", "histogram", []string{"system", "op"}, "Time of calls to a system's API, without waiting."},
		{"tandem_api_budget_remaining", "gauge", []string{"system", "limit"}, "Calls left of a limit, as the system told last."},
		{"tandem_api_retries_total", "counter", []string{"system", "op", "reason"}, "Calls made again, by what went wrong."},
	}
}

type labelDoc struct{ name, values string }

func labels() []labelDoc {
	return []labelDoc{
		{"system", "name of the connector, as its file is called"},
		{"object", "the system's name of the object"},
		{"result", strings.Join(results(), ", ")},
		{"outcome", "of cycles: " + strings.Join(outcomes(), ", ") + "; of calls: ok or the class of the failure"},
		{"class, reason", "what went wrong, in the words of connectors/fault, such as rate_limited or auth"},
		{"reason (of holds)", strings.Join(reasons(), ", ")},
		{"op", "what was done, a fixed word of the connector; at most 64 a system"},
		{"limit", "the limit's name in the system, such as daily"},
	}
}

// Markdown writes the page docs/metrics.md.
func Markdown(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# Metrics\n\nServed at `/metrics` of `server.listen`, in the text and OpenMetrics formats.\n" +
		"No label holds a value of a record, and every label has a bounded number of values. Beside these there are the usual\n" +
		"`go_*` and `process_*`. `deploy/prometheus` has alert rules for them.\n\n| Metric | Type | Labels | Meaning |\n|---|---|---|---|\n")
	for _, d := range Describe() {
		names := make([]string, len(d.Labels))
		for i, l := range d.Labels {
			names[i] = "`" + l + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", d.Name, d.Type, strings.Join(names, ", "), d.Help)
	}
	b.WriteString("\nHistograms are native and classic at once: a Prometheus that scrapes native histograms gets those.\n\n## Labels\n\n| Label | Values |\n|---|---|\n")
	for _, l := range labels() {
		fmt.Fprintf(&b, "| %s | %s |\n", l.name, l.values)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write the page of metrics: %w", err)
	}
	return nil
}

package web

import (
	"bytes"
	"html/template"
	"net/http"
	"time"
)

// view is the page's data: everything formatted, nothing left to compute.
type view struct {
	Status
	Level    string // good, warn, bad: the colour of the headline
	Headline string
	Now      when
	Up       string
	Short    string
	NewShort string
	Cards    []card
	Held     []held
	Plans    []planned
	Past     []past
}

type card struct {
	System
	Level string
	Last  when
	Rows  []objectRow
}

type objectRow struct {
	Name, As, Links, Lag string
	Level                string
	ReadOnly             bool
	To                   when
}

type held struct {
	Reason, Meaning, N, More string
	Groups                   []heldGroup
}

type heldGroup struct {
	N, Where, Cause, Detail string
	Oldest                  when
}

type planned struct {
	Job
	State, Level, Missed string
	Ahead, Before        when
}

type past struct {
	Run
	Level, Took, Wrote, NotWritten string
	Began                          when
	Failure                        string
	MoreFailures                   int
}

// lateAfter is the lag from which an object is marked: the alert of
// deploy/prometheus fires at the same.
const lateAfter = 30 * time.Minute

func page(o Options) http.Handler {
	tmpl, broken := template.New("status.html").Funcs(template.FuncMap{"count": count, "words": words}).ParseFS(files, "templates/status.html")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := o.Source.Status(r.Context())
		if err == nil {
			err = broken
		}
		var b bytes.Buffer
		if err == nil {
			err = tmpl.Execute(&b, viewOf(s))
		}
		if err != nil {
			o.Log.Warn().Err(err).Msg("the status page cannot be shown")
			text(w, http.StatusServiceUnavailable, "The status cannot be shown: "+err.Error())
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(b.Bytes()) // the reader may have gone away
	})
}

func viewOf(s Status) view {
	v := view{Status: s, Now: instant(s.At, s.At), Up: span(s.At.Sub(s.Started)), Short: short(s.Revision), NewShort: short(s.Waiting)}
	for _, system := range s.Systems {
		v.Cards = append(v.Cards, cardOf(system, s.At))
	}
	for _, h := range s.Holds {
		v.Held = append(v.Held, heldOf(h, s.At))
	}
	for _, j := range s.Jobs {
		v.Plans = append(v.Plans, plannedOf(j, s.At))
	}
	for _, r := range s.Runs {
		v.Past = append(v.Past, pastOf(r, s.At))
	}
	v.Level, v.Headline = headline(s)
	return v
}

// headline says the one thing a person should know first.
func headline(s Status) (level, text string) {
	switch last := lastEnded(s.Runs); {
	case s.Draining:
		return "warn", "Stopping"
	case len(s.Breakers) > 0:
		return "bad", "A breaker is open"
	case len(s.Refused) > 0:
		return "bad", "The new configuration is refused"
	case !s.Applied:
		return "warn", "Waiting for the first apply"
	case last == "failed":
		return "bad", "The last run failed"
	case s.Waiting != "":
		return "warn", "A new revision waits for apply"
	case last == "":
		return "warn", "No run has ended yet"
	default:
		return "good", "In step"
	}
}

func lastEnded(runs []Run) string {
	for _, r := range runs {
		if !r.Ended.IsZero() {
			return r.Outcome
		}
	}
	return ""
}

func cardOf(s System, now time.Time) card {
	c := card{System: s, Level: "good", Last: instant(s.LastSuccess, now)}
	if s.LastSuccess.IsZero() || now.Sub(s.LastSuccess) > time.Hour {
		c.Level = "warn"
	}
	for _, o := range s.Objects {
		row := objectRow{Name: o.Name, As: o.As, Links: count(o.Links), ReadOnly: o.ReadOnly, Lag: "not read yet", Level: "warn", To: instant(o.CompleteTo, now)}
		if !o.CompleteTo.IsZero() {
			lag := time.Duration(o.LagSeconds * float64(time.Second))
			row.Lag, row.Level = whole(lag), "good"
			if lag > lateAfter {
				row.Level = "warn"
			}
		}
		c.Rows = append(c.Rows, row)
	}
	return c
}

func heldOf(h Holds, now time.Time) held {
	out := held{Reason: words(h.Reason), Meaning: meaning(h.Reason), N: count(h.N)}
	if h.More > 0 {
		out.More = count(h.More)
	}
	for _, g := range h.Groups {
		where := g.System
		if g.Object != "" {
			where += " " + g.Object
		}
		out.Groups = append(out.Groups, heldGroup{N: count(g.N), Where: where, Cause: g.Cause, Detail: g.Detail, Oldest: instant(g.Oldest, now)})
	}
	return out
}

// meaning says what a reason is, and who ends it.
func meaning(reason string) string {
	switch reason {
	case "pending":
		return "Tried and will be tried again, or waiting for another row."
	case "dead":
		return "Refused for good; tried again when the value changes."
	case "quarantined":
		return "In doubt: decide with tandem quarantine, or mend the source."
	case "left":
		return "Differences that the policy leaves as they are."
	case "excluded":
		return "Outside the inclusion filter, or gone over there."
	case "undone":
		return "Taken back by a person, until the value changes."
	case "fights":
		return "Two writers keep changing it: a person decides."
	case "consent":
		return "An opt-out stands against it."
	case "manual":
		return "Both sides differ and the policy is to ask."
	default:
		return ""
	}
}

func plannedOf(j Job, now time.Time) planned {
	p := planned{Job: j, State: "waiting", Level: "good", Ahead: instant(j.Next, now), Before: instant(j.Last, now)}
	if !p.Ahead.OK {
		p.Ahead.Rel = "–"
	}
	switch {
	case j.Running:
		p.State = "running"
	case j.Paused:
		p.State, p.Level = "paused", "warn"
	case j.Error != "":
		p.State, p.Level = "failed", "bad"
	}
	if j.Skipped > 0 {
		p.Missed = count(j.Skipped)
	}
	return p
}

func pastOf(r Run, now time.Time) past {
	p := past{Run: r, Level: "good", Began: instant(r.Started, now), Took: "running", Wrote: count(r.Created + r.Updated + r.Archived), NotWritten: count(r.Unsent)}
	if !r.Ended.IsZero() {
		p.Took = span(r.Ended.Sub(r.Started))
	}
	switch r.Outcome {
	case "failed", "tripped":
		p.Level = "bad"
	case "waiting", "stopped":
		p.Level = "warn"
	case "":
		p.Outcome, p.Level = "running", ""
		if !r.Ended.IsZero() {
			p.Outcome = "unknown"
		}
	}
	if len(r.Failures) > 0 {
		p.Failure, p.MoreFailures = r.Failures[0], len(r.Failures)-1
	}
	return p
}

package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/config"
	"github.com/tandem-sync/tandem/internal/app"
	"github.com/tandem-sync/tandem/mapping"
)

// configDiff prints, as Markdown for a pull request, what the configuration in
// one folder decides otherwise than the one in another. It needs no network.
func configDiff(w io.Writer, g *globals, before, after string) error {
	var sides [2]map[string]string
	for i, dir := range []string{before, after} {
		side := *g
		side.dir = dir
		cfg, problems := app.Read(side.options(nil))
		if problems.HasErrors() {
			return &app.ConfigError{Problems: problems}
		}
		sides[i] = decisions(cfg)
	}
	changes := differences(sides[0], sides[1])
	if g.json {
		return printJSON(w, changes)
	}
	fmt.Fprintln(w, "### What this configuration decides otherwise")
	fmt.Fprintln(w)
	if len(changes) == 0 {
		fmt.Fprintln(w, "Nothing: the same records and fields are read and written by the same rules.")
		return nil
	}
	fmt.Fprintln(w, "| what | before | after |\n| --- | --- | --- |")
	for _, c := range changes {
		fmt.Fprintf(w, "| %s | %s | %s |\n", cell(c.What), cell(c.Before), cell(c.After))
	}
	fmt.Fprintln(w, "\nIt takes effect with `tandem plan` and `tandem apply`; until then the last applied one goes on.")
	return nil
}

// change is one decision that differs.
type change struct {
	What   string `json:"what"`
	Before string `json:"before"`
	After  string `json:"after"`
}

func cell(s string) string {
	if s == "" {
		return "-"
	}
	return "`" + strings.ReplaceAll(strings.ReplaceAll(s, "|", "\\|"), "\n", " ") + "`"
}

func differences(before, after map[string]string) []change {
	names := map[string]bool{}
	for name := range before {
		names[name] = true
	}
	for name := range after {
		names[name] = true
	}
	var out []change
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if before[name] != after[name] {
			out = append(out, change{name, before[name], after[name]})
		}
	}
	return out
}

// decisions lists what a configuration decides, by name.
func decisions(cfg *config.Config) map[string]string {
	out := map[string]string{"first run": cfg.FirstRun}
	for as, fields := range cfg.Match() {
		out["identity of "+string(as)] = strings.Join(fields, ", ")
	}
	for as, p := range cfg.Policies {
		out["policy of "+string(as)+" by default"] = policyText(p.Default)
		for field, f := range p.Fields {
			out["policy of "+string(as)+"."+field] = policyText(f)
		}
	}
	for _, k := range cfg.Enabled() {
		out[k.Name] = "a " + k.Type + " for " + k.Role
		if k.ReadOnly {
			out[k.Name] += ", read only"
		}
		for _, o := range k.Objects {
			objectDecisions(out, cfg, k, o)
		}
	}
	return out
}

func policyText(p config.Policy) string {
	parts := []string{p.Rule}
	for _, part := range []struct {
		name string
		list []string
	}{{"owners", p.Owners}, {"order", p.Order}, {"back", p.Back}, {"tie", p.Tie}, {"first", p.First}} {
		if len(part.list) > 0 {
			parts = append(parts, part.name+" "+strings.Join(part.list, ", "))
		}
	}
	if p.Others != "" {
		parts = append(parts, "others "+p.Others)
	}
	if p.Keep {
		parts = append(parts, "members are kept")
	}
	return strings.Join(parts, "; ")
}

func objectDecisions(out map[string]string, cfg *config.Config, k *config.Connector, o config.Object) {
	name := k.Name + " " + o.Name
	create := strconv.FormatBool(o.Create.Allowed)
	if !o.Create.When.IsZero() {
		create = o.Create.When.String()
	}
	filter := ""
	if !o.Filter.IsZero() {
		filter = o.Filter.String()
	}
	out[name] = fmt.Sprintf("as %s; create %s; key %s; on_delete %s; read_only %v", o.As, create, o.Key, o.OnDelete, o.ReadOnly)
	if filter != "" {
		out[name+" filter"] = filter
	}
	if len(o.Observe) > 0 {
		out[name+" observes"] = strings.Join(o.Observe, ", ")
	}
	canonical, _ := cfg.Canonical().Object(string(o.As))
	m, _ := mapping.CompileOffline(o.Fields, canonical, mapping.Options{Picklists: o.Picklists})
	for _, e := range m.Entries() {
		entry := name + "." + e.Remote
		if e.Remote == "" {
			entry = name + " -> " + e.Field
		}
		out[entry] = entryText(e)
	}
}

func entryText(e mapping.Entry) string {
	var parts []string
	if e.In {
		parts = append(parts, "in to "+e.Field+": "+e.InRule)
	}
	if e.Out {
		parts = append(parts, "out from "+strings.Join(e.OutReads, ", ")+": "+e.OutRule)
	}
	return strings.Join(parts, "; ")
}

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/all"
	"github.com/tandem-sync/tandem/record/schema"
)

func newConnectors(g *globals) *cobra.Command {
	c := &cobra.Command{
		Use:   "connectors",
		Short: "List the built-in connectors, tell about one, try a manifest, begin a new one",
		Long:  "Without a command it lists the connectors; `tandem connectors TYPE` is short for `tandem connectors describe TYPE`.",
		Args:  func(c *cobra.Command, args []string) error { return oneTypeOrCommand(c, args) },
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				return describeConnector(c, g, args[0])
			}
			return listConnectors(c, g)
		},
	}
	list := &cobra.Command{
		Use: "list", Short: "List the built-in connectors and what each can do", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return listConnectors(c, g) },
	}
	describe := &cobra.Command{
		Use: "describe TYPE", Short: "Tell of a connector its objects, options, permissions, limits and traps, with an example",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("say which connector: %s TYPE; `tandem connectors list` lists them", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return describeConnector(c, g, args[0]) },
	}
	c.AddCommand(list, describe, newConnectorsCheck(g), newConnectorsNew(g))
	return c
}

// oneTypeOrCommand takes the name of a type in place of a command.
func oneTypeOrCommand(c *cobra.Command, args []string) error {
	switch len(args) {
	case 0:
		return nil
	case 1:
		if _, ok := all.Registry().Lookup(args[0]); ok {
			return nil
		}
	default:
		return noArgs(c, args[1:])
	}
	words := all.Registry().Types()
	for _, sub := range c.Commands() {
		words = append(words, sub.Name())
	}
	if near := diag.Nearest(args[0], words); near != "" {
		return usagef("%q is neither a connector nor a command; did you mean %q?", args[0], near)
	}
	_, err := lookup(args[0])
	return err
}

func lookup(typ string) (connectors.Factory, error) {
	f, ok := all.Registry().Lookup(typ)
	if ok {
		return f, nil
	}
	types := all.Registry().Types()
	hint := ""
	if near := diag.Nearest(typ, types); near != "" {
		hint = fmt.Sprintf("; did you mean %q?", near)
	}
	return f, usagef("there is no connector of type %q; there are %s%s", typ, strings.Join(types, ", "), hint)
}

// listed is a connector as `list --json` and `describe --json` show it.
type listed struct {
	Type    string         `json:"type"`
	Title   string         `json:"title"`
	Role    string         `json:"role"`
	Can     []string       `json:"can"`
	Objects []listedObject `json:"objects,omitempty"`
}

type listedObject struct {
	Name   string        `json:"name"`
	As     string        `json:"as"`
	Read   []string      `json:"read"`
	Write  []string      `json:"write"`
	Keys   []string      `json:"keys"`
	Seen   string        `json:"seen_after"`
	Fields []listedField `json:"fields"`
}

type listedField struct {
	Name     string `json:"name"`
	Kind     string `json:"kind"`
	ReadOnly bool   `json:"read_only,omitempty"`
}

func listConnectors(c *cobra.Command, g *globals) error {
	var rows []listed
	for _, f := range all.Registry() {
		rows = append(rows, summary(f))
	}
	if g.json {
		return printJSON(c.OutOrStdout(), rows)
	}
	t := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "TYPE\tWHAT IT IS\tUSUAL ROLE\tWHAT IT CAN DO")
	for _, r := range rows {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", r.Type, r.Title, r.Role, strings.Join(r.Can, "; "))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(c.OutOrStdout(), "\n`tandem connectors describe TYPE` tells more, `tandem init TYPE...` writes a configuration.")
	return nil
}

// summary says what a connector can do with a standard account.
func summary(f connectors.Factory) listed {
	objects := f.Catalog().Objects
	l := listed{Type: f.Type, Title: f.Title, Role: f.Role}
	if len(objects) == 0 {
		l.Can = []string{"what its manifest says"}
		return l
	}
	names := func(can func(schema.Capabilities) bool) (out []string) {
		for _, o := range objects {
			if can(o.Caps) {
				out = append(out, o.Name)
			}
		}
		return out
	}
	changes := names(func(c schema.Capabilities) bool { return c.Changes })
	writes := names(func(c schema.Capabilities) bool { return c.Create || c.Update })
	plural := "s"
	if len(changes) == 1 {
		plural = ""
	}
	l.Can = append(l.Can, fmt.Sprintf("reads %d object%s", len(changes), plural))
	if len(writes) > 0 {
		l.Can = append(l.Can, "writes "+few(writes))
	} else {
		l.Can = append(l.Can, "writes nothing")
	}
	if gone := names(func(c schema.Capabilities) bool { return c.Gone }); len(gone) > 0 {
		l.Can = append(l.Can, "tells deletions")
	}
	return l
}

// few names the first of a list and counts the rest.
func few(names []string) string {
	const most = 3
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// objectOf says what can be done with an object.
func objectOf(o schema.Object) listedObject {
	out := listedObject{Name: o.Name, As: string(o.As), Read: []string{}, Write: []string{}, Keys: []string{}, Seen: "at once"}
	pick := func(into *[]string, can bool, word string) {
		if can {
			*into = append(*into, word)
		}
	}
	pick(&out.Read, o.Caps.Changes, "changes")
	pick(&out.Read, o.Caps.Split, "in ranges")
	pick(&out.Read, o.Caps.Gone, "deletions")
	pick(&out.Read, o.Caps.Read, "by id")
	pick(&out.Write, o.Caps.Create, "create")
	pick(&out.Write, o.Caps.Update, "update")
	pick(&out.Write, o.Caps.Archive, "archive")
	pick(&out.Write, o.Caps.Conditional, "only if unchanged")
	if o.Caps.Lookup {
		out.Keys = slices.Clone(o.Keys)
	}
	if o.Lag > 0 {
		out.Seen = o.Lag.String()
	}
	for _, f := range o.Fields {
		out.Fields = append(out.Fields, listedField{Name: f.Name, Kind: f.Kind.String(), ReadOnly: f.ReadOnly})
	}
	return out
}

// objectTable writes what can be done with each object.
func objectTable(w io.Writer, objects []schema.Object) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "OBJECT\tUSUALLY\tREAD\tWRITE\tKEYS\tSEEN AFTER")
	for _, o := range objects {
		l := objectOf(o)
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", l.Name, l.As, dash(l.Read), dash(l.Write), dash(l.Keys), l.Seen)
	}
	return t.Flush()
}

func dash(words []string) string {
	if len(words) == 0 {
		return "-"
	}
	return strings.Join(words, ", ")
}

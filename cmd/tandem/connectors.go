package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/all"
)

func newConnectors(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "connectors [TYPE]",
		Short: "List the built-in connectors, or tell how one is set up",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				return noArgs(c, args[1:])
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				f, err := lookup(args[0])
				if err != nil {
					return err
				}
				fmt.Fprintf(c.OutOrStdout(), "# %s\n\n%s\n\nExample, connectors/%s.yaml:\n\n%s", f.Title, strings.TrimSpace(f.About), f.Type, f.Example)
				return nil
			}
			if g.json {
				return printJSON(c.OutOrStdout(), all.Registry().Types())
			}
			t := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(t, "TYPE\tWHAT IT IS\tUSUAL ROLE")
			for _, f := range all.Registry() {
				fmt.Fprintf(t, "%s\t%s\t%s\n", f.Type, f.Title, f.Role)
			}
			return t.Flush()
		},
	}
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

package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tandem-sync/tandem/config"
)

// describeConnector tells all there is to know of a type without a network.
func describeConnector(c *cobra.Command, g *globals, typ string) error {
	f, err := lookup(typ)
	if err != nil {
		return err
	}
	catalog := f.Catalog()
	if g.json {
		l := summary(f)
		for _, o := range catalog.Objects {
			l.Objects = append(l.Objects, objectOf(o))
		}
		return printJSON(c.OutOrStdout(), l)
	}
	w := c.OutOrStdout()
	fmt.Fprintf(w, "# %s\n\ntype: %s, usual role: %s\n\n%s\n\n## What can be done\n\n", f.Title, f.Type, f.Role, strings.TrimSpace(f.About))
	if len(catalog.Objects) == 0 {
		fmt.Fprintln(w, "What its manifest says; `tandem connectors check` tries one.")
	} else if err := objectTable(w, catalog.Objects); err != nil {
		return err
	}
	fmt.Fprint(w, "\n## Options\n\nBeside the keys every connector has:\n\n")
	if err := config.ConnectorReference(w, f.Config); err != nil {
		return err
	}
	fmt.Fprintf(w, "## Example\n\nconnectors/%s.yaml, as `tandem init %s` writes it:\n\n%s", f.Type, f.Type, f.Example)
	return nil
}

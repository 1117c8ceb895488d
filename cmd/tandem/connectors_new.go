package main

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tandem-sync/tandem/cmd/tandem/scaffold"
	"github.com/tandem-sync/tandem/connectors/all"
)

const ourModule = "github.com/tandem-sync/tandem"

func newConnectorsNew(*globals) *cobra.Command {
	dir, title := "", ""
	c := &cobra.Command{
		Use:   "new NAME",
		Short: "Begin a connector: its folder, with a simulated system and the tests that every connector passes",
		Long: "Writes a connector that works, for an invented system, with its configuration, its page, its simulated system\n" +
			"and its tests, which pass. docs/write-a-connector.md goes on from there.",
		Example: "  tandem connectors new larkspur",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("say how the connector is called: %s NAME", c.CommandPath())
			}
			if err := scaffold.CheckName(args[0]); err != nil {
				return &usageError{err}
			}
			if _, there := all.Registry().Lookup(args[0]); there {
				return usagef("there is a connector %q already; `tandem connectors describe %s` tells about it", args[0], args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			name := args[0]
			n := scaffold.New{Name: name, Title: title, Dir: dir}
			if title == "" {
				n.Title = scaffold.Title(name)
			}
			return writeConnector(c, n)
		},
	}
	c.Flags().StringVar(&dir, "dir", "", "folder to make; in a clone of Tandem connectors/NAME, else NAME")
	c.Flags().StringVar(&title, "title", "", "what the system is called, as in \"Larkspur CRM\"")
	return c
}

func writeConnector(c *cobra.Command, n scaffold.New) error {
	from := n.Dir
	if from == "" {
		from = "."
	}
	module, root, err := scaffold.Module(from)
	if err != nil {
		return &usageError{err}
	}
	if n.Dir == "" {
		if n.Dir = n.Name; module == ourModule {
			n.Dir = filepath.Join(root, "connectors", n.Name)
		}
	}
	full, err := filepath.Abs(n.Dir)
	if err != nil {
		return err
	}
	below, err := filepath.Rel(root, full)
	if err != nil {
		return err
	}
	n.Import = path.Join(module, filepath.ToSlash(below))
	written, err := n.Write()
	if err != nil {
		return &usageError{err}
	}
	w := c.OutOrStdout()
	for _, file := range written {
		fmt.Fprintf(w, "written     %s\n", file)
	}
	var next []string
	if module != ourModule {
		next = append(next, "go get "+ourModule)
	}
	next = append(next, "cd "+root, "go test ./"+filepath.ToSlash(below)+"/...      # passes, against the simulated system")
	fmt.Fprintf(w, "\nNext:\n  %s\nThen make the simulated system answer as the real one does, and the connector after it: docs/write-a-connector.md goes\nthrough it step by step.", strings.Join(next, "\n  "))
	if module == ourModule {
		fmt.Fprintf(w, " At the end add %s.Factory() to connectors/all/all.go and run `make docs`.", n.Name)
	}
	fmt.Fprintln(w)
	return nil
}

package main

import "github.com/spf13/cobra"

// commands lists every subcommand, one file each.
func commands(g *globals) []*cobra.Command {
	return []*cobra.Command{
		newSync(g), newPlan(g), newApply(g), newVersion(g),
	}
}

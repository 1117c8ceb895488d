package main

import "github.com/spf13/cobra"

// commands lists every subcommand, one file each.
func commands(g *globals) []*cobra.Command {
	return []*cobra.Command{
		newAudit(g), newCheck(g), newPlan(g), newApply(g), newSync(g), newRun(g), newStatus(g), newHealth(g), newExplain(g), newQuarantine(g), newAuth(g), newConnectors(g), newInit(g), newTest(g), newDemo(g), newSandbox(g), newVersion(g),
	}
}

package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/tandem-sync/tandem/internal/sandbox"
)

func newSandbox(g *globals) *cobra.Command {
	o := sandbox.Options{}
	configDir := ""
	c := &cobra.Command{
		Use:   "sandbox",
		Short: "Serve the simulated HubSpot and Salesforce, to rehearse a configuration without an account",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			box, err := sandbox.Start(c.Context(), o)
			if err != nil {
				return usagef("the simulated systems cannot start: %w", err)
			}
			defer func() { err = errors.Join(err, box.Close()) }()
			if configDir != "" {
				if err := box.WriteConfig(configDir); err != nil {
					return err
				}
			}
			if g.json {
				err = printJSON(c.OutOrStdout(), box.Credentials())
			} else {
				printSandbox(c.OutOrStdout(), box.Credentials(), configDir)
			}
			if err != nil {
				return err
			}
			<-c.Context().Done()
			fmt.Fprintln(os.Stderr, "the simulated systems have stopped")
			return nil
		},
	}
	c.Flags().IntVar(&o.People, "people", 2000, "how many people to make up")
	c.Flags().Uint64Var(&o.Seed, "seed", 1, "the same seed makes the same people")
	c.Flags().StringVar(&o.Data, "data", "", "folder of CSV exports to use instead of made-up people")
	c.Flags().BoolVar(&o.Empty, "empty", false, "start without records")
	c.Flags().StringVar(&o.HubSpotAddr, "hubspot-addr", "", "address of the simulated HubSpot; a free port unless set")
	c.Flags().StringVar(&o.SalesforceAddr, "salesforce-addr", "", "address of the simulated Salesforce; a free port unless set")
	c.Flags().DurationVar(&o.Latency, "latency", 0, "how long every call takes at least")
	c.Flags().BoolVar(&o.RateLimits, "rate-limits", false, "keep to the vendors' usual limits")
	c.Flags().StringVar(&configDir, "write-config", "", "write a configuration for them into this folder")
	return c
}

func printSandbox(w io.Writer, cred sandbox.Credentials, configDir string) {
	fmt.Fprintf(w, "HubSpot     %s\n  service key    %s\n", cred.HubSpot.URL, cred.HubSpot.AccessToken)
	fmt.Fprintf(w, "Salesforce  %s\n  client id      %s\n  client secret  %s\n  username       %s\n  private key    %s\n",
		cred.Salesforce.URL, cred.Salesforce.ClientID, cred.Salesforce.ClientSecret, cred.Salesforce.Username, cred.Salesforce.PrivateKeyFile)
	fmt.Fprintf(w, "\nBoth misbehave on demand: POST /__sim/fault {\"kind\":\"rate_limit\",\"times\":3}. Ctrl-C ends them.\n")
	if configDir != "" {
		fmt.Fprintf(w, "A configuration for them is in %s: `tandem -c %s check`.\n", configDir, configDir)
	}
}

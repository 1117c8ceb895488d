package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

const starter = `# Tandem. Every key and its default: docs/configuration.md.
# Nothing is written to any system before a plan was made and applied.

state:
  dir: ./state               # the ledger; keep it on a disk that is backed up
  # redis: "${env:REDIS_URL}"  # checkpoints for replicas; noeviction and AOF on

schedule:
  default: "*/5 * * * *"     # UTC unless zone: is set

first_run: plan              # plan and wait for tandem apply

identity:
  person: [email]            # fields that propose that two records are one person

policies:
  person:
    default: {rule: newest, first: [newest, hold], tie: [sales]}
    lead_status: {rule: owner, owners: [sales]}
    lifecycle_stage: {rule: ratchet, order: [subscriber, lead, marketingqualifiedlead, salesqualifiedlead, opportunity, customer, evangelist]}
    email_opt_out: consent   # any opt-out wins everywhere and stays
`

func newInit(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "init TYPE...",
		Short: "Write a commented starter configuration for these connectors",
		Long:  "Writes tandem.yaml and one file per connector into the folder of --config. Files that are there are left alone.\n`tandem connectors` lists the types.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("say which connectors: tandem init hubspot salesforce")
			}
			for _, a := range args {
				if _, err := lookup(a); err != nil {
					return err
				}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			files := map[string]string{"tandem.yaml": starter}
			order := []string{"tandem.yaml"}
			for _, a := range args {
				f, _ := lookup(a)
				name := filepath.Join("connectors", a+".yaml")
				files[name] = f.Example
				order = append(order, name)
			}
			for _, name := range order {
				path := filepath.Join(g.dir, name)
				switch err := writeNew(path, files[name]); {
				case errors.Is(err, fs.ErrExist):
					fmt.Fprintf(c.OutOrStdout(), "left alone  %s\n", path)
				case err != nil:
					return err
				default:
					fmt.Fprintf(c.OutOrStdout(), "written     %s\n", path)
				}
			}
			fmt.Fprintf(c.OutOrStdout(), "\nNext: set the environment variables that the files name, then\n  tandem check%s\n  tandem audit%s\n  tandem plan%s --out plan.jsonl\n",
				dirFlag(g), dirFlag(g), dirFlag(g))
			return nil
		},
	}
}

func dirFlag(g *globals) string {
	if g.dir == "." {
		return ""
	}
	if strings.ContainsAny(g.dir, " \t'\"") {
		return fmt.Sprintf(" -c %q", g.dir)
	}
	return " -c " + g.dir
}

func writeNew(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // a configuration folder holds no secrets
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644) //nolint:gosec // as above
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

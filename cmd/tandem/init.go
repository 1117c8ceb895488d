package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tandem-sync/tandem/internal/app"
	"github.com/tandem-sync/tandem/internal/app/propose"
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
	propose, out := false, "proposed"
	c := &cobra.Command{
		Use:   "init TYPE...",
		Short: "Write a commented starter configuration for these connectors, or propose field maps from their schemas",
		Long: "Writes tandem.yaml and one file per connector into the folder of --config. Files that are there are left alone.\n" +
			"`tandem connectors` lists the types.\n" +
			"--propose asks the connected systems what they hold and writes the configuration, with what could be mapped besides,\n" +
			"into the folder of --out. What is doubtful is commented out with the reason.",
		Args: func(c *cobra.Command, args []string) error {
			if propose {
				return noArgs(c, args)
			}
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
			if propose {
				return proposeMaps(c, g, out)
			}
			return writeStarter(c.OutOrStdout(), g, args)
		},
	}
	c.Flags().BoolVar(&propose, "propose", false, "propose field maps from the schemas of the connected systems")
	c.Flags().StringVarP(&out, "out", "o", out, "folder for what --propose proposes")
	return c
}

func writeStarter(w io.Writer, g *globals, types []string) error {
	files := map[string]string{"tandem.yaml": starter}
	for _, t := range types {
		f, _ := lookup(t)
		files[filepath.Join("connectors", t+".yaml")] = f.Example
	}
	if err := writeAll(w, g.dir, files); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nNext: set the environment variables that the files name, then\n  tandem init --propose%[1]s   # what else could be mapped\n  tandem check%[1]s\n  tandem audit%[1]s\n  tandem plan%[1]s --out plan.jsonl\n", dirFlag(g))
	return nil
}

// writeAll writes files that are not there yet.
func writeAll(w io.Writer, dir string, files map[string]string) error {
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(files))) { // tandem.yaml first
		path := filepath.Join(dir, name)
		switch err := writeNew(path, files[name]); {
		case errors.Is(err, fs.ErrExist):
			fmt.Fprintf(w, "left alone  %s\n", path)
		case err != nil:
			return err
		default:
			fmt.Fprintf(w, "written     %s\n", path)
		}
	}
	return nil
}

func proposeMaps(c *cobra.Command, g *globals, out string) error {
	files, p, err := app.Propose(c.Context(), g.options(nil))
	if err != nil {
		return err
	}
	w := c.OutOrStdout()
	if g.json {
		return printJSON(w, p)
	}
	if p.Empty() {
		fmt.Fprintln(w, "Nothing to propose: every field that goes together by name is mapped.")
		return nil
	}
	for _, system := range slices.Sorted(maps.Keys(p.Entries)) {
		for _, object := range slices.Sorted(maps.Keys(p.Entries[system])) {
			printEntries(w, system+" "+object, p.Entries[system][object])
		}
	}
	fmt.Fprintln(w)
	if err := writeAll(w, out, files); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nNext: read them, decide what is commented out, and compare:\n  tandem plan --config-diff %s %s\nthen copy what you want and run `tandem check%s`.\n", g.dir, out, dirFlag(g))
	return nil
}

func printEntries(w io.Writer, where string, entries []propose.Entry) {
	if len(entries) == 0 {
		return
	}
	fmt.Fprintln(w, where)
	for _, e := range entries {
		if e.Doubt == "" {
			fmt.Fprintf(w, "  %s\n", e)
		} else {
			fmt.Fprintf(w, "  ? %s: %s\n", e, e.Doubt)
		}
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

package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/tandem-sync/tandem/internal/app"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer"
	"github.com/tandem-sync/tandem/syncer/ledger"
	"github.com/tandem-sync/tandem/syncer/ledger/sqlite"
)

func newQuarantine(g *globals) *cobra.Command {
	c := &cobra.Command{
		Use:   "quarantine",
		Short: "Show what is held back, grouped by cause, and decide",
		Long: "Without arguments the groups are listed; one decision ends a whole group.\n" +
			"`export` writes every held row with a decision column, `import` reads the decisions back.\n" +
			"Decisions: retry (try again now), release (end the hold), drop (keep it and do not ask again).",
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return withLedger(c, g, sqlite.Options{ReadOnly: true}, func(a *app.App) error { return listGroups(c, g, a) })
		},
	}
	c.AddCommand(quarantineExport(g), quarantineImport(g), quarantineDecide(g), quarantineRules(g))
	return c
}

func withLedger(c *cobra.Command, g *globals, lo sqlite.Options, f func(*app.App) error) error {
	a, err := app.OpenLedger(c.Context(), g.options(nil), lo)
	if err != nil {
		return err
	}
	return errors.Join(f(a), a.Close())
}

func listGroups(c *cobra.Command, g *globals, a *app.App) error {
	var groups []ledger.HoldGroup
	err := a.Ledger.View(c.Context(), func(r ledger.Reader) error {
		var err error
		groups, err = r.Holds.Groups(c.Context())
		return err
	})
	if err != nil {
		return err
	}
	w := c.OutOrStdout()
	if g.json {
		return printJSON(w, groups)
	}
	if len(groups) == 0 {
		fmt.Fprintln(w, "Nothing is held back.")
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ROWS\tREASON\tSYSTEM\tCAUSE\tWHAT IT MEANS\tSINCE")
	for _, h := range groups {
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\n", h.N, h.Reason, h.System, h.Cause, h.Detail, day(h.Oldest))
	}
	_ = t.Flush()
	fmt.Fprintln(w, "\nNext: `tandem quarantine decide retry --cause \"...\"`, or `tandem quarantine export FILE`.")
	return nil
}

// csvHeader are the columns of an export; the first five name the hold.
func csvHeader() []string {
	return []string{"entity", "system", "field", "object", "remote", "reason", "cause", "detail", "since", "decision"}
}

func quarantineExport(g *globals) *cobra.Command {
	return &cobra.Command{
		Use: "export FILE", Short: "Write every held row as CSV with a decision column", Args: oneFile,
		RunE: func(c *cobra.Command, args []string) error {
			return withLedger(c, g, sqlite.Options{ReadOnly: true}, func(a *app.App) error {
				f, err := os.OpenFile(args[0], os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
				if err != nil {
					return usagef("the file cannot be written: %w", err)
				}
				n, err := exportHolds(c.Context(), a.Ledger, f)
				if err == nil {
					fmt.Fprintf(c.OutOrStdout(), "%d rows. Fill the decision column with retry, release or drop, then `tandem quarantine import %s`.\n", n, args[0])
				}
				return errors.Join(err, f.Close())
			})
		},
	}
}

func oneFile(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef("name the file")
	}
	return nil
}

func exportHolds(ctx context.Context, l ledger.Ledger, w io.Writer) (int, error) {
	out := csv.NewWriter(w)
	if err := out.Write(csvHeader()); err != nil {
		return 0, err
	}
	n := 0
	err := eachHold(ctx, l, func(h ledger.Hold) error {
		n++
		return out.Write([]string{
			string(h.Entity), h.System, h.Field, h.Object, h.Remote, string(h.Reason), h.Cause, harmless(h.Detail), day(h.Since), h.Decision,
		})
	})
	out.Flush()
	return n, errors.Join(err, out.Error())
}

// harmless keeps a spreadsheet from running a cell as a formula.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

func eachHold(ctx context.Context, l ledger.Ledger, f func(ledger.Hold) error) error {
	scan := ledger.HoldScan{Limit: 500}
	for {
		var page []ledger.Hold
		err := l.View(ctx, func(r ledger.Reader) error {
			var err error
			page, err = r.Holds.Scan(ctx, scan)
			return err
		})
		if err != nil || len(page) == 0 {
			return err
		}
		for _, h := range page {
			if err := f(h); err != nil {
				return err
			}
		}
		scan.After = page[len(page)-1].HoldKey
	}
}

func quarantineImport(g *globals) *cobra.Command {
	return &cobra.Command{
		Use: "import FILE", Short: "Carry out the decisions of an exported file", Args: oneFile,
		RunE: func(c *cobra.Command, args []string) error {
			f, err := os.Open(args[0])
			if err != nil {
				return usagef("the file cannot be read: %w", err)
			}
			decisions, err := readDecisions(f, args[0])
			if err = errors.Join(err, f.Close()); err != nil {
				return err
			}
			return withLedger(c, g, sqlite.Options{}, func(a *app.App) error {
				n, err := syncer.Decide(c.Context(), a.Ledger, func(h ledger.Hold) syncer.Decision { return decisions[h.HoldKey] })
				fmt.Fprintf(c.OutOrStdout(), "%d decisions carried out. The next cycle acts on them.\n", n)
				return err
			})
		},
	}
}

func readDecisions(r io.Reader, name string) (map[ledger.HoldKey]syncer.Decision, error) {
	in := csv.NewReader(r)
	rows, err := in.ReadAll()
	if err != nil {
		return nil, usagef("%s: %w", name, err)
	}
	if len(rows) == 0 || !slices.Equal(rows[0], csvHeader()) {
		return nil, usagef("%s is not an export of `tandem quarantine export`: its columns must be %s", name, strings.Join(csvHeader(), ","))
	}
	out := map[ledger.HoldKey]syncer.Decision{}
	for i, row := range rows[1:] {
		if row[len(row)-1] == "" {
			continue
		}
		d, err := syncer.ParseDecision(row[len(row)-1])
		if err != nil {
			return nil, usagef("%s:%d: %w", name, i+2, err)
		}
		out[ledger.HoldKey{Entity: record.EntityID(row[0]), System: row[1], Field: row[2], Object: row[3], Remote: row[4]}] = d
	}
	return out, nil
}

// groupFlags say which group a decision is about.
type groupFlags struct {
	cause, reason, system string
	remember              bool
}

func (f groupFlags) check() error {
	if f.remember && (f.cause == "" || f.reason != "" || f.system != "") {
		return usagef("--remember makes a rule for a cause: give --cause, and neither --reason nor --system")
	}
	if f.cause == "" && f.reason == "" {
		return usagef("say which group: --cause or --reason, as `tandem quarantine` lists them")
	}
	return nil
}

func (f groupFlags) has(h ledger.Hold) bool {
	return (f.cause == "" || h.Cause == f.cause) && (f.reason == "" || string(h.Reason) == f.reason) && (f.system == "" || h.System == f.system)
}

func quarantineDecide(g *globals) *cobra.Command {
	var f groupFlags
	c := &cobra.Command{
		Use: "decide retry|release|drop", Short: "Decide a whole group at once",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("say what: retry, release or drop")
			}
			if _, err := syncer.ParseDecision(args[0]); err != nil {
				return &usageError{err}
			}
			return f.check()
		},
		RunE: func(c *cobra.Command, args []string) error {
			return withLedger(c, g, sqlite.Options{}, func(a *app.App) error { return decideGroup(c, a, f, syncer.Decision(args[0])) })
		},
	}
	c.Flags().StringVar(&f.cause, "cause", "", "rows with this cause")
	c.Flags().StringVar(&f.reason, "reason", "", "rows with this reason")
	c.Flags().StringVar(&f.system, "system", "", "rows of this system only")
	c.Flags().BoolVar(&f.remember, "remember", false, "decide every later row of this cause in the same way")
	return c
}

func decideGroup(c *cobra.Command, a *app.App, f groupFlags, d syncer.Decision) error {
	if f.remember {
		if err := syncer.Remember(c.Context(), a.Ledger, f.cause, d); err != nil {
			return err
		}
	}
	n, err := syncer.Decide(c.Context(), a.Ledger, func(h ledger.Hold) syncer.Decision {
		if f.has(h) {
			return d
		}
		return ""
	})
	if err == nil {
		fmt.Fprintf(c.OutOrStdout(), "%d rows decided. The next cycle acts on them.\n", n)
	}
	return err
}

// quarantineRules lists the remembered decisions and forgets one.
func quarantineRules(g *globals) *cobra.Command {
	forget := ""
	c := &cobra.Command{
		Use: "rules", Short: "List the remembered decisions, or forget one", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if forget != "" {
				return withLedger(c, g, sqlite.Options{}, func(a *app.App) error { return syncer.Forget(c.Context(), a.Ledger, forget) })
			}
			return withLedger(c, g, sqlite.Options{ReadOnly: true}, func(a *app.App) error {
				rules, err := syncer.Remembered(c.Context(), a.Ledger)
				if err != nil {
					return err
				}
				if g.json {
					return printJSON(c.OutOrStdout(), rules)
				}
				for _, cause := range slices.Sorted(maps.Keys(rules)) {
					fmt.Fprintf(c.OutOrStdout(), "%s  %s\n", rules[cause], cause)
				}
				return nil
			})
		},
	}
	c.Flags().StringVar(&forget, "forget", "", "forget the decision about this cause")
	return c
}

package main

import (
	"encoding/json"
	"io"
	"os"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors/all"
	"github.com/tandem-sync/tandem/internal/app"
	"github.com/tandem-sync/tandem/syncer"
)

// globals are the flags every command has.
type globals struct {
	dir    string
	state  string
	json   bool
	level  string
	pretty bool
}

func newRoot() *cobra.Command {
	g := &globals{}
	root := &cobra.Command{
		Use:           "tandem",
		Short:         "Keep sales and marketing on one set of facts",
		Long:          "Tandem pulls leads from marketing platforms and CRMs, reconciles them into one record per person,\npushes enrichment to sales and outcomes back to marketing.",
		SilenceErrors: true, SilenceUsage: true,
		SuggestionsMinimumDistance: 2,
		Args:                       knownCommand,
		RunE:                       func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	flags := root.PersistentFlags()
	flags.StringVarP(&g.dir, "config", "c", ".", "folder with tandem.yaml and connectors/")
	flags.StringVar(&g.state, "state", "", "state folder, instead of the configured one")
	flags.BoolVar(&g.json, "json", false, "print JSON instead of text")
	flags.StringVar(&g.level, "log-level", "", "trace, debug, info, warn or error")
	flags.BoolVar(&g.pretty, "log-pretty", false, "log for people instead of JSON lines")
	root.AddCommand(commands(g)...)
	return root
}

// logger writes to standard error, so that standard output is the command's.
func (g *globals) logger(fallback zerolog.Level) zerolog.Logger {
	level, err := zerolog.ParseLevel(g.level)
	if err != nil || g.level == "" {
		level = fallback
	}
	var w io.Writer = os.Stderr
	if g.pretty {
		w = zerolog.ConsoleWriter{Out: os.Stderr, TimeFormat: time.TimeOnly, NoColor: !isatty.IsTerminal(os.Stderr.Fd())}
	}
	return zerolog.New(w).Level(level).With().Timestamp().Logger()
}

func (g *globals) options(observe func(syncer.Event)) app.Options {
	return app.Options{
		Dir: g.dir, StateDir: g.state, Registry: all.Registry(), Log: g.logger(zerolog.WarnLevel), Observe: observe,
		Secrets: resolver(),
	}
}

func resolver() secret.Resolver {
	return secret.Resolver{Env: os.LookupEnv, ReadFile: os.ReadFile}
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// noArgs refuses arguments where a command takes none.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no argument %q; see `%s --help`", c.CommandPath(), args[0], c.CommandPath())
	}
	return nil
}

// knownCommand refuses a command that there is not, with the nearest one.
func knownCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		return usagef("there is no command %q; did you mean %q?", args[0], near[0])
	}
	return usagef("there is no command %q; `tandem --help` lists them", args[0])
}

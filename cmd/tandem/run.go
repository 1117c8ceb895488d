package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/tandem-sync/tandem/config"
	"github.com/tandem-sync/tandem/config/watch"
	"github.com/tandem-sync/tandem/internal/app"
	"github.com/tandem-sync/tandem/syncer"
	"github.com/tandem-sync/tandem/web"
	"github.com/tandem-sync/tandem/web/metrics"
)

func newRun(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "run",
		Short: "Run as a daemon: cycles on a schedule, status page, metrics",
		Long: "Runs cycles on the configured schedules until SIGTERM or Ctrl-C; a second signal ends it at once.\n" +
			"SIGHUP and changes of the configuration's files load it anew; one with a mistake in it is refused and the last good one goes on.\n" +
			"The status page, /healthz, /readyz and /metrics are at server.listen.",
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			o := g.options(nil)
			cfg, problems := app.Load(o)
			if problems.HasErrors() {
				return &app.ConfigError{Problems: problems}
			}
			level, _ := zerolog.ParseLevel(cfg.Log.Level) // checked when it was loaded
			logs := *g
			logs.pretty = g.pretty || cfg.Log.Pretty
			o.Log = logs.logger(level)
			return runDaemon(c.Context(), o, daemonUI{})
		},
	}
}

// daemonUI is told what a person at a terminal wants to see; its parts may be
// nil.
type daemonUI struct {
	listening func(url string)
	event     func(syncer.Event)
}

// runDaemon runs the daemon and its web server until ctx ends.
func runDaemon(ctx context.Context, o app.Options, ui daemonUI) error {
	cfg, problems := app.Load(o)
	if problems.HasErrors() {
		return &app.ConfigError{Problems: problems}
	}
	// From here on a hangup means reload, also one that comes during the start.
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	// Listening comes before all else: a port that is taken is said before any call.
	l, err := listen(ctx, cfg)
	if err != nil {
		return err
	}
	reg := prometheus.NewRegistry()
	if err := measure(reg, &o, ui); err != nil {
		return errors.Join(err, closeListener(l))
	}
	d, err := app.NewDaemon(ctx, o)
	if err != nil {
		return errors.Join(err, closeListener(l))
	}
	if err := metrics.Watch(reg, d); err != nil {
		return errors.Join(err, closeListener(l), d.App().Close())
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	server := serve(l, web.Options{Source: d, Control: d, Hooks: d, Token: cfg.Server.Token, Metrics: reg, Log: o.Log}, stop)
	if server != nil && ui.listening != nil {
		ui.listening(server.URL())
	}
	ends := []func(){forceful(o.Log), reloads(ctx, o.Log, d, hup)}
	o.Log.Info().Str("version", versionText()).Str("revision", d.App().Engine.Revision).Msg("running")
	err = d.Run(ctx)
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		err = errors.Join(err, &app.EnvironmentError{Err: cause})
	}
	stop(nil)
	for _, end := range ends {
		end()
	}
	if server != nil {
		err = errors.Join(err, server.Close(ctx, 2*time.Second))
	}
	o.Log.Info().Msg("stopped")
	return err
}

func listen(ctx context.Context, cfg *config.Config) (net.Listener, error) {
	if cfg.Server.Listen == "" {
		return nil, nil
	}
	l, err := web.Listen(ctx, string(cfg.Server.Listen))
	if err != nil {
		return nil, &app.EnvironmentError{Err: err}
	}
	return l, nil
}

func closeListener(l net.Listener) error {
	if l == nil {
		return nil
	}
	return l.Close()
}

// measure makes the daemon tell its metrics and its watchers what it does.
func measure(reg *prometheus.Registry, o *app.Options, ui daemonUI) error {
	observer, err := metrics.New(reg, versionText())
	if err != nil {
		return err
	}
	for _, c := range []prometheus.Collector{collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})} {
		if err := reg.Register(c); err != nil {
			return err
		}
	}
	others := []func(syncer.Event){o.Observe, ui.event}
	o.Metrics, o.Version = reg, versionText()
	o.Observe = func(ev syncer.Event) {
		observer.Observe(ev)
		for _, other := range others {
			if other != nil {
				other(ev)
			}
		}
	}
	return nil
}

// serve serves the status page; nil without a listener. A server that fails
// ends the daemon, so that whoever supervises it starts it again.
func serve(l net.Listener, o web.Options, failed func(error)) *web.Server {
	if l == nil {
		o.Log.Info().Msg("server.listen is off: no status page, no metrics")
		return nil
	}
	s := web.NewServer(l, web.Handler(o), o.Log)
	go func() {
		if err := s.Serve(); err != nil {
			failed(err)
		}
	}()
	o.Log.Info().Str("url", s.URL()).Msg("listening")
	return s
}

// reloads makes the daemon load its configuration anew on SIGHUP and when its
// files change. The function returned ends that.
func reloads(ctx context.Context, log zerolog.Logger, d *app.Daemon, hup <-chan os.Signal) func() {
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		if err := watch.Dir(ctx, d.App().Config.Dir, d.Reload); err != nil {
			log.Warn().Err(err).Msg("changes of files are not noticed: send SIGHUP to load them")
		}
	}()
	told := make(chan struct{})
	go func() {
		defer close(told)
		for {
			select {
			case <-ctx.Done():
				return
			case <-hup:
				d.Reload()
			}
		}
	}()
	return func() {
		<-watching
		<-told
	}
}

// forceful lets a second signal end the process at once: the first one is
// main's, and ends ctx. What was begun is recovered at the next start.
func forceful(log zerolog.Logger) func() {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		for n := 1; ; n++ {
			select {
			case <-done:
				return
			case <-signals:
			}
			if n == 1 {
				log.Info().Msg("stopping: work that has begun may go on for the drain time; a second signal ends it at once")
				continue
			}
			fmt.Fprintln(os.Stderr, "tandem: ended at once; the next start recovers what was under way")
			os.Exit(exitFailed)
		}
	}()
	return func() {
		signal.Stop(signals)
		close(done)
	}
}

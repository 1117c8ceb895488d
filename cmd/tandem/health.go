package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tandem-sync/tandem/config"
	"github.com/tandem-sync/tandem/web"
)

func newHealth(g *globals) *cobra.Command {
	var at string
	c := &cobra.Command{
		Use:   "health",
		Short: "Ask the running daemon whether it is alive",
		Long:  "Asks /healthz at the configured server.listen; exits 0 if it answers and 1 if not. Made for a container's health check.",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if at == "" {
				// Mistakes elsewhere in the files do not matter: the daemon that is
				// asked runs with the configuration it loaded before.
				cfg, _ := config.Load(g.dir, os.DirFS(g.dir))
				if cfg.Server.Listen == "" {
					return errors.New("server.listen is off, so there is nothing to ask; set it, or remove the health check")
				}
				at = web.URL(string(cfg.Server.Listen))
			}
			u, err := url.Parse(at)
			if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
				return usagef("--url must be the address of the daemon, such as http://127.0.0.1:8484")
			}
			if strings.Trim(u.Path, "/") == "" {
				u = u.JoinPath("healthz")
			}
			if err := askHealth(c.Context(), u.String()); err != nil {
				return err
			}
			if g.json {
				return printJSON(c.OutOrStdout(), map[string]bool{"alive": true})
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), "alive")
			return err
		},
	}
	c.Flags().StringVar(&at, "url", "", "address of the daemon, instead of the configured one")
	return c
}

// askHealth asks directly: no proxy stands between a daemon and its check, and
// no other place may answer for it.
func askHealth(ctx context.Context, address string) error {
	ctx, stop := context.WithTimeout(ctx, 4*time.Second)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	res, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("the daemon does not answer: %w; is `tandem run` running there?", err)
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<10))
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s instead of 200: something else may listen there", address, res.Status)
	}
	return nil
}

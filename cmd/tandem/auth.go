package main

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/internal/app"
)

// loginer is a connector whose credentials are obtained by a person's log-in.
type loginer interface {
	NewLogin(redirect, state string) (*httpapi.Login, error)
}

func newAuth(g *globals) *cobra.Command {
	port := 8485
	auth := &cobra.Command{Use: "auth", Short: "Log in to a connected system", Args: noArgs, RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	login := &cobra.Command{
		Use:   "login CONNECTOR",
		Short: "Log in by browser and keep the tokens, encrypted, in the ledger",
		Long:  "Opens a listener on this machine for the way back. The redirect address to register with the app is http://127.0.0.1:PORT/callback.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("say which connector: tandem auth login hubspot")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			systems, closeAll, err := app.Connectors(c.Context(), g.options(nil))
			if err != nil {
				return err
			}
			defer func() { _ = closeAll() }()
			var names []string
			for _, s := range systems {
				names = append(names, s.Config.Name)
				if s.Config.Name != args[0] {
					continue
				}
				l, ok := s.Conn.(loginer)
				if !ok {
					return usagef("%s needs no log-in: its credentials are in the configuration", args[0])
				}
				return loginBy(c.Context(), c.OutOrStdout(), l, port)
			}
			return usagef("there is no connector %q; did you mean %q?", args[0], diag.Nearest(args[0], names))
		},
	}
	login.Flags().IntVar(&port, "port", port, "port of the listener for the way back")
	auth.AddCommand(login)
	return auth
}

const loginTimeout = 5 * time.Minute

// loginBy leads a person through the log-in: it prints where to go and waits
// for the browser to come back with the code.
func loginBy(ctx context.Context, w io.Writer, l loginer, port int) error {
	ctx, cancel := context.WithTimeout(ctx, loginTimeout)
	defer cancel()
	var b [16]byte
	_, _ = rand.Read(b[:])
	state := hex.EncodeToString(b[:])
	login, err := l.NewLogin(fmt.Sprintf("http://127.0.0.1:%d/callback", port), state)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return &app.EnvironmentError{Err: fmt.Errorf("the listener for the way back: %w; choose another --port", err)}
	}
	codes := make(chan string, 1)
	server := &http.Server{Handler: callback(state, codes), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(listener) }()
	defer func() { _ = server.Close() }()
	fmt.Fprintf(w, "Open this address in your browser and allow access:\n\n  %s\n\nWaiting ...\n", login.URL())
	select {
	case code := <-codes:
		if err := login.Finish(ctx, code); err != nil {
			return err
		}
		fmt.Fprintln(w, "Logged in. Next: `tandem check`.")
		return nil
	case <-ctx.Done():
		return fmt.Errorf("nobody came back within %s: run the command again", loginTimeout)
	}
}

func callback(state string, codes chan<- string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /callback", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(state)) != 1 || q.Get("code") == "" {
			http.Error(w, "This is not the log-in that was begun. Run tandem auth login again.", http.StatusBadRequest)
			return
		}
		select {
		case codes <- q.Get("code"):
		default:
		}
		_, _ = io.WriteString(w, "Done. You can close this page and go back to the terminal.\n")
	})
	return mux
}

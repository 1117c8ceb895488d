// Command oidc serves the example OpenID provider of zitadel/oidc on 127.0.0.1,
// for tests that want an OAuth2 server not written by us.
package main

import (
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
)

func main() {
	port := flag.Int("port", 9998, "the port of 127.0.0.1 to listen on")
	redirect := flag.String("redirect", "http://127.0.0.1:9999/callback", "where a log-in comes back to")
	flag.Parse()
	logger := slog.New(slog.NewTextHandler(os.Stderr, nil))
	issuer := fmt.Sprintf("http://127.0.0.1:%d/", *port)
	storage.RegisterClients(storage.WebClient("tandem", "secret", *redirect))
	store := storage.NewStorage(storage.NewUserStore(issuer))
	server := http.Server{
		Addr: fmt.Sprintf("127.0.0.1:%d", *port), Handler: exampleop.SetupServer(issuer, store, logger, false),
		ReadHeaderTimeout: 10 * time.Second,
	}
	if err := server.ListenAndServe(); err != nil {
		logger.Error("the provider ended", "error", err)
		os.Exit(1)
	}
}

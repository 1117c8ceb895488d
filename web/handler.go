package web

import (
	"embed"
	"encoding/json"
	"io/fs"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/rs/zerolog"

	"github.com/tandem-sync/tandem/config/secret"
)

//go:embed static templates
var files embed.FS

// Options say what the handler shows and who may act.
type Options struct {
	Source  Source
	Control Control             // nil: nobody may act
	Token   secret.Secret       // bearer token of who may act; unset: nobody
	Metrics prometheus.Gatherer // nil: no /metrics
	Hooks   Hooks               // nil: nothing takes posts
	Log     zerolog.Logger
}

// Handler returns everything the daemon serves.
func Handler(o Options) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", page(o))
	mux.HandleFunc("GET /style.css", static("static/style.css", "text/css; charset=utf-8"))
	mux.HandleFunc("GET /icon.svg", static("static/icon.svg", "image/svg+xml"))
	mux.Handle("GET /api/v1/status", status(o))
	mux.HandleFunc("GET /healthz", alive)
	mux.Handle("GET /readyz", ready(o.Source))
	if o.Metrics != nil {
		mux.Handle("GET /metrics", promhttp.HandlerFor(o.Metrics, promhttp.HandlerOpts{
			ErrorHandling: promhttp.ContinueOnError, ErrorLog: promLog{o.Log}, MaxRequestsInFlight: 4, EnableOpenMetrics: true,
		}))
	}
	actions(mux, o)
	hooks(mux, o)
	return secured(mux)
}

// secured sets the headers every answer has. The page needs nothing but its own
// style sheet and icon, so nothing else is allowed.
func secured(next http.Handler) http.Handler {
	const policy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func static(name, kind string) http.HandlerFunc {
	content, err := fs.ReadFile(files, name)
	return func(w http.ResponseWriter, r *http.Request) {
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(content) // the reader may have gone away
	}
}

func alive(w http.ResponseWriter, _ *http.Request) { text(w, http.StatusOK, "ok") }

// ready answers 503 with the reason where no work can be done.
func ready(s Source) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.Ready(r.Context()); err != nil {
			text(w, http.StatusServiceUnavailable, err.Error())
			return
		}
		text(w, http.StatusOK, "ok")
	})
}

func text(w http.ResponseWriter, code int, body string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	_, _ = w.Write([]byte(body + "\n")) // the reader may have gone away
}

func answer(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	_ = enc.Encode(v) // the reader may have gone away
}

type promLog struct{ log zerolog.Logger }

// Println makes the logger one that promhttp understands.
func (l promLog) Println(v ...any) { l.log.Warn().Msgf("metrics: %v", v) }

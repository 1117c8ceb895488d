package web

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/tandem-sync/tandem/config/secret"
)

// problem is the body of an answer that is no success.
type problem struct {
	Error string `json:"error"`
}

func status(o Options) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := o.Source.Status(r.Context())
		if err != nil {
			o.Log.Warn().Err(err).Msg("the status cannot be told")
			answer(w, http.StatusServiceUnavailable, problem{"the status cannot be told: " + err.Error()})
			return
		}
		answer(w, http.StatusOK, s)
	})
}

// actions adds what changes something, which is there only where a token is
// configured.
func actions(mux *http.ServeMux, o Options) {
	if o.Control == nil || o.Token.IsZero() || o.Token.Reveal() == "" {
		return
	}
	protect := http.NewCrossOriginProtection()
	for path, act := range map[string]func(string) bool{"trigger": o.Control.Trigger, "pause": o.Control.Pause, "resume": o.Control.Resume} {
		mux.Handle("POST /api/v1/"+path, protect.Handler(authorised(o.Token, job(o, path, act))))
	}
}

func authorised(token secret.Secret, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "bearer") || !token.Equal(secret.New(strings.TrimSpace(given))) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="tandem"`)
			answer(w, http.StatusUnauthorized, problem{"send the token of server.token as Authorization: Bearer TOKEN"})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// mostBody bounds the body of an action: it names one job.
const mostBody = 4 << 10

func job(o Options, what string, act func(string) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Job string `json:"job"`
		}
		dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostBody))
		dec.DisallowUnknownFields()
		err := dec.Decode(&in)
		if _, more := dec.Token(); err != nil || more != io.EOF || in.Job == "" {
			answer(w, http.StatusBadRequest, problem{`send {"job": "NAME"}; /api/v1/status lists the jobs`})
			return
		}
		if !act(in.Job) {
			answer(w, http.StatusNotFound, problem{"there is no such job; /api/v1/status lists the jobs"})
			return
		}
		o.Log.Info().Str("action", what).Str("job", in.Job).Msg("asked for over HTTP")
		answer(w, http.StatusAccepted, map[string]string{"job": in.Job, "action": what})
	})
}

package simkit

import (
	"encoding/json"
	"net/http"
)

const maxControlBody = 1 << 20

func controlHandler(cfg Config) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /__sim/fault", func(w http.ResponseWriter, r *http.Request) {
		var fault Fault
		if !readControl(w, r, &fault) {
			return
		}
		if fault.Kind == "" {
			http.Error(w, `{"error":"a fault needs a kind"}`, http.StatusBadRequest)
			return
		}
		cfg.Faults.Add(fault)
		done(w)
	})
	mux.HandleFunc("POST /__sim/automation", func(w http.ResponseWriter, r *http.Request) {
		var auto Automation
		if !readControl(w, r, &auto) {
			return
		}
		if auto.Field == "" || (auto.Kind != RewriteField && auto.Kind != Rival) {
			http.Error(w, `{"error":"an automation needs a field and the kind rewrite_field or rival"}`, http.StatusBadRequest)
			return
		}
		cfg.Automations.Add(auto)
		done(w)
	})
	mux.HandleFunc("POST /__sim/reset_faults", action(cfg.Faults.Reset))
	mux.HandleFunc("POST /__sim/reset_automations", action(cfg.Automations.Reset))
	mux.HandleFunc("POST /__sim/reset_counts", action(cfg.Counter.Reset))
	mux.HandleFunc("POST /__sim/expire_tokens", action(cfg.ExpireTokens))
	mux.HandleFunc("GET /__sim/counts", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(cfg.Counter.Counts()) // a lost client is its own affair
	})
	return mux
}

func action(do func()) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if do != nil {
			do()
		}
		done(w)
	}
}

func done(w http.ResponseWriter) { w.WriteHeader(http.StatusNoContent) }

// readControl decodes strictly, so that a mistyped key in a test is an error
// and not a fault that never fires.
func readControl(w http.ResponseWriter, r *http.Request, into any) bool {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxControlBody))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		http.Error(w, `{"error":"the body is not what this control call takes"}`, http.StatusBadRequest)
		return false
	}
	return true
}

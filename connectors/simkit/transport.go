package simkit

import (
	"bytes"
	"compress/gzip"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"time"
)

// answer is a reply kept back so that it can be spoiled.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header returns the header to be sent.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader keeps the first status given, as a server does.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// Write keeps a part of the body.
func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

func record(h http.Handler, r *http.Request) *answer {
	a := &answer{header: http.Header{}}
	h.ServeHTTP(a, r)
	a.WriteHeader(http.StatusOK)
	return a
}

func (a *answer) start(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	if a.body.Len() > 0 {
		w.Header().Set("Content-Length", strconv.Itoa(a.body.Len()))
	}
	w.WriteHeader(a.status)
}

// cut resets the connection, so that the caller cannot tell how far it got.
func cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // the nearest thing where a connection cannot be had
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // RST instead of FIN; without it the cut is only politer
	}
	_ = conn.Close()
}

func truncate(w http.ResponseWriter, a *answer) {
	a.start(w)
	_, _ = w.Write(a.body.Bytes()[:a.body.Len()/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func drip(w http.ResponseWriter, r *http.Request, a *answer, fault Fault) {
	a.start(w)
	gap := fault.Duration(100 * time.Millisecond)
	out := http.NewResponseController(w)
	for _, b := range a.body.Bytes() {
		if _, err := w.Write([]byte{b}); err != nil || out.Flush() != nil || !wait(r.Context(), gap) {
			return
		}
	}
}

const filler = `{"results":[{"id":"1","properties":{"filler":"`

func oversize(w http.ResponseWriter, r *http.Request, megabytes int) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	pour(w, r, megabytes)
}

// gzipBomb compresses while it sends, so the twin itself stays small.
func gzipBomb(w http.ResponseWriter, r *http.Request, megabytes int) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.Header().Set("Content-Encoding", "gzip")
	zip := gzip.NewWriter(w)
	pour(zip, r, megabytes)
	_ = zip.Close() // fails only when the caller has gone
}

func pour(w io.Writer, r *http.Request, megabytes int) {
	if _, err := io.WriteString(w, filler); err != nil {
		return
	}
	block := bytes.Repeat([]byte("a"), 1<<20)
	for range megabytes {
		if _, err := w.Write(block); err != nil || r.Context().Err() != nil {
			return
		}
	}
}

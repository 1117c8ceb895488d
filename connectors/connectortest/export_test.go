package connectortest

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/tandem-sync/tandem/record/schema"
)

// Findings runs the cases of these names, or all that apply if none is named,
// and returns what each found; it fails no test.
func Findings(t *testing.T, s Setup, names ...string) map[string][]string {
	t.Helper()
	main, _ := s.Catalog.Object(s.Object)
	all := map[string][]string{}
	for _, c := range cases() {
		if c.needs.missing([]schema.Object{main}, s.Transport) != "" || len(names) > 0 && !slices.Contains(names, c.Name) {
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			r, k := &recorder{TB: t}, newKit(t, s, main)
			k.t = r
			done := make(chan struct{})
			go func() { // which a fatal finding ends
				defer close(done)
				k.run(c)
			}()
			<-done
			if len(r.found) > 0 {
				all[c.Name] = r.found
			}
		})
	}
	return all
}

// recorder takes the findings of a case.
type recorder struct {
	testing.TB

	mu    sync.Mutex
	found []string
}

func (r *recorder) add(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.found = append(r.found, text)
}

func (r *recorder) Error(args ...any)                 { r.add(fmt.Sprint(args...)) }
func (r *recorder) Errorf(format string, args ...any) { r.add(fmt.Sprintf(format, args...)) }
func (*recorder) Log(...any)                          {}
func (*recorder) Logf(string, ...any)                 {}
func (*recorder) Skip(...any)                         { runtime.Goexit() }

func (r *recorder) Fatal(args ...any) {
	r.add(fmt.Sprint(args...))
	runtime.Goexit()
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.add(fmt.Sprintf(format, args...))
	runtime.Goexit()
}

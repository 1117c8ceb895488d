package config

import (
	"strings"

	"github.com/tandem-sync/tandem/config/diag"
)

// nearestOr asks whether the nearest candidate was meant, or says something
// else where none is near.
func nearestOr(name string, candidates []string, otherwise string) string {
	if best := diag.Nearest(name, candidates); best != "" {
		return `did you mean "` + best + `"?`
	}
	return otherwise
}

// nearestOrAll lists every candidate where none is near.
func nearestOrAll(name string, candidates []string) string {
	return nearestOr(name, candidates, "allowed: "+strings.Join(candidates, ", "))
}

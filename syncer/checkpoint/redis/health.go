package redis

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Health writes once, so that a store that is full, read-only or cannot save
// is found, and reads how the server keeps what it is given.
func (s *Store) Health(ctx context.Context) ([]string, error) {
	if _, err := s.run(ctx, s.scripts.probe, nil); err != nil {
		return nil, fmt.Errorf("check the checkpoint store: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	info, err := s.info(ctx)
	if err != nil {
		return nil, fmt.Errorf("check the checkpoint store: %w", err)
	}
	var warnings []string
	for _, check := range []func(map[string]string) string{policy, aof, saved, full} {
		if w := check(info); w != "" {
			warnings = append(warnings, w)
		}
	}
	return warnings, nil
}

// info reads the server's account of itself. A server that does not give it
// works all the same, and the checks say that they cannot tell.
func (s *Store) info(ctx context.Context) (map[string]string, error) {
	out := map[string]string{}
	for _, section := range []string{"memory", "persistence"} {
		text, err := s.client.Info(ctx, section).Result()
		if err != nil && !refused(err) {
			return nil, s.explain(err)
		}
		for line := range strings.Lines(text) {
			if k, v, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
				out[k] = v
			}
		}
	}
	return out, nil
}

func refused(err error) bool {
	var reply interface{ RedisError() }
	return errors.As(err, &reply)
}

func policy(info map[string]string) string {
	switch p := info["maxmemory_policy"]; p {
	case "noeviction":
		return ""
	case "":
		return "Redis does not tell its maxmemory-policy: under any but noeviction, leases and reading positions can vanish when memory is short"
	default:
		return "Redis evicts keys when memory is short (maxmemory-policy " + p +
			"): leases and reading positions can vanish, which costs reading again and can let two processes work at once; set maxmemory-policy noeviction"
	}
}

func aof(info map[string]string) string {
	switch info["aof_enabled"] {
	case "1":
		return ""
	case "":
		return "Redis does not tell whether it keeps an append-only file: without one a crash loses its last writes, which costs reading again"
	default:
		return "Redis keeps no append-only file: if it crashes, all writes since its last snapshot are lost, which costs reading again; set appendonly yes"
	}
}

func saved(info map[string]string) string {
	switch {
	case info["aof_enabled"] == "1" && bad(info["aof_last_write_status"]):
		return "Redis could not write its append-only file: it refuses writes, or loses them in a crash; see its log and its disk"
	case bad(info["rdb_last_bgsave_status"]):
		return "Redis could not save its last snapshot: it may refuse writes; see its log and its disk"
	}
	return ""
}

func bad(status string) bool { return status != "" && status != "ok" }

func full(info map[string]string) string {
	used, _ := strconv.ParseFloat(info["used_memory"], 64)
	most, _ := strconv.ParseFloat(info["maxmemory"], 64)
	if most > 0 && used > 0.9*most {
		return fmt.Sprintf("Redis uses %.0f %% of its maxmemory: when it is full it refuses positions and leases; raise maxmemory", 100*used/most)
	}
	return ""
}

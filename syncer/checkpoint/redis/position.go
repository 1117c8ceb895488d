package redis

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"

	goredis "github.com/redis/go-redis/v9"

	"github.com/tandem-sync/tandem/syncer/checkpoint"
)

const (
	kindPosition = "position"
	batch        = 500
	headLen      = len(version) + 1 + 8 + 1 + 19 + 1 + 19 + 1
)

// digits writes a number so that text compares as numbers do.
func digits(n int64) string { return fmt.Sprintf("%019d", n) }

// encode writes format, checksum, epoch, sequence and value. The checksum
// takes in the instance, so that another's position is never believed.
func (s *Store) encode(key string, p checkpoint.Position) string {
	body := digits(p.Epoch) + " " + digits(p.Seq) + " " + p.Value
	return version + " " + s.sum(key, body) + " " + body
}

func (s *Store) sum(key, body string) string {
	return fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(s.pin+"\n"+key+"\n"+body)))
}

func (s *Store) decode(key, text string) (checkpoint.Position, error) {
	stored := s.key(kindPosition, key)
	if len(text) < headLen || !strings.HasPrefix(text, version+" ") {
		return checkpoint.Position{}, unreadable(stored, text)
	}
	sum, body := text[2:10], text[11:]
	epoch, err1 := strconv.ParseInt(body[:19], 10, 64)
	seq, err2 := strconv.ParseInt(body[20:39], 10, 64)
	if errors.Join(err1, err2) != nil || sum != s.sum(key, body) {
		return checkpoint.Position{}, unreadable(stored, text)
	}
	return checkpoint.Position{Value: body[40:], Seq: seq, Epoch: epoch}, nil
}

// Save stores a position.
func (s *Store) Save(ctx context.Context, key string, p checkpoint.Position) error {
	if key == "" || p.Seq < 0 || p.Epoch < 0 {
		return fmt.Errorf("save position %q: a position needs a key and no number below zero", key)
	}
	reply, err := s.run(ctx, s.scripts.save, []string{s.key(kindPosition, key)}, digits(p.Epoch), digits(p.Seq), s.encode(key, p))
	if err != nil {
		return fmt.Errorf("save position %q: %w", key, err)
	}
	if reply[0] == replyFenced {
		return fmt.Errorf("save position %q under epoch %d: %w", key, p.Epoch, checkpoint.ErrFenced)
	}
	return nil
}

// Positions returns the positions whose keys begin with prefix.
func (s *Store) Positions(ctx context.Context, prefix string) (map[string]checkpoint.Position, error) {
	ctx, cancel := context.WithTimeout(ctx, listTimeout)
	defer cancel()
	out := map[string]checkpoint.Position{}
	match := escape(s.key(kindPosition, prefix)) + "*"
	for cursor := uint64(0); ; {
		keys, next, err := s.client.Scan(ctx, cursor, match, batch).Result()
		if err != nil {
			return nil, fmt.Errorf("read the positions: %w", s.explain(err))
		}
		if err := s.read(ctx, keys, out); err != nil {
			return nil, fmt.Errorf("read the positions: %w", err)
		}
		if cursor = next; cursor == 0 {
			break
		}
	}
	// Only now: whoever took the prefix meanwhile is seen.
	if _, err := s.run(ctx, s.scripts.claim, nil); err != nil {
		return nil, fmt.Errorf("read the positions: %w", err)
	}
	return out, nil
}

func (s *Store) read(ctx context.Context, keys []string, into map[string]checkpoint.Position) error {
	if len(keys) == 0 {
		return nil
	}
	values, err := s.client.MGet(ctx, keys...).Result()
	if err != nil {
		return s.explain(err)
	}
	for i, v := range values {
		text, ok := v.(string)
		if !ok { // gone meanwhile, or of another type: MGET answers alike
			text, err = s.client.Get(ctx, keys[i]).Result()
			if errors.Is(err, goredis.Nil) {
				continue
			}
			if err != nil {
				return s.explain(err)
			}
		}
		key := strings.TrimPrefix(keys[i], s.key(kindPosition, ""))
		if into[key], err = s.decode(key, text); err != nil {
			return err
		}
	}
	return nil
}

// escape makes a pattern match itself only.
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, "]", `\]`, "^", `\^`).Replace(s)
}

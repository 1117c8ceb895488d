package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
)

// Copy writes the ledger at path, as it stands at one instant, into a new file.
// It works beside the process that owns the ledger, and does not disturb it.
func Copy(ctx context.Context, path, to string) error {
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("ledger %s: %w", path, err)
	}
	c, err := dial(ctx, path, "rw", []string{"busy_timeout=" + strconv.Itoa(busyMillis), "temp_store=MEMORY"})
	if err != nil {
		return fmt.Errorf("ledger %s: %w", path, err)
	}
	// The rows of a ledger do not move: their tables name their row numbers.
	if err := errors.Join(c.exec("VACUUM INTO ?", to), c.close()); err != nil {
		return fmt.Errorf("copying the ledger %s to %s: %w", path, to, err)
	}
	return nil
}

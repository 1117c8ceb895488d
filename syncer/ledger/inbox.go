package ledger

import (
	"context"
	"time"
)

// Delivery is one verified post of a system to us, kept as it came: where the
// posts are the source, nothing else holds them.
type Delivery struct {
	Seq  int64     // given by the ledger; grows with every delivery of all systems
	Key  string    // names the delivery: it is kept once however often it comes
	At   time.Time // when it came
	Body []byte
}

// InboxReader reads the deliveries that are kept.
type InboxReader interface {
	// After returns up to limit deliveries of a system after a sequence number,
	// in order.
	After(ctx context.Context, system string, seq int64, limit int) ([]Delivery, error)
}

// Inbox reads and keeps deliveries.
type Inbox interface {
	InboxReader
	// Append keeps a delivery; its Seq is ignored. It tells whether the system's
	// key is new: if not, nothing changes. No sequence number is given twice,
	// also not after Prune.
	Append(ctx context.Context, system string, d Delivery) (fresh bool, err error)
	// Prune forgets the deliveries of a system up to a sequence number that came
	// before an instant, with their keys, and tells how many they were.
	Prune(ctx context.Context, system string, upTo int64, before time.Time) (int, error)
}

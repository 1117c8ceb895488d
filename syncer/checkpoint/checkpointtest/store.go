package checkpointtest

import (
	"context"

	"github.com/tandem-sync/tandem/syncer/checkpoint"
)

func storeCases() map[string]func(*kit) {
	return map[string]func(*kit){
		"is healthy": func(k *kit) {
			if _, err := k.Store.Health(k.Context()); err != nil {
				k.Fatalf("Health: %v", err)
			}
		},
		"gives up when its caller does": func(k *kit) {
			ctx, cancel := context.WithCancel(k.Context())
			cancel()
			_, errPositions := k.Store.Positions(ctx, "")
			_, errAcquire := k.Store.Acquire(ctx, "work", "a", long, 0)
			_, errTake := k.Store.Take(ctx, "l", 1, long)
			_, errHealth := k.Store.Health(ctx)
			for what, err := range map[string]error{
				"Positions": errPositions, "Acquire": errAcquire, "Take": errTake, "Health": errHealth,
				"Save": k.Store.Save(ctx, key, checkpoint.Position{Seq: 1, Epoch: 1}),
			} {
				if err == nil {
					k.Errorf("%s of a caller who has given up is no error", what)
				}
			}
			k.acquire(k.Other, "b", long, 0)
		},
	}
}

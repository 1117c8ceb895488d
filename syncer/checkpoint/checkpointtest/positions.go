package checkpointtest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/tandem-sync/tandem/syncer/checkpoint"
)

const key = "hubspot/contacts/changes"

func positionCases() map[string]func(*kit) {
	return map[string]func(*kit){
		"are empty at first": func(k *kit) {
			if all, err := k.Store.Positions(k.Context(), ""); err != nil || len(all) != 0 {
				k.Fatalf("a new store holds %v, %v", all, err)
			}
		},
		"come back as saved":                         comeBack,
		"are found by the beginning of their keys":   byPrefix,
		"are all found when they are many":           many,
		"do not go back within an epoch":             noWayBack,
		"of a higher epoch win whatever their page":  higherEpochWins,
		"of a lower epoch are fenced off":            staleEpoch,
		"end at the highest when many save at once":  saveAtOnce,
		"need a key and no number below zero":        badPositions,
		"saved twice are the same as saved once":     saveTwice,
		"with numbers above 2^53 are told apart":     greatNumbers,
		"with signs of patterns in keys are not one": patternKeys,
	}
}

func comeBack(k *kit) {
	for i, value := range []string{"2026-11-01T00:00:00Z|42", "", "a b  c\nd", "\x00\xff", "é漢😀", strings.Repeat("x", 100_000)} {
		name := fmt.Sprintf("%s/%d", key, i)
		want := checkpoint.Position{Value: value, Seq: int64(i), Epoch: 3}
		k.save(name, want)
		k.holds(name, want)
	}
}

func byPrefix(k *kit) {
	names := []string{"a/contacts", "a/deals", "ab/deals", "b/deals"}
	for _, n := range names {
		k.save(n, checkpoint.Position{Value: n, Seq: 1, Epoch: 1})
	}
	for prefix, want := range map[string][]string{
		"": names, "a/": {"a/contacts", "a/deals"}, "a": {"a/contacts", "a/deals", "ab/deals"}, "b/deals": {"b/deals"}, "c": nil,
	} {
		all, err := k.Store.Positions(k.Context(), prefix)
		if got := slices.Sorted(maps.Keys(all)); err != nil || !slices.Equal(got, want) {
			k.Errorf("under %q are %v, %v, want %v", prefix, got, err, want)
		}
	}
}

func many(k *kit) {
	const n = 1200
	for i := range n {
		k.save(fmt.Sprintf("range/%04d", i), checkpoint.Position{Value: "v", Seq: int64(i), Epoch: 1})
	}
	all, err := k.Store.Positions(k.Context(), "range/")
	if err != nil || len(all) != n || all["range/0777"].Seq != 777 {
		k.Fatalf("%d positions, %v, want %d", len(all), err, n)
	}
}

func noWayBack(k *kit) {
	at5 := checkpoint.Position{Value: "five", Seq: 5, Epoch: 2}
	k.save(key, at5)
	k.save(key, checkpoint.Position{Value: "four", Seq: 4, Epoch: 2})
	k.holds(key, at5)
	at6 := checkpoint.Position{Value: "six", Seq: 6, Epoch: 2}
	k.save(key, at6)
	k.holds(key, at6)
}

func higherEpochWins(k *kit) {
	k.save(key, checkpoint.Position{Value: "far", Seq: 900, Epoch: 2})
	again := checkpoint.Position{Value: "again", Seq: 1, Epoch: 10}
	k.save(key, again)
	k.holds(key, again)
}

func staleEpoch(k *kit) {
	want := checkpoint.Position{Value: "new", Seq: 1, Epoch: 10}
	k.save(key, want)
	err := k.Other.Save(k.Context(), key, checkpoint.Position{Value: "old", Seq: 50, Epoch: 9})
	if !errors.Is(err, checkpoint.ErrFenced) {
		k.Fatalf("a stale owner's save: %v, want ErrFenced", err)
	}
	k.holds(key, want)
	k.save("other", checkpoint.Position{Seq: 1, Epoch: 9}) // another key is another matter
}

func saveAtOnce(k *kit) {
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			if err := k.Store.Save(k.Context(), key, checkpoint.Position{Value: strconv.Itoa(i), Seq: int64(i), Epoch: 1}); err != nil {
				k.Errorf("Save: %v", err)
			}
		})
	}
	all.Wait()
	k.holds(key, checkpoint.Position{Value: "39", Seq: 39, Epoch: 1})
}

func badPositions(k *kit) {
	if k.Store.Save(k.Context(), "", checkpoint.Position{}) == nil {
		k.Error("a position without a key was saved")
	}
	for _, p := range []checkpoint.Position{{Seq: -1}, {Epoch: -1}} {
		if k.Store.Save(k.Context(), key, p) == nil {
			k.Errorf("%+v was saved", p)
		}
	}
}

func saveTwice(k *kit) {
	p := checkpoint.Position{Value: "v", Seq: 7, Epoch: 1}
	k.save(key, p)
	k.save(key, p)
	k.holds(key, p)
}

func greatNumbers(k *kit) {
	const great = int64(1)<<62 + 1
	k.save(key, checkpoint.Position{Value: "high", Seq: great, Epoch: great})
	k.save(key, checkpoint.Position{Value: "low", Seq: great - 1, Epoch: great})
	k.holds(key, checkpoint.Position{Value: "high", Seq: great, Epoch: great})
	if err := k.Store.Save(k.Context(), key, checkpoint.Position{Epoch: great - 1}); !errors.Is(err, checkpoint.ErrFenced) {
		k.Fatalf("one epoch lower: %v, want ErrFenced", err)
	}
}

func patternKeys(k *kit) {
	for _, n := range []string{"a*", "ab", "a?", "[ab]", `a\`} {
		k.save(n, checkpoint.Position{Value: n, Seq: 1, Epoch: 1})
	}
	for _, prefix := range []string{"a*", "a?", "[ab]", `a\`} {
		all, err := k.Store.Positions(k.Context(), prefix)
		if err != nil || len(all) != 1 || all[prefix].Value != prefix {
			k.Errorf("under %q are %v, %v", prefix, all, err)
		}
	}
}

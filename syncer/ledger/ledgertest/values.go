package ledgertest

import (
	"strings"
	"time"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

func valueCases() map[string]func(*kit) {
	return map[string]func(*kit){
		"of every kind and state come back": valuesRoundTrip,
		"odd texts come back anywhere":      valuesOddTexts,
		"times come back to the nanosecond": valuesTimes,
	}
}

// oddTexts are what real systems hold.
func oddTexts() map[string]string {
	return map[string]string{
		"empty": "", "nul": "a\x00b\x00", "emoji": "🎉👩‍💻", "rtl": "שלום \u202e abc", "quotes": `"'\` + "`", "lines": "a\r\nb\tc\x7f",
		"separators": "a\x1fb\u2028c", "composed": "e\u0301é", "html": "<b>&amp;</b>", "large": strings.Repeat("0123456789abcde\n", 1<<16),
	}
}

func oddFields() record.Fields {
	f := record.Fields{"money": record.OfMoney(-350_000, "EUR"), "set": record.OfSet("b", "a"), "big": record.Of(record.Integer, "9007199254740993")}
	for name, text := range oddTexts() {
		for k := record.String; k <= record.Reference; k++ {
			f[name+"."+k.String()] = record.Of(k, text)
		}
		f[name+" ~"] = record.PlaceholderOf(record.Text, text)
		f["name "+text[:min(len(text), 40)]] = record.NullOf(record.Date)
	}
	return f
}

func valuesRoundTrip(k *kit) {
	f := oddFields()
	e, l, i := entity(1), link(1), intent(1)
	e.Golden, l.Shadow.Held, l.Shadow.Sent, l.Shadow.Echo, i.Before, i.After = f, f, f, f, f, f
	c := ledger.Change{Entity: id(1), Run: "r"}
	for name, v := range f {
		c.Fields = append(c.Fields, ledger.FieldChange{Field: name, From: v, To: v, Lost: v})
	}
	k.everywhere(func(tx ledger.Tx) error {
		if err := tx.Entities.Put(k.Context(), e); err != nil {
			return err
		}
		if err := tx.Links.Put(k.Context(), l); err != nil {
			return err
		}
		if err := tx.Intents.Put(k.Context(), i); err != nil {
			return err
		}
		if got, err := tx.History.Of(k.Context(), id(1)); err != nil || len(got) > 0 {
			return err
		}
		return tx.History.Append(k.Context(), c)
	}, func(r ledger.Reader) error {
		if err := same("Get", map[record.EntityID]ledger.Entity{e.ID: e})(r.Entities.Get(k.Context(), e.ID)); err != nil {
			return err
		}
		if err := same("ByRemote", map[string]ledger.Link{l.ID: l})(r.Links.ByRemote(k.Context(), l.System, l.Object, l.ID)); err != nil {
			return err
		}
		if err := same("Of", []ledger.Intent{i})(r.Intents.Of(k.Context(), id(1))); err != nil {
			return err
		}
		got, err := r.History.Of(k.Context(), id(1))
		return same("History", numbered(got, []ledger.Change{c}))(got, err)
	})
}

func valuesOddTexts(k *kit) {
	for name, s := range oddTexts() {
		if name == "empty" || name == "large" {
			continue
		}
		l := link(1)
		l.ID, l.Shadow.Version, l.Rule = s, s, s
		h := hold(1, "crm", s)
		h.Cause, h.Detail = s, s
		key := ledger.MatchKey{Kind: "email", Value: s}
		k.everywhere(func(tx ledger.Tx) error {
			if err := tx.Entities.Put(k.Context(), entity(1)); err != nil {
				return err
			}
			if err := tx.Entities.PutKeys(k.Context(), id(1), record.Person, key); err != nil {
				return err
			}
			if err := tx.Links.Put(k.Context(), l); err != nil {
				return err
			}
			return tx.Holds.Put(k.Context(), h)
		}, func(r ledger.Reader) error {
			if err := same("ByRemote", map[string]ledger.Link{s: l})(r.Links.ByRemote(k.Context(), l.System, l.Object, s)); err != nil {
				return err
			}
			if err := same("ByKeys", holders{key: {id(1)}})(r.Entities.ByKeys(k.Context(), record.Person, key)); err != nil {
				return err
			}
			return same("Scan", []ledger.Hold{h})(r.Holds.Scan(k.Context(), ledger.HoldScan{Cause: s}))
		})
	}
}

func valuesTimes(k *kit) {
	zone := time.FixedZone("", 2*3600)
	for _, t := range []time.Time{
		{},
		time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC), time.Date(1969, 12, 31, 23, 59, 59, 999_999_999, time.UTC), time.Unix(0, 0).UTC(),
		time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC), time.Date(2026, 3, 29, 2, 30, 0, 5, zone),
	} {
		l := link(1)
		l.Shadow.Modified, l.Made = t, t
		k.everywhere(func(tx ledger.Tx) error { return tx.Links.Put(k.Context(), l) }, func(r ledger.Reader) error {
			want := l
			want.Shadow.Modified, want.Made = t.UTC(), t.UTC()
			return same("ByRemote", map[string]ledger.Link{l.ID: want})(r.Links.ByRemote(k.Context(), l.System, l.Object, l.ID))
		})
	}
}

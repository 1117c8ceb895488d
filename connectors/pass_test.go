package connectors_test

import (
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

type own struct {
	connectors.Pass

	ID int64 `json:"i,omitempty"`
}

func TestPass(t *testing.T) {
	var cur own
	if err := connectors.DecodeCursor("", &cur); err != nil || cur != (own{}) {
		t.Fatal(cur, err)
	}
	begun := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	cur.Begin(&httpapi.Response{ServerTime: begun})
	cur.Begin(&httpapi.Response{ServerTime: begun.Add(time.Hour)})
	cur.ID = 7
	var read own
	if err := connectors.DecodeCursor(connectors.EncodeCursor(cur), &read); err != nil || read != cur {
		t.Fatal(read, err)
	}
	if next := read.After(time.Minute); !next.Since().Equal(begun.Add(-time.Minute)) || next.Start != 0 {
		t.Errorf("the next pass reaches back to %s", next.Since())
	}
	cur = own{}
	if cur.Begin(&httpapi.Response{}); time.Since(time.Unix(cur.Start, 0)) > time.Minute {
		t.Error("without the system's clock a pass begins by ours")
	}
	if err := connectors.DecodeCursor("not json", &cur); !fault.Is(err, fault.Expired) {
		t.Error(err)
	}
}

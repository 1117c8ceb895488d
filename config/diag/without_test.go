package diag_test

import (
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/config/diag"
)

func TestWithout(t *testing.T) {
	text := "base: &b {x: 1, y: 2}\nall:\n  <<: *b\n  y: 3\n  z: 4\n"
	doc, problems := diag.Parse("f.yaml", []byte(text))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	all, _ := doc.Get("all")
	rest := all.Without("z", "x", "none")
	var names []string
	for _, k := range rest.Keys() {
		names = append(names, k.Name)
	}
	if got := strings.Join(names, " "); got != "y" {
		t.Errorf("keys left: %s", got)
	}
	if rest.Pos() != all.Pos() {
		t.Errorf("the rest is at %v, the whole at %v", rest.Pos(), all.Pos())
	}
	if y, _ := rest.Get("y"); y.String() != "3" || y.Pos().Line != 4 {
		t.Errorf("y is %s at %v", y.String(), y.Pos())
	}
	if !all.Has("z") || !all.Has("x") {
		t.Error("the original lost its keys")
	}
	scalar, _ := all.Get("z")
	if scalar.Without("a").String() != "4" || !(diag.Node{}).Without("a").IsZero() {
		t.Error("what is no mapping is not returned as it is")
	}
	if all.At("z").String() != "4" || all.At("none").Pos() != all.Pos() {
		t.Error("At does not return the value or else the node")
	}
}

package hubspotsim_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/connectors/hubspot/hubspotsim"
)

var update = flag.Bool("update", false, "write the shapes the twin answers now to testdata/shapes")

// shape is the set of JSON paths of an answer and the types found there. Keys
// that are data, such as property names, are one path.
type shape map[string]map[string]bool

func (s shape) add(path string, v any) {
	kind := "null"
	switch v := v.(type) {
	case string:
		kind = "string"
	case float64:
		kind = "number"
	case bool:
		kind = "bool"
	case []any:
		kind = "array"
		for _, one := range v {
			s.add(path+"[]", one)
		}
	case map[string]any:
		kind = "object"
		for key, one := range v {
			if isData(path) {
				key = "*"
			}
			s.add(path+"."+key, one)
		}
	}
	if s[path] == nil {
		s[path] = map[string]bool{}
	}
	s[path][kind] = true
}

func isData(path string) bool {
	for _, key := range []string{".properties", ".context", ".metadata", ".assets", ".additionalProperties", ".style"} {
		if strings.HasSuffix(path, key) {
			return true
		}
	}
	return false
}

func (s shape) lines() []string {
	var lines []string
	for path, kinds := range s {
		var names []string
		for kind := range kinds {
			names = append(names, kind)
		}
		slices.Sort(names)
		lines = append(lines, path+" "+strings.Join(names, "|"))
	}
	slices.Sort(lines)
	return lines
}

// TestShapesStayAsCommitted guards the twin's answers without any recording.
func TestShapesStayAsCommitted(t *testing.T) {
	for _, s := range scenes() {
		t.Run(s.name, func(t *testing.T) {
			got := shape{}
			got.add("$", s.play(newPortal(t, hubspotsim.Options{DefaultLifecycle: "lead"})).body)
			text := strings.Join(got.lines(), "\n") + "\n"
			file := filepath.Join("testdata", "shapes", s.name+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if string(want) != text {
				t.Errorf("the shape changed; run go test -update if that is meant\nwant\n%s\ngot\n%s", want, text)
			}
		})
	}
}

// TestShapesMatchTheRecordings compares the twin's answers with HubSpot's own:
// every path HubSpot sent is there, of the same type.
func TestShapesMatchTheRecordings(t *testing.T) {
	root := os.Getenv("TANDEM_FIXTURES") //nolint:forbidigo // where the recorded answers are
	if root == "" {
		t.Skip("TANDEM_FIXTURES is not set: the twin's answers are not compared with the recorded ones")
	}
	for _, s := range scenes() {
		if s.fixture == "" {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			var recorded any
			text, err := os.ReadFile(filepath.Join(root, "hubspot", "amp-labs-connectors", s.fixture))
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(text, &recorded); err != nil {
				t.Fatal(err)
			}
			compareShapes(t, recorded, s.play(newPortal(t, hubspotsim.Options{DefaultLifecycle: "lead"})).body)
		})
	}
}

func compareShapes(t *testing.T, recorded, answered any) {
	t.Helper()
	want, got := shape{}, shape{}
	want.add("$", recorded)
	got.add("$", answered)
	for path, kinds := range want {
		for kind := range kinds {
			if kind == "null" || got[path]["null"] {
				continue
			}
			if !got[path][kind] {
				t.Errorf("HubSpot answers %s with %s, the twin with %v", path, kind, got[path])
			}
		}
	}
}

// TestSearchRefusalMatchesTheRecording checks the one answer that is only among
// recorded exchanges.
func TestSearchRefusalMatchesTheRecording(t *testing.T) {
	root := os.Getenv("TANDEM_FIXTURES") //nolint:forbidigo // where the recorded answers are
	if root == "" {
		t.Skip("TANDEM_FIXTURES is not set: the twin's 429 is not compared with the recorded one")
	}
	file, err := os.Open(filepath.Join(root, "hubspot", "grouparoo", "export-objects_export-records-companies.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	found := false
	for lines.Scan() {
		var exchange struct {
			Status   int `json:"status"`
			Response any `json:"response"`
		}
		if err := json.Unmarshal(lines.Bytes(), &exchange); err != nil {
			t.Fatal(err)
		}
		if exchange.Status != 429 {
			continue
		}
		found = true
		p := newPortal(t, hubspotsim.Options{RateLimits: hubspotsim.RateLimits{Search: 1}})
		p.want(200, "POST", contactsPath+"/search", m{})
		compareShapes(t, exchange.Response, p.want(429, "POST", contactsPath+"/search", m{}).body)
		break
	}
	if !found {
		t.Error("the recording holds no 429 any more")
	}
}

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"

	"github.com/tandem-sync/tandem/connectors/hubspot/hubspotsim"
	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim"
)

// seeded is when the contacts were last changed: long before the bench.
const seeded = "2026-01-05T09:00:00Z"

// credentials are what the twins' process tells on its first line.
type credentials struct {
	Hub      string `json:"hub"`
	Token    string `json:"token"`
	Sales    string `json:"sales"`
	ClientID string `json:"client_id"`
	Secret   string `json:"secret"`
}

type twins struct {
	credentials
	process *exec.Cmd
	stdin   io.Closer
	edit    func(n int) error
}

// serve is the twins' process: it ends with its standard input.
func serve(ctx context.Context, o options) error {
	hubOptions, salesOptions := hubspotsim.Options{Latency: o.latency}, salesforcesim.Options{Latency: o.latency}
	if o.limits {
		hubOptions.RateLimits, salesOptions.DailyLimit = hubspotsim.Professional(), 1_000_000
	}
	hub := hubspotsim.New(hubOptions)
	sales, err := salesforcesim.New(salesOptions)
	if err != nil {
		return err
	}
	if err := seed(hub, o.people); err != nil {
		return err
	}
	if err := hub.Start("127.0.0.1:0"); err != nil {
		return err
	}
	if err := sales.Start("127.0.0.1:0"); err != nil {
		return err
	}
	out := credentials{hub.URL(), hub.Credentials().AccessToken, sales.URL(), sales.ClientID, sales.ClientSecret}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- obey(hub, os.Stdin, os.Stdout) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return nil
	}
}

func seed(hub *hubspotsim.Twin, people int) error {
	hub.AddProperty("contacts", hubspotsim.Property{
		Name: "tandem_id", Label: "Tandem id", Type: "string", FieldType: "text", GroupName: "contactinformation", HasUniqueValue: true,
	})
	columns := []string{"email", "firstname", "lastname", "company", "jobtitle", "city", "phone", "lastmodifieddate", "createdate"}
	_, err := hub.BulkSeed("contacts", columns, people, func(i int, row []string) {
		n := strconv.Itoa(i)
		copy(row, []string{"person" + n + "@company" + strconv.Itoa(i%997) + ".example", "First" + n, "Last" + n, "Company " + strconv.Itoa(i%997), "Head of " + strconv.Itoa(i%13), "City " + strconv.Itoa(i%89), "+4930" + strconv.Itoa(1000000+i), seeded, seeded})
	})
	return err
}

// obey edits as many contacts as each line asks for and answers how many it
// edited, until the input ends.
func obey(hub *hubspotsim.Twin, in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		n, err := strconv.Atoi(lines.Text())
		if err != nil {
			return fmt.Errorf("how many contacts to edit: %w", err)
		}
		if _, err := fmt.Fprintln(out, edit(hub, n)); err != nil {
			return err
		}
	}
	return lines.Err()
}

func edit(hub *hubspotsim.Twin, n int) (edited int) {
	var ids []string
	hub.Each("contacts", func(r hubspotsim.Object) bool {
		ids = append(ids, r.ID)
		return len(ids) < n
	})
	for _, id := range ids {
		if hub.Edit("contacts", id, map[string]string{"jobtitle": "Edited " + id}, hubspotsim.UserActor(1)) == nil {
			edited++
		}
	}
	return edited
}

func startTwins(ctx context.Context, o options) (*twins, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	args := []string{"-serve", "-people", strconv.Itoa(o.people), "-latency", o.latency.String(), "-limits=" + strconv.FormatBool(o.limits)}
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	t := &twins{process: cmd, stdin: in}
	reader := bufio.NewReader(out)
	line, err := reader.ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("the twins did not start: %w", err)
	}
	t.edit = func(n int) error {
		if _, err := fmt.Fprintln(in, n); err != nil {
			return err
		}
		_, err := reader.ReadBytes('\n')
		return err
	}
	return t, json.Unmarshal(line, &t.credentials)
}

func (t *twins) stop() {
	_ = t.stdin.Close()
	_ = t.process.Wait()
}

// counts are a twin's own counts.
type counts struct {
	Reads  int64 `json:"reads"`
	Writes int64 `json:"writes"`
}

func (t *twins) counts(ctx context.Context, base string) (counts, error) {
	var c counts
	err := request{method: http.MethodGet, address: base + "/__sim/counts"}.do(ctx, &c)
	return c, err
}

func (t *twins) reset(ctx context.Context) error {
	for _, base := range []string{t.Hub, t.Sales} {
		r := request{method: http.MethodPost, address: base + "/__sim/reset_counts", kind: "application/json"}
		if err := r.do(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}

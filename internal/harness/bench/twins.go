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
	Hub, Token, Sales, ClientID, Secret string
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
	hub.AddProperty("contacts", hubspotsim.Property{
		Name: "tandem_id", Label: "Tandem id", Type: "string", FieldType: "text", GroupName: "contactinformation", HasUniqueValue: true,
	})
	columns := []string{"email", "firstname", "lastname", "company", "jobtitle", "city", "phone", "lastmodifieddate", "createdate"}
	_, err = hub.BulkSeed("contacts", columns, o.people, func(i int, row []string) {
		n := strconv.Itoa(i)
		copy(row, []string{"person" + n + "@company" + strconv.Itoa(i%997) + ".example", "First" + n, "Last" + n, "Company " + strconv.Itoa(i%997), "Head of " + strconv.Itoa(i%13), "City " + strconv.Itoa(i%89), "+4930" + strconv.Itoa(1000000+i), seeded, seeded})
	})
	if err != nil {
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
	go func() {
		for in := bufio.NewScanner(os.Stdin); in.Scan(); { // a number: edit that many contacts
			n, _ := strconv.Atoi(in.Text())
			edited := 0
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
			fmt.Println(edited)
		}
		os.Exit(0)
	}()
	<-ctx.Done()
	return nil
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
type counts struct{ Reads, Writes int64 }

func (t *twins) counts(base string) (counts, error) {
	var c counts
	resp, err := http.Get(base + "/__sim/counts") //nolint:gosec,noctx // our own twin
	if err != nil {
		return c, err
	}
	defer func() { _ = resp.Body.Close() }()
	return c, json.NewDecoder(resp.Body).Decode(&c)
}

func (t *twins) reset() error {
	for _, base := range []string{t.Hub, t.Sales} {
		resp, err := http.Post(base+"/__sim/reset_counts", "application/json", nil) //nolint:gosec,noctx // our own twin
		if err != nil {
			return err
		}
		_ = resp.Body.Close()
	}
	return nil
}

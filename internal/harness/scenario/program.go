package scenario

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Build builds the real program and returns its path.
func Build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tandem")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", path, "github.com/tandem-sync/tandem/cmd/tandem")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("the program does not build: %v\n%s", err, out)
	}
	return path
}

// program is the real program with the configuration of one pair.
type program struct {
	t    *testing.T
	path string
	dir  string
	env  []string
	run  *exec.Cmd
	log  *bytes.Buffer
}

// settings is the agreement of the story: sales decides the status and any
// draw, and whoever opted out stays so.
const settings = `state: {dir: state}
schedule: {default: "@every 1s", sweep: "@every 5s", jitter: 0s}
server: {listen: "127.0.0.1:0"}
network: {loopback: true}
first_run: plan
identity: {person: [email]}
policies:
  person:
    default: {rule: newest, tie: [sales], first: [newest, sales]}
    email: never_clear
    email_opt_out: consent
    lead_status: {rule: owner, owners: [sales]}
`

func newProgram(t *testing.T, path string, pair Pair) *program {
	t.Helper()
	p := &program{t: t, path: path, dir: t.TempDir(), env: os.Environ()}
	files := map[string]string{"tandem.yaml": settings}
	for i, end := range []End{pair.Marketing, pair.Sales} {
		text, env := end.Config()
		for straight, via := range pair.Via {
			text = strings.ReplaceAll(text, straight, via)
		}
		files[fmt.Sprintf("connectors/%s.yaml", []string{"left", "right"}[i])] = text
		for name, value := range env {
			p.env = append(p.env, name+"="+value)
		}
	}
	for name, text := range files {
		file := filepath.Join(p.dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(p.kill)
	return p
}

// do runs one command to its end and returns what it printed.
func (p *program) do(args ...string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, p.path, append(args, "-c", p.dir)...)
	cmd.Env, cmd.Dir = p.env, p.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		p.t.Fatalf("tandem %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// start starts the daemon, and kill ends it as a power cut would.
func (p *program) start() {
	p.t.Helper()
	p.log = &bytes.Buffer{}
	p.run = exec.CommandContext(p.t.Context(), p.path, "run", "-c", p.dir)
	p.run.Env, p.run.Dir = p.env, p.dir
	p.run.Stdout, p.run.Stderr = p.log, p.log
	if err := p.run.Start(); err != nil {
		p.t.Fatal(err)
	}
}

func (p *program) kill() {
	if p.run == nil {
		return
	}
	_ = p.run.Process.Kill()
	var ended *exec.ExitError
	if err := p.run.Wait(); err != nil && !errors.As(err, &ended) {
		p.t.Error(err)
	}
	p.run = nil
}

// stop ends the daemon as an operator would.
func (p *program) stop() {
	p.t.Helper()
	if err := p.run.Process.Signal(os.Interrupt); err != nil {
		p.t.Fatal(err)
	}
	if err := p.run.Wait(); err != nil {
		p.t.Errorf("the daemon did not stop cleanly: %v\n%s", err, p.tail())
	}
	p.run = nil
}

// tail is the end of the daemon's log, for a person who looks for the cause.
func (p *program) tail() string {
	if p.log == nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(p.log.String()), "\n")
	return strings.Join(lines[max(0, len(lines)-15):], "\n")
}

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// commandLine finds the commands in a page of --help.
var commandLine = regexp.MustCompile(`(?m)^  ([a-z][a-z-]*) +\S`)

// commandPages builds the program and asks it for its help.
func commandPages(ctx context.Context, root string) (pages []page, err error) {
	dir, err := os.MkdirTemp("", "tandem-docgen-")
	if err != nil {
		return nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	program := filepath.Join(dir, "tandem")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/tandem") //nolint:gosec // our own program
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build cmd/tandem: %w\n%s", err, out)
	}
	b := bytes.NewBufferString(notice + "# Commands\n\n" +
		"Exit codes: 0 ok; 1 failed; 2 your configuration or command line; 3 your environment (a system, a disk or a store).\n\n")
	if err := helpOf(ctx, b, program, nil); err != nil {
		return nil, err
	}
	return []page{text("commands.md", b)}, nil
}

// helpOf writes the help of a command and, below it, of its own commands.
func helpOf(ctx context.Context, b *bytes.Buffer, program string, path []string) error {
	help, err := exec.CommandContext(ctx, program, append(path, "--help")...).Output() //nolint:gosec // our own program
	if err != nil {
		return fmt.Errorf("ask for the help of tandem %s: %w", strings.Join(path, " "), err)
	}
	name := strings.Join(append([]string{"tandem"}, path...), " ")
	fmt.Fprintf(b, "%s `%s`\n\n```text\n%s\n```\n\n", strings.Repeat("#", 2+max(0, len(path)-1)), name, bytes.TrimSpace(help))
	_, list, found := strings.Cut(string(help), "Available Commands:\n")
	if !found {
		return nil
	}
	list, _, _ = strings.Cut(list, "\n\n")
	for _, m := range commandLine.FindAllStringSubmatch(list, -1) {
		if m[1] == "help" || m[1] == "completion" {
			continue
		}
		if err := helpOf(ctx, b, program, append(slices.Clip(path), m[1])); err != nil {
			return err
		}
	}
	return nil
}

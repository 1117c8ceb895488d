// Command docgen writes the generated pages of docs/ from the code: the
// configuration reference and its JSON Schemas, a page for each connector, the
// mapping functions, the canonical model, the commands and the metrics.
//
//	go run ./internal/docgen          # write
//	go run ./internal/docgen -check   # fail on a page that is out of date
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
)

// again is what to run after a page was found out of date.
const again = "go run ./internal/docgen"

// page is one generated file, its path below the folder of the documentation.
type page struct {
	path    string
	content []byte
}

func main() {
	root := flag.String("root", ".", "folder of the module")
	out := flag.String("out", "", "folder to write to; docs in the module unless set")
	check := flag.Bool("check", false, "write nothing, and fail when a page is out of date")
	flag.Parse()
	if *out == "" {
		*out = filepath.Join(*root, "docs")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	act := write
	if *check {
		act = compare
	}
	err := run(ctx, *root, *out, act)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "docgen:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, root, out string, act func(string, []page) error) error {
	pages, err := generate(ctx, root)
	if err != nil {
		return err
	}
	return act(out, pages)
}

// generate makes every page, in memory.
func generate(ctx context.Context, root string) ([]page, error) {
	var all []page
	for _, some := range []func() ([]page, error){
		configurationPages, connectorPages, mappingPages, modelPages, metricsPages,
		func() ([]page, error) { return commandPages(ctx, root) },
	} {
		pages, err := some()
		if err != nil {
			return nil, err
		}
		all = append(all, pages...)
	}
	return all, nil
}

func write(out string, pages []page) error {
	for _, p := range pages {
		path := filepath.Join(out, p.path)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			return fmt.Errorf("make the folder of %s: %w", path, err)
		}
		if err := os.WriteFile(path, p.content, 0o600); err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
		// Pages are for everyone to read, whatever the umask.
		if err := os.Chmod(path, 0o644); err != nil { //nolint:gosec // public documentation
			return fmt.Errorf("write %s: %w", path, err)
		}
	}
	for _, path := range leftover(out, pages) {
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("remove %s, which is generated no more: %w", path, err)
		}
	}
	return nil
}

// compare names every page that differs from what the code says.
func compare(out string, pages []page) error {
	var drift []string
	for _, p := range pages {
		path := filepath.Join(out, p.path)
		now, err := os.ReadFile(path) //nolint:gosec // a page of the documentation
		switch {
		case errors.Is(err, os.ErrNotExist):
			drift = append(drift, path+" is missing")
		case err != nil:
			return fmt.Errorf("read %s: %w", path, err)
		case !bytes.Equal(now, p.content):
			drift = append(drift, fmt.Sprintf("%s is out of date, from line %d", path, firstDifference(now, p.content)))
		}
	}
	for _, path := range leftover(out, pages) {
		drift = append(drift, path+" is generated no more")
	}
	if len(drift) == 0 {
		return nil
	}
	return fmt.Errorf("%s\nrun: %s", strings.Join(drift, "\n"), again)
}

func firstDifference(a, b []byte) int {
	x, y := bytes.Split(a, []byte("\n")), bytes.Split(b, []byte("\n"))
	for i := range min(len(x), len(y)) {
		if !bytes.Equal(x[i], y[i]) {
			return i + 1
		}
	}
	return min(len(x), len(y)) + 1
}

// leftover lists the files of the folders that hold generated pages only which
// no page stands for.
func leftover(out string, pages []page) []string {
	var found []string
	for _, pattern := range []string{"connectors/*.md", "schema/*.json"} {
		paths, _ := filepath.Glob(filepath.Join(out, pattern))
		for _, path := range paths {
			if !slices.ContainsFunc(pages, func(p page) bool { return filepath.Join(out, p.path) == path }) {
				found = append(found, path)
			}
		}
	}
	return found
}

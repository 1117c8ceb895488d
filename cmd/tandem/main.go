// Command tandem keeps sales and marketing on one set of facts.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/tandem-sync/tandem/internal/app"
)

// The exit codes.
const (
	exitOK          = 0
	exitFailed      = 1
	exitConfig      = 2 // your configuration or your command line
	exitEnvironment = 3 // a system, a disk or a store
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string) int {
	root := newRoot() //nolint:contextcheck // cobra hands the context to each command
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	return exitCode(err)
}

// usageError is a mistake on the command line.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

// exitCode prints an error once, for people, and says how the process ends.
func exitCode(err error) int {
	if err == nil {
		return exitOK
	}
	if c, ok := errors.AsType[*app.ConfigError](err); ok {
		_ = c.Problems.Render(os.Stderr)
		return exitConfig
	}
	fmt.Fprintln(os.Stderr, "tandem:", err)
	if _, ok := errors.AsType[*usageError](err); ok {
		return exitConfig
	}
	if _, ok := errors.AsType[*app.EnvironmentError](err); ok {
		return exitEnvironment
	}
	return exitFailed
}

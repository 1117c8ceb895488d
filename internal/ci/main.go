// Command ci holds what .ci/run needs beyond the shell: it reads test logs,
// finds the packages worth a race test, and judges the result of a demo.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/tandem-sync/tandem/internal/ci/checks"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "ci:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("usage: ci tests SKIPPED-FILE | race-packages | demo PEOPLE; tests and demo read standard input")

func run(args []string, in io.Reader, out io.Writer) error {
	switch {
	case len(args) == 2 && args[0] == "tests":
		return tests(args[1], in, out)
	case len(args) == 1 && args[0] == "race-packages":
		return checks.RacePackages(os.DirFS("."), out)
	case len(args) == 2 && args[0] == "demo":
		return checks.Demo(in, args[1], out)
	default:
		return errUsage
	}
}

// tests appends the skipped tests to the file, which .ci/run prints last.
func tests(path string, in io.Reader, out io.Writer) (err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600) //nolint:gosec // the caller names the file
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return checks.Tests(in, out, file)
}

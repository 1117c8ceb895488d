package csv

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// replace writes a file beside the one named and puts it in its place in one
// step, durably: a reader sees the old file or the new one, whole.
func replace(path string, mode fs.FileMode, write func(io.Writer) error) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = tmp.Close()           // closed already, or of no more use
			_ = os.Remove(tmp.Name()) // what is left is only litter
		}
	}()
	out := bufio.NewWriterSize(tmp, bufferSize)
	if err := write(out); err != nil {
		return err
	}
	if err := errors.Join(out.Flush(), tmp.Chmod(mode), tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(path string) error {
	dir, err := os.Open(path) //nolint:gosec // the folder the configuration names
	if err != nil {
		return err
	}
	// Not every file system can sync a folder; the rename stands all the same.
	_ = dir.Sync()
	return dir.Close()
}

package fetch

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// LockName is the usual name of a lock file.
const LockName = "babelmeter.lock"

// Lock is the file of digests that no manifest knows. Each line has a file, its
// bytes, its SHA-256, the day of the first pull and where it came from.
type Lock struct{ Path string }

// LockEntry is what is known of one file.
type LockEntry struct {
	Size         int64
	SHA256       string
	Date, Source string
}

const lockHead = "# Digests of files that no manifest of babelmeter knows, recorded at the first\n" +
	"# pull and held to ever after: file, bytes, sha256, day, source.\n"

// Read returns the entries by SET/FILE. A file that is missing has none.
func (l *Lock) Read() (map[string]LockEntry, error) {
	data, err := os.ReadFile(l.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &CacheError{Path: l.Path, Err: err}
	}
	entries, err := parseLock(data)
	if err != nil {
		return nil, fmt.Errorf("%s:%w", l.Path, err)
	}
	return entries, nil
}

// parseLock reads the lines of a lock file; the error begins with a line number.
func parseLock(data []byte) (map[string]LockEntry, error) {
	entries := make(map[string]LockEntry)
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.SplitN(line, " ", 5)
		if len(f) != 5 {
			return nil, fmt.Errorf("%d: expected file, bytes, sha256, day and source, separated by blanks", n)
		}
		size, err := strconv.ParseInt(f[1], 10, 64)
		switch {
		case !fs.ValidPath(f[0]):
			return nil, fmt.Errorf("%d: %q: expected SET/FILE", n, f[0])
		case err != nil || size <= 0:
			return nil, fmt.Errorf("%d: %q: expected a number of bytes", n, f[1])
		case len(f[2]) != 64 || strings.Trim(f[2], "0123456789abcdef") != "":
			return nil, fmt.Errorf("%d: %q: expected a sha256 of 64 hex digits", n, f[2])
		}
		if _, err := time.Parse(time.DateOnly, f[3]); err != nil {
			return nil, fmt.Errorf("%d: %q: expected a day such as 2026-11-29", n, f[3])
		}
		if _, ok := entries[f[0]]; ok {
			return nil, fmt.Errorf("%d: %s: named twice", n, f[0])
		}
		entries[f[0]] = LockEntry{Size: size, SHA256: f[2], Date: f[3], Source: f[4]}
	}
	return entries, nil
}

// record adds an entry. One that is there must have the same digest: another
// process may have been first.
func (l *Lock) record(name string, e LockEntry) error {
	if err := os.MkdirAll(filepath.Dir(l.Path), 0o777); err != nil {
		return &CacheError{Path: l.Path, Err: err}
	}
	guard := flock.New(hidden(l.Path, "lock"))
	if err := guard.Lock(); err != nil {
		return &CacheError{Path: l.Path, Err: err}
	}
	defer func() { _ = guard.Unlock() }()
	entries, err := l.Read()
	if err != nil {
		return err
	}
	if old, ok := entries[name]; ok {
		if old.SHA256 != e.SHA256 {
			return fmt.Errorf("%s: %w", name, &DigestError{Size: e.Size, SHA256: e.SHA256, WantSize: old.Size, Want: old.SHA256, Locked: true})
		}
		return nil
	}
	if entries == nil {
		entries = make(map[string]LockEntry)
	}
	entries[name] = e
	var b bytes.Buffer
	b.WriteString(lockHead)
	for _, n := range slices.Sorted(maps.Keys(entries)) {
		e := entries[n]
		fmt.Fprintf(&b, "%s %d %s %s %s\n", n, e.Size, e.SHA256, e.Date, e.Source)
	}
	return WriteFile(l.Path, b.Bytes())
}

// WriteFile writes a small file so that there is the old one or the new one,
// whatever happens in between. Errors are [*CacheError].
func WriteFile(name string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return &CacheError{Path: name, Err: err}
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		if err = os.Chmod(f.Name(), 0o644); err == nil {
			err = os.Rename(f.Name(), name)
		}
	}
	if err != nil {
		os.Remove(f.Name())
		return &CacheError{Path: name, Err: err}
	}
	syncDir(filepath.Dir(name))
	return nil
}

// Package fetch brings published files into a folder of the user's: the only
// code that talks to a network for files.
//
// Think of a [Set] as a folder that a manifest describes: files, each with the
// places where it is published and, where someone has read it, its size and
// digest. [Client.Pull] makes the folders below Root what the sets say. A file
// is there whole and checked, or it is not there: it is written beside its
// place, its digest compared, and only then renamed. What an interrupted pull
// leaves is gone on with by the next one, and of two pulls of one set at once
// the second waits for the first and finds its files.
//
// The sources of a file are tried in order: the mirror, if there is one, then
// those of the manifest. One that fails gives way to the next; a cache that
// cannot be written, and the end of the context, end the pull. A digest that no
// one knew is written to the lock file at the first pull, as go.sum does, and
// from then on the file must have it.
//
// Nothing is read from the environment here: addresses and keys are fields.
package fetch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// File is one file of a set.
type File struct {
	Name   string // slash-separated path below the folder of the set
	Size   int64  // bytes; 0 if SHA256 is not known
	SHA256 string // 64 hex digits, or empty: recorded at the first pull
	// Sources are where it is published, the canonical place first: https:,
	// npm:PACKAGE@VERSION/PATH, go:MODULE@VERSION/PATH or
	// pypi:PROJECT@VERSION/PATH.
	Sources []string
}

// Set is a folder of files.
type Set struct {
	Name  string // of the folder below Root, and below a mirror
	Files []File
	// Gate tells what to do where the canonical place wants an account and
	// consent; empty if it does not.
	Gate string
}

// Client pulls files. Root must be set; the zero value of the rest is useful.
type Client struct {
	Root       string // the cache; sets lie below it
	Mirror     string // a folder, or a URL, laid out as SET/FILE; empty for none
	HFEndpoint string // stands in for https://huggingface.co; empty for that
	// HFToken is sent to Hugging Face, or to HFEndpoint, and to no one else.
	HFToken string
	Lock    *Lock // of digests that no manifest knows; nil for one at Root
	HTTP    *http.Client
	Agent   string // User-Agent
	// Parallel is how many files are fetched at once; 4 if zero.
	Parallel int
	// Attempts is how often a source is tried without getting a byte further;
	// 4 if zero.
	Attempts int
	// Backoff is the wait before the second attempt, doubled before each one
	// after it; half a second if zero.
	Backoff time.Duration
	// MaxWait bounds a wait that a server asks for; two minutes if zero. More
	// is an error that says when to come back.
	MaxWait time.Duration
	// Idle is how long a server may send nothing; 30 s if zero.
	Idle time.Duration
	// Now is the clock, for dates that servers and the lock file name.
	Now func() time.Time
	// Report is told what happens, from several goroutines but one call at a
	// time; nil for no one.
	Report func(Event)

	report sync.Mutex
	lock   sync.Mutex // guards the lock file in this process
}

// Kind is what an [Event] tells.
type Kind int

const (
	// Begun: a source is asked. Total is known, or 0.
	Begun Kind = iota
	// Got: Done of Total bytes are here.
	Got
	// Waiting: the source is asked again after Wait, because of Err.
	Waiting
	// Refused: the source failed for good with Err; the next one is tried.
	Refused
	// Present: the file was there already.
	Present
	// Pulled: the file is in its place.
	Pulled
)

// Event is something that happened to a file.
type Event struct {
	Kind        Kind
	Set, File   string
	Source      string
	Done, Total int64 // bytes
	Wait        time.Duration
	Err         error
}

// Result is a file in its place.
type Result struct {
	Set, File string
	Size      int64
	SHA256    string
	Source    string // that it came from; empty if it was there already
	Recorded  bool   // the digest was not known before
}

// maxUnknown is the largest file, in bytes, whose size is not known beforehand.
const maxUnknown = 256 << 20

// Pull brings the files of the sets below Root, several at once, and returns
// those that are in their place, in the order of the sets. The error is that of
// all files that are not: each a [*FileError], or what ended the pull.
func (c *Client) Pull(ctx context.Context, sets []Set) ([]Result, error) {
	type job struct {
		set  *Set
		file *File
	}
	var jobs []job
	for i := range sets {
		s := &sets[i]
		if !fs.ValidPath(s.Name) || s.Name == "." {
			return nil, fmt.Errorf("set %q: not the name of a folder", s.Name)
		}
		for j := range s.Files {
			f := &s.Files[j]
			if !fs.ValidPath(f.Name) || f.Name == "." || strings.Contains(f.Name, `\`) {
				return nil, fmt.Errorf("%s: file %q: not a relative path", s.Name, f.Name)
			}
			jobs = append(jobs, job{s, f})
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	results := make([]*Result, len(jobs))
	errs := make([]error, len(jobs))
	slots := make(chan struct{}, cmp.Or(c.Parallel, 4))
	var wg sync.WaitGroup
	for i, j := range jobs {
		wg.Go(func() {
			select {
			case slots <- struct{}{}:
				defer func() { <-slots }()
			case <-ctx.Done():
				errs[i] = ctx.Err()
				return
			}
			r, err := c.file(ctx, j.set, j.file)
			if results[i], errs[i] = r, err; err != nil {
				var local *CacheError
				if errors.As(err, &local) {
					cancel(err) // the others would fail, too
				}
			}
		})
	}
	wg.Wait()
	var done []Result
	var failed []error
	for i := range jobs {
		switch {
		case errs[i] == nil:
			done = append(done, *results[i])
		case errors.Is(errs[i], context.Canceled) && ctx.Err() != nil:
			// What ended the pull is said once, below.
		default:
			failed = append(failed, errs[i])
		}
	}
	if cause := context.Cause(ctx); cause != nil {
		return done, cause
	}
	return done, errors.Join(failed...)
}

// file brings one file.
func (c *Client) file(ctx context.Context, set *Set, f *File) (*Result, error) {
	dir := filepath.Join(c.Root, filepath.FromSlash(set.Name))
	dest := filepath.Join(dir, filepath.FromSlash(f.Name))
	fail := func(err error) (*Result, error) { return nil, &CacheError{Path: dir, Err: err} }

	// What is there needs no lock and no permission to write.
	if r, err := c.present(set, f, dest); r != nil || err != nil {
		return r, err
	}
	if err := os.MkdirAll(filepath.Dir(dest), 0o777); err != nil {
		return fail(err)
	}
	// One lock a file: two processes fetch two files of a set side by side.
	// The lock files stay: who removes one may remove that of another.
	guard := flock.New(hidden(dest, "lock"))
	if ok, err := guard.TryLock(); err != nil {
		return fail(err)
	} else if !ok {
		if _, err := guard.TryLockContext(ctx, 50*time.Millisecond); err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return fail(err)
		}
		if r, err := c.present(set, f, dest); r != nil || err != nil {
			_ = guard.Unlock()
			return r, err
		}
	}
	defer func() { _ = guard.Unlock() }()

	want, err := c.known(set, f)
	if err != nil {
		return nil, err
	}
	failed := &FileError{Set: set.Name, File: f.Name}
	for _, source := range c.sources(set, f) {
		c.tell(Event{Kind: Begun, Set: set.Name, File: f.Name, Source: source, Total: want.Size})
		got, err := c.from(ctx, set, want, source, dest)
		if err == nil {
			return c.place(set, f, want, got, source, dest)
		}
		var local *CacheError
		if errors.As(err, &local) || ctx.Err() != nil {
			return nil, cmp.Or(ctx.Err(), err)
		}
		se := &SourceError{Source: source, Err: err, Next: c.next(err, set, source)}
		failed.Sources = append(failed.Sources, se)
		c.tell(Event{Kind: Refused, Set: set.Name, File: f.Name, Source: source, Err: se})
	}
	return nil, failed
}

// have is a file on disk with its digest.
type have struct {
	path   string
	size   int64
	sha256 string
}

// present looks for the file in its place. It is an error if another file is
// there: it may be one that the user put there, so it is not overwritten.
func (c *Client) present(set *Set, f *File, dest string) (*Result, error) {
	info, err := os.Stat(dest)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &CacheError{Path: dest, Err: err}
	}
	if !info.Mode().IsRegular() {
		return nil, &CacheError{Path: dest, Err: errors.New("expected a file")}
	}
	want, err := c.known(set, f)
	if err != nil {
		return nil, err
	}
	sum, n, err := digestFile(dest)
	if err != nil {
		return nil, &CacheError{Path: dest, Err: err}
	}
	if want.SHA256 != "" && sum != want.SHA256 {
		se := &SourceError{
			Source: dest, Err: &DigestError{Size: n, SHA256: sum, WantSize: want.Size, Want: want.SHA256, Locked: f.SHA256 == ""},
			Next: "remove it to have the published one fetched" + lockedHint(f, c.lockFile()),
		}
		c.tell(Event{Kind: Refused, Set: set.Name, File: f.Name, Source: dest, Err: se})
		return nil, &FileError{Set: set.Name, File: f.Name, Sources: []*SourceError{se}}
	}
	r := &Result{Set: set.Name, File: f.Name, Size: n, SHA256: sum}
	if want.SHA256 == "" {
		if err := c.record(set, f, have{dest, n, sum}, "found in the cache"); err != nil {
			return nil, err
		}
		r.Recorded = true
	}
	c.tell(Event{Kind: Present, Set: set.Name, File: f.Name, Done: n, Total: n})
	return r, nil
}

// known is the file with the digest of the lock file, if the manifest has none.
func (c *Client) known(set *Set, f *File) (*File, error) {
	if f.SHA256 != "" {
		return f, nil
	}
	c.lock.Lock()
	defer c.lock.Unlock()
	entries, err := c.lockFile().Read()
	if err != nil {
		return nil, err
	}
	if e, ok := entries[path.Join(set.Name, f.Name)]; ok {
		g := *f
		g.Size, g.SHA256 = e.Size, e.SHA256
		return &g, nil
	}
	return f, nil
}

func (c *Client) lockFile() *Lock {
	if c.Lock != nil {
		return c.Lock
	}
	return &Lock{Path: filepath.Join(c.Root, LockName)}
}

// record writes a digest that was not known to the lock file.
func (c *Client) record(set *Set, f *File, got have, source string) error {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.lockFile().record(path.Join(set.Name, f.Name), LockEntry{
		Size: got.size, SHA256: got.sha256, Date: c.now().UTC().Format(time.DateOnly), Source: source,
	})
}

// place checks the digest of what was fetched and moves it to its place.
func (c *Client) place(set *Set, f, want *File, got have, source, dest string) (*Result, error) {
	r := &Result{Set: set.Name, File: f.Name, Size: got.size, SHA256: got.sha256, Source: source}
	if want.SHA256 == "" {
		// First, so that there is never a file whose digest is not held.
		if err := c.record(set, f, got, source); err != nil {
			return nil, err
		}
		r.Recorded = true
	}
	if err := os.Rename(got.path, dest); err != nil {
		return nil, &CacheError{Path: dest, Err: err}
	}
	_ = os.Remove(hidden(dest, "from"))
	syncDir(filepath.Dir(dest))
	c.tell(Event{Kind: Pulled, Set: set.Name, File: f.Name, Source: source, Done: got.size, Total: got.size})
	return r, nil
}

// from fetches a file from one source to a place beside dest and checks it.
func (c *Client) from(ctx context.Context, set *Set, want *File, source, dest string) (have, error) {
	kind, rest, _ := strings.Cut(source, ":")
	part := hidden(dest, "part")
	switch kind {
	case "http", "https":
		return c.download(ctx, set, want, source, part)
	case "npm", "go", "pypi":
		return c.fromPackage(ctx, set, want, kind, rest, source, part)
	case "file":
		return c.copyFile(ctx, set, want, source, filepath.FromSlash(rest), part)
	}
	return have{}, fmt.Errorf("source %q: expected one of https:, npm:, go:, pypi: before the address", source)
}

// sources are the places of a file, in order. A folder as mirror is given as
// file:PATH.
func (c *Client) sources(set *Set, f *File) []string {
	var list []string
	if c.Mirror != "" {
		name := path.Join(set.Name, f.Name)
		if isURL(c.Mirror) {
			list = append(list, strings.TrimSuffix(c.Mirror, "/")+"/"+name)
		} else {
			list = append(list, "file:"+filepath.ToSlash(filepath.Join(c.Mirror, filepath.FromSlash(name))))
		}
	}
	for _, s := range f.Sources {
		if rest, ok := strings.CutPrefix(s, huggingFace+"/"); ok && c.HFEndpoint != "" {
			s = strings.TrimSuffix(c.HFEndpoint, "/") + "/" + rest
		}
		list = append(list, s)
	}
	return list
}

const huggingFace = "https://huggingface.co"

// fromHub reports whether a URL is of Hugging Face, or of what stands in for it.
func (c *Client) fromHub(url string) bool {
	return strings.HasPrefix(url, strings.TrimSuffix(cmp.Or(c.HFEndpoint, huggingFace), "/")+"/")
}

func isURL(s string) bool {
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
}

// hidden names a file of ours beside dest.
func hidden(dest, what string) string {
	return filepath.Join(filepath.Dir(dest), "."+filepath.Base(dest)+"."+what)
}

func (c *Client) tell(e Event) {
	if c.Report == nil {
		return
	}
	c.report.Lock()
	defer c.report.Unlock()
	c.Report(e)
}

func (c *Client) now() time.Time {
	if c.Now == nil {
		return time.Time{}
	}
	return c.Now()
}

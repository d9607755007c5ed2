package fetch

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"time"
)

// FileError is a file that could not be had from any source.
type FileError struct {
	Set, File string
	Sources   []*SourceError // in the order tried
}

func (e *FileError) Error() string {
	if len(e.Sources) == 0 {
		return fmt.Sprintf("%s: %s: the manifest names no source", e.Set, e.File)
	}
	if len(e.Sources) == 1 {
		return fmt.Sprintf("%s: %s: %v", e.Set, e.File, e.Sources[0])
	}
	var list []string
	for _, s := range e.Sources {
		list = append(list, s.Error())
	}
	return fmt.Sprintf("%s: %s: none of %d sources has it:\n  %s", e.Set, e.File, len(e.Sources), strings.Join(list, "\n  "))
}

// Unwrap returns the errors of the sources.
func (e *FileError) Unwrap() []error {
	var list []error
	for _, s := range e.Sources {
		list = append(list, s)
	}
	return list
}

// SourceError is a source that failed for good: where, why, and what to do.
type SourceError struct {
	Source string
	Err    error
	Next   string // what the user can do; may be empty
}

func (e *SourceError) Error() string {
	s := fmt.Sprintf("%s: %v", e.Source, e.Err)
	if e.Next != "" {
		s += "; " + e.Next
	}
	return s
}

func (e *SourceError) Unwrap() error { return e.Err }

// StatusError is an answer that is not the file.
type StatusError struct {
	Code   int
	Status string // "404 Not Found"
	// After is when the server wants to be asked again, if it said so.
	After time.Duration
}

func (e *StatusError) Error() string {
	if e.After > 0 {
		return fmt.Sprintf("the server answers %s and asks to wait %v", e.Status, e.After.Round(time.Second))
	}
	return "the server answers " + e.Status
}

// DigestError is a file that is not the one published.
type DigestError struct {
	Size, WantSize int64
	SHA256, Want   string
	Locked         bool // Want is that of the lock file
}

func (e *DigestError) Error() string {
	of := "the manifest"
	if e.Locked {
		of = "the lock file"
	}
	if e.SHA256 == "" && e.Size > 0 {
		return fmt.Sprintf("%d bytes; %s has %d bytes with %s: another file", e.Size, of, e.WantSize, e.Want)
	}
	if e.SHA256 == "" {
		return fmt.Sprintf("more than the %d bytes of %s: another file", e.WantSize, of)
	}
	return fmt.Sprintf("%d bytes with sha256 %s; %s has %d bytes with %s: another file", e.Size, e.SHA256, of, e.WantSize, e.Want)
}

// CacheError is a folder of the user's that cannot be read or written. It ends
// the pull.
type CacheError struct {
	Path string
	Err  error
}

func (e *CacheError) Error() string {
	switch {
	case isFull(e.Err):
		return fmt.Sprintf("no room left at %s: %v; make room and go on with the same command: what is there is kept", e.Path, e.Err)
	case errors.Is(e.Err, fs.ErrPermission) || errors.Is(e.Err, syscall.EROFS):
		return fmt.Sprintf("%s cannot be written: %v; set BABELMETER_CACHE to a folder that can be", e.Path, e.Err)
	}
	return fmt.Sprintf("%s: %v", e.Path, e.Err)
}

func (e *CacheError) Unwrap() error { return e.Err }

// errTruncated is an answer that ended early.
var errTruncated = errors.New("the answer ends early")

// errPage is a page for people where a file was expected.
var errPage = errors.New("a page for people, or a pointer to the file, in place of the file")

// errIdle is a server that sends nothing.
var errIdle = errors.New("the server sends nothing")

// next tells what to do about the failure of a source.
func (c *Client) next(err error, set *Set, source string) string {
	var status *StatusError
	var digest *DigestError
	switch {
	case errors.As(err, &status):
		switch code := status.Code; {
		case (code == 401 || code == 403) && c.fromHub(source):
			if c.HFToken == "" {
				if set.Gate != "" {
					return set.Gate
				}
				return "it may be gated: sign in at huggingface.co, agree to the terms on the model's page, and set HF_TOKEN to a token of https://huggingface.co/settings/tokens"
			}
			if set.Gate != "" {
				return "HF_TOKEN was sent and refused: check that it is valid and that its account has agreed to the terms: " + set.Gate
			}
			return "HF_TOKEN was sent and refused: check that it is valid and may read gated repositories"
		case code == 401 || code == 403:
			return "the place wants an account or blocks this address; fetch the file by other means and put it into the cache, or use a mirror (BABELMETER_MIRROR)"
		case code == 404 || code == 410:
			return "it was moved or renamed; a newer babelmeter may know where"
		case code == 429:
			return "too many requests from this address; try again later"
		case code >= 500:
			return "the trouble is there; try again later"
		}
		return ""
	case errors.As(err, &digest):
		if digest.Locked {
			return "if the publisher changed the file on purpose, remove its line from " + c.lockFile().Path
		}
		return "the publisher changed it, or something on the way did; it was not kept"
	case errors.Is(err, errPage):
		return "a proxy or a login page stands before it; open the address in a browser to see"
	case errors.Is(err, fs.ErrNotExist) && strings.HasPrefix(source, "file:"):
		return "" // a mirror need not have everything
	case isURL(source) && !errors.Is(err, errTruncated) && !errors.Is(err, errIdle):
		return "check the network; HF_ENDPOINT and BABELMETER_MIRROR name other places"
	}
	return ""
}

// lockedHint goes on with a hint if the digest is that of the lock file.
func lockedHint(f *File, l *Lock) string {
	if f.SHA256 != "" {
		return ""
	}
	return ", or its line in " + l.Path + " if the file is right"
}

package fetch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
	"syscall"
)

// isFull reports whether a disk, or the user's share of it, is full. 112 is
// ERROR_DISK_FULL of Windows.
func isFull(err error) bool {
	var no syscall.Errno
	if !errors.As(err, &no) {
		return false
	}
	return no == syscall.ENOSPC || no == syscall.EDQUOT || no == 112 && os.PathSeparator == '\\'
}

// digestFile reads a file for its digest and its size.
func digestFile(name string) (sum string, n int64, err error) {
	f, err := os.Open(name)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	n, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), n, err
}

// syncDir makes a rename last. Not every system can, and then it lasts anyway.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		d.Close()
	}
}

// partFile is a file being written, with the digest of what it has.
type partFile struct {
	f     *os.File
	hash  hash.Hash
	size  int64
	first [512]byte // its beginning
}

// openPart opens what an earlier pull left, or a new file. Errors are
// [*CacheError].
func openPart(name string) (*partFile, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, &CacheError{Path: name, Err: err}
	}
	p := &partFile{f: f, hash: sha256.New()}
	info, err := f.Stat()
	if err == nil {
		_, err = io.Copy(p, io.LimitReader(f, info.Size()))
	}
	if err != nil {
		f.Close()
		return nil, &CacheError{Path: name, Err: err}
	}
	return p, nil
}

// Write takes note of bytes that are on disk.
func (p *partFile) Write(b []byte) (int, error) {
	if p.size < int64(len(p.first)) {
		copy(p.first[p.size:], b)
	}
	p.size += int64(len(b))
	return p.hash.Write(b)
}

// append writes bytes at the end.
func (p *partFile) append(b []byte) error {
	if _, err := p.f.Write(b); err != nil {
		// A part of b may have been written; what is noted is what counts.
		_ = p.f.Truncate(p.size)
		return &CacheError{Path: p.f.Name(), Err: err}
	}
	_, err := p.Write(b)
	return err
}

// reset begins anew.
func (p *partFile) reset() error {
	if p.size == 0 {
		return nil
	}
	p.size, p.first = 0, [512]byte{}
	p.hash.Reset()
	if err := p.f.Truncate(0); err != nil {
		return &CacheError{Path: p.f.Name(), Err: err}
	}
	if _, err := p.f.Seek(0, io.SeekStart); err != nil {
		return &CacheError{Path: p.f.Name(), Err: err}
	}
	return nil
}

// finish checks the file against what is wanted, brings it to disk and closes
// it. A file that is another one is emptied.
func (p *partFile) finish(want *File, locked bool) (have, error) {
	got := have{p.f.Name(), p.size, hex.EncodeToString(p.hash.Sum(nil))}
	if want.SHA256 != "" && got.sha256 != want.SHA256 {
		if err := p.reset(); err != nil {
			return have{}, err
		}
		return have{}, &DigestError{Size: got.size, SHA256: got.sha256, WantSize: want.Size, Want: want.SHA256, Locked: locked}
	}
	if want.SHA256 == "" && isPage(p.first[:min(p.size, int64(len(p.first)))]) {
		if err := p.reset(); err != nil {
			return have{}, err
		}
		return have{}, errPage
	}
	if err := p.f.Sync(); err != nil {
		return have{}, &CacheError{Path: got.path, Err: err}
	}
	if err := p.f.Close(); err != nil {
		return have{}, &CacheError{Path: got.path, Err: err}
	}
	return got, nil
}

// tooMuch is the error of a file with more bytes than wanted.
func (p *partFile) tooMuch(want *File, locked bool) error {
	if err := p.reset(); err != nil {
		return err
	}
	return &DigestError{WantSize: limit(want), Want: want.SHA256, Locked: locked}
}

// limit is the number of bytes that a file can have.
func limit(want *File) int64 {
	if want.Size > 0 {
		return want.Size
	}
	return maxUnknown
}

// fill appends all that r has.
func (p *partFile) fill(ctx context.Context, r io.Reader, want *File, locked bool, step func()) error {
	buf := make([]byte, 64<<10)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := r.Read(buf)
		if p.size+int64(n) > limit(want) {
			return p.tooMuch(want, locked)
		}
		if n > 0 {
			if err := p.append(buf[:n]); err != nil {
				return err
			}
			step()
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

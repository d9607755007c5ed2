package fetch

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	neturl "net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// download fetches a URL to part, going on with what is there.
//
// Where the digest is known, what is there may come from any source: the digest
// tells whether it was right, and if not all is fetched once more. Where it is
// not, a part is gone on with only if the server says that it is of the same
// file, by the entity tag that was noted beside it.
func (c *Client) download(ctx context.Context, set *Set, want *File, url, part string) (have, error) {
	locked := c.locked(set, want)
	p, err := openPart(part)
	if err != nil {
		return have{}, err
	}
	defer p.f.Close()
	note := strings.TrimSuffix(part, "part") + "from" // the entity tag that part has
	resumed := p.size > 0
	attempts, backoff := cmp.Or(c.Attempts, 4), cmp.Or(c.Backoff, 500*time.Millisecond)
	most := p.size // bytes that there ever were: a server may begin anew for ever
	for try := 1; ; {
		err := c.attempt(ctx, set, want, locked, url, note, p)
		if err == nil {
			var got have
			got, err = p.finish(want, locked)
			var digest *DigestError
			if errors.As(err, &digest) && resumed {
				resumed = false // what was left from before was not right
				continue
			}
			return got, err
		}
		var local *CacheError
		var digest *DigestError
		switch {
		case ctx.Err() != nil:
			return have{}, ctx.Err()
		case errors.As(err, &local), !again(err):
			return have{}, err
		case errors.As(err, &digest):
			return have{}, err
		}
		if p.size > most {
			try, most = 1, p.size // it goes on, if in small steps
		}
		if try >= attempts {
			return have{}, fmt.Errorf("%w, after %d attempts", err, attempts)
		}
		wait := backoff << (try - 1)
		wait += rand.N(wait/4 + 1) // so that many clients do not come back at once
		var status *StatusError
		if errors.As(err, &status) && status.After > 0 {
			if wait = status.After; wait > cmp.Or(c.MaxWait, 2*time.Minute) {
				return have{}, err
			}
		}
		c.tell(Event{Kind: Waiting, Set: set.Name, File: want.Name, Source: url, Done: p.size, Total: want.Size, Wait: wait, Err: err})
		try++
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return have{}, ctx.Err()
		}
	}
}

// again reports whether the same request may succeed later.
func again(err error) bool {
	var status *StatusError
	if errors.As(err, &status) {
		return status.Code == http.StatusTooManyRequests || status.Code == http.StatusRequestTimeout || status.Code >= 500 && status.Code != http.StatusNotImplemented
	}
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		return false
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" && !op.Timeout() {
		return false // no one listens
	}
	var digest *DigestError
	return !errors.As(err, &digest) && !errors.Is(err, errPage) && !errors.Is(err, errRedirect)
}

var errRedirect = errors.New("redirected from https to an address without it")

// attempt makes one request and appends what comes.
func (c *Client) attempt(ctx context.Context, set *Set, want *File, locked bool, url, note string, p *partFile) error {
	if want.Size > 0 && p.size == want.Size {
		return nil // only the check is left
	}
	if want.Size > 0 && p.size > want.Size {
		if err := p.reset(); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	idle := cmp.Or(c.Idle, 30*time.Second)
	watch := time.AfterFunc(idle, func() { cancel(errIdle) })
	defer watch.Stop()

	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept-Encoding", "identity") // sizes and ranges are those of the file
	req.Header.Set("User-Agent", cmp.Or(c.Agent, "babelmeter"))
	if c.HFToken != "" && c.fromHub(url) {
		req.Header.Set("Authorization", "Bearer "+c.HFToken)
	}
	var tag string
	if p.size > 0 && want.SHA256 == "" {
		b, _ := os.ReadFile(note)
		noted, t, ok := strings.Cut(string(b), "\n")
		if tag = strings.TrimSpace(t); !ok || noted != url || tag == "" {
			if err := p.reset(); err != nil {
				return err
			}
		}
	}
	if p.size > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", p.size))
		if tag != "" {
			req.Header.Set("If-Range", tag)
		}
	}
	resp, err := c.client().Do(req)
	if err != nil {
		if cause := context.Cause(ctx); cause == errIdle {
			return fmt.Errorf("%w for %v", errIdle, idle)
		}
		return unwrapURL(err)
	}
	defer resp.Body.Close()
	watch.Reset(idle)

	total := want.Size
	switch resp.StatusCode {
	case http.StatusOK:
		if err := p.reset(); err != nil {
			return err
		}
		if want.Size > 0 && resp.ContentLength >= 0 && resp.ContentLength < want.Size {
			return &DigestError{Size: resp.ContentLength, WantSize: want.Size, Want: want.SHA256, Locked: locked}
		}
		total = max(total, resp.ContentLength)
	case http.StatusPartialContent:
		var from, to, all int64
		n, _ := fmt.Sscanf(resp.Header.Get("Content-Range"), "bytes %d-%d/%d", &from, &to, &all)
		if n < 2 || from != p.size {
			if err := p.reset(); err != nil {
				return err
			}
			return fmt.Errorf("%w: asked to go on, it answers with another part (%q)", errTruncated, resp.Header.Get("Content-Range"))
		}
		total = max(total, all)
	case http.StatusRequestedRangeNotSatisfiable:
		if p.size == 0 {
			return &StatusError{Code: resp.StatusCode, Status: resp.Status}
		}
		// What is there is not the beginning of what is published.
		if err := p.reset(); err != nil {
			return err
		}
		return fmt.Errorf("%w: it has less than the part that is here", errTruncated)
	default:
		return &StatusError{Code: resp.StatusCode, Status: resp.Status, After: c.retryAfter(resp.Header.Get("Retry-After"))}
	}
	if want.SHA256 == "" && p.size == 0 {
		if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
			return errPage
		}
		noted := ""
		if t := resp.Header.Get("Etag"); t != "" && !strings.HasPrefix(t, "W/") {
			noted = url + "\n" + t + "\n"
		}
		if err := os.WriteFile(note, []byte(noted), 0o666); err != nil {
			return &CacheError{Path: note, Err: err}
		}
	}
	if total > limit(want) {
		return p.tooMuch(want, locked)
	}
	step := func() {
		watch.Reset(idle)
		c.tell(Event{Kind: Got, Set: set.Name, File: want.Name, Source: url, Done: p.size, Total: total})
	}
	err = p.fill(ctx, resp.Body, want, locked, step)
	var local *CacheError
	switch {
	case errors.As(err, &local):
		return err
	case context.Cause(ctx) == errIdle:
		return fmt.Errorf("%w for %v, at byte %d", errIdle, idle, p.size)
	case errors.Is(err, io.ErrUnexpectedEOF), err == nil && total > 0 && p.size < total:
		return fmt.Errorf("%w: %d of %d bytes", errTruncated, p.size, total)
	}
	return err
}

// client returns the HTTP client, which takes the token along to no other host.
func (c *Client) client() *http.Client {
	var h http.Client
	if c.HTTP != nil {
		h = *c.HTTP
	}
	h.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		first := via[0].URL
		if req.URL.Host != first.Host || req.URL.Scheme != first.Scheme {
			req.Header.Del("Authorization")
		}
		if first.Scheme == "https" && req.URL.Scheme != "https" {
			return errRedirect
		}
		if len(via) >= 10 {
			return errors.New("more than 10 redirects")
		}
		return nil
	}
	return &h
}

// unwrapURL takes off the method and the URL, which the caller names.
func unwrapURL(err error) error {
	var u *neturl.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// retryAfter reads a Retry-After, seconds or a date; 0 if there is none.
func (c *Client) retryAfter(s string) time.Duration {
	if n, err := strconv.Atoi(strings.TrimSpace(s)); err == nil && n > 0 && n < 1<<30 {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(s); err == nil && c.Now != nil {
		return max(0, at.Sub(c.Now()))
	}
	return 0
}

// locked reports whether the digest of a file is that of the lock file.
func (c *Client) locked(set *Set, want *File) bool {
	for i := range set.Files {
		if f := &set.Files[i]; f.Name == want.Name {
			return f.SHA256 == ""
		}
	}
	return false
}

// isPage reports whether the beginning of a file is that of a page for people,
// or of a pointer of Git LFS, which raw hosts give in place of large files.
func isPage(head []byte) bool {
	head = bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n"))
	for _, s := range []string{"<!doctype", "<html", "<head", "<?xml", "version https://git-lfs"} {
		if bytes.HasPrefix(head, []byte(s)) {
			return true
		}
	}
	return false
}

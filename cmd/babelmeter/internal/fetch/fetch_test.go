package fetch_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/babelmeter/babelmeter/cmd/babelmeter/internal/fetch"
)

// body is a file larger than any buffer on its way.
var body = bytes.Repeat([]byte("ranks and merges "), 30000)

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// server answers with one handler and counts requests.
type server struct {
	*httptest.Server
	asked atomic.Int64
}

func serve(t *testing.T, h http.HandlerFunc) *server {
	t.Helper()
	loopback(t)
	s := new(server)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked.Add(1)
		h(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// whole serves body as a host of files does: ranges, an entity tag.
func whole(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Etag", `"`+digest(body)[:16]+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// status answers with a status only.
func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", code) }
}

// upTo serves the first n bytes of what is asked for and drops the connection.
func upTo(n int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		from := 0
		fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from)
		w.Header().Set("Etag", `"`+digest(body)[:16]+`"`)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)-from))
		if from > 0 {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(body)-1, len(body)))
			w.WriteHeader(http.StatusPartialContent)
		}
		w.Write(body[from:min(from+n, len(body))])
		if from+n < len(body) {
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
	}
}

func client(t *testing.T) *fetch.Client {
	return &fetch.Client{
		Root: t.TempDir(), Attempts: 3, Backoff: time.Millisecond, Idle: 2 * time.Second,
		Now: func() time.Time { return time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC) },
	}
}

// file is tokenizer.json with the digest of body.
func file(sources ...string) fetch.File {
	return fetch.File{Name: "tokenizer.json", Size: int64(len(body)), SHA256: digest(body), Sources: sources}
}

// unread is the same file before anyone has read it.
func unread(sources ...string) fetch.File {
	return fetch.File{Name: "tokenizer.json", Sources: sources}
}

func set(files ...fetch.File) []fetch.Set { return []fetch.Set{{Name: "llama9", Files: files}} }

// holds checks that the file is in its place and whole.
func holds(t *testing.T, c *fetch.Client) {
	t.Helper()
	got, err := os.ReadFile(filepath.Join(c.Root, "llama9", "tokenizer.json"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, body) {
		t.Fatalf("%d bytes in place, want %d", len(got), len(body))
	}
	for _, hidden := range []string{".tokenizer.json.part", ".tokenizer.json.from"} {
		if _, err := os.Stat(filepath.Join(c.Root, "llama9", hidden)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is left: %v", hidden, err)
		}
	}
}

// absent checks that there is nothing in place of the file.
func absent(t *testing.T, c *fetch.Client) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(c.Root, "llama9", "tokenizer.json")); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("something is in place of a file that could not be had: %v", err)
	}
}

// says checks that an error has all parts: URL, cause, next step.
func says(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("error %q does not say %q", err, p)
		}
	}
}

func TestPull(t *testing.T) {
	s := serve(t, whole)
	c := client(t)
	var kinds []fetch.Kind
	c.Report = func(e fetch.Event) {
		if len(kinds) == 0 || kinds[len(kinds)-1] != e.Kind {
			kinds = append(kinds, e.Kind)
		}
	}
	got, err := c.Pull(t.Context(), set(file(s.URL)))
	if err != nil {
		t.Fatal(err)
	}
	holds(t, c)
	want := []fetch.Result{{Set: "llama9", File: "tokenizer.json", Size: int64(len(body)), SHA256: digest(body), Source: s.URL}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if want := []fetch.Kind{fetch.Begun, fetch.Got, fetch.Pulled}; !slices.Equal(kinds, want) {
		t.Errorf("events %v, want %v", kinds, want)
	}

	// Again: nothing is asked for.
	asked := s.asked.Load()
	kinds = nil
	got, err = c.Pull(t.Context(), set(file(s.URL)))
	if err != nil || s.asked.Load() != asked || len(got) != 1 || got[0].Source != "" {
		t.Errorf("%v, %v, %d requests", got, err, s.asked.Load()-asked)
	}
	if want := []fetch.Kind{fetch.Present}; !slices.Equal(kinds, want) {
		t.Errorf("events %v, want %v", kinds, want)
	}
}

// Each kind of failure says where, why and what to do, and leaves nothing.
func TestFailures(t *testing.T) {
	page := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<html>log in</html>")
	}
	plainPage := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		fmt.Fprint(w, "version https://git-lfs.github.com/spec/v1\noid sha256:00\n")
	}
	bigger := func(w http.ResponseWriter, _ *http.Request) { w.Write(append(slices.Clone(body), body...)) }
	other := func(w http.ResponseWriter, _ *http.Request) { w.Write(bytes.ToUpper(body)) }
	silent := func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	for _, c := range []struct {
		name     string
		h        http.HandlerFunc
		unread   bool
		requests int64
		says     []string
	}{
		{"404", status(404), false, 1, []string{"404 Not Found", "moved or renamed"}},
		{"410", status(410), false, 1, []string{"410 Gone", "moved or renamed"}},
		{"401", status(401), false, 1, []string{"401 Unauthorized", "account", "BABELMETER_MIRROR"}},
		{"403", status(403), false, 1, []string{"403 Forbidden", "account"}},
		{"429", status(429), false, 3, []string{"429 Too Many Requests, after 3 attempts", "later"}},
		{"500", status(500), false, 3, []string{"500 Internal Server Error, after 3 attempts", "later"}},
		{"503", status(503), false, 3, []string{"503 Service Unavailable, after 3 attempts"}},
		{"501", status(501), false, 1, []string{"501 Not Implemented"}},
		{"truncated at the start", upTo(0), false, 3, []string{"the answer ends early: 0 of 510000 bytes, after 3 attempts"}},
		{"another file", other, false, 1, []string{"510000 bytes with sha256 " + digest(bytes.ToUpper(body)), "the manifest has 510000 bytes with " + digest(body), "not kept"}},
		{"a longer file", bigger, false, 1, []string{"more than the 510000 bytes of the manifest"}},
		{"silence", silent, false, 3, []string{"the server sends nothing for 50ms"}},
		{"page where the digest is not known", page, true, 1, []string{"a page for people", "login page"}},
		{"pointer where the digest is not known", plainPage, true, 1, []string{"pointer to the file"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, c.h)
			cl := client(t)
			cl.Idle = 50 * time.Millisecond
			f := file(s.URL + "/x.json")
			if c.unread {
				f = unread(s.URL + "/x.json")
			}
			got, err := cl.Pull(t.Context(), set(f))
			says(t, err, append(c.says, "llama9: tokenizer.json: "+s.URL+"/x.json: ")...)
			var fe *fetch.FileError
			if !errors.As(err, &fe) || len(fe.Sources) != 1 || len(got) != 0 {
				t.Errorf("%v, %#v", got, err)
			}
			if n := s.asked.Load(); n != c.requests {
				t.Errorf("%d requests, want %d", n, c.requests)
			}
			absent(t, cl)
			if _, err := os.Stat(filepath.Join(cl.Root, fetch.LockName)); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the lock file was written: %v", err)
			}
		})
	}
}

// A server that is not there gives way to the next source at once.
func TestNoServer(t *testing.T) {
	loopback(t)
	gone := httptest.NewServer(http.HandlerFunc(whole))
	gone.Close()
	s := serve(t, whole)
	c := client(t)
	c.Backoff = time.Hour
	got, err := c.Pull(t.Context(), set(file(gone.URL, s.URL)))
	if err != nil || got[0].Source != s.URL {
		t.Fatalf("%v, %v", got, err)
	}
	_, err = client(t).Pull(t.Context(), set(file(gone.URL)))
	says(t, err, gone.URL, "refused", "check the network")
}

// What was tried before is said of each source, in order.
func TestSourcesInOrder(t *testing.T) {
	first, second, third := serve(t, status(404)), serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Write(body[:9]) }), serve(t, whole)
	c := client(t)
	c.Attempts = 1
	var refused []string
	c.Report = func(e fetch.Event) {
		if e.Kind == fetch.Refused {
			refused = append(refused, e.Source)
		}
	}
	got, err := c.Pull(t.Context(), set(file(first.URL, second.URL, third.URL)))
	if err != nil || got[0].Source != third.URL {
		t.Fatalf("%v, %v", got, err)
	}
	if diff := cmp.Diff([]string{first.URL, second.URL}, refused); diff != "" {
		t.Error(diff)
	}
	holds(t, c)

	_, err = client(t).Pull(t.Context(), set(file(first.URL, second.URL)))
	says(t, err, "none of 2 sources has it:\n  "+first.URL, "\n  "+second.URL)
}

// 429 and 5xx are asked again after the time that the server names, in seconds
// or as a date, or else after a growing one.
func TestWaits(t *testing.T) {
	for _, c := range []struct {
		name, after string
		code        int
		want        func(time.Duration) bool
	}{
		{"seconds", "1", 429, func(d time.Duration) bool { return d == time.Second }},
		{"date", "Sun, 29 Nov 2026 12:00:01 GMT", 429, func(d time.Duration) bool { return d == time.Second }},
		{"5xx with seconds", "1", 503, func(d time.Duration) bool { return d == time.Second }},
		{"none", "", 502, func(d time.Duration) bool { return d >= time.Millisecond && d < time.Second }},
		{"no time", "soon", 429, func(d time.Duration) bool { return d >= time.Millisecond && d < time.Second }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var s *server
			s = serve(t, func(w http.ResponseWriter, r *http.Request) {
				if s.asked.Load() == 1 {
					w.Header().Set("Retry-After", c.after)
					http.Error(w, "later", c.code)
					return
				}
				whole(w, r)
			})
			cl := client(t)
			var waits []time.Duration
			cl.Report = func(e fetch.Event) {
				if e.Kind == fetch.Waiting {
					waits = append(waits, e.Wait)
				}
			}
			begun := time.Now()
			if _, err := cl.Pull(t.Context(), set(file(s.URL))); err != nil {
				t.Fatal(err)
			}
			holds(t, cl)
			if len(waits) != 1 || !c.want(waits[0]) || time.Since(begun) < waits[0] {
				t.Errorf("waits %v in %v", waits, time.Since(begun))
			}
		})
	}
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "86400")
		http.Error(w, "", http.StatusTooManyRequests)
	})
	_, err := client(t).Pull(t.Context(), set(file(s.URL)))
	says(t, err, "asks to wait 24h0m0s", "later")
	if s.asked.Load() != 1 {
		t.Errorf("%d requests of a server that asks to wait a day", s.asked.Load())
	}
}

// An answer that ends early is gone on with where it ended, as often as it
// takes while it goes on.
func TestTruncation(t *testing.T) {
	for _, unknown := range []bool{false, true} {
		s := serve(t, upTo(60_000))
		c := client(t)
		f := file(s.URL)
		if unknown {
			f = unread(s.URL)
		}
		if _, err := c.Pull(t.Context(), set(f)); err != nil {
			t.Fatal(err)
		}
		holds(t, c)
		if n := s.asked.Load(); n != 9 { // ceil(510000 / 60000)
			t.Errorf("%d requests, want 9", n)
		}
	}
}

// An interrupted pull leaves its part, and the next one asks for the rest only.
func TestInterrupted(t *testing.T) {
	for _, unknown := range []bool{false, true} {
		ctx, cancel := context.WithCancel(t.Context())
		var ranges []string
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			ranges = append(ranges, r.Header.Get("Range"))
			if len(ranges) == 1 {
				w.Header().Set("Etag", `"`+digest(body)[:16]+`"`)
				w.Header().Set("Content-Length", strconv.Itoa(len(body)))
				w.Write(body[:100_000])
				w.(http.Flusher).Flush()
				<-r.Context().Done()
				return
			}
			whole(w, r)
		})
		f := file(s.URL)
		if unknown {
			f = unread(s.URL)
		}
		c := client(t)
		c.Report = func(e fetch.Event) {
			if e.Kind == fetch.Got && e.Done == 100_000 {
				cancel()
			}
		}
		if _, err := c.Pull(ctx, set(f)); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v, want canceled", err)
		}
		absent(t, c)
		c.Report = nil
		if _, err := c.Pull(t.Context(), set(f)); err != nil {
			t.Fatal(err)
		}
		holds(t, c)
		if want := []string{"", "bytes=100000-"}; !slices.Equal(ranges, want) {
			t.Errorf("ranges %q, want %q", ranges, want)
		}
	}
}

// A part that is not the beginning of the file is found out by the digest, and
// the file is fetched whole.
func TestWrongPart(t *testing.T) {
	s := serve(t, whole)
	for _, part := range [][]byte{bytes.ToUpper(body[:1000]), bytes.ToUpper(body), append(slices.Clone(body), 'x')} {
		c := client(t)
		leave(t, c, ".tokenizer.json.part", part)
		if _, err := c.Pull(t.Context(), set(file(s.URL))); err != nil {
			t.Fatal(err)
		}
		holds(t, c)
	}

	// Where no digest is known, only the entity tag can tell.
	for _, tag := range []string{"", s.URL + "\n\"another\"\n", "http://elsewhere\n\"" + digest(body)[:16] + "\"\n"} {
		c := client(t)
		leave(t, c, ".tokenizer.json.part", bytes.ToUpper(body[:1000]))
		leave(t, c, ".tokenizer.json.from", []byte(tag))
		if _, err := c.Pull(t.Context(), set(unread(s.URL))); err != nil {
			t.Fatal(err)
		}
		holds(t, c)
	}
}

// A server without ranges, or with a mind of its own about them, still gives
// the file.
func TestServersWithoutRanges(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"none": func(w http.ResponseWriter, _ *http.Request) { w.Write(body) },
		"another part": func(w http.ResponseWriter, r *http.Request) { // once
			if r.Header.Get("Range") != "" {
				w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", len(body)-1, len(body)))
				w.WriteHeader(http.StatusPartialContent)
			}
			w.Write(body)
		},
		"not satisfiable": func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Range") != "" {
				w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
				return
			}
			w.Write(body)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, h)
			c := client(t)
			leave(t, c, ".tokenizer.json.part", body[:1000])
			if _, err := c.Pull(t.Context(), set(file(s.URL))); err != nil {
				t.Fatal(err)
			}
			holds(t, c)
		})
	}
}

func leave(t *testing.T, c *fetch.Client, name string, data []byte) {
	t.Helper()
	dir := filepath.Join(c.Root, "llama9")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// Another file in the place of one is not overwritten.
func TestAnotherFileInPlace(t *testing.T) {
	s := serve(t, whole)
	c := client(t)
	leave(t, c, "tokenizer.json", []byte("mine"))
	_, err := c.Pull(t.Context(), set(file(s.URL)))
	says(t, err, filepath.Join(c.Root, "llama9", "tokenizer.json"), "4 bytes with sha256 "+digest([]byte("mine")), "remove it")
	if got, _ := os.ReadFile(filepath.Join(c.Root, "llama9", "tokenizer.json")); string(got) != "mine" || s.asked.Load() != 0 {
		t.Errorf("%q after %d requests", got, s.asked.Load())
	}
}

// A digest that no one knows is recorded at the first pull and enforced after.
func TestLock(t *testing.T) {
	content := body
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Write(content) })
	c := client(t)
	got, err := c.Pull(t.Context(), set(unread(s.URL+"/a b")))
	if err != nil || !got[0].Recorded {
		t.Fatalf("%v, %v", got, err)
	}
	holds(t, c)
	lock := fetch.Lock{Path: filepath.Join(c.Root, fetch.LockName)}
	entries, err := lock.Read()
	want := map[string]fetch.LockEntry{"llama9/tokenizer.json": {Size: int64(len(body)), SHA256: digest(body), Date: "2026-11-29", Source: s.URL + "/a b"}}
	if diff := cmp.Diff(want, entries); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}

	// Gone and changed by the publisher: refused, and not kept.
	if err := os.RemoveAll(filepath.Join(c.Root, "llama9")); err != nil {
		t.Fatal(err)
	}
	content = append(slices.Clone(body[:len(body)-1]), 'X')
	_, err = c.Pull(t.Context(), set(unread(s.URL)))
	says(t, err, s.URL, "the lock file has 510000 bytes with "+digest(body), "remove its line from "+lock.Path)
	absent(t, c)
	// Changed in the cache.
	leave(t, c, "tokenizer.json", []byte("changed"))
	_, err = c.Pull(t.Context(), set(unread(s.URL)))
	says(t, err, "7 bytes with sha256", "its line in "+lock.Path)

	// One that lies in the cache already is recorded as it is; the others stay.
	other := []fetch.Set{{Name: "other", Files: []fetch.File{unread(s.URL)}}}
	if err := os.MkdirAll(filepath.Join(c.Root, "other"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.Root, "other", "tokenizer.json"), []byte("found"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Pull(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	if entries, err = lock.Read(); err != nil || len(entries) != 2 || entries["other/tokenizer.json"].Source != "found in the cache" {
		t.Errorf("%v, %v", entries, err)
	}
}

func TestLockErrors(t *testing.T) {
	ok := "a/b 5 " + digest(body) + " 2026-11-29 https://x"
	for text, want := range map[string]string{
		"a/b 5\n":               ":1: expected file, bytes, sha256, day and source",
		"# x\n\n../b" + ok[3:]:  `:3: "../b": expected SET/FILE`,
		"a/b x" + ok[5:]:        `:1: "x": expected a number of bytes`,
		"a/b 5 00 2026-11-29 x": `:1: "00": expected a sha256`,
		strings.Replace(ok, "2026-11-29", "today", 1): `:1: "today": expected a day`,
		ok + "\n" + ok: ":2: a/b: named twice",
	} {
		l := fetch.Lock{Path: filepath.Join(t.TempDir(), "l")}
		if err := os.WriteFile(l.Path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := l.Read()
		says(t, err, l.Path+want)
		c := client(t)
		c.Lock = &l
		_, err = c.Pull(t.Context(), set(unread("https://127.0.0.1:1")))
		says(t, err, l.Path+want)
	}
}

// Only Hugging Face, or what stands in for it, is sent the token; where it sends
// one on is not, and no error shows it.
func TestToken(t *testing.T) {
	const token = "hf_secret"
	var elsewhere, hub *server
	elsewhere = serve(t, func(w http.ResponseWriter, r *http.Request) {
		if a := r.Header.Get("Authorization"); a != "" {
			t.Errorf("another host is sent %q", a)
		}
		whole(w, r)
	})
	hub = serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+token {
			http.Error(w, "", http.StatusUnauthorized)
			return
		}
		if r.URL.Path != "/org/model/resolve/main/tokenizer.json" {
			http.Error(w, r.Header.Get("Authorization"), http.StatusForbidden)
			return
		}
		http.Redirect(w, r, elsewhere.URL+"/cdn", http.StatusFound)
	})
	url := "https://huggingface.co/org/model/resolve/main/tokenizer.json"
	c := client(t)
	c.HFEndpoint, c.HFToken = hub.URL+"/", token
	got, err := c.Pull(t.Context(), set(file(url)))
	if err != nil || got[0].Source != hub.URL+"/org/model/resolve/main/tokenizer.json" {
		t.Fatalf("%v, %v", got, err)
	}
	holds(t, c)

	c = client(t)
	c.HFEndpoint, c.HFToken = hub.URL, token
	if _, err := c.Pull(t.Context(), set(file(elsewhere.URL))); err != nil {
		t.Fatal(err)
	}

	// Refused, without a token and with one, with a gate and without.
	gated := set(file("https://huggingface.co/gated"))
	gated[0].Gate = "sign in and click Agree"
	c = client(t)
	c.HFEndpoint = hub.URL
	_, err = c.Pull(t.Context(), gated)
	says(t, err, hub.URL+"/gated", "401 Unauthorized; sign in and click Agree")
	_, err = c.Pull(t.Context(), set(file("https://huggingface.co/gated")))
	says(t, err, "401 Unauthorized; it may be gated", "HF_TOKEN")
	c.HFToken = token
	_, err = c.Pull(t.Context(), gated)
	says(t, err, "403 Forbidden; HF_TOKEN was sent and refused", "sign in and click Agree")
	_, err2 := c.Pull(t.Context(), set(file("https://huggingface.co/gated")))
	says(t, err2, "HF_TOKEN was sent and refused")
	for _, err := range []error{err, err2} {
		if strings.Contains(err.Error(), token) {
			t.Errorf("the token is shown: %v", err)
		}
	}
}

// A mirror, a folder or a URL, comes first; what it does not have comes from
// the other sources.
func TestMirror(t *testing.T) {
	s := serve(t, status(404))
	mirror := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/m/llama9/tokenizer.json" {
			t.Errorf("mirror is asked for %s", r.URL.Path)
		}
		whole(w, r)
	})
	c := client(t)
	c.Mirror = mirror.URL + "/m/"
	got, err := c.Pull(t.Context(), set(file(s.URL)))
	if err != nil || got[0].Source != mirror.URL+"/m/llama9/tokenizer.json" {
		t.Fatalf("%v, %v", got, err)
	}
	holds(t, c)

	folder := t.TempDir()
	c = client(t)
	c.Mirror = folder
	_, err = c.Pull(t.Context(), set(file(s.URL)))
	says(t, err, "file:"+filepath.ToSlash(folder)+"/llama9/tokenizer.json: open ", s.URL)
	if err := os.MkdirAll(filepath.Join(folder, "llama9"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "llama9", "tokenizer.json"), body, 0o666); err != nil {
		t.Fatal(err)
	}
	asked := s.asked.Load()
	if _, err := c.Pull(t.Context(), set(file(s.URL))); err != nil {
		t.Fatal(err)
	}
	holds(t, c)
	if s.asked.Load() != asked {
		t.Error("the publisher was asked for what the mirror has")
	}
}

// A disk that is full ends the pull, says so and keeps what is there.
func TestFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full here")
	}
	s := serve(t, whole)
	c := client(t)
	leave(t, c, "x", nil)
	part := filepath.Join(c.Root, "llama9", ".tokenizer.json.part")
	if err := os.Symlink("/dev/full", part); err != nil {
		t.Fatal(err)
	}
	_, err := c.Pull(t.Context(), set(file(s.URL), fetch.File{Name: "b", Size: 5, SHA256: digest([]byte("12345")), Sources: []string{s.URL}}))
	says(t, err, "no room left at "+part, syscall.ENOSPC.Error(), "make room and go on with the same command")
	var ce *fetch.CacheError
	if !errors.As(err, &ce) {
		t.Errorf("%T", err)
	}
	absent(t, c)

	// With room again, it goes on.
	if err := os.Remove(part); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Pull(t.Context(), set(file(s.URL))); err != nil {
		t.Fatal(err)
	}
	holds(t, c)
}

// A cache that cannot be written is told of once, not once a file.
func TestReadOnlyCache(t *testing.T) {
	s := serve(t, whole)
	dir := readOnly(t)
	c := client(t)
	c.Root = dir
	many := set(file(s.URL))
	many = append(many, fetch.Set{Name: "b", Files: many[0].Files}, fetch.Set{Name: "c", Files: many[0].Files})
	_, err := c.Pull(t.Context(), many)
	says(t, err, dir, "cannot be written", "BABELMETER_CACHE")
	if n := strings.Count(err.Error(), "cannot be written"); n != 1 {
		t.Errorf("said %d times: %v", n, err)
	}
	var ce *fetch.CacheError
	if !errors.As(err, &ce) || s.asked.Load() != 0 {
		t.Errorf("%T after %d requests", err, s.asked.Load())
	}
}

// readOnly is a folder that cannot be written, not even by root.
func readOnly(t *testing.T) string {
	if runtime.GOOS == "windows" {
		t.Skip("permissions of folders are of another kind here")
	}
	dir := filepath.Join(t.TempDir(), "cache")
	if err := os.Mkdir(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{dir, "/sys/kernel"} {
		if err := os.Mkdir(filepath.Join(d, "x"), 0o777); errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
			return d
		}
		os.Remove(filepath.Join(d, "x"))
	}
	t.Skip("root may write everywhere here")
	return ""
}

// Two at once: one fetches, the other waits and finds the file.
func TestTwoAtOnce(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(20 * time.Millisecond)
		whole(w, r)
	})
	a := client(t)
	b := client(t)
	b.Root = a.Root
	var wg sync.WaitGroup
	for range 3 {
		for _, c := range []*fetch.Client{a, b} {
			wg.Go(func() {
				if _, err := c.Pull(t.Context(), set(unread(s.URL))); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	holds(t, a)
	if n := s.asked.Load(); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}

	// The second one does not wait for ever.
	c := client(t)
	block := make(chan struct{})
	began := make(chan struct{})
	slow := serve(t, func(w http.ResponseWriter, r *http.Request) {
		close(began)
		<-block
		whole(w, r)
	})
	done := make(chan error)
	go func() {
		_, err := c.Pull(t.Context(), set(file(slow.URL)))
		done <- err
	}()
	<-began
	second := client(t)
	second.Root = c.Root
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := second.Pull(ctx, set(file(slow.URL))); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the end of the context", err)
	}
	close(block)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// Several files come at once, and one that fails does not end the others.
func TestSeveral(t *testing.T) {
	var now, most atomic.Int64
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		time.Sleep(50 * time.Millisecond)
		if r.URL.Path == "/3" {
			http.Error(w, "", 404)
			return
		}
		whole(w, r)
	})
	var sets []fetch.Set
	for i := range 8 {
		f := file(fmt.Sprintf("%s/%d", s.URL, i))
		sets = append(sets, fetch.Set{Name: fmt.Sprintf("v%d", i), Files: []fetch.File{f}})
	}
	c := client(t)
	c.Parallel = 3
	got, err := c.Pull(t.Context(), sets)
	says(t, err, "v3: tokenizer.json: "+s.URL+"/3: the server answers 404")
	var names []string
	for _, r := range got {
		names = append(names, r.Set)
	}
	if want := []string{"v0", "v1", "v2", "v4", "v5", "v6", "v7"}; !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
	if most.Load() != 3 {
		t.Errorf("%d at once, want 3", most.Load())
	}
}

func TestBadNames(t *testing.T) {
	c := client(t)
	for _, s := range []fetch.Set{
		{Name: "../x", Files: []fetch.File{file("https://x")}},
		{Name: "", Files: []fetch.File{file("https://x")}},
		{Name: "x", Files: []fetch.File{{Name: "../../etc"}}},
		{Name: "x", Files: []fetch.File{{Name: "/etc/passwd"}}},
		{Name: "x", Files: []fetch.File{{Name: `..\x`}}},
	} {
		if _, err := c.Pull(t.Context(), []fetch.Set{s}); err == nil {
			t.Errorf("%v: no error", s)
		}
	}
	_, err := c.Pull(t.Context(), set(file()))
	says(t, err, "names no source")
	for _, bad := range []string{"ftp://x/y", "npm:", "npm:name", "npm:@a/b@1"} {
		_, err = c.Pull(t.Context(), set(file(bad)))
		says(t, err, bad, "expected")
	}
}

// TestPackages runs stand-ins for npm, go and pip that write what those do.
func TestPackages(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the stand-ins are shell scripts")
	}
	bin := t.TempDir()
	var tgz bytes.Buffer
	zw := gzip.NewWriter(&tgz)
	tw := tar.NewWriter(zw)
	for name, data := range map[string][]byte{"package/package.json": []byte("{}"), "package/models/tokenizer.json": body} {
		if err := tw.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(data)), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := tw.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(tw.Close(), zw.Close()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bin, "a.tgz"), tgz.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	module := t.TempDir()
	if err := os.WriteFile(filepath.Join(module, "vocab.model"), body, 0o666); err != nil {
		t.Fatal(err)
	}
	script := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+text), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	script("npm", `test "$1 $2 $3" = "pack --loglevel=error @a/b@1.2.3" || { echo "npm error 404 no such package" >&2; exit 1; }
cp "`+bin+`/a.tgz" a-b-1.2.3.tgz
`)
	script("go", `printf '{"Dir": "%s"}' "`+module+`"`)
	t.Setenv("PATH", bin+":/usr/bin:/bin")
	for _, source := range []string{"npm:@a/b@1.2.3/models/tokenizer.json", "go:example.com/m@v1.0.0/vocab.model"} {
		c := client(t)
		got, err := c.Pull(t.Context(), set(file(source)))
		if err != nil {
			t.Fatal(err)
		}
		if got[0].Source != source {
			t.Errorf("from %s", got[0].Source)
		}
		holds(t, c)
		if left, _ := filepath.Glob(filepath.Join(c.Root, "llama9", ".package-*")); len(left) > 0 {
			t.Errorf("left %v", left)
		}
	}
	c := client(t)
	for source, want := range map[string]string{
		"npm:@a/b@1.2.3/models/other.json": "no models/other.json in the package",
		"npm:@a/c@1.2.3/x":                 "npm pack: exit status 1: npm error 404 no such package",
		"go:example.com/m@v1.0.0/other":    "no such file",
		"npm:@a/b@1.2.3/package.json":      "2 bytes with sha256",
	} {
		_, err := c.Pull(t.Context(), set(file(source)))
		says(t, err, source+": ", want)
		absent(t, c)
	}
	t.Setenv("PATH", t.TempDir())
	_, err := c.Pull(t.Context(), set(file("npm:@a/b@1.2.3/x")))
	says(t, err, "npm is not installed here, or not in PATH")
}

func FuzzLock(f *testing.F) {
	f.Add([]byte("# head\na/b 5 " + digest(body) + " 2026-11-29 https://x y\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l := fetch.Lock{Path: filepath.Join(t.TempDir(), "l")}
		if err := os.WriteFile(l.Path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		entries, err := l.Read()
		if err != nil && len(entries) > 0 {
			t.Error("entries beside an error")
		}
		for name, e := range entries {
			if !fs.ValidPath(name) || e.Size <= 0 || len(e.SHA256) != 64 {
				t.Errorf("%q: %+v", name, e)
			}
		}
	})
}

// A server whose file became shorter is given up on: its length tells at once,
// and without one, beginning anew is no progress.
func TestShorterFile(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"with its length": func(w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body[:5]))
		},
		"without": func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Range") != "" {
				w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
				return
			}
			w.(http.Flusher).Flush()
			w.Write(body[:5])
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, h)
			c := client(t)
			_, err := c.Pull(t.Context(), set(file(s.URL)))
			says(t, err, s.URL)
			if n := s.asked.Load(); n > 6 {
				t.Errorf("%d requests", n)
			}
			absent(t, c)
		})
	}
}

// loopback skips a test of what speaks to a local server where not even that
// can be reached.
func loopback(t testing.TB) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skipf("no local network: %v", err)
	}
	defer l.Close()
	c, err := net.DialTimeout("tcp", l.Addr().String(), time.Second)
	if err != nil {
		t.Skipf("no local network: %v", err)
	}
	c.Close()
}

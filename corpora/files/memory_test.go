package files_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/babelmeter/babelmeter/corpora"
	"github.com/babelmeter/babelmeter/corpora/files"
)

// made is a file system of one file, whose content is made as it is read, and
// which looks at the heap meanwhile.
type made struct {
	name  string
	r     io.Reader
	n     int64
	next  int64
	start uint64
	peak  uint64
}

func (m *made) Open(name string) (fs.File, error) {
	if name != m.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return m, nil
}

func (m *made) Stat() (fs.FileInfo, error) {
	return fs.Stat(fstest.MapFS{m.name: &fstest.MapFile{}}, m.name)
}
func (m *made) Close() error { return nil }
func (m *made) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.n += int64(n)
	if m.n >= m.next {
		m.next = m.n + 1<<20
		m.look()
	}
	return n, err
}

func (m *made) look() {
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	if m.start == 0 {
		m.start = s.HeapAlloc
	}
	m.peak = max(m.peak, s.HeapAlloc)
}

// repeat gives head, then what each makes for 0, 1, 2, … until so many bytes,
// then tail.
func repeat(head string, each func(n int, b *bytes.Buffer), size int64, tail string) io.Reader {
	return io.MultiReader(strings.NewReader(head), &generator{each: each, left: size}, strings.NewReader(tail))
}

type generator struct {
	each func(int, *bytes.Buffer)
	left int64
	n    int
	b    bytes.Buffer
}

func (g *generator) Read(p []byte) (int, error) {
	for g.b.Len() < len(p) && g.left > 0 {
		before := g.b.Len()
		g.each(g.n, &g.b)
		g.n++
		g.left -= int64(g.b.Len() - before)
	}
	return g.b.Read(p)
}

type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

// A large memory takes what its asked-for languages take, not its size.
// BABELMETER_TMX_MIB makes it larger than 64 MiB.
func TestLargeTMXInBoundedMemory(t *testing.T) {
	size := int64(64)
	if s := os.Getenv("BABELMETER_TMX_MIB"); s != "" {
		var err error
		if size, err = strconv.ParseInt(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	text := strings.Repeat("文字列", 60)
	m := &made{name: "m.tmx", r: repeat(tmxHead, func(n int, b *bytes.Buffer) {
		b.WriteString(`<tu><tuv xml:lang="en-US"><seg>`)
		b.WriteString(strconv.Itoa(n))
		b.WriteString(`</seg></tuv><tuv xml:lang="ja"><seg>`)
		b.WriteString(text)
		b.WriteString("</seg></tuv>")
		if n%5000 == 0 {
			b.WriteString(`<tuv xml:lang="ko"><seg>한국어 `)
			b.WriteString(strconv.Itoa(n))
			b.WriteString("</seg></tuv>")
		}
		b.WriteString("</tu>\n")
	}, size<<20, tmxEnd)}
	start := time.Now()
	c, _, err := files.Load(m, []string{"m.tmx"}, files.Options{Langs: []corpora.Lang{"ko"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d MiB, %d segments, %v; heap at most %d MiB over the start", m.n>>20, c.Len(), time.Since(start).Round(time.Millisecond), (m.peak-m.start)>>20)
	if m.n < size<<20 || c.Len() < 10 {
		t.Errorf("%d bytes, %d segments", m.n, c.Len())
	}
	if limit := uint64(48<<20 + size<<20/8); m.peak-m.start > limit {
		t.Errorf("heap grew by %d MiB, want at most %d", (m.peak-m.start)>>20, limit>>20)
	}
}

// A line, a field, an element without end is refused after some megabytes.
func TestEndlessSegments(t *testing.T) {
	for _, c := range []struct{ name, file, head string }{
		{"a line", "ja.txt", "a\n"},
		{"a header", "t.tsv", "en"},
		{"a row", "t.tsv", "en\tja\na\t"},
		{"a field in quotes", "t.csv", "en,ja\na,\""},
		{"a field", "t.csv", "en,ja\na,"},
		{"an object", "t.jsonl", `{"en":"`},
		{"a segment", "m.tmx", tmxHead + `<tu><tuv xml:lang="ja"><seg>`},
		{"an attribute", "m.tmx", tmxHead + `<tu tuid="`},
		{"a name", "m.tmx", "<tmx><"},
		{"a comment", "m.tmx", "<tmx><!--"},
		{"a document type", "m.tmx", "<!DOCTYPE "},
		{"an instruction", "m.tmx", "<?x "},
		{"a target", "x.xlf", `<xliff version="1.2"><file original="a" source-language="en" target-language="ja"><body><trans-unit id="1"><source>a</source><target>`},
		{"a string", "ja.po", `msgid "`},
		{"a comment", "ja.po", "# "},
	} {
		t.Run(c.file+" "+c.name, func(t *testing.T) {
			m := &made{name: c.file, r: io.MultiReader(strings.NewReader(c.head), endless('x'))}
			_, _, err := files.Load(m, []string{c.file}, files.Options{})
			if err == nil || !strings.HasPrefix(err.Error(), "corpora: "+c.file+":") || !strings.Contains(err.Error(), "more than 16 MiB without an end") {
				t.Errorf("got %v", err)
			}
			if m.n > 40<<20 || m.peak-m.start > 160<<20 {
				t.Errorf("%d MiB read, heap grew by %d MiB", m.n>>20, (m.peak-m.start)>>20)
			}
		})
	}
}

// Many lines of one segment add up to the same limit.
func TestSegmentsOfManyParts(t *testing.T) {
	line := strings.Repeat("x", 1000)
	for _, c := range []struct{ file, head, each string }{
		{"ja.po", `msgid "a"` + "\nmsgstr \"\"\n", `"` + line + "\"\n"},
		{"m.tmx", tmxHead + `<tu><tuv xml:lang="ja"><seg>`, "<hi>" + line + "</hi>"},
		{"x.xlf", `<xliff version="1.2"><file original="a" source-language="en" target-language="ja"><body><trans-unit id="1"><source>a</source><target>`, "<g>" + line + "</g>"},
	} {
		m := &made{name: c.file, r: repeat(c.head, func(_ int, b *bytes.Buffer) { b.WriteString(c.each) }, 1<<40, "")}
		_, _, err := files.Load(m, []string{c.file}, files.Options{})
		if err == nil || !strings.Contains(err.Error(), "more than 16 MiB without an end") {
			t.Errorf("%s: got %v", c.file, err)
		}
	}
}

// A file that expands to a thousand times its size is refused.
func TestBombs(t *testing.T) {
	const size = 128 << 20
	fill := func(w io.WriteCloser) {
		block := bytes.Repeat([]byte(strings.Repeat("a", 1023)+"\n"), 1<<10)
		for range size >> 20 {
			w.Write(block)
		}
		w.Close()
	}
	var g, z bytes.Buffer
	fill(gzip.NewWriter(&g))
	zw, err := zstd.NewWriter(&z)
	if err != nil {
		t.Fatal(err)
	}
	fill(zw)
	for _, c := range []struct {
		file string
		data []byte
		want string
	}{
		{"ja.txt.gz", g.Bytes(), ": the gzip file expands to more than 200 times its size; if it is meant so, unpack it first"},
		{"ja.txt.zst", z.Bytes(), ": the zstd file expands to more than 200 times its size; if it is meant so, unpack it first"},
	} {
		m := &made{name: c.file, r: bytes.NewReader(c.data)}
		_, _, err := files.Load(m, []string{c.file}, files.Options{})
		if err == nil || !strings.HasPrefix(err.Error(), "corpora: "+c.file+":") || !strings.HasSuffix(err.Error(), c.want) {
			t.Errorf("%d bytes: got %v", len(c.data), err)
		}
		if m.look(); m.peak-m.start > 256<<20 {
			t.Errorf("%s: heap grew by %d MiB", c.file, (m.peak-m.start)>>20)
		}
	}
}

// What is held is bounded where the segments are short and without number.
func TestMemoryOfTheCorpusIsBounded(t *testing.T) {
	m := &made{name: "ja.txt", r: repeat("", func(n int, b *bytes.Buffer) { b.WriteString("x\n") }, 1<<40, "")}
	_, _, err := files.Load(m, []string{"ja.txt"}, files.Options{MaxMemory: 64 << 20})
	if err == nil || !strings.HasSuffix(err.Error(), ": the corpus takes more than 64 MiB of memory; select languages, or measure it in parts") {
		t.Errorf("got %v", err)
	}
	if m.peak-m.start > 256<<20 {
		t.Errorf("heap grew by %d MiB", (m.peak-m.start)>>20)
	}
}

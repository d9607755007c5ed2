package files

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/babelmeter/babelmeter/corpora"
)

// A file that expands to more than bombRatio times its size is refused once
// it has given bombSize bytes. Text of the corpora here shrinks to a third or
// a fifth; 200 is far from all of them.
const (
	bombSize  = 16 << 20
	bombRatio = 200
)

// maxWindow bounds the window of zstd: that of `zstd --long`.
const maxWindow = 128 << 20

// input is an open file, as UTF-8.
type input struct {
	name string
	io.Reader
	close func()
}

func (in *input) Close() { in.close() }

// errorf is an error at a line of the file; 0 is none.
func errorAt(name string, line int, err error) error {
	if line == 0 {
		return fmt.Errorf("%s: %w", name, err)
	}
	return fmt.Errorf("%s:%d: %w", name, line, err)
}

// open opens a file of one language, or of several if lang is "": it unpacks
// gzip and zstd, which their first bytes tell, and decodes.
func (l *loader) open(name string, lang corpora.Lang) (*input, error) {
	f, err := l.fsys.Open(name)
	if err != nil {
		return nil, err
	}
	in := &input{name: name, close: func() { f.Close() }}
	if st, err := f.Stat(); err == nil && st.IsDir() {
		f.Close()
		return nil, fmt.Errorf("%s is a folder, expected a file", name)
	}
	raw, closer, err := unpack(f, name)
	if err != nil {
		f.Close()
		return nil, errorAt(name, 0, err)
	}
	if closer != nil {
		in.close = func() { closer(); f.Close() }
	}
	br := bufio.NewReaderSize(raw, 16<<10)
	enc, ok := l.o.Encodings[lang]
	if !ok {
		enc, ok = l.o.Encodings[""]
	}
	if !ok {
		enc = "utf-8"
		head, err := br.Peek(1024)
		if err != nil && err != io.EOF && !errors.Is(err, bufio.ErrBufferFull) && len(head) == 0 {
			in.close()
			return nil, errorAt(name, 0, err)
		}
		if named := declared(head, name); named != "" {
			enc = named
		}
	}
	c, err := lookupEncoding(enc)
	if err != nil {
		in.close()
		return nil, errorAt(name, 0, err)
	}
	in.Reader = c.decode(br)
	return in, nil
}

var (
	xmlEncoding = regexp.MustCompile(`^<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']`)
	poEncoding  = regexp.MustCompile(`(?m)^"Content-Type: text/plain; *charset=([A-Za-z0-9._-]+)`)
)

// declared returns the encoding that a file itself declares, "" if none: XML
// by its mark and its declaration, PO by its header.
func declared(head []byte, name string) string {
	ext := extension(name)
	switch {
	case ext == ".tmx" || ext == ".xlf" || ext == ".xliff" || ext == ".xml":
		if bytes.HasPrefix(head, []byte{0xff, 0xfe}) || bytes.HasPrefix(head, []byte{0xfe, 0xff}) {
			return "utf-16"
		}
		if m := xmlEncoding.FindSubmatch(bytes.TrimPrefix(head, []byte("\ufeff"))); m != nil {
			return string(m[1])
		}
	case ext == ".po":
		if m := poEncoding.FindSubmatch(head); m != nil && string(m[1]) != "CHARSET" {
			return string(m[1])
		}
	}
	return ""
}

// unpack returns a reader over what a compressed file holds, or over the file.
func unpack(f fs.File, name string) (io.Reader, func(), error) {
	in := &counter{r: f}
	br := bufio.NewReader(in)
	magic, err := br.Peek(4)
	if err != nil && err != io.EOF {
		return nil, nil, err
	}
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(br)
		if err != nil {
			return nil, nil, archive("gzip", err)
		}
		return &unpacked{r: z, in: in, format: "gzip"}, nil, nil
	case bytes.HasPrefix(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(br, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, nil, archive("zstd", err)
		}
		return &unpacked{r: z, in: in, format: "zstd"}, z.Close, nil
	case strings.HasSuffix(name, ".gz"):
		return nil, nil, errors.New("named .gz, but it is no gzip file")
	case strings.HasSuffix(name, ".zst"):
		return nil, nil, errors.New("named .zst, but it is no zstd file")
	case bytes.HasPrefix(magic, []byte("PK\x03\x04")):
		return nil, nil, errors.New("a zip archive, or a file of an office program; unpack it, or save the table as CSV in UTF-8")
	case bytes.HasPrefix(magic, []byte("PAR1")):
		return nil, nil, errors.New("a parquet file; convert it to JSON lines")
	}
	return br, nil, nil
}

func archive(format string, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("the %s file is cut off: it ends in the middle of its data; fetch it again", format)
	}
	return fmt.Errorf("the %s file is damaged: %w; fetch it again", format, err)
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// unpacked is what a compressed file gives.
type unpacked struct {
	r      io.Reader
	in     *counter
	out    int64
	format string
}

func (u *unpacked) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	u.out += int64(n)
	if u.out > bombSize && u.out/bombRatio > u.in.n {
		return 0, fmt.Errorf("the %s file expands to more than %d times its size; if it is meant so, unpack it first", u.format, bombRatio)
	}
	if err != nil && err != io.EOF {
		err = archive(u.format, err)
	}
	return n, err
}

// extension returns the last extension of a name without that of its
// compression, in lower case.
func extension(name string) string {
	name = strings.ToLower(plainName(name))
	if i := strings.LastIndexAny(name, "./"); i >= 0 && name[i] == '.' {
		return name[i:]
	}
	return ""
}

// plainName is a name without the extension of its compression.
func plainName(name string) string {
	for _, ext := range []string{".gz", ".zst"} {
		if short, ok := strings.CutSuffix(name, ext); ok {
			return short
		}
	}
	return name
}

// lines reads a file line by line. Lines end in LF. Where the first one ends
// in CR LF, all must; elsewhere a CR is text, as are U+0085 and U+2028.
type lines struct {
	name string
	r    *bufio.Reader
	no   int // of the line that was read last
	crlf bool
}

func newLines(in *input) *lines { return &lines{name: in.name, r: bufio.NewReaderSize(in, 16<<10)} }

// next returns the next line without its end; io.EOF after the last one.
func (l *lines) next() (string, error) {
	var long []byte
	for {
		part, err := l.r.ReadSlice('\n')
		if err == nil && long == nil {
			l.no++
			return l.end(part[:len(part)-1], true)
		}
		long = append(long, part...)
		if len(long) > MaxSegment {
			return "", errorAt(l.name, l.no+1, errTooLong)
		}
		switch {
		case err == nil:
			l.no++
			return l.end(long[:len(long)-1], true)
		case err == io.EOF && len(long) == 0:
			return "", io.EOF
		case err == io.EOF:
			l.no++
			return l.end(long, false)
		case !errors.Is(err, bufio.ErrBufferFull):
			return "", errorAt(l.name, l.no+1, err)
		}
	}
}

func (l *lines) end(b []byte, lf bool) (string, error) {
	cr := len(b) > 0 && b[len(b)-1] == '\r'
	if l.no == 1 {
		l.crlf = cr && lf
	}
	if l.crlf {
		if !cr && lf {
			return "", errorAt(l.name, l.no, errors.New("the line ends in LF, but the lines before it in CR LF; save the file with one kind of line ends"))
		}
		if cr {
			b = b[:len(b)-1]
		}
	}
	return string(b), nil
}

var errTooLong = fmt.Errorf("more than %d MiB without an end; a segment is a sentence or a paragraph", MaxSegment>>20)

package files

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// charset is an encoding of the table below.
type charset struct {
	name  string
	label []string // other names, as files spell them
	enc   encoding.Encoding
	steps bool // its decoder has a state, so that it cannot be asked twice
}

// charsets are the encodings that a corpus may have. As WHATWG has it,
// Shift_JIS is Windows-31J, EUC-KR is Windows-949 and Big5 has Hong Kong's
// characters.
var charsets = []charset{
	{name: "utf-8", label: []string{"utf8", "us-ascii", "ascii"}},
	{name: "utf-16", label: []string{"utf16"}},
	{name: "utf-16le", label: []string{"utf16le", "utf-16-le"}, enc: unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
	{name: "utf-16be", label: []string{"utf16be", "utf-16-be"}, enc: unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
	{name: "shift_jis", label: []string{"shift-jis", "sjis", "cp932", "windows-31j", "ms932"}, enc: japanese.ShiftJIS},
	{name: "euc-jp", label: []string{"eucjp", "euc_jp"}, enc: japanese.EUCJP},
	{name: "iso-2022-jp", label: []string{"iso2022jp", "jis"}, enc: japanese.ISO2022JP, steps: true},
	{name: "euc-kr", label: []string{"euckr", "euc_kr", "cp949", "uhc", "windows-949", "ks_c_5601-1987"}, enc: korean.EUCKR},
	{name: "gbk", label: []string{"cp936", "gb2312", "windows-936", "euc-cn"}, enc: simplifiedchinese.GBK},
	{name: "gb18030", enc: simplifiedchinese.GB18030},
	{name: "big5", label: []string{"big-5", "cp950", "big5-hkscs", "windows-950"}, enc: traditionalchinese.Big5},
}

// Encodings returns the names of the encodings that Options.Encodings may have.
func Encodings() []string {
	var names []string
	for _, c := range charsets {
		names = append(names, c.name)
	}
	return names
}

func lookupEncoding(name string) (*charset, error) {
	low := strings.ToLower(strings.TrimSpace(name))
	for i, c := range charsets {
		if c.name == low || slices.Contains(c.label, low) {
			return &charsets[i], nil
		}
	}
	return nil, fmt.Errorf("unknown encoding %q; encodings: %s", name, strings.Join(Encodings(), ", "))
}

// decode returns a reader of UTF-8 over the bytes of a file. What it gives is
// well formed, has no byte order mark and no NUL.
func (c *charset) decode(r io.Reader) io.Reader {
	return &decoder{src: r, c: c}
}

// decoder decodes strictly: the decoders of x/text put U+FFFD for bytes that
// they do not know, and go on.
type decoder struct {
	src     io.Reader
	c       *charset
	t       transform.Transformer // nil for UTF-8
	genuine []byte                // how the encoding spells U+FFFD itself
	store   []byte
	in      []byte // bytes of src that are not decoded, in store
	eof     bool
	started bool
	offset  int64 // of in in the file
	out     []byte
	buf     []byte
	err     error
}

func (d *decoder) Read(p []byte) (int, error) {
	for len(d.out) == 0 {
		if d.err != nil {
			return 0, d.err
		}
		d.fill()
	}
	n := copy(p, d.out)
	d.out = d.out[n:]
	return n, nil
}

// fill decodes some more bytes, or sets err.
func (d *decoder) fill() {
	const block = 8 << 10
	if d.buf == nil {
		d.buf = make([]byte, 4*block)
		d.store = make([]byte, 2*block)
	}
	if !d.eof && len(d.in) < block {
		rest := copy(d.store, d.in)
		n, err := io.ReadAtLeast(d.src, d.store[rest:rest+block], 1)
		d.in = d.store[:rest+n]
		switch {
		case err == io.EOF:
			d.eof = true
		case err != nil:
			d.err = err
			return
		}
	}
	if !d.started {
		if len(d.in) < 4 && !d.eof {
			return
		}
		d.started = true
		if d.err = d.start(); d.err != nil {
			return
		}
	}
	if d.eof && len(d.in) == 0 {
		d.err = io.EOF
		return
	}
	if d.t == nil {
		d.utf8()
	} else {
		d.decode()
	}
	// NUL is a character of no text. What it is in: UTF-16 without its mark.
	if i := bytes.IndexByte(d.out, 0); i >= 0 {
		d.out = d.out[:i]
		hint := ""
		if d.c.name == "utf-8" {
			hint = "; if it is UTF-16, name the encoding: utf-16le or utf-16be"
		}
		d.err = fmt.Errorf("the text has a NUL character, near byte %d of the file: this is no text in %s%s", d.offset, d.c.name, hint)
	}
}

// start looks at a byte order mark.
func (d *decoder) start() error {
	skip := func(n int) {
		d.in = d.in[n:]
		d.offset += int64(n)
	}
	le, be := bytes.HasPrefix(d.in, []byte{0xff, 0xfe}), bytes.HasPrefix(d.in, []byte{0xfe, 0xff})
	enc := d.c.enc
	switch d.c.name {
	case "utf-8":
		if le || be {
			return errors.New("the file begins with the byte order mark of UTF-16; name the encoding: utf-16")
		}
		if bytes.HasPrefix(d.in, []byte("\ufeff")) {
			skip(3)
		}
		return nil
	case "utf-16":
		switch {
		case le:
			enc = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
		case be:
			enc = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
		default:
			return errors.New("the file does not begin with a byte order mark; name the encoding: utf-16le or utf-16be")
		}
		skip(2)
	case "utf-16le":
		if le {
			skip(2)
		}
	case "utf-16be":
		if be {
			skip(2)
		}
	}
	d.t = enc.NewDecoder().Transformer
	if g, err := enc.NewEncoder().Bytes([]byte("\ufffd")); err == nil {
		d.genuine = g
	}
	return nil
}

// utf8 passes on what is well formed.
func (d *decoder) utf8() {
	n := validPrefix(d.in)
	d.out = append(d.buf[:0], d.in[:n]...)
	rest := d.in[n:]
	d.in = rest
	d.offset += int64(n)
	if len(rest) > 0 && (d.eof || utf8.FullRune(rest)) {
		d.err = fmt.Errorf("byte %d of the file (0x%02x) is not UTF-8; if the file has another encoding, name it", d.offset, rest[0])
	}
}

// validPrefix returns the length of the well-formed beginning of b.
func validPrefix(b []byte) int {
	if utf8.Valid(b) {
		return len(b)
	}
	i := 0
	for i < len(b) {
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n <= 1 {
			break
		}
		i += n
	}
	return i
}

// decode decodes what can be decoded of in.
func (d *decoder) decode() {
	if !d.c.steps {
		nDst, nSrc, err := d.t.Transform(d.buf, d.in, d.eof)
		if !bytes.Contains(d.buf[:nDst], []byte("\ufffd")) {
			d.took(nDst, nSrc, err)
			return
		}
		d.t.Reset()
	}
	// By steps of one character, so that the place of U+FFFD is known.
	nDst, pos := 0, 0
	for pos < len(d.in) && len(d.buf)-nDst >= 16 {
		before := pos
		for n := 1; pos+n <= len(d.in); n++ {
			end := d.eof && pos+n == len(d.in)
			wrote, took, err := d.t.Transform(d.buf[nDst:], d.in[pos:pos+n], end)
			if bytes.Contains(d.buf[nDst:nDst+wrote], []byte("\ufffd")) && !bytes.Equal(d.in[pos:pos+took], d.genuine) {
				d.out = d.buf[:nDst]
				d.in = d.in[pos:]
				d.offset += int64(pos)
				d.err = fmt.Errorf("byte %d of the file (0x%02x) is not %s", d.offset, d.in[0], d.c.name)
				return
			}
			nDst += wrote
			pos += took
			if took > 0 {
				break
			}
			if err != nil && !errors.Is(err, transform.ErrShortSrc) {
				d.err = err
				return
			}
		}
		if pos == before {
			if !d.eof && len(d.in)-pos < 16 {
				break
			}
			d.out = d.buf[:nDst]
			d.offset += int64(pos)
			d.err = fmt.Errorf("byte %d of the file (0x%02x) is not %s", d.offset, d.in[pos], d.c.name)
			return
		}
	}
	d.took(nDst, pos, nil)
}

func (d *decoder) took(nDst, nSrc int, err error) {
	d.out = d.buf[:nDst]
	d.in = d.in[nSrc:]
	d.offset += int64(nSrc)
	if err != nil && !errors.Is(err, transform.ErrShortSrc) && !errors.Is(err, transform.ErrShortDst) {
		d.err = err
	}
}

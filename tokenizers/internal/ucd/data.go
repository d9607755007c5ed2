package ucd

import (
	"bytes"
	"compress/flate"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
)

// packed is made by scripts/unicode, whose build.go describes the form.
//
//go:embed ucd.bin
var packed []byte

// source is the unpacked file, cut into its tables but not read further: a
// version reads only what is asked of it.
type source struct {
	versions   []string
	properties []string
	scripts    []scriptName
	category   [][]byte   // by version
	script     [][]byte   // by version
	property   [][][]byte // by property, by version
	fold       [][]byte   // by version
	lower      [][]byte   // by version
	ccc        []byte
	exclusion  []byte
	decomp     []byte
	tables     []func() *Tables // by version, made at the first call
}

type scriptName struct{ long, short string }

// unpacked is made at first use and kept, and so is what hangs on it: it is a
// constant, only too big to be written out.
var unpacked = sync.OnceValues(func() (*source, error) {
	data, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	if err != nil {
		return nil, fmt.Errorf("ucd: unpacking the tables: %w", err)
	}
	return cut(data)
})

// A reader reads the numbers of build.go's format. Beyond the end it gives
// zeros and says so in err.
type reader struct {
	b   []byte
	err error
}

var errFormat = errors.New("ucd: the embedded tables are damaged")

func (r *reader) number() int {
	n, k := binary.Uvarint(r.b)
	if k <= 0 || n > 1<<24 {
		r.b, r.err = nil, errFormat
		return 0
	}
	r.b = r.b[k:]
	return int(n)
}

func (r *reader) zigzag() rune {
	n, k := binary.Varint(r.b)
	if k <= 0 || n > 1<<24 || n < -1<<24 {
		r.b, r.err = nil, errFormat
		return 0
	}
	r.b = r.b[k:]
	return rune(n)
}

func (r *reader) byte() byte {
	if len(r.b) == 0 {
		r.err = errFormat
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

func (r *reader) text() string {
	n := r.number()
	if n > len(r.b) {
		r.b, r.err = nil, errFormat
		return ""
	}
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}

func (r *reader) texts() []string {
	var list []string
	for n := r.number(); n > 0 && r.err == nil; n-- {
		list = append(list, r.text())
	}
	return list
}

// table returns the bytes that skip passes over.
func (r *reader) table(skip func()) []byte {
	start := r.b
	skip()
	return start[:len(start)-len(r.b)]
}

func (r *reader) skipRuns() {
	for n := 0; n <= maxRune && r.err == nil; {
		n += r.number()
		r.byte()
	}
}

func (r *reader) skipBits() {
	for n := 0; n <= maxRune && r.err == nil; {
		n += r.number()
	}
}

func cut(data []byte) (*source, error) {
	if !bytes.HasPrefix(data, []byte("ucd1")) {
		return nil, errFormat
	}
	r := &reader{b: data[4:]}
	s := &source{versions: r.texts()}
	names := r.texts()
	if len(names) != len(categoryNames) {
		return nil, errFormat
	}
	for i, n := range names {
		if categoryNames[i].short != n {
			return nil, errFormat
		}
	}
	s.properties = r.texts()
	for n := r.number(); n > 0 && r.err == nil; n-- {
		s.scripts = append(s.scripts, scriptName{r.text(), r.text()})
	}
	each := func(skip func()) [][]byte {
		list := make([][]byte, len(s.versions))
		for i := range list {
			list[i] = r.table(skip)
		}
		return list
	}
	s.category = each(r.skipRuns)
	s.script = each(r.skipRuns)
	for range s.properties {
		s.property = append(s.property, each(r.skipBits))
	}
	s.fold = each(func() {
		for n := r.number(); n > 0 && r.err == nil; n-- {
			r.number()
			r.zigzag()
		}
	})
	s.lower = each(func() {
		for n := r.number(); n > 0 && r.err == nil; n-- {
			r.number()
			for k := r.number(); k > 0 && r.err == nil; k-- {
				r.zigzag()
			}
		}
	})
	s.ccc = r.table(r.skipRuns)
	s.exclusion = r.table(r.skipBits)
	s.decomp = r.b
	for i := range s.versions {
		s.tables = append(s.tables, sync.OnceValue(func() *Tables { return newTables(s, i) }))
	}
	if len(s.scripts) > 256 {
		return nil, errFormat
	}
	return s, r.err
}

// runs calls f for each run of a table of runs.
func runs(table []byte, f func(lo, hi rune, value byte)) {
	r := &reader{b: table}
	for lo := rune(0); lo <= maxRune && r.err == nil; {
		n := rune(r.number())
		v := r.byte()
		if n > 0 && lo+n-1 <= maxRune {
			f(lo, lo+n-1, v)
		}
		lo += n
	}
}

// bits returns the set of a table of bits.
func bits(table []byte) Set {
	r := &reader{b: table}
	var s Set
	on := false
	for lo := rune(0); lo <= maxRune && r.err == nil; on = !on {
		n := rune(r.number())
		if on && n > 0 {
			s.r = append(s.r, Range{lo, lo + n - 1})
		}
		lo += n
	}
	return s
}

// A table maps each code point to a small number, in two stages: pages of 256
// code points, equal pages kept once.
type table[T uint8 | uint16] struct {
	page  [maxRune>>8 + 1]uint16
	value []T
}

func (t *table[T]) at(r rune) T {
	if uint32(r) > maxRune {
		return 0
	}
	return t.value[int(t.page[r>>8])<<8|int(r&0xFF)]
}

// A builder fills a table, in ascending order of code points.
type builder[T uint8 | uint16] struct {
	t       *table[T]
	uniform map[T]uint16 // pages of one value
	open    int          // the page last written singly, -1 before
}

func newBuilder[T uint8 | uint16]() *builder[T] {
	b := &builder[T]{t: new(table[T]), uniform: map[T]uint16{}, open: -1}
	b.t.value = make([]T, 256) // page 0: zeros
	b.uniform[0] = 0
	return b
}

// set gives lo..hi the value v.
func (b *builder[T]) set(lo, hi rune, v T) {
	for lo <= hi {
		p := int(lo >> 8)
		end := min(hi, lo|0xFF)
		if lo&0xFF == 0 && end == lo|0xFF {
			n, ok := b.uniform[v]
			if !ok {
				n = uint16(len(b.t.value) >> 8)
				for range 256 {
					b.t.value = append(b.t.value, v)
				}
				b.uniform[v] = n
			}
			b.t.page[p] = n
		} else {
			if b.open != p {
				b.t.page[p] = uint16(len(b.t.value) >> 8)
				b.t.value = append(b.t.value, make([]T, 256)...)
				b.open = p
			}
			base := int(b.t.page[p]) << 8
			for r := lo; r <= end; r++ {
				b.t.value[base|int(r&0xFF)] = v
			}
		}
		lo = end + 1
	}
}

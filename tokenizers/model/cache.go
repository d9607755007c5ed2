package model

import (
	"encoding/binary"
	"unsafe"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// A cache remembers the ids of short strings. It belongs to one work, never
// grows, and never keeps what it cannot hold exactly: a key is the whole
// string, so that a hit needs no check.
//
// Strings of up to 15 bytes, nearly all, lie in lines of 64 bytes: two slots,
// each of them a key and up to four ids, so that a look-up touches one cache
// line and nothing else, and needs no branch that depends on the text but the
// one that leads away. The first slot of a line is first come and then fixed,
// so that frequent strings, which come early, stay where they are; only the
// second one is replaced. What it held goes to a second, larger table, from
// where it comes back when it is asked for again. Strings of up to 31 bytes,
// words in scripts of two or three bytes a letter, have a table of their own.
//
// probe (probe_amd64.s) reads lines by offset.
type cache struct {
	lines []line
	far   []line     // what was replaced in lines; made when first needed
	seen  []uint64   // a bit for each hash that was ever put into far, to say no from near memory
	wide  []wideSlot // likewise
	parts int        // 16 if a part of a piece has a key of its own, 0 if not
	long  []vocab.ID // ids of values with more than four
}

type line [2]slot

type slot struct {
	key
	ids ids
}

type wideSlot struct {
	key  [4]uint64
	ids  ids
	_, _ uint64
}

// ids are up to four ids. The upper bits of the first are their number; if that
// is isLong, the second is a place in cache.long and the third how many.
type ids [4]vocab.ID

const (
	countShift = 29
	idMask     = 1<<countShift - 1
	isLong     = 7

	lineBits = 15
	farBits  = 16
	seenBits = 19
	wideBits = 14
	maxKey   = 15
	maxWide  = 31
	maxLong  = 1 << 18 // ids in long; when full, such values are not kept
)

// newCache makes a cache. parts says that a part of a piece has a key of its
// own.
func newCache(parts bool) *cache {
	c := &cache{lines: make([]line, 1<<lineBits)}
	if parts {
		c.parts = 16
	}
	return c
}

// count is the number of ids, 0 if there are none in the slot.
func (v *ids) count() int { return int(v[0] >> countShift) }

// key is a string of up to 15 bytes: its bytes, zeros, and in the last byte its
// length; the uppermost bit tells a part of a piece from a piece.
type key struct{ lo, hi uint64 }

// partKey marks the key of a part of a piece, which is merged only.
const partKey = 1 << 63

// masks keep the first n bytes of a key and add its length. The second half is
// for parts.
var masks = func() (m [32]struct{ and, or key }) {
	for i := range m {
		n := i & 15
		for b := range n {
			if b < 8 {
				m[i].and.lo |= 0xFF << (8 * b)
			} else {
				m[i].and.hi |= 0xFF << (8 * (b - 8))
			}
		}
		m[i].or.hi = uint64(n) << 56
		if i > 15 {
			m[i].or.hi |= partKey
		}
	}
	return m
}()

// makeKey returns the key of the n ≤ 15 bytes of text at pos.
func makeKey(text string, pos, n int) key {
	m := &masks[n&15]
	if pos+16 <= len(text) {
		b := bytesAt(text, pos)
		return key{binary.LittleEndian.Uint64(b[:8]) & m.and.lo, binary.LittleEndian.Uint64(b[8:])&m.and.hi | m.or.hi}
	}
	var b [16]byte
	copy(b[:], text[pos:pos+n])
	return key{binary.LittleEndian.Uint64(b[:8]), binary.LittleEndian.Uint64(b[8:]) | m.or.hi}
}

// bytesAt is the 16 bytes of text at pos, which are there.
func bytesAt(text string, pos int) *[16]byte {
	return (*[16]byte)(unsafe.Add(unsafe.Pointer(unsafe.StringData(text)), pos))
}

const (
	hashLo = 0x9E3779B97F4A7C15
	hashHi = 0xD1B54A32D192ED03
)

// hash spreads over its upper bits.
func (k key) hash() uint64 { return k.lo*hashLo + k.hi*hashHi }

// get returns what is kept of a key, nil if nothing is.
func (c *cache) get(k key) *ids {
	h := k.hash()
	l := &c.lines[h>>(64-lineBits)]
	if l[0].key == k {
		return &l[0].ids
	}
	if l[1].key == k {
		return &l[1].ids
	}
	m := mix(h)
	if b := m >> (64 - seenBits); c.far == nil || c.seen[b>>6]>>(b&63)&1 == 0 {
		return nil
	}
	f := &c.far[m>>(64-farBits)]
	for i := range f {
		if f[i].key == k {
			// It changes places with what stands in its way.
			found := f[i]
			f[i] = slot{}
			c.set(h, found)
			return &l[1].ids
		}
	}
	return nil
}

// put keeps the ids of a key that get did not find.
func (c *cache) put(k key, list []vocab.ID) {
	if v, ok := c.value(list); ok {
		c.set(k.hash(), slot{k, v})
	}
}

// set puts a slot where probe finds it: into a free slot of its line, or the
// second one.
func (c *cache) set(h uint64, s slot) {
	l := &c.lines[h>>(64-lineBits)]
	if l[0].hi == 0 {
		l[0] = s
		return
	}
	if old := l[1]; old.hi != 0 {
		if c.far == nil {
			c.far, c.seen = make([]line, 1<<farBits), make([]uint64, 1<<seenBits/64)
		}
		m := mix(old.hash())
		c.seen[m>>(64-seenBits)>>6] |= 1 << (m >> (64 - seenBits) & 63)
		f := &c.far[m>>(64-farBits)]
		if f[0].hi != 0 {
			f[1] = f[0]
		}
		f[0] = old
	}
	l[1] = s
}

// value makes what a slot holds, false if it cannot be kept.
func (c *cache) value(list []vocab.ID) (v ids, ok bool) {
	for _, id := range list {
		if id > idMask {
			return v, false
		}
	}
	switch n := len(list); {
	case n == 0:
		return v, false
	case n <= len(v):
		copy(v[:], list)
		v[0] |= vocab.ID(n) << countShift
	case len(c.long)+n > maxLong:
		return v, false
	default:
		v = ids{isLong << countShift, vocab.ID(len(c.long)), vocab.ID(n)}
		c.long = append(c.long, list...)
	}
	return v, true
}

// append appends the ids of a value.
func (c *cache) append(dst []vocab.ID, v *ids) []vocab.ID {
	if n := v.count(); n != isLong {
		dst = append(dst, v[:n]...)
		dst[len(dst)-n] &= idMask
		return dst
	}
	return append(dst, c.long[v[1]:][:v[2]]...)
}

// wideSlot returns where a string of 16 to 31 bytes is kept, and its key.
func (c *cache) wideSlot(s string, part bool) (*wideSlot, [4]uint64) {
	if c.wide == nil {
		c.wide = make([]wideSlot, 1<<wideBits)
	}
	var b [32]byte
	copy(b[:], s)
	b[31] = byte(len(s))
	if part {
		b[31] |= partKey >> 56
	}
	var k [4]uint64
	for i := range k {
		k[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	h := (key{k[0], k[1]}).hash() ^ (key{k[3], k[2]}).hash()>>32
	return &c.wide[h*hashLo>>(64-wideBits)], k
}

// probeGo appends the ids of spans of text as long as they are kept, and
// returns how many spans that were, where the last of them ended, and dst,
// which has room for four ids a span and four more.
func (c *cache) probeGo(dst []vocab.ID, text string, start int, spans []span) (int, int, []vocab.ID) {
	n := len(dst)
	out := dst[:cap(dst)]
	lines := c.lines[: 1<<lineBits : 1<<lineBits]
	for i, s := range spans {
		end := s.end()
		size := end - start
		if uint(size) > maxKey || start+16 > len(text) {
			return i, start, out[:n]
		}
		m := &masks[(size|int(s>>31)<<4)&(c.parts|15)]
		b := bytesAt(text, start)
		lo := binary.LittleEndian.Uint64(b[:8]) & m.and.lo
		hi := binary.LittleEndian.Uint64(b[8:])&m.and.hi | m.or.hi
		l := &lines[(lo*hashLo+hi*hashHi)>>(64-lineBits)]
		// Which slot it is must not be a branch: it cannot be foreseen.
		at := 0
		if (l[0].lo^lo)|(l[0].hi^hi) != 0 {
			at = 1
		}
		v := &l[at]
		if (v.lo^lo)|(v.hi^hi) != 0 || v.ids[0]>>countShift == isLong {
			return i, start, out[:n]
		}
		d := (*ids)(out[n : n+4])
		*d = v.ids
		d[0] &= idMask
		n += v.ids.count()
		start = end
	}
	return len(spans), start, out[:n]
}

// A span ends at an offset of the text and begins where the one before it
// ended. The uppermost bit marks a part of a piece, which is merged only; a
// span without it is a whole piece.
type span uint32

const partSpan span = 1 << 31

// spansOf is the ends of pieces as spans, which they are as they stand. A
// negative one stops probe.
func spansOf(ends []int32) []span {
	return unsafe.Slice((*span)(unsafe.Pointer(unsafe.SliceData(ends))), len(ends))
}

func (s span) end() int { return int(s &^ partSpan) }

package trie

import (
	"encoding/binary"
	"unsafe"
)

// A Finder finds the strings of a set in texts that have few of them. It is
// immutable and safe for concurrent use.
type Finder struct {
	trie *Trie
	// By two bits for each two bytes that a string begins with nearly all places of
	// a text are passed over: one for strings of up to three bytes, the other for
	// longer ones, whose first four bytes are in fours, hashed.
	short, long [1 << 16 / 64]uint64
	fours       [1 << fourBits / 64]uint64
	// tables are for the assembly, which looks at 32 places at a time. For each of
	// the first four bytes there is a table by its lower half and one by its upper
	// half. A string has one of eight bits; it may stand where all eight tables
	// have that bit. Strings with the same first byte have the same bit.
	tables [4][2][16]uint8
}

const (
	fourBits = 14
	// findReads is how many bytes the assembly reads from the beginning of a block
	// on.
	findReads = 35
)

func hashFour(x uint32) uint32 { return x * 0x9E3779B1 >> (32 - fourBits) }

// NewFinder makes the finder of distinct strings, none of them empty. The only
// error is that of too many.
func NewFinder(entries []Entry) (*Finder, error) {
	f := new(Finder)
	var err error
	if f.trie, err = New(entries); err != nil {
		return nil, err
	}
	bits := make(map[byte]uint8) // by first byte
	for _, e := range entries {
		bit, ok := bits[e.Key[0]]
		if !ok {
			bit = 1 << (len(bits) % 8)
			bits[e.Key[0]] = bit
		}
		for i := range f.tables {
			for half := range byte(16) {
				if i >= len(e.Key) || half == e.Key[i]&15 {
					f.tables[i][0][half] |= bit
				}
				if i >= len(e.Key) || half == e.Key[i]>>4 {
					f.tables[i][1][half] |= bit
				}
			}
		}
		switch k := e.Key; len(k) {
		case 1:
			for b := range 256 {
				p := pair(k[0], byte(b))
				f.short[p>>6] |= 1 << (p & 63)
			}
		case 2, 3:
			p := pair(k[0], k[1])
			f.short[p>>6] |= 1 << (p & 63)
		default:
			p := pair(k[0], k[1])
			f.long[p>>6] |= 1 << (p & 63)
			h := hashFour(binary.LittleEndian.Uint32([]byte(k)))
			f.fours[h>>6] |= 1 << (h & 63)
		}
	}
	return f, nil
}

func pair(a, b byte) uint { return uint(a)<<8 | uint(b) }

// Next returns the first place from pos on at which a string of the set stands,
// with the value and the length of the longest one there; len(text) and length 0
// if there is none.
func (f *Finder) Next(text string, pos int) (at int, v uint32, n int) {
	for ; pos+4 <= len(text); pos++ {
		if pos+findReads <= len(text) {
			if pos = f.skip(text, pos); pos+4 > len(text) {
				break
			}
		}
		x := binary.LittleEndian.Uint32(unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(unsafe.StringData(text)), pos)), 4))
		p := x&0xFF<<8 | x>>8&0xFF
		if (f.short[p>>6]|f.long[p>>6])>>(p&63)&1 == 0 {
			continue
		}
		if f.short[p>>6]>>(p&63)&1 == 0 {
			if h := hashFour(x); f.fours[h>>6]>>(h&63)&1 == 0 {
				continue
			}
		}
		if v, n := f.trie.Longest(text[pos:]); n > 0 {
			return pos, v, n
		}
	}
	for ; pos < len(text); pos++ {
		if v, n := f.trie.Longest(text[pos:]); n > 0 {
			return pos, v, n
		}
	}
	return len(text), 0, 0
}

package model

import (
	"math/bits"
	"unsafe"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// index maps token strings to ids. Of equal strings the lower id is found.
// Strings of up to 15 bytes, nearly all, lie whole in the table's entries, so
// that a look-up touches one place; longer ones are compared with the arena.
type index struct {
	tokens *vocab.Tokens
	short  []shortEntry
	shift  uint
	filter []uint64 // a bit for each hash of a short string: most that are asked for are none
	long   []uint64 // hash's upper 32 bits << 32 | id+1; 0 is empty
	mask   uint64
}

// A shortEntry is empty if its key is: no string's is.
type shortEntry struct {
	key
	id vocab.ID
}

// newIndex makes the index of the tokens that keep wants; nil wants all.
func newIndex(tokens *vocab.Tokens, keep func(vocab.ID) bool) *index {
	x := &index{tokens: tokens, filter: make([]uint64, 1<<filterBits/64)}
	nShort, nLong := 0, 0
	for id := range tokens.Len() {
		switch n := len(tokens.At(vocab.ID(id))); {
		case n > maxKey:
			nLong++
		case n > 0:
			nShort++
		}
	}
	size := max(16, 1<<bits.Len(uint(nShort+nShort/4)))
	x.short, x.shift = make([]shortEntry, size), uint(64-bits.Len(uint(size-1)))
	x.long = make([]uint64, max(16, 1<<bits.Len(uint(2*nLong))))
	x.mask = uint64(len(x.long) - 1)
	all := stringOf(tokens.Bytes)
	start := 0
	for id := range tokens.Len() {
		end := int(tokens.Ends[id])
		n := end - start
		if n > 0 && (keep == nil || keep(vocab.ID(id))) {
			if n <= maxKey {
				x.putShort(all, start, n, vocab.ID(id))
			} else {
				x.putLong(tokens.At(vocab.ID(id)), vocab.ID(id))
			}
		}
		start = end
	}
	return x
}

func (x *index) putShort(all string, start, n int, id vocab.ID) {
	k := makeKey(all, start, n)
	h := mix(k.hash())
	f := h >> (64 - filterBits)
	x.filter[f>>6] |= 1 << (f & 63)
	mask := uint64(len(x.short) - 1)
	for i := h >> x.shift; ; i = (i + 1) & mask {
		e := &x.short[i]
		if e.key == (key{}) {
			*e = shortEntry{k, id}
			return
		}
		if e.key == k {
			return
		}
	}
}

func (x *index) putLong(t []byte, id vocab.ID) {
	h := hash(t)
	i := h & x.mask
	for ; x.long[i] != 0; i = (i + 1) & x.mask {
		if x.long[i]>>32 == h>>32 && string(x.tokens.At(vocab.ID(uint32(x.long[i])-1))) == string(t) {
			return
		}
	}
	x.long[i] = h>>32<<32 | uint64(id+1)
}

// mix spreads a hash over all its bits: neighbours in a table of open addressing
// need more than lines do.
func mix(h uint64) uint64 { return (h ^ h>>32) * hashHi }

// getKey returns the id of the string with a key, vocab.NoID if it is none.
func (x *index) getKey(k key) vocab.ID {
	h := mix(k.hash())
	if f := h >> (64 - filterBits); x.filter[f>>6]>>(f&63)&1 == 0 {
		return vocab.NoID
	}
	mask := uint64(len(x.short) - 1)
	for i := h >> x.shift; ; i = (i + 1) & mask {
		e := &x.short[i&mask]
		if e.key == k {
			return e.id
		}
		if e.key == (key{}) {
			return vocab.NoID
		}
	}
}

// getString returns the id of s, vocab.NoID if it is no token.
func (x *index) getString(s string) vocab.ID {
	if len(s) <= maxKey {
		if s == "" {
			return vocab.NoID
		}
		return x.getKey(makeKey(s, 0, len(s)))
	}
	t := bytesOf(s)
	h := hash(t)
	for i := h & x.mask; ; i = (i + 1) & x.mask {
		e := x.long[i]
		if e == 0 {
			return vocab.NoID
		}
		if e>>32 == h>>32 {
			if id := vocab.ID(uint32(e) - 1); string(x.tokens.At(id)) == s {
				return id
			}
		}
	}
}

// get is getString for bytes, which are not changed.
func (x *index) get(s []byte) vocab.ID { return x.getString(stringOf(s)) }

// stringOf is the string of b without a copy; b must not change while it is
// used.
func stringOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// bytesOf is the bytes of s without a copy, to be read only.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// hash is a multiply-and-fold hash of eight bytes at a time.
func hash(b []byte) uint64 {
	const k0, k1 = 0x9E3779B97F4A7C15, 0xD1B54A32D192ED03
	h := uint64(len(b)) * k1
	for len(b) >= 8 {
		v := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 | uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		hi, lo := bits.Mul64(h^v, k0)
		h = hi ^ lo
		b = b[8:]
	}
	var v uint64
	for i := len(b) - 1; i >= 0; i-- {
		v = v<<8 | uint64(b[i])
	}
	hi, lo := bits.Mul64(h^v, k0)
	h = hi ^ lo
	hi, lo = bits.Mul64(h^k1, k0)
	return hi ^ lo
}

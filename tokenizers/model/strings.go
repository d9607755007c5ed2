package model

import (
	"math/bits"
	"unsafe"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// index maps token strings to ids over the arena of the tokens: no string is
// stored twice. Of equal strings the lower id is found.
type index struct {
	tokens *vocab.Tokens
	slots  []uint64 // hash's upper 32 bits << 32 | id+1; 0 is empty
	mask   uint64
}

func newIndex(tokens *vocab.Tokens, keep func(vocab.ID) bool) *index {
	size := max(16, 1<<bits.Len(uint(tokens.Len()*2-1)))
	x := &index{tokens: tokens, slots: make([]uint64, size), mask: uint64(size - 1)}
	for id := range tokens.Len() {
		b := tokens.At(vocab.ID(id))
		if len(b) == 0 || keep != nil && !keep(vocab.ID(id)) {
			continue
		}
		h := hash(b)
		i := h & x.mask
		for ; x.slots[i] != 0; i = (i + 1) & x.mask {
			if x.slots[i]>>32 == h>>32 && string(tokens.At(vocab.ID(uint32(x.slots[i])-1))) == string(b) {
				break
			}
		}
		if x.slots[i] == 0 {
			x.slots[i] = h>>32<<32 | uint64(id+1)
		}
	}
	return x
}

// get returns the id of s, vocab.NoID if it is no token.
func (x *index) get(s []byte) vocab.ID {
	h := hash(s)
	for i := h & x.mask; ; i = (i + 1) & x.mask {
		e := x.slots[i]
		if e == 0 {
			return vocab.NoID
		}
		if e>>32 == h>>32 {
			if id := vocab.ID(uint32(e) - 1); string(x.tokens.At(id)) == string(s) {
				return id
			}
		}
	}
}

// getString is get for a string, which is not changed.
func (x *index) getString(s string) vocab.ID { return x.get(bytesOf(s)) }

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

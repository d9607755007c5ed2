package model

import (
	"encoding/binary"
	"unsafe"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// A cache remembers the ids of short strings. It belongs to one scratch, never
// grows, and never keeps what it cannot hold exactly: a key is the whole
// string, so that a hit needs no check.
//
// Keys of up to 7 bytes lie in 16-byte entries, up to 15 bytes in 32-byte
// entries, two ways each. Way 0 is first come and then fixed, so that frequent
// strings, which come early, stay where they are found first; only way 1 is
// replaced.
type cache struct {
	small []smallEntry
	mid   []midEntry
	long  []vocab.ID // ids of values with more than three
}

type smallEntry struct{ key, val uint64 }

type midEntry struct{ k0, k1, val, _ uint64 }

// A packed value holds the number of ids in two bits and up to three ids of 20
// bits. If the number is 0 it is a place in long instead: offset<<16 | n<<2.
type packed uint64

const (
	maxPackedID  = 1 << 20
	maxCacheKey  = 15
	smallBits    = 14 // sets of two entries
	midBits      = 14
	maxLong      = 1 << 18 // ids in long; when full, such values are not kept
	notCached    = packed(0)
	segmentFlag  = 1 << 63 // in a key: a part of a piece, which is merged only
	smallHashMul = 0x9E3779B97F4A7C15
)

func newCache() *cache {
	return &cache{small: make([]smallEntry, 2<<smallBits), mid: make([]midEntry, 2<<midBits)}
}

// pack packs up to three ids.
func pack(ids []vocab.ID) packed {
	v := packed(len(ids))
	for i, id := range ids {
		v |= packed(id) << (2 + 20*i)
	}
	return v
}

// value makes a value of ids, notCached if it cannot be kept.
func (c *cache) value(ids []vocab.ID) packed {
	for _, id := range ids {
		if id >= maxPackedID {
			return notCached
		}
	}
	if len(ids) >= 1 && len(ids) <= 3 {
		return pack(ids)
	}
	if len(ids) == 0 || len(c.long)+len(ids) > maxLong {
		return notCached
	}
	v := packed(len(c.long))<<16 | packed(len(ids))<<2
	c.long = append(c.long, ids...)
	return v
}

// longIDs returns the ids of a value that has more than three.
func (c *cache) longIDs(v packed) []vocab.ID {
	at, n := int(v>>16), int(v>>2&0x3FFF)
	return c.long[at : at+n]
}

// key returns the n ≤ 15 bytes of text at pos as two words; the upper byte of
// the last one that is used holds n, so that no two strings share a key.
func key(text string, pos, n int) (k0, k1 uint64) {
	if pos+16 <= len(text) {
		b := (*[16]byte)(unsafe.Add(unsafe.Pointer(unsafe.StringData(text)), pos))
		k0 = binary.LittleEndian.Uint64(b[:8])
		if n < 8 {
			return k0&(1<<(8*uint(n)&63)-1) | uint64(n)<<56, 0
		}
		k1 = binary.LittleEndian.Uint64(b[8:])
		return k0, k1&(1<<(8*uint(n-8)&63)-1) | uint64(n)<<56
	}
	for i := min(n, 8) - 1; i >= 0; i-- {
		k0 = k0<<8 | uint64(text[pos+i])
	}
	if n < 8 {
		return k0 | uint64(n)<<56, 0
	}
	for i := n - 1; i >= 8; i-- {
		k1 = k1<<8 | uint64(text[pos+i])
	}
	return k0, k1 | uint64(n)<<56
}

func hashSmall(k uint64) uint64 { return k * smallHashMul >> (64 - smallBits) }

func hashMid(k0, k1 uint64) uint64 {
	h := (k0 ^ k1*0xD1B54A32D192ED03) * smallHashMul
	return (h ^ h>>29) * 0xBF58476D1CE4E5B9 >> (64 - midBits)
}

func (c *cache) getSmall(k uint64) packed {
	e := c.small[2*hashSmall(k):][:2:2]
	if e[0].key == k {
		return packed(e[0].val)
	}
	if e[1].key == k {
		return packed(e[1].val)
	}
	return notCached
}

func (c *cache) getMid(k0, k1 uint64) packed {
	e := c.mid[2*hashMid(k0, k1):][:2:2]
	if e[0].k0 == k0 && e[0].k1 == k1 {
		return packed(e[0].val)
	}
	if e[1].k0 == k0 && e[1].k1 == k1 {
		return packed(e[1].val)
	}
	return notCached
}

// put keeps the ids of a key that get did not find.
func (c *cache) put(k0, k1 uint64, ids []vocab.ID) {
	v := c.value(ids)
	if v == notCached {
		return
	}
	if k1 == 0 {
		e := c.small[2*hashSmall(k0):][:2:2]
		if e[0].key == 0 {
			e[0] = smallEntry{k0, uint64(v)}
		} else {
			e[1] = smallEntry{k0, uint64(v)}
		}
		return
	}
	e := c.mid[2*hashMid(k0, k1):][:2:2]
	if e[0].k1 == 0 {
		e[0] = midEntry{k0, k1, uint64(v), 0}
	} else {
		e[1] = midEntry{k0, k1, uint64(v), 0}
	}
}

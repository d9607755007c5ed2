package model

import "math/bits"

// pairs maps two neighbouring symbols to the rank of their merge: open
// addressing, one word a pair, so that a look-up touches one cache line.
// Footprint decides its speed: every miss of the caches ends here.
type pairs struct {
	slots []uint64 // left (20 bits) | right (20 bits) | rank + 1 (24 bits); 0 is empty
	shift uint
	n     int
	// filter has a bit for each hash that occurs. Most pairs that are asked for
	// do not merge: the filter stays in a near cache and says so.
	filter []uint64
}

const filterBits = 21

const (
	symbolBits = 20
	rankBits   = 24
	// noMerge is the rank of a pair that does not merge.
	noMerge = 1<<32 - 1
)

func newPairs(n int) *pairs {
	size := max(16, 1<<bits.Len(uint(n*2-1|1)))
	return &pairs{slots: make([]uint64, size), shift: uint(64 - bits.Len(uint(size-1))), filter: make([]uint64, 1<<filterBits/64)}
}

func pairKey(left, right uint32) uint64 {
	return uint64(left)<<(symbolBits+rankBits) | uint64(right)<<rankBits
}

func hashKey(key uint64) uint64 { return key >> rankBits * 0x9E3779B97F4A7C15 }

// put adds a pair of symbols below 2^20 with a rank below 2^24-1. A pair that
// is there already keeps the lower rank.
func (p *pairs) put(left, right, rank uint32) {
	key := pairKey(left, right)
	h := hashKey(key)
	f := h >> (64 - filterBits)
	p.filter[f>>6] |= 1 << (f & 63)
	mask := uint64(len(p.slots) - 1)
	for i := h >> p.shift; ; i = (i + 1) & mask {
		s := &p.slots[i]
		if *s == 0 {
			*s = key | uint64(rank+1)
			if p.n++; p.n*2 > len(p.slots) {
				p.grow()
			}
			return
		}
		if *s>>rankBits == key>>rankBits {
			*s = min(*s, key|uint64(rank+1))
			return
		}
	}
}

func (p *pairs) grow() {
	old := p.slots
	*p = *newPairs(len(old))
	for _, s := range old {
		if s != 0 {
			p.put(uint32(s>>(symbolBits+rankBits)), uint32(s>>rankBits)&(1<<symbolBits-1), uint32(s&(1<<rankBits-1))-1)
		}
	}
}

// get returns the rank of a pair, noMerge if it does not merge. Symbols from
// 2^20 on merge with nothing.
func (p *pairs) get(left, right uint32) uint32 {
	if (left|right)>>symbolBits != 0 {
		return noMerge
	}
	key := pairKey(left, right)
	h := hashKey(key)
	if f := h >> (64 - filterBits); p.filter[f>>6]>>(f&63)&1 == 0 {
		return noMerge
	}
	mask := uint64(len(p.slots) - 1)
	for i := h >> p.shift; ; i = (i + 1) & mask {
		s := p.slots[i&mask]
		if s>>rankBits == key>>rankBits && s != 0 {
			return uint32(s&(1<<rankBits-1)) - 1
		}
		if s == 0 {
			return noMerge
		}
	}
}

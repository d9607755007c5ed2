package model

import "math/bits"

// pairs maps two neighbouring symbols to the rank of their merge and the
// symbol that they become: open addressing, a multiplication as hash.
type pairs struct {
	slots []pairSlot
	shift uint
	n     int
}

// A pairSlot is empty if key is 0: the pair (0, 0) is stored as noPair.
type pairSlot struct {
	key uint64 // left<<32 | right, plus 1
	val uint64 // rank<<32 | into
}

// noMerge is the rank of a pair that does not merge.
const noMerge = 1<<32 - 1

func newPairs(n int) *pairs {
	size := max(16, 1<<bits.Len(uint(n*2-1|1)))
	return &pairs{slots: make([]pairSlot, size), shift: uint(64 - bits.Len(uint(size-1)))}
}

func (p *pairs) slot(key uint64) uint64 { return (key * 0x9E3779B97F4A7C15) >> p.shift }

// put adds a pair. A pair that is there already keeps the lower rank.
func (p *pairs) put(left, right, rank, into uint32) {
	key := (uint64(left)<<32 | uint64(right)) + 1
	val := uint64(rank)<<32 | uint64(into)
	mask := uint64(len(p.slots) - 1)
	for i := p.slot(key); ; i = (i + 1) & mask {
		switch s := &p.slots[i]; s.key {
		case 0:
			*s = pairSlot{key, val}
			p.n++
			if p.n*2 > len(p.slots) {
				p.grow()
			}
			return
		case key:
			s.val = min(s.val, val)
			return
		}
	}
}

func (p *pairs) grow() {
	old := p.slots
	*p = *newPairs(len(old))
	for _, s := range old {
		if s.key != 0 {
			p.put(uint32((s.key-1)>>32), uint32(s.key-1), uint32(s.val>>32), uint32(s.val))
		}
	}
}

// get returns rank<<32 | into, all ones if the pair does not merge.
func (p *pairs) get(left, right uint32) uint64 {
	key := (uint64(left)<<32 | uint64(right)) + 1
	mask := uint64(len(p.slots) - 1)
	for i := p.slot(key); ; i = (i + 1) & mask {
		s := &p.slots[i]
		if s.key == key {
			return s.val
		}
		if s.key == 0 {
			return 1<<64 - 1
		}
	}
}

package model

import (
	"cmp"
	"fmt"
	"slices"
)

// doubleArray is a trie in two numbers a node (Aoe 1989): the child of node n
// by byte c lies at base(n)+c+1 if that cell's check is n. The value of a
// string lies in the child by no byte, at base(n).
type doubleArray struct {
	cells []cell
}

type cell struct {
	base  int32 // of the children; for a value cell the value
	check int32 // parent, -1 if free
}

type entry struct {
	key   string
	value uint32
}

const maxCells = 1 << 28

// newDoubleArray builds the trie of distinct keys.
func newDoubleArray(keys []entry) (*doubleArray, error) {
	keys = slices.Clone(keys)
	slices.SortFunc(keys, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
	d := &doubleArray{}
	b := &builder{d: d, keys: keys}
	b.reserve(1 << 10)
	d.cells[0].check = 0
	b.next = 1
	type job struct {
		node, lo, hi, depth int
	}
	var codes []int // of the children: 0 for the value, byte+1
	jobs := []job{{0, 0, len(keys), 0}}
	var starts []int
	for len(jobs) > 0 {
		j := jobs[len(jobs)-1]
		jobs = jobs[:len(jobs)-1]
		codes, starts = codes[:0], starts[:0]
		for i := j.lo; i < j.hi; {
			k := keys[i].key
			code := 0
			if j.depth < len(k) {
				code = int(k[j.depth]) + 1
			}
			codes, starts = append(codes, code), append(starts, i)
			for i < j.hi {
				k := keys[i].key
				c := 0
				if j.depth < len(k) {
					c = int(k[j.depth]) + 1
				}
				if c != code {
					break
				}
				i++
			}
		}
		if len(codes) == 0 {
			continue
		}
		base := b.place(codes)
		if base < 0 {
			return nil, fmt.Errorf("trie of %d strings is too large", len(keys))
		}
		d.cells[j.node].base = int32(base)
		for _, c := range codes {
			d.cells[base+c].check = int32(j.node)
		}
		for i, c := range codes {
			hi := j.hi
			if i+1 < len(starts) {
				hi = starts[i+1]
			}
			if c == 0 {
				d.cells[base].base = int32(keys[starts[i]].value)
				continue
			}
			jobs = append(jobs, job{base + c, starts[i], hi, j.depth + 1})
		}
	}
	// A look-up may reach 257 cells past the last base.
	b.reserve(len(d.cells) + 257)
	return d, nil
}

type builder struct {
	d    *doubleArray
	keys []entry
	next int // no free cell below
}

func (b *builder) reserve(n int) {
	for len(b.d.cells) < n {
		b.d.cells = append(b.d.cells, cell{check: -1})
	}
}

// place finds a base under which all codes fall on free cells.
func (b *builder) place(codes []int) int {
	for b.next < len(b.d.cells) && b.d.cells[b.next].check >= 0 {
		b.next++
	}
	tried := 0
search:
	for at := b.next; ; at++ {
		b.reserve(at + 2)
		if b.d.cells[at].check >= 0 {
			continue
		}
		base := at - codes[0]
		if base < 1 {
			continue
		}
		if base > maxCells {
			return -1
		}
		b.reserve(base + codes[len(codes)-1] + 1)
		for _, c := range codes[1:] {
			if b.d.cells[base+c].check >= 0 {
				// Crowded places are not looked at for ever.
				if tried++; tried > 1000 {
					b.next = at
				}
				continue search
			}
		}
		return base
	}
}

func (d *doubleArray) root() int32 { return 0 }

// step goes from a node along one byte.
func (d *doubleArray) step(node int32, c byte) (int32, bool) {
	to := d.cells[node].base + int32(c) + 1
	return to, d.cells[to].check == node
}

// value returns the value of the string that leads to a node.
func (d *doubleArray) value(node int32) (uint32, bool) {
	v := &d.cells[d.cells[node].base]
	return uint32(v.base), v.check == node
}

// exact returns the value of a key.
func (d *doubleArray) exact(key string) (uint32, bool) {
	node := d.root()
	for i := range len(key) {
		var ok bool
		if node, ok = d.step(node, key[i]); !ok {
			return 0, false
		}
	}
	return d.value(node)
}

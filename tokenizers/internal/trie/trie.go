// Package trie finds strings of a set at the beginning of a text, and in it.
//
// Think of a [Trie] as a map from strings to numbers that is walked byte by
// byte: every string of it that a text begins with is met on one way down. A
// [Finder] is for texts in which such strings are rare.
package trie

import (
	"cmp"
	"fmt"
	"slices"
)

// A Trie maps strings to numbers. It is immutable and safe for concurrent use.
// Its zero value is empty.
//
// It is a double array (Aoe 1989), two numbers a node: the child of node n by
// byte c lies at base(n)+c+1 if that cell's check is n. The value of a string
// lies in the child by no byte, at base(n), or, if there is no other child, in
// base itself. A bit of check tells whether there is a value at all: a walk down
// waits for memory, and most nodes have none.
type Trie struct {
	cells []cell
}

// A Node is a place in a trie: that of the bytes that lead to it.
type Node int32

type cell struct {
	base  int32 // of the children; below zero ^value, without children; of a value cell the value
	check int32 // parent, -1 if free
}

// hasValue is the bit of check that tells of a value.
const hasValue = 1 << 30

// An Entry is a string of a trie and its value, below 2^31.
type Entry struct {
	Key   string
	Value uint32
}

const maxCells = 1 << 28

// New builds the trie of distinct keys. The only error is that of too many.
func New(keys []Entry) (*Trie, error) {
	keys = slices.Clone(keys)
	slices.SortFunc(keys, func(a, b Entry) int { return cmp.Compare(a.Key, b.Key) })
	d := &Trie{}
	b := &builder{d: d, keys: keys}
	b.reserve(1 << 10)
	d.cells[0].check, b.free[0] = 0, 1
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
			k := keys[i].Key
			code := 0
			if j.depth < len(k) {
				code = int(k[j.depth]) + 1
			}
			codes, starts = append(codes, code), append(starts, i)
			for i < j.hi {
				k := keys[i].Key
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
		if len(codes) == 1 && codes[0] == 0 && j.node != 0 {
			d.cells[j.node].base = ^int32(keys[j.lo].Value)
			d.cells[j.node].check |= hasValue
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
				d.cells[base].base = int32(keys[starts[i]].Value)
				d.cells[j.node].check |= hasValue
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
	d    *Trie
	keys []Entry
	// free leads from each cell to a free one at or behind it, by way of others: a
	// forest whose ways are shortened as they are gone.
	free []int32
	next int // where to look for free cells from on
}

func (b *builder) reserve(n int) {
	for len(b.d.cells) < n {
		b.free = append(b.free, int32(len(b.d.cells)))
		b.d.cells = append(b.d.cells, cell{check: -1})
	}
}

// find returns the first free cell at or behind a place.
func (b *builder) find(at int) int {
	b.reserve(at + 1)
	for {
		to := int(b.free[at])
		if to == at {
			return at
		}
		b.reserve(to + 1)
		b.free[at] = b.free[to]
		at = to
	}
}

// mostTries is how many places are tried before crowded ones are given up.
const mostTries = 100

// place finds a base under which all codes fall on free cells, and takes them.
func (b *builder) place(codes []int) int {
	tried := 0
search:
	for at := b.find(b.next); ; at = b.find(at + 1) {
		base := at - codes[0]
		if base > maxCells {
			return -1
		}
		if base < 1 {
			continue
		}
		b.reserve(base + codes[len(codes)-1] + 1)
		for _, c := range codes[1:] {
			if b.d.cells[base+c].check >= 0 {
				if tried++; tried == mostTries {
					b.next = at
				}
				continue search
			}
		}
		for _, c := range codes {
			b.free[base+c] = int32(base + c + 1)
		}
		return base
	}
}

// Empty reports whether the trie has no keys.
func (t *Trie) Empty() bool { return len(t.cells) == 0 }

// Nodes is a number that is above all nodes'.
func (t *Trie) Nodes() int { return len(t.cells) }

// Root is the node of no bytes.
func (t *Trie) Root() Node { return 0 }

// Step goes from a node along one byte. The trie has keys.
func (t *Trie) Step(n Node, c byte) (Node, bool) {
	base := t.cells[n].base
	to := base + int32(c) + 1
	if base < 0 || t.cells[to].check&^hasValue != int32(n) {
		return 0, false
	}
	return Node(to), true
}

// Value returns the value of the string that leads to a node, if it is a key.
func (t *Trie) Value(n Node) (uint32, bool) {
	c := t.cells[n]
	if c.check&hasValue == 0 {
		return 0, false
	}
	if c.base < 0 {
		return uint32(^c.base), true
	}
	return uint32(t.cells[c.base].base), true
}

// Get returns the value of a key.
func (t *Trie) Get(key string) (uint32, bool) {
	if t.Empty() {
		return 0, false
	}
	node := t.Root()
	for i := range len(key) {
		var ok bool
		if node, ok = t.Step(node, key[i]); !ok {
			return 0, false
		}
	}
	return t.Value(node)
}

// Longest returns the value and the length of the longest key that text begins
// with; length 0 if there is none.
func (t *Trie) Longest(text string) (v uint32, n int) {
	if t.Empty() {
		return 0, 0
	}
	node := t.Root()
	for i := range len(text) {
		var ok bool
		if node, ok = t.Step(node, text[i]); !ok {
			break
		}
		if x, ok := t.Value(node); ok {
			v, n = x, i+1
		}
	}
	return v, n
}

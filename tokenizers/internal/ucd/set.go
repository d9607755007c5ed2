package ucd

import (
	"fmt"
	"slices"
	"strings"
)

const maxRune = 0x10FFFF

// A Range is the code points from Lo to Hi, both included.
type Range struct{ Lo, Hi rune }

// A Set is a set of code points, surrogates among them. Sets are values: no
// method changes one. The zero value is the empty set.
type Set struct {
	r []Range // sorted, disjoint, not adjacent, within 0..10FFFF
}

// NewSet returns the set of the given ranges, which may overlap and come in
// any order. What lies outside 0..10FFFF and ranges with Lo > Hi are dropped.
func NewSet(ranges ...Range) Set {
	r := make([]Range, 0, len(ranges))
	for _, x := range ranges {
		x.Lo, x.Hi = max(x.Lo, 0), min(x.Hi, maxRune)
		if x.Lo <= x.Hi {
			r = append(r, x)
		}
	}
	slices.SortFunc(r, func(a, b Range) int { return int(a.Lo) - int(b.Lo) })
	return Set{join(r)}
}

// join merges neighbours of a list sorted by Lo, in place.
func join(r []Range) []Range {
	out := r[:0]
	for _, x := range r {
		if n := len(out); n > 0 && x.Lo <= out[n-1].Hi+1 {
			out[n-1].Hi = max(out[n-1].Hi, x.Hi)
			continue
		}
		out = append(out, x)
	}
	return out
}

// Ranges returns the ranges of s in order. They are disjoint and do not touch.
// The slice is shared and must not be changed.
func (s Set) Ranges() []Range { return s.r }

// Contains reports whether r is in s.
func (s Set) Contains(r rune) bool {
	lo, hi := 0, len(s.r)
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if s.r[m].Hi < r {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo < len(s.r) && s.r[lo].Lo <= r
}

// Len returns the number of code points in s.
func (s Set) Len() int {
	n := 0
	for _, x := range s.r {
		n += int(x.Hi-x.Lo) + 1
	}
	return n
}

// Equal reports whether s and t hold the same code points.
func (s Set) Equal(t Set) bool { return slices.Equal(s.r, t.r) }

// Union returns what is in s or in t.
func (s Set) Union(t Set) Set {
	r := make([]Range, 0, len(s.r)+len(t.r))
	i, j := 0, 0
	for i < len(s.r) || j < len(t.r) {
		if j == len(t.r) || i < len(s.r) && s.r[i].Lo <= t.r[j].Lo {
			r = append(r, s.r[i])
			i++
		} else {
			r = append(r, t.r[j])
			j++
		}
	}
	return Set{join(r)}
}

// Intersect returns what is in both s and t.
func (s Set) Intersect(t Set) Set {
	var r []Range
	for i, j := 0, 0; i < len(s.r) && j < len(t.r); {
		a, b := s.r[i], t.r[j]
		if lo, hi := max(a.Lo, b.Lo), min(a.Hi, b.Hi); lo <= hi {
			r = append(r, Range{lo, hi})
		}
		if a.Hi < b.Hi {
			i++
		} else {
			j++
		}
	}
	return Set{r}
}

// Negate returns all code points, 0 to 10FFFF, that are not in s.
func (s Set) Negate() Set {
	r := make([]Range, 0, len(s.r)+1)
	next := rune(0)
	for _, x := range s.r {
		if next < x.Lo {
			r = append(r, Range{next, x.Lo - 1})
		}
		next = x.Hi + 1
	}
	if next <= maxRune {
		r = append(r, Range{next, maxRune})
	}
	return Set{r}
}

// Subtract returns what is in s and not in t.
func (s Set) Subtract(t Set) Set { return s.Intersect(t.Negate()) }

// String lists the ranges in hexadecimal, as in [0030-0039 00B2].
func (s Set) String() string {
	var b strings.Builder
	b.WriteByte('[')
	for i, x := range s.r {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%04X", x.Lo)
		if x.Hi > x.Lo {
			fmt.Fprintf(&b, "-%04X", x.Hi)
		}
	}
	b.WriteByte(']')
	return b.String()
}

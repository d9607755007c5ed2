package ucd

import (
	"iter"
	"maps"
	"slices"
	"unicode/utf8"
)

// folding is simple case folding: what each code point folds to, and all that
// fold to the same.
type folding struct {
	to    map[rune]rune
	orbit map[rune][]rune // by what they fold to, which is among them
}

func readFolding(table []byte) folding {
	r := &reader{b: table}
	n := r.number()
	f := folding{make(map[rune]rune, n), make(map[rune][]rune, n)}
	last := rune(0)
	for ; n > 0 && r.err == nil; n-- {
		last += rune(r.number())
		to := last + r.zigzag()
		f.to[last] = to
		if f.orbit[to] == nil {
			f.orbit[to] = []rune{to}
		}
		f.orbit[to] = append(f.orbit[to], last)
	}
	for _, o := range f.orbit {
		slices.Sort(o)
	}
	return f
}

func readLower(table []byte) map[rune]string {
	r := &reader{b: table}
	n := r.number()
	m := make(map[rune]string, n)
	last := rune(0)
	for ; n > 0 && r.err == nil; n-- {
		last += rune(r.number())
		var b []byte
		for k := r.number(); k > 0 && r.err == nil; k-- {
			b = utf8.AppendRune(b, last+r.zigzag())
		}
		m[last] = string(b)
	}
	return m
}

// Fold returns the simple case folding of r (CaseFolding.txt, C and S).
func (t *Tables) Fold(r rune) rune {
	if to, ok := t.folds().to[r]; ok {
		return to
	}
	return r
}

// Orbit returns, in ascending order, all code points that a comparison
// without regard to case takes for r, r among them: K, k and U+212A for k.
// It is nil if r stands alone. The slice is shared and must not be changed.
func (t *Tables) Orbit(r rune) []rune { return t.folds().orbit[t.Fold(r)] }

// FoldSet returns s with the orbits of its code points: what s matches
// under (?i).
func (t *Tables) FoldSet(s Set) Set {
	var more []Range
	for _, o := range t.folds().orbit {
		if slices.ContainsFunc(o, s.Contains) {
			for _, r := range o {
				more = append(more, Range{r, r})
			}
		}
	}
	return s.Union(NewSet(more...))
}

// AppendLower appends the full lower-case mapping of r, without regard to
// what stands around it, as UTF-8. Only U+0130 becomes more than one code
// point. What is no code point becomes U+FFFD.
func (t *Tables) AppendLower(dst []byte, r rune) []byte {
	if s, ok := t.lowers()[r]; ok {
		return append(dst, s...)
	}
	return utf8.AppendRune(dst, r)
}

// Lower returns the full lower-case mapping of r as UTF-8, "" if r is its own.
func (t *Tables) Lower(r rune) string { return t.lowers()[r] }

// Lowers yields each code point whose full lower-case mapping is another, in
// no order, and the mapping as UTF-8.
func (t *Tables) Lowers() iter.Seq2[rune, string] { return maps.All(t.lowers()) }

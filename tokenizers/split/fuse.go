package split

import (
	"github.com/babelmeter/babelmeter/tokenizers/internal/ucd"
	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// fuse makes one pattern of a chain of patterns, nil if it cannot.
//
// Vocabularies that cut by several patterns cut runs of some set off first, of
// digits or of ideographs, and the rest of the text by the last pattern. A text
// then falls into regions: each run of a set, and what lies between. In each the
// last pattern works as if nothing stood around it. So the fused pattern is an
// alternation of the last pattern restricted to each region: its sets
// intersected with the region's, and whatever is outside counted as the end of
// the text. What no match covers ends with its region.
//
// It is the same if
//
//   - each pattern but the last is a set, or a repeat of one from once on, so that
//     it matches every character of it;
//   - these sets do not meet, so that none cuts another's runs;
//   - where the repeat is bounded, the last pattern matches nothing in the set: it
//     would see each bounded run alone.
func (c *Chain) fuse(trees []node) *Regexp {
	if len(trees) < 2 || len(trees) != len(c.steps) {
		return nil
	}
	last := trees[len(trees)-1]
	var alts alternate
	var used ucd.Set
	var regions []ucd.Set
	for _, t := range trees[:len(trees)-1] {
		set, most := runOf(t)
		if most == 0 || len(set.Intersect(used).Ranges()) > 0 {
			return nil
		}
		switch inner := restrict(last, set); {
		case most < 0:
			alts = append(alts, inner)
		case most == 1 || !possible(inner):
			alts = append(alts, t)
		default:
			return nil
		}
		used = used.Union(set)
		regions = append(regions, set)
	}
	alts = append(alts, restrict(last, used.Negate()))
	re, err := compileTree(c.steps[len(c.steps)-1].Pattern, alts)
	if err != nil {
		return nil // as a chain, then
	}
	if len(regions) > 0 {
		re.setRegions(regions)
	}
	return re
}

// tree is the pattern that a step is, if what it finds are pieces of their own
// and what lies between are too; nil otherwise.
func (s *step) tree(tables, digits, marks *ucd.Tables) node {
	var set ucd.Set
	switch s.Op {
	case vocab.SplitRegexp:
		if s.Behavior != vocab.Isolated {
			return nil
		}
		t, err := parse(s.Pattern, tables, s.LineEnd)
		if err != nil {
			return nil
		}
		return t
	case vocab.SplitDigits:
		set = numeric(digits)
	case vocab.SplitPunctuation:
		set = punctuation(marks)
	default:
		return nil
	}
	switch s.Behavior {
	case vocab.Isolated:
		return class{set}
	case vocab.Contiguous:
		return repeat{sub: class{set}, min: 1, max: -1}
	}
	return nil
}

// runOf returns the set that a pattern matches from once to most times (most <
// 0: any number); most is 0 if it is another pattern.
func runOf(n node) (set ucd.Set, most int) {
	if c, ok := n.(concat); ok && len(c) == 1 {
		n = c[0]
	}
	switch n := n.(type) {
	case class:
		return n.set, 1
	case repeat:
		if c, ok := n.sub.(class); ok && n.min == 1 && !n.lazy {
			return c.set, n.max
		}
	}
	return set, 0
}

// restrict is a pattern in a text of which only a set can be seen.
func restrict(n node, s ucd.Set) node {
	switch n := n.(type) {
	case class:
		return class{n.set.Intersect(s)}
	case assert:
		set := n.set.Intersect(s)
		if n.end {
			set = set.Union(s.Negate())
		}
		return assert{set: set, end: n.end}
	case concat:
		out := make(concat, len(n))
		for i, sub := range n {
			out[i] = restrict(sub, s)
		}
		return out
	case alternate:
		out := make(alternate, len(n))
		for i, sub := range n {
			out[i] = restrict(sub, s)
		}
		return out
	case repeat:
		n.sub = restrict(n.sub, s)
		return n
	}
	return n
}

// possible reports whether a pattern matches anything.
func possible(n node) bool {
	switch n := n.(type) {
	case class:
		return len(n.set.Ranges()) > 0
	case concat:
		for _, sub := range n {
			if !possible(sub) {
				return false
			}
		}
	case alternate:
		for _, sub := range n {
			if possible(sub) {
				return true
			}
		}
		return false
	case repeat:
		return n.min == 0 || possible(n.sub)
	}
	return true
}

// setRegions tells the regions of a fused pattern apart, by atom: no atom
// belongs to two of them, since each of their sets stands in the pattern.
func (re *Regexp) setRegions(sets []ucd.Set) {
	re.regions = make([]uint8, re.width)
	for atom, r := range re.samples {
		for i, s := range sets {
			if s.Contains(r) {
				re.regions[atom] = uint8(i + 1)
			}
		}
	}
}

package ucd

// Hangul syllables are composed by arithmetic (Unicode, section 3.12).
const (
	hangulS, hangulL, hangulV, hangulT = 0xAC00, 0x1100, 0x1161, 0x11A7
	countL, countV, countT             = 19, 21, 28
	countS                             = countL * countV * countT
)

// decompositions are the mappings of a version, fully expanded.
type decompositions struct {
	entry   *table[uint16] // number in list, 0 is none
	list    []decomposition
	from    []rune // of list, from its second element on
	pool    []rune
	compose map[[2]rune]rune
}

type decomposition struct{ canonical, canonicalEnd, compat, compatEnd uint32 } // in pool

func readDecompositions(t *Tables) *decompositions {
	type raw struct {
		from   rune
		compat bool
		to     []rune
	}
	var all []raw
	r := &reader{b: t.src.decomp}
	n := r.number()
	index := make(map[rune]int, n) // of all, plus one
	last := rune(0)
	for ; n > 0 && r.err == nil; n-- {
		last += rune(r.number())
		k := r.number()
		x := raw{from: last, compat: k&1 == 1}
		for k >>= 1; k > 0 && r.err == nil; k-- {
			x.to = append(x.to, last+r.zigzag())
		}
		if t.Category(last) != Cn { // it came with a later version
			all = append(all, x)
			index[last] = len(all)
		}
	}
	d := &decompositions{list: make([]decomposition, 1, len(all)+1), compose: map[[2]rune]rune{}}
	var expand func(r rune, compat bool)
	expand = func(r rune, compat bool) {
		i := index[r]
		if i == 0 || all[i-1].compat && !compat {
			d.pool = append(d.pool, r)
			return
		}
		for _, to := range all[i-1].to {
			expand(to, compat)
		}
	}
	excluded := bits(t.src.exclusion)
	b := newBuilder[uint16]()
	for _, x := range all {
		var e decomposition
		e.canonical = uint32(len(d.pool))
		if !x.compat {
			expand(x.from, false)
		}
		e.canonicalEnd = uint32(len(d.pool))
		e.compat = e.canonicalEnd
		expand(x.from, true)
		e.compatEnd = uint32(len(d.pool))
		b.set(x.from, x.from, uint16(len(d.list)))
		d.list = append(d.list, e)
		d.from = append(d.from, x.from)
		if !x.compat && len(x.to) == 2 && !excluded.Contains(x.from) {
			d.compose[[2]rune{x.to[0], x.to[1]}] = x.from
		}
	}
	d.entry = b.t
	return d
}

// CombiningClass returns the canonical combining class of r.
func (t *Tables) CombiningClass(r rune) uint8 { return t.marks().at(r) }

// AppendDecomposed appends the full decomposition of r, canonical or also by
// compatibility, or r itself if it has none. Marks within one decomposition
// are in canonical order.
func (t *Tables) AppendDecomposed(dst []rune, r rune, compat bool) []rune {
	if s := r - hangulS; 0 <= s && s < countS {
		dst = append(dst, hangulL+s/(countV*countT), hangulV+s%(countV*countT)/countT)
		if s%countT != 0 {
			dst = append(dst, hangulT+s%countT)
		}
		return dst
	}
	d := t.decomps()
	i := d.entry.at(r)
	if i == 0 {
		return append(dst, r)
	}
	e := d.list[i]
	if compat {
		return append(dst, d.pool[e.compat:e.compatEnd]...)
	}
	if e.canonical == e.canonicalEnd {
		return append(dst, r)
	}
	return append(dst, d.pool[e.canonical:e.canonicalEnd]...)
}

// Compose returns the primary composite of a and b, if there is one.
func (t *Tables) Compose(a, b rune) (rune, bool) {
	if l := a - hangulL; 0 <= l && l < countL {
		if v := b - hangulV; 0 <= v && v < countV {
			return hangulS + (l*countV+v)*countT, true
		}
		return 0, false
	}
	if s := a - hangulS; 0 <= s && s < countS {
		if x := b - hangulT; s%countT == 0 && 0 < x && x < countT {
			return a + x, true
		}
		return 0, false
	}
	r, ok := t.decomps().compose[[2]rune{a, b}]
	return r, ok
}

// Nonstarters returns the code points whose combining class is not 0.
func (t *Tables) Nonstarters() Set {
	var r []Range
	runs(t.src.ccc, func(lo, hi rune, v byte) {
		if v != 0 {
			r = append(r, Range{lo, hi})
		}
	})
	return Set{join(r)}.Subtract(t.Categories(Cn))
}

// Decomposing returns the code points that have a decomposition, canonical or
// also by compatibility, Hangul syllables among them.
func (t *Tables) Decomposing(compat bool) Set {
	r := []Range{{hangulS, hangulS + countS - 1}}
	d := t.decomps()
	for i, e := range d.list[1:] {
		if compat || e.canonical < e.canonicalEnd {
			r = append(r, Range{d.from[i], d.from[i]})
		}
	}
	return NewSet(r...)
}

// Decomposes reports whether r has a decomposition, canonical or also by
// compatibility.
func (t *Tables) Decomposes(r rune, compat bool) bool {
	if s := r - hangulS; 0 <= s && s < countS {
		return true
	}
	d := t.decomps()
	e := d.list[d.entry.at(r)]
	return e.canonical < e.canonicalEnd || compat && e.compat < e.compatEnd
}

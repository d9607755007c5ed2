package split

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
	"unicode/utf8"
	"unsafe"

	"github.com/babelmeter/babelmeter/tokenizers/internal/ucd"
)

// A Regexp finds the matches of a pattern, the leftmost and among those the
// one that a backtracking engine would take first, in one pass over the text
// and without backtracking. It is immutable and safe for concurrent use.
//
// How. The code points fall into atoms: two of them are in the same atom if no
// set of the pattern tells them apart. A pattern has ten to thirty. Over atoms
// the pattern becomes a deterministic automaton: a state is the list of places
// in the pattern that a backtracking engine would try, in its order. Looking
// ahead by one code point needs no looking back, because a state's assertions
// are decided, and a match in it is seen, only when the next code point (or
// the end of the text) is known; the match then ends before that code point.
// A match cuts off the places behind it in the list, as the first alternative
// that matches does.
type Regexp struct {
	pattern string
	ascii   [256]uint8 // atom of each ASCII code point
	pages   [0x1100]uint16
	atoms   [][256]uint8 // atom by page and low byte
	width   int          // atoms, the end of the text included
	end     int          // the atom that is the end of the text
	next    []entry      // by place of a state + atom
	cut     []entry      // the same for AppendEnds, see there
	safe    []bool       // atom*width + atom → a piece always ends between them
	samples []rune       // a code point of each atom
	regions []uint8      // by atom: where what nothing matches ends, see fuse; nil: nowhere
	dropped []bool       // by atom: a match that begins so is no piece; nil: all are
	scan    *scanTables  // nil where there is no assembly
}

// An entry tells what an atom does in a state: in its upper bits the place of
// the next state in the table (0 is dead), below what kind of run that state
// is in, and whether a match ends before the atom.
type entry uint32

const (
	entryMatch entry = 1
	entryRun   entry = 3 << 1 // the kinds below
	entryShift       = 3
)

// A state is in a run if every byte of a set of ASCII leads back to it: then
// eight bytes are read at a time. These sets are known.
const (
	runNone    entry = iota << 1
	runLower         // a-z
	runLetters       // A-Z, a-z
)

const (
	dead      = 0 // the state in which nothing can match any more
	start     = 1 // the state at the start of a match
	maxStates = 8192
	maxProg   = 50000
	maxAtoms  = 250
)

// CompileRegexp compiles a pattern under a version of Unicode. lineEnd makes $
// match before line feeds too, and \w mean what Oniguruma means. What is not
// supported is an error that names it; in particular
//
//   - look-behind, look-ahead of more than one character, back-references,
//     anchors other than $ and \z;
//   - a pattern that can match the empty string;
//   - a possessive repeat that is not provably the same as a greedy one.
func CompileRegexp(pattern string, tables *ucd.Tables, lineEnd bool) (*Regexp, error) {
	tree, err := parse(pattern, tables, lineEnd)
	if err != nil {
		return nil, err
	}
	return compileTree(pattern, tree)
}

// compileTree compiles what a pattern was parsed to.
func compileTree(pattern string, tree node) (*Regexp, error) {
	c := &compiler{pattern: pattern}
	body, err := c.compile(tree, tail{nullable: true})
	if err != nil {
		return nil, err
	}
	match := c.emit(inst{op: opMatch})
	c.patch(body, match)
	return c.determinize(body.start)
}

// Next returns the end of the match that begins at pos, or -1 if none does. The
// text is valid UTF-8; in other text the ends may lie anywhere.
func (re *Regexp) Next(text string, pos int) int {
	last := -1
	next := re.next
	state := re.width * start
	for pos < len(text) {
		c := text[pos]
		if c < utf8.RuneSelf {
			e := next[state+int(re.ascii[c])]
			if e&entryMatch != 0 {
				last = pos
			}
			state = int(e >> entryShift)
			if state == dead {
				return last
			}
			pos++
			if e&entryRun != runNone {
				if n := run(text, pos, e&entryRun); n > 0 {
					// The run's own entry tells whether a match may end in it.
					if next[state+int(re.ascii[text[pos]])]&entryMatch != 0 {
						last = pos + n - 1
					}
					pos += n
				}
			}
			continue
		}
		r, n := rune(c), 3
		if c >= 0xE0 && c < 0xF0 && pos+2 < len(text) {
			r = r&0x0F<<12 | rune(text[pos+1]&0x3F)<<6 | rune(text[pos+2]&0x3F)
		} else {
			r, n = utf8.DecodeRuneInString(text[pos:])
		}
		e := next[state+int(re.atoms[re.pages[r>>8]][r&0xFF])]
		if e&entryMatch != 0 {
			last = pos
		}
		state = int(e >> entryShift)
		if state == dead {
			return last
		}
		pos += n
	}
	if next[state+re.end]&entryMatch != 0 {
		return pos
	}
	return last
}

// run returns how many bytes from pos on belong to a run, by eights: what is
// left at the end of the text is none's.
func run(text string, pos int, kind entry) int {
	const (
		ones = 0x0101010101010101
		high = 0x80 * ones
	)
	from := pos
	for pos+8 <= len(text) {
		x := binary.LittleEndian.Uint64((*[8]byte)(unsafe.Add(unsafe.Pointer(unsafe.StringData(text)), pos))[:])
		b := x
		if kind == runLetters {
			b |= 0x20 * ones
		}
		b &^= high
		// The high bit of a byte: it is a or above, and not above z, and ASCII.
		in := (b + (0x80-'a')*ones) &^ (b + (0x80-'z'-1)*ones) &^ x & high
		n := bits.TrailingZeros64(in^high) >> 3
		pos += n
		if n < 8 {
			break
		}
	}
	return pos - from
}

// The pattern as a program for places: Pike's machine.
type op uint8

const (
	opChar   op = iota // a code point of set, then to x
	opSplit            // to x, then to y
	opAssert           // to x if the next code point is in set, or at the end if end
	opMatch
)

type inst struct {
	op   op
	x, y int
	set  ucd.Set
	end  bool
}

// frag is a piece of program with the places that lead out of it.
type frag struct {
	start int
	out   []hole
}

type hole struct {
	pc     int
	second bool // y, not x
}

type compiler struct {
	pattern string
	prog    []inst
}

func (c *compiler) emit(i inst) int {
	c.prog = append(c.prog, i)
	return len(c.prog) - 1
}

func (c *compiler) patch(f frag, to int) {
	for _, h := range f.out {
		if h.second {
			c.prog[h.pc].y = to
		} else {
			c.prog[h.pc].x = to
		}
	}
}

// tail is what can follow a part of the pattern, as far as possessive repeats
// need it: the code points that can come first, and whether nothing need come.
type tail struct {
	first    ucd.Set
	nullable bool
}

// before returns the tail of what stands before n, if after n comes t.
func before(n node, t tail) tail {
	switch n := n.(type) {
	case class:
		return tail{first: n.set}
	case assert:
		// Fulfilled by these code points, whatever t wants of them; at the end
		// of the text there is no next code point.
		if t.nullable {
			return tail{first: n.set}
		}
		return tail{first: n.set.Intersect(t.first)}
	case concat:
		for _, sub := range slices.Backward(n) {
			t = before(sub, t)
		}
		return t
	case alternate:
		var u tail
		for _, sub := range n {
			b := before(sub, t)
			u.first = u.first.Union(b.first)
			u.nullable = u.nullable || b.nullable
		}
		return u
	case repeat:
		b := before(n.sub, t)
		if n.min == 0 {
			b.first = b.first.Union(t.first)
			b.nullable = b.nullable || t.nullable
		}
		return b
	}
	return t
}

// compile makes the program of n, which is followed by t.
func (c *compiler) compile(n node, t tail) (frag, error) {
	if len(c.prog) > maxProg {
		return frag{}, fmt.Errorf("split: pattern %s is too large", clip(c.pattern))
	}
	switch n := n.(type) {
	case class:
		pc := c.emit(inst{op: opChar, set: n.set})
		return frag{pc, []hole{{pc, false}}}, nil
	case assert:
		pc := c.emit(inst{op: opAssert, set: n.set, end: n.end})
		return frag{pc, []hole{{pc, false}}}, nil
	case concat:
		tails := make([]tail, len(n))
		for i, sub := range slices.Backward(n) {
			tails[i] = t
			t = before(sub, t)
		}
		f := frag{start: -1}
		for i, sub := range n {
			g, err := c.compile(sub, tails[i])
			if err != nil {
				return g, err
			}
			if f.start < 0 {
				f = g
				continue
			}
			c.patch(f, g.start)
			f.out = g.out
		}
		if f.start < 0 { // the empty concatenation
			pc := c.emit(inst{op: opAssert, set: ucd.Set{}.Negate(), end: true})
			return frag{pc, []hole{{pc, false}}}, nil
		}
		return f, nil
	case alternate:
		var f frag
		for i := len(n) - 1; i >= 0; i-- {
			g, err := c.compile(n[i], t)
			if err != nil {
				return g, err
			}
			if i == len(n)-1 {
				f = g
				continue
			}
			pc := c.emit(inst{op: opSplit, x: g.start, y: f.start})
			f = frag{pc, append(g.out, f.out...)}
		}
		return f, nil
	case repeat:
		if n.possessive && !c.greedy(n, t) {
			return frag{}, fmt.Errorf("split: pattern %s: a possessive repeat that is not the same as a greedy one is not supported", clip(c.pattern))
		}
		return c.repeat(n, t)
	}
	return frag{}, fmt.Errorf("split: pattern %s: unknown node %T", clip(c.pattern), n)
}

// greedy reports whether the possessive repeat n, followed by t, matches what
// the greedy one does. It does where giving back a code point cannot help:
// what would be given back cannot begin what follows, or nothing need follow,
// so that the longest run succeeds at once.
func (c *compiler) greedy(n repeat, t tail) bool {
	cl, ok := n.sub.(class)
	return ok && (t.nullable || len(cl.set.Intersect(t.first).Ranges()) == 0)
}

func (c *compiler) repeat(n repeat, t tail) (frag, error) {
	// What follows one turn of the loop is another turn or t.
	inner := t
	b := before(n.sub, t)
	inner.first = inner.first.Union(b.first)

	f := frag{start: -1}
	add := func(g frag) {
		if f.start < 0 {
			f = g
			return
		}
		c.patch(f, g.start)
		f.out = g.out
	}
	for range n.min {
		g, err := c.compile(n.sub, inner)
		if err != nil {
			return g, err
		}
		add(g)
	}
	// branch is a split into the loop's body and out of it, in the order that
	// greedy or lazy wants.
	branch := func(body int) (int, hole) {
		pc := c.emit(inst{op: opSplit})
		if n.lazy {
			c.prog[pc].y = body
			return pc, hole{pc, false}
		}
		c.prog[pc].x = body
		return pc, hole{pc, true}
	}
	if n.max < 0 {
		g, err := c.compile(n.sub, inner)
		if err != nil {
			return g, err
		}
		pc, exit := branch(g.start)
		c.patch(g, pc)
		add(frag{pc, []hole{exit}})
		return f, nil
	}
	var exits []hole
	for range n.max - n.min {
		g, err := c.compile(n.sub, inner)
		if err != nil {
			return g, err
		}
		pc, exit := branch(g.start)
		add(frag{pc, g.out})
		exits = append(exits, exit)
	}
	if f.start < 0 { // {0} or {0,0}
		return c.compile(concat{}, t)
	}
	f.out = append(f.out, exits...)
	return f, nil
}

// determinize builds the automaton.
func (c *compiler) determinize(first int) (*Regexp, error) {
	re := &Regexp{pattern: c.pattern}
	reps := re.partition(c.prog)
	if len(reps) > maxAtoms {
		return nil, fmt.Errorf("split: pattern %s tells more than %d kinds of character apart", clip(c.pattern), maxAtoms)
	}
	re.samples = reps
	re.end = len(reps)
	re.width = len(reps) + 1

	// in[pc] tells by atom whether the instruction accepts it.
	in := make([][]bool, len(c.prog))
	for pc, i := range c.prog {
		if i.op != opChar && i.op != opAssert {
			continue
		}
		in[pc] = make([]bool, re.width)
		for a, r := range reps {
			in[pc][a] = i.set.Contains(r)
		}
		in[pc][re.end] = i.op == opAssert && i.end
	}

	states := [][]int{nil, {first}}
	index := map[string]int{key(nil): dead, key(states[start]): start}
	seen := make([]int, len(c.prog)) // the mark of the closure that visited
	mark := 0
	for s := 0; s < len(states); s++ {
		for a := range re.width {
			var next []int
			added := make(map[int]bool)
			match := false
			mark++
			var visit func(pc int) bool // false: a match cuts off the rest
			visit = func(pc int) bool {
				if seen[pc] == mark {
					return true
				}
				seen[pc] = mark
				switch i := &c.prog[pc]; i.op {
				case opSplit:
					return visit(i.x) && visit(i.y)
				case opAssert:
					if in[pc][a] {
						return visit(i.x)
					}
				case opMatch:
					match = true
					return false
				case opChar:
					if in[pc][a] && !added[i.x] {
						added[i.x] = true
						next = append(next, i.x)
					}
				}
				return true
			}
			for _, pc := range states[s] {
				if !visit(pc) {
					break
				}
			}
			if match && s == start {
				return nil, fmt.Errorf("split: pattern %s can match the empty string", clip(c.pattern))
			}
			k := key(next)
			to, ok := index[k]
			if !ok {
				to = len(states)
				if to >= maxStates {
					return nil, fmt.Errorf("split: pattern %s needs more than %d states", clip(c.pattern), maxStates)
				}
				index[k] = to
				states = append(states, next)
			}
			e := entry(to*re.width) << entryShift
			if match {
				e |= entryMatch
			}
			re.next = append(re.next, e)
		}
	}
	// Mark the states that are in a run, on the entries that lead to them.
	for i, e := range re.next {
		re.next[i] |= re.runOf(int(e >> entryShift))
	}
	re.makeCut()
	re.makeScan()
	re.makeSafe()
	return re, nil
}

// runOf finds the kind of run that the state at a place is in: all bytes of
// the set lead back to it, with the same match.
func (re *Regexp) runOf(state int) entry {
	back := func(lo, hi byte) bool {
		for c := lo; c <= hi; c++ {
			e, first := re.next[state+int(re.ascii[c])], re.next[state+int(re.ascii[lo])]
			if int(e>>entryShift) != state || e&entryMatch != first&entryMatch {
				return false
			}
		}
		return true
	}
	switch {
	case state == dead || !back('a', 'z'):
		return runNone
	case back('A', 'Z') && re.next[state+int(re.ascii['A'])]&entryMatch == re.next[state+int(re.ascii['a'])]&entryMatch:
		return runLetters
	}
	return runLower
}

func key(state []int) string {
	b := make([]byte, 0, 4*len(state))
	for _, pc := range state {
		b = append(b, byte(pc), byte(pc>>8), byte(pc>>16), ',')
	}
	return string(b)
}

// partition finds the atoms, fills the tables from code point to atom and
// returns one code point of each atom.
func (re *Regexp) partition(prog []inst) []rune {
	// Cut the code points at every border of every set; between two borders
	// all behave alike. Intervals with the same membership share an atom.
	var sets []ucd.Set
	borders := []rune{0}
	for _, i := range prog {
		if i.op != opChar && i.op != opAssert {
			continue
		}
		if slices.ContainsFunc(sets, i.set.Equal) {
			continue
		}
		sets = append(sets, i.set)
		for _, r := range i.set.Ranges() {
			borders = append(borders, r.Lo, r.Hi+1)
		}
	}
	slices.SortFunc(borders, cmp.Compare[rune])
	borders = slices.Compact(borders)

	atomOf := make(map[string]uint8)
	var reps []rune
	pageIndex := map[[256]uint8]uint16{}
	var page [256]uint8
	membership := make([]byte, len(sets))
	cursor := make([]int, len(sets)) // into the ranges of each set
	at := 0
	var atom uint8
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if at < len(borders) && borders[at] == r {
			at++
			for i, s := range sets {
				ranges := s.Ranges()
				for cursor[i] < len(ranges) && ranges[cursor[i]].Hi < r {
					cursor[i]++
				}
				membership[i] = '0'
				if cursor[i] < len(ranges) && ranges[cursor[i]].Lo <= r {
					membership[i] = '1'
				}
			}
			a, ok := atomOf[string(membership)]
			if !ok {
				a = uint8(min(len(reps), 255)) // too many are refused by the caller
				atomOf[string(membership)] = a
				reps = append(reps, r)
			}
			atom = a
		}
		page[r&0xFF] = atom
		if r < 128 {
			re.ascii[r] = atom
		}
		if r&0xFF == 0xFF {
			n, ok := pageIndex[page]
			if !ok {
				n = uint16(len(re.atoms))
				pageIndex[page] = n
				re.atoms = append(re.atoms, page)
			}
			re.pages[r>>8] = n
		}
	}
	return reps
}

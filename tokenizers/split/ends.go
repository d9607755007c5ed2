package split

import (
	"encoding/binary"
	"unicode/utf8"
	"unsafe"

	"github.com/babelmeter/babelmeter/tokenizers/internal/ucd"
)

// makeCut makes the automaton that AppendEnds runs: it goes on from match to
// match, and a transition tells whether a piece ends before its atom.
//
// Where a state dies on an atom and its match ends right before that atom, the
// next match begins with the same atom: the two steps become one transition,
// from the state to where the start state goes. Most pieces end so. All else
// (a match that ended earlier, as white space before a word does; text that
// nothing matches) is marked entryBack: there the piece is cut by Next, from
// its start.
func (re *Regexp) makeCut() {
	re.cut = make([]entry, len(re.next))
	for i, e := range re.next {
		atom := i % re.width
		switch {
		case e>>entryShift != dead:
			re.cut[i] = e &^ entryMatch // the match may still grow
		case e&entryMatch != 0 && atom != re.end && re.next[re.width*start+atom]>>entryShift != dead:
			re.cut[i] = re.next[re.width*start+atom] | entryMatch
		default:
			re.cut[i] = entryBack
		}
	}
}

// entryBack is a transition that AppendEnds leaves to Next.
const entryBack entry = 0

// AppendEnds appends the ends of the pieces of text from pos on to ends, until
// ends is nearly full (its capacity), and returns it with the place to go on
// from. A piece begins where the one before it ended. What no match covers is
// a piece too, or, with dropRest, left out: then its end e stands there as ^e.
//
// The text is valid UTF-8.
func (re *Regexp) AppendEnds(ends []int32, text string, pos int, dropRest bool) (_ []int32, next int) {
	first := len(ends)
	ends, next = re.appendEnds(ends, text, pos, dropRest)
	if re.dropped == nil {
		return ends, next
	}
	for i, e := range ends[first:] {
		if e < 0 {
			pos = int(^e)
			continue
		}
		atom := re.ascii[text[pos]&0x7F]
		if text[pos] >= utf8.RuneSelf {
			r, _ := utf8.DecodeRuneInString(text[pos:])
			atom = uint8(re.atom(r))
		}
		if re.dropped[atom] {
			ends[first+i] = ^e
		}
		pos = int(e)
	}
	return ends, next
}

// setDropped makes matches that begin with a set no pieces. No atom lies in and
// out of it, since it stands in the pattern.
func (re *Regexp) setDropped(set ucd.Set) {
	re.dropped = make([]bool, re.width)
	for atom, r := range re.samples {
		re.dropped[atom] = set.Contains(r)
	}
}

func (re *Regexp) appendEnds(ends []int32, text string, pos int, dropRest bool) (_ []int32, next int) {
	const (
		lastThree = 0x00C0C0F0 // of four bytes: is this a character of three?
		isThree   = 0x008080E0
	)
	buf := ends[:cap(ends)]
	n := len(ends)
	begin := pos // of the piece that is open
	state := re.width * start
	cut := re.cut
	fast := re.scan != nil && len(buf)-n >= 2*scanEnds
	// The last bytes are left to Next, so that loads stay inside the text and
	// the end of the text is its business alone.
	for pos+8 <= len(text) && n+2 <= len(buf) {
		if fast && re.scan.number[state] >= 0 && pos+scanReads <= len(text) {
			before := n
			pos, state, n = re.runScan(text, pos, state, buf, n)
			if n > before {
				begin = int(buf[n-1])
			}
			if n+scanEnds > len(buf) {
				return buf[:n], begin
			}
			if pos+8 > len(text) {
				break
			}
		}
		x := binary.LittleEndian.Uint32((*[4]byte)(unsafe.Add(unsafe.Pointer(unsafe.StringData(text)), pos))[:])
		var e entry
		var size int
		switch {
		case x&0x80 == 0:
			e, size = cut[state+int(re.ascii[x&0xFF])], 1
		case x&lastThree == isThree:
			r := x&0x0F<<12 | x>>2&0x0FC0 | x>>16&0x3F
			e, size = cut[state+int(re.atoms[re.pages[r>>8]][r&0xFF])], 3
		default:
			var r rune
			r, size = utf8.DecodeRuneInString(text[pos:])
			e = cut[state+int(re.atoms[re.pages[r>>8]][r&0xFF])]
		}
		if e == entryBack {
			begin, n = re.next1(text, begin, buf, n, dropRest)
			pos, state = begin, re.width*start
			continue
		}
		// A piece ends here or it does not: no branch.
		buf[n] = int32(pos)
		ended := int(e & entryMatch)
		n += ended
		begin += (pos - begin) & -ended
		state = int(e >> entryShift)
		pos += size
		if e&entryRun != runNone {
			pos += run(text, pos, e&entryRun)
		}
	}
	for begin < len(text) && n+2 <= len(buf) {
		begin, n = re.next1(text, begin, buf, n, dropRest)
	}
	return buf[:n], begin
}

// next1 puts the end of the piece at begin into buf, or two: that of what
// nothing matches, and of the match behind it. It returns the last of them and
// the number of ends.
func (re *Regexp) next1(text string, begin int, buf []int32, n int, dropRest bool) (int, int) {
	end := re.Next(text, begin)
	if end < 0 {
		begin, end = re.find(text, begin)
		buf[n] = rest(begin, dropRest)
		n++
		if end < 0 {
			return begin, n
		}
	}
	buf[n] = int32(end)
	return end, n + 1
}

// find returns where what nothing matches ends, and the end of the match that
// begins there: -1 if there is none, because the text ends or a region does.
func (re *Regexp) find(text string, pos int) (begin, end int) {
	first := re.next[re.width*start:]
	region := re.region(text, pos)
	for pos += width(text[pos:]); pos < len(text); pos += width(text[pos:]) {
		if re.region(text, pos) != region {
			return pos, -1
		}
		// Pass quickly over what no match begins with.
		if c := text[pos]; c < utf8.RuneSelf {
			if first[re.ascii[c]]>>entryShift == dead {
				continue
			}
		} else if r, _ := utf8.DecodeRuneInString(text[pos:]); first[re.atom(r)]>>entryShift == dead {
			continue
		}
		if end := re.Next(text, pos); end >= 0 {
			return pos, end
		}
	}
	return len(text), -1
}

// region is the region of the character at pos.
func (re *Regexp) region(text string, pos int) uint8 {
	if re.regions == nil {
		return 0
	}
	r, _ := utf8.DecodeRuneInString(text[pos:])
	return re.regions[re.atom(r)]
}

// rest is how the end of text that nothing matched stands in the list.
func rest(end int, drop bool) int32 {
	if drop {
		return ^int32(end)
	}
	return int32(end)
}

// SafeCut returns the first offset from pos on, up to limit, at which text can
// be cut so that the pieces of both sides together are those of the whole; -1
// if there is none. It looks at the characters left and right of an offset
// alone, and is right whatever stands around them; see makeSafe.
func (re *Regexp) SafeCut(text string, pos, limit int) int {
	limit = min(limit, len(text)-1)
	for pos = max(pos, 1); pos <= limit; pos++ {
		if !utf8.RuneStart(text[pos]) {
			continue
		}
		left, _ := utf8.DecodeLastRuneInString(text[:pos])
		right, _ := utf8.DecodeRuneInString(text[pos:])
		if re.safe[re.atom(left)*re.width+re.atom(right)] {
			return pos
		}
	}
	return -1
}

func (re *Regexp) atom(r rune) int { return int(re.atoms[re.pages[r>>8]][r&0xFF]) }

// makeSafe finds the pairs of atoms between which a piece always ends.
//
// Whatever came before, after an atom a the automaton is in a state that some
// transition on a leads to. If in every such state a match ends right before
// atom b, and at the end of the text, and no state goes on, then in any text
// the match that holds a ends between the two; and what begins at b has nothing
// to do with what stands before it.
func (re *Regexp) makeSafe() {
	re.safe = make([]bool, re.width*re.width)
	for a := range re.end {
		after := make(map[int]bool)
		always := true // some match goes through a from every state it may be met in
		for state := re.width; state < len(re.next); state += re.width {
			if to := int(re.next[state+a] >> entryShift); to != dead {
				after[to] = true
			}
		}
		if re.next[re.width*start+a]>>entryShift == dead {
			always = false // text that nothing matches
		}
		for b := range re.end {
			safe := always && len(after) > 0
			for s := range after {
				e := re.next[s+b]
				// The left side alone sees the end of the text there.
				safe = safe && e>>entryShift == dead && e&entryMatch != 0 && re.next[s+re.end]&entryMatch != 0
			}
			re.safe[a*re.width+b] = safe
		}
	}
}

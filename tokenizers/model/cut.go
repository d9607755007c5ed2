package model

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
	"unsafe"
)

// A pairFilter tells of two characters side by side whether some token may cross
// between them: hashed bits by their bytes, which may say so where none does, but
// never the other way round. It serves the two loops that go over whole texts,
// which look at 64 bytes at a time where there is assembly.
//
// In a model of characters it holds all that tokens have side by side, of up to
// three bytes each; see cutText. In a model of bytes only such pairs of three
// bytes of which the second is in U+3000 to U+DFFF and the first not before
// U+2000; see cutPieces. There suffix|full and full|prefix are in it, too, with
// the missing bytes filled in in every way: they are few, some ten thousand pairs
// beside the ten thousand of full|full.
//
// The assembly knows the offsets.
type pairFilter struct {
	pairs [1 << pairBits / 64]uint64
	// ends is suffix|prefix: by the last byte of the first character, less its
	// uppermost bits, a bit for each first byte of the second, likewise.
	ends [64]uint16
	// shifts are, by the length of the first character and the upper half of the
	// second's first byte, what is left of 64 bits beside the two.
	shifts [3][16]uint8
}

const (
	pairBits = 20
	// The assembly reads so many bytes from the beginning of a block on, and makes
	// so many spans of one, or writes as if.
	cutReads = 72
	cutSpans = 72
)

func newPairFilter() *pairFilter {
	f := new(pairFilter)
	for before := range f.shifts {
		for half := range f.shifts[before] {
			f.shifts[before][half] = 64 - 8*(uint8(before)+1+lengths[half])
		}
	}
	return f
}

// lengths are those of characters in bytes, by the upper half of the first.
var lengths = [16]uint8{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 4}

// isCJK reports whether a character of U+3000 to U+DFFF begins with c.
func isCJK(c byte) bool { return c-0xE3 < 0xEE-0xE3 }

// beforeCJK reports whether one of U+2000 to U+FFFF does.
func beforeCJK(c byte) bool { return c-0xE2 < 0xF0-0xE2 }

func hashPairBytes(x uint64) uint64 { return x * hashLo >> (64 - pairBits) }

// barrier returns 1 if no token crosses between the character of so many bytes
// before pos and the one at pos, 0 otherwise. Neither has more than three.
func (f *pairFilter) barrier(text string, pos, before int) int {
	x := load8(text, pos-before) << f.shifts[before-1][text[pos]>>4]
	h := hashPairBytes(x)
	return int(^(f.pairs[h>>6] >> (h & 63)) & 1)
}

// barrierCJK is barrier for two characters of three bytes, with suffix|prefix.
func (f *pairFilter) barrierCJK(text string, pos int) int {
	x := load8(text, pos-3) << 16
	h := hashPairBytes(x)
	joined := f.pairs[h>>6]>>(h&63) | uint64(f.ends[x>>32&63]>>(x>>40&15))
	return int(^joined & 1)
}

// load8 is the eight bytes of text at pos, with zeros for what is behind its end.
func load8(text string, pos int) uint64 {
	if pos+8 <= len(text) {
		return binary.LittleEndian.Uint64((*[8]byte)(unsafe.Add(unsafe.Pointer(unsafe.StringData(text)), pos))[:])
	}
	var b [8]byte
	copy(b[:], text[pos:])
	return binary.LittleEndian.Uint64(b[:])
}

// add files two characters, given as their bytes.
func (f *pairFilter) add(a, b []byte) { f.addBytes(bytes3(a), bytes3(b), len(a), len(b)) }

func (f *pairFilter) addBytes(a, b uint32, lenA, lenB int) {
	h := hashPairBytes((uint64(b)<<(8*lenA) | uint64(a)) << (64 - 8*(lenA+lenB)))
	f.pairs[h>>6] |= 1 << (h & 63)
}

// bytes3 is up to three bytes as one number, the first lowest.
func bytes3(s []byte) (x uint32) {
	for i, c := range s {
		x |= uint32(c) << (8 * i)
	}
	return x
}

// addAfterSuffix files each character that ends with suffix, then b.
func (f *pairFilter) addAfterSuffix(suffix, b []byte) {
	if !isCJK(b[0]) || len(suffix) > 2 {
		return // no such characters
	}
	end := bytes3(suffix) << (24 - 8*len(suffix))
	for lead := uint32(0xE2); lead <= 0xEF; lead++ {
		if len(suffix) == 2 {
			f.addBytes(end|lead, bytes3(b), 3, 3)
			continue
		}
		for mid := uint32(0x80); mid < 0xC0; mid++ {
			f.addBytes(end|mid<<8|lead, bytes3(b), 3, 3)
		}
	}
}

// addBeforePrefix files a, then each character that begins with prefix.
func (f *pairFilter) addBeforePrefix(a, prefix []byte) {
	if !beforeCJK(a[0]) || !isCJK(prefix[0]) || len(prefix) > 2 {
		return
	}
	begin := bytes3(prefix)
	for last := uint32(0x80); last < 0xC0; last++ {
		if len(prefix) == 2 {
			f.addBytes(bytes3(a), begin|last<<16, 3, 3)
			continue
		}
		for mid := uint32(0x80); mid < 0xC0; mid++ {
			f.addBytes(bytes3(a), begin|mid<<8|last<<16, 3, 3)
		}
	}
}

// addEnds files a suffix, then a prefix.
func (f *pairFilter) addEnds(suffix, prefix []byte) {
	if isCJK(prefix[0]) {
		f.ends[suffix[len(suffix)-1]&63] |= 1 << (prefix[0] & 15)
	}
}

// cutText fills out with the parts between barriers of text from pos, where a
// part begins, to end. The last part ends there, or at a barrier where out is
// full.
//
// A letter of ASCII beside another, a character of two bytes beside another, and
// one of four beside any count as joined: inside of words nothing is gained.
func (f *pairFilter) cutText(out []span, text string, pos, end int) []span {
	to, n := f.cutTextFast(out, text, pos, end)
	if n > 0 && n+cutSpans > len(out) {
		return out[:n]
	}
	return f.cutTextPlain(out, n, text[:end], to, pos)
}

// cutTextPlain goes on behind n parts with the characters that begin at pos or
// behind it. The text before begin is not looked at.
func (f *pairFilter) cutTextPlain(out []span, n int, text string, pos, begin int) []span {
	for pos < len(text) && !utf8.RuneStart(text[pos]) {
		pos++
	}
	for pos < len(text) {
		c := text[pos]
		if pos > begin && f.cutsBefore(text, pos) && f.barrier(text, pos, lengthBefore(text, pos)) != 0 {
			out[n] = span(pos) | partSpan
			if n++; n == len(out) {
				return out
			}
		}
		pos += int(lengths[c>>4])
		if isLetter(c) {
			pos += letters(text, pos)
		}
	}
	out[n] = span(len(text)) | partSpan
	return out[:n+1]
}

// cutsBefore reports whether cutText asks the filter of the character at pos and
// the one before it.
func (f *pairFilter) cutsBefore(text string, pos int) bool {
	c, before := text[pos], lengthBefore(text, pos)
	switch size := lengths[c>>4]; {
	case before > 3 || size > 3 || before == 2 && size == 2:
		return false
	case before == 1 && isLetter(text[pos-1]):
		return !isLetter(c)
	}
	return true
}

// lengthBefore is the length in bytes of the character before pos.
func lengthBefore(text string, pos int) int {
	n := 1
	for n < utf8.UTFMax && !utf8.RuneStart(text[pos-n]) {
		n++
	}
	return n
}

// cutPieces makes spans of pieces, for a model of bytes: those that end at ends,
// of which the first begins at start, cut where no token crosses between two
// characters of three bytes, the second in U+3000 to U+DFFF. So are pieces of
// Chinese, Japanese and Korean, which seldom come again but whose parts do. It
// returns the ends of the pieces that are left, and no spans if the first is none
// of a piece.
func (f *pairFilter) cutPieces(out []span, text string, start int, ends []int32) ([]span, []int32) {
	pieces := 0
	for pieces < len(ends) && ends[pieces] >= 0 {
		pieces++
	}
	taken, n := f.cutPiecesFast(out, text, start, ends[:pieces])
	full := n+cutSpans > len(out)
	if taken == 0 && full {
		// A piece with too many parts is left to who encodes pieces.
		out[0] = span(ends[0])
		return out[:1], ends[1:]
	}
	if taken > 0 {
		start = int(ends[taken-1])
	}
	for n > 0 && out[n-1].end() > start {
		n-- // of a piece whose end was not reached
	}
	if full {
		return out[:n], ends[taken:]
	}
	for ; taken < pieces; taken++ {
		end := int(ends[taken])
		if n+(end-start)/3+1 > len(out) {
			if n > 0 {
				break
			}
			out[0] = span(end)
			return out[:1], ends[taken+1:]
		}
		first := n
		for p, q := start, 0; p < end; p = q {
			c := text[p]
			if q = p + int(lengths[c>>4]); q >= end {
				break
			}
			if beforeCJK(c) && isCJK(text[q]) {
				out[n] = span(q) | partSpan
				n += f.barrierCJK(text, q)
			}
		}
		out[n] = span(end)
		if n > first {
			out[n] |= partSpan
		}
		n++
		start = end
	}
	return out[:n], ends[taken:]
}

func isLetter(c byte) bool { return c|0x20-'a' < 26 }

// letters returns how many letters of ASCII text has from pos on, by eights:
// what is left at the end of the text is not looked at.
func letters(text string, pos int) int {
	const (
		ones = 0x0101010101010101
		high = 0x80 * ones
	)
	from := pos
	for pos+8 <= len(text) {
		x := load8(text, pos)
		b := (x | 0x20*ones) &^ high
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

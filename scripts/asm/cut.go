package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Offsets in model.pairFilter, and its size.
const (
	pairBits  = 20
	offPairs  = 0
	offEnds   = offPairs + 1<<pairBits/8
	offLength = offEnds + 64*2
)

// A cutter writes one of the two functions that cut text at barriers by blocks
// of 64 bytes: see tokenizers/model/cut.go.
type cutter struct {
	text, filter, base Register
	first, second      VecVirtual // the block
}

// above is a mask of the bytes of the block that are greater than a signed one.
func (c *cutter) above(than int8) GPVirtual {
	limit, t := YMM(), GP32()
	MOVL(U32(uint32(uint8(than))*0x01010101), t)
	VMOVD(t, limit.AsX())
	VPBROADCASTD(limit.AsX(), limit)
	a, b := YMM(), YMM()
	VPCMPGTB(limit, c.first, a)
	VPCMPGTB(limit, c.second, b)
	return c.mask(a, b)
}

// mask is the upper bits of the bytes of two halves of a block.
func (c *cutter) mask(a, b Op) GPVirtual {
	lo, hi := GP64(), GP64()
	VPMOVMSKB(a, lo.As32())
	VPMOVMSKB(b, hi.As32())
	SHLQ(U8(32), hi)
	ORQ(lo, hi)
	return hi
}

// letters is a mask of the letters of ASCII.
func (c *cutter) letters() GPVirtual {
	constant := func(b uint8) VecVirtual {
		v, t := YMM(), GP32()
		MOVL(U32(uint32(b)*0x01010101), t)
		VMOVD(t, v.AsX())
		VPBROADCASTD(v.AsX(), v)
		return v
	}
	lower, a, last := constant(0x20), constant('a'), constant('z'-'a')
	in := func(block VecVirtual) VecVirtual {
		x, y := YMM(), YMM()
		VPOR(lower, block, x)
		VPSUBB(a, x, x)
		VPMINUB(last, x, y)
		VPCMPEQB(x, y, y)
		return y
	}
	return c.mask(in(c.first), in(c.second))
}

// load takes the next block.
func (c *cutter) load() {
	c.first, c.second = YMM(), YMM()
	at := GP64()
	LEAQ(Mem{Base: c.text, Index: c.base, Scale: 1}, at)
	VMOVDQU(Mem{Base: at}, c.first)
	VMOVDQU(Mem{Base: at, Disp: 32}, c.second)
}

// shifted is mask<<by with what went out of the block before at its end, which
// lies in carry and is taken anew.
func shifted(mask GPVirtual, by uint8, carry Mem) GPVirtual {
	out, rest := GP64(), GP64()
	MOVQ(mask, out)
	SHLQ(U8(by), out)
	ORQ(carry, out)
	MOVQ(mask, rest)
	SHRQ(U8(64-by), rest)
	MOVQ(rest, carry)
	return out
}

// test sets a bit of barriers for each bit of places at which the filter knows
// no token that crosses. The character before has so many bytes.
func (c *cutter) test(label string, places, barriers GPVirtual, before int, cjk bool) {
	TESTQ(places, places)
	JZ(LabelRef(label + "_end"))
	at := GP64()
	LEAQ(Mem{Base: c.text, Index: c.base, Scale: 1}, at)
	Label(label)
	p, x, h := GP64(), GP64(), GP64()
	TZCNTQ(places, p)
	BLSRQ(places, places)
	MOVQ(Mem{Base: at, Index: p, Scale: 1, Disp: -before}, x)
	joined := GP64()
	if cjk {
		// Two characters of three bytes. suffix|prefix: by the last byte of the one
		// and the first of the other.
		last, lead := GP64(), GP64()
		MOVQ(x, last)
		SHRQ(U8(16), last)
		ANDQ(U32(63), last)
		MOVWQZX(Mem{Base: c.filter, Index: last, Scale: 2, Disp: offEnds}, joined)
		MOVQ(x, lead)
		SHRQ(U8(24), lead)
		ANDQ(U32(15), lead)
		SHRXQ(lead, joined, joined)
		SHLQ(U8(16), x)
	} else {
		// Keep the bytes of the two: how many is told by the first of the second.
		lead := GP64()
		MOVBQZX(Mem{Base: at, Index: p, Scale: 1}, lead)
		SHRQ(U8(4), lead)
		MOVBQZX(Mem{Base: c.filter, Index: lead, Scale: 1, Disp: offLength + 16*(before-1)}, lead)
		SHLXQ(lead, x, x)
	}
	multiplier := GP64()
	MOVQ(U64(hashLo), multiplier)
	IMULQ(multiplier, x)
	MOVQ(x, h)
	SHRQ(U8(64-pairBits), x)
	SHRQ(U8(64-pairBits+6), h)
	MOVQ(Mem{Base: c.filter, Index: h, Scale: 8, Disp: offPairs}, h)
	SHRXQ(x, h, h)
	if cjk {
		ORQ(joined, h)
	}
	NOTQ(h)
	ANDQ(U32(1), h)
	SHLXQ(p, h, h)
	ORQ(h, barriers)
	TESTQ(places, places)
	JNZ(LabelRef(label))
	Label(label + "_end")
}

// emit writes a span for each bit of all, with the bits of parts as its
// uppermost.
func (c *cutter) emit(all GPVirtual, parts GPVirtual, n GPVirtual, spans Register) {
	count, out := GP64(), GP64()
	LEAQ(Mem{Base: spans, Index: n, Scale: 4}, out)
	POPCNTQ(all, count)
	ADDQ(count, n)
	TESTQ(all, all)
	JZ(LabelRef("emitted"))
	Label("eight")
	for k := range 8 {
		p, f := GP64(), GP64()
		TZCNTQ(all, p)
		BLSRQ(all, all)
		SHRXQ(p, parts, f)
		SHLL(U8(31), f.As32())
		ADDQ(c.base, p)
		ORL(f.As32(), p.As32())
		MOVL(p.As32(), Mem{Base: out, Disp: 4 * k})
	}
	ADDQ(U8(32), out)
	TESTQ(all, all)
	JNZ(LabelRef("eight"))
	Label("emitted")
}

// cutText cuts a text without pieces.
func cutText() {
	TEXT("cutTextAVX2", NOSPLIT, "func(filter, text *byte, pos, limit int, spans *uint32, n, most int) (to, count int)")
	Pragma("noescape")
	Doc("cutTextAVX2 cuts text from pos on, where a part begins, by blocks of 64 bytes that begin at limit or",
		"before it, while there are at most most spans. It reads 72 bytes from the beginning of a block on and",
		"needs AVX2, BMI1 and BMI2. See pairFilter.cutText.")
	c := &cutter{}
	c.filter = Load(Param("filter"), GP64())
	c.text = Load(Param("text"), GP64())
	c.base = Load(Param("pos"), GP64())
	n := Load(Param("n"), GP64()).(GPVirtual)
	carries := AllocLocal(32)
	zero := GP64()
	XORQ(zero, zero)
	for i := range 4 {
		MOVQ(zero, carries.Offset(8*i))
	}
	Label("block")
	limit := Load(Param("limit"), GP64())
	CMPQ(c.base, limit)
	JG(LabelRef("done"))
	most := Load(Param("most"), GP64())
	CMPQ(n, most)
	JG(LabelRef("done"))
	c.load()

	// What begins at each byte: a character of one byte, of two, of three.
	wide := c.mask(c.first, c.second) // not ASCII
	ascii := GP64()
	MOVQ(wide, ascii)
	NOTQ(ascii)
	starts := c.above(-65) // C0 to FF, and ASCII
	three := c.above(-33)  // E0 to FF, and ASCII
	ANDQ(wide, starts)
	ANDQ(wide, three)
	two := GP64()
	ANDNQ(starts, three, two)
	four := c.above(-17) // F0 to FF, and ASCII
	ANDNQ(three, four, three)

	letters := c.letters()
	afterLetter := shifted(letters, 1, carries)
	ANDQ(letters, afterLetter) // letters side by side
	places, current := GP64(), GP64()
	MOVQ(ascii, current)
	ORQ(three, current)
	barriers := GP64()
	XORQ(barriers, barriers)
	// Behind one of two bytes another one of two is left.
	after := shifted(two, 2, carries.Offset(16))
	ANDQ(current, after)
	c.test("after_two", after, barriers, 2, false)
	ORQ(two, current)
	places = shifted(ascii, 1, carries.Offset(8))
	ANDQ(current, places)
	ANDNQ(places, afterLetter, places)
	c.test("after_one", places, barriers, 1, false)
	after = shifted(three, 3, carries.Offset(24))
	ANDQ(current, after)
	c.test("after_three", after, barriers, 3, false)

	parts := GP64()
	MOVQ(I64(-1), parts)
	c.emit(barriers, parts, n, Load(Param("spans"), GP64()))
	ADDQ(U8(64), c.base)
	JMP(LabelRef("block"))

	Label("done")
	VZEROUPPER()
	Store(c.base, ReturnIndex(0))
	Store(n, ReturnIndex(1))
	RET()
}

// cutPieces cuts pieces between characters of Chinese, Japanese and Korean.
func cutPieces() {
	TEXT("cutPiecesAVX2", NOSPLIT, "func(filter, text *byte, pos, limit int, ends *int32, pieces int, spans *uint32, most int) (taken, count int)")
	Pragma("noescape")
	Doc("cutPiecesAVX2 cuts the pieces that begin at pos and end at ends, by blocks of 64 bytes that begin at",
		"limit or before it, while there are at most most spans. It returns how many of the ends it has passed.",
		"It reads 72 bytes from the beginning of a block on and needs AVX2, BMI1 and BMI2. See pairFilter.cutPieces.")
	c := &cutter{}
	c.filter = Load(Param("filter"), GP64())
	c.text = Load(Param("text"), GP64())
	c.base = Load(Param("pos"), GP64())
	n, taken := GP64(), GP64()
	XORQ(n, n)
	XORQ(taken, taken)
	carries := AllocLocal(16)
	MOVQ(n, carries)
	MOVQ(n, carries.Offset(8))
	Label("block")
	limit := Load(Param("limit"), GP64())
	CMPQ(c.base, limit)
	JG(LabelRef("done"))
	most := Load(Param("most"), GP64())
	CMPQ(n, most)
	JG(LabelRef("done"))
	pieces := Load(Param("pieces"), GP64())
	CMPQ(taken, pieces)
	JGE(LabelRef("done"))
	c.load()

	wide := c.mask(c.first, c.second)
	lead := c.above(-31) // E2 to FF, and ASCII
	ANDQ(wide, lead)
	four := c.above(-17) // F0 to FF, and ASCII
	ANDNQ(lead, four, lead)
	cjk := c.above(-30) // E3 to FF, and ASCII
	ANDQ(wide, cjk)
	beyond := c.above(-19) // EE to FF, and ASCII
	ANDNQ(cjk, beyond, cjk)
	places := shifted(lead, 3, carries)
	ANDQ(cjk, places)
	barriers := GP64()
	XORQ(barriers, barriers)
	c.test("places", places, barriers, 3, true)

	// The ends of pieces in this block.
	ends, all := Load(Param("ends"), GP64()), GP64()
	XORQ(all, all)
	Label("end")
	pieces = Load(Param("pieces"), GP64())
	CMPQ(taken, pieces)
	JGE(LabelRef("last"))
	e := GP64()
	MOVLQSX(Mem{Base: ends, Index: taken, Scale: 4}, e)
	SUBQ(c.base, e)
	CMPQ(e, Imm(64))
	JGE(LabelRef("ended"))
	BTSQ(e, all)
	INCQ(taken)
	JMP(LabelRef("end"))
	// What lies behind the last end is not ours.
	Label("last")
	after := GP64()
	MOVQ(all, after)
	BSRQ(after, after)
	INCQ(after)
	BZHIQ(after, barriers, barriers)
	Label("ended")

	// A span is a part if it ends at a barrier, or the one before it does: a bit
	// behind each such end is carried on to the next end.
	only := GP64()
	ANDNQ(barriers, all, only)
	ORQ(barriers, all)
	parts, gaps, carry := GP64(), GP64(), GP64()
	MOVQ(only, parts)
	SHLQ(U8(1), parts)
	ORQ(carries.Offset(8), parts)
	MOVQ(only, carry)
	SHRQ(U8(63), carry)
	MOVQ(all, gaps)
	NOTQ(gaps)
	ADDQ(gaps, parts)
	ADCQ(U8(0), carry)
	MOVQ(carry, carries.Offset(8))
	ANDQ(all, parts)
	ORQ(only, parts)
	c.emit(all, parts, n, Load(Param("spans"), GP64()))
	ADDQ(U8(64), c.base)
	JMP(LabelRef("block"))

	Label("done")
	VZEROUPPER()
	Store(taken, ReturnIndex(0))
	Store(n, ReturnIndex(1))
	RET()
}

// cut writes both.
func cut() {
	cutText()
	cutPieces()
}

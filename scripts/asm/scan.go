package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Offsets in split.scanTables.
const (
	offASCII = 0
	offAtoms = offASCII + 128*16
	offLeads = offAtoms + 256*16
	offPages = offLeads + 256*4
	offKinds = offPages + 0x1400*2
)

// scan runs the automaton of a pattern by byte shuffles: see
// tokenizers/split/scan.go.
func scan() {
	TEXT("scanAVX2", NOSPLIT, "func(t *byte, text *byte, pos, limit int, state uint64, ends *int32, n, most int) (to int, last uint64, count int)")
	Pragma("noescape")
	Doc("scanAVX2 runs the automaton of t over text from pos on, by blocks of 64 bytes that begin",
		"at limit or before it, while there are at most most ends. It needs AVX2 and BMI2. See scanner.")
	t := Load(Param("t"), GP64())
	base := Load(Param("pos"), GP64())
	n := Load(Param("n"), GP64())
	entry := Load(Param("state"), GP64()) // the state at the start of a block
	state := XMM()
	VMOVQ(entry, state)
	block := AllocLocal(64) // what became of the characters that begin at each byte

	low := YMM() // -65: the greatest signed byte that continues a character
	lows := GP32()
	MOVL(U32(0xBFBFBFBF), lows)
	VMOVD(lows, low.AsX())
	VPBROADCASTD(low.AsX(), low)

	leads := GP64() // a bit for each byte that begins a character
	first, second := YMM(), YMM()

	Label("block")
	// Parameters are loaded where they are needed: registers are few.
	limit := Load(Param("limit"), GP64())
	CMPQ(base, limit)
	JG(LabelRef("done"))
	most := Load(Param("most"), GP64())
	CMPQ(n, most)
	JG(LabelRef("done"))

	at := GP64()
	ADDQ(base, Load(Param("text"), at))
	VMOVDQU(Mem{Base: at}, first)
	VMOVDQU(Mem{Base: at, Disp: 32}, second)
	either, high := YMM(), GP32()
	VPOR(first, second, either)
	VPMOVMSKB(either, high)
	TESTL(high, high)
	JNZ(LabelRef("mixed"))

	// ASCII alone: a row of the table by the byte.
	MOVQ(I64(-1), leads)
	i := GP64()
	XORQ(i, i)
	Label("ascii")
	for k := range 16 {
		c, row := GP32(), XMM()
		MOVBLZX(Mem{Base: at, Index: i, Scale: 1, Disp: k}, c)
		SHLL(U8(4), c)
		VMOVDQU(Mem{Base: t, Index: c.As64(), Scale: 1, Disp: offASCII}, row)
		VPSHUFB(state, row, state)
		VPEXTRB(U8(0), state, block.Offset(k).Idx(i, 1))
	}
	ADDQ(U8(16), i)
	CMPQ(i, U8(64))
	JNE(LabelRef("ascii"))
	JMP(LabelRef("flags"))

	// Any characters: their places by a mask, the code point by taking its
	// bits out of the four bytes, the atom by two tables.
	Label("mixed")
	VPCMPGTB(low, first, first)
	VPCMPGTB(low, second, second)
	upper, lower := GP64(), GP64()
	VPMOVMSKB(first, lower.As32())
	VPMOVMSKB(second, upper.As32())
	SHLQ(U8(32), upper)
	ORQ(lower, upper)
	MOVQ(upper, leads)
	zero := YMM()
	VPXOR(zero, zero, zero)
	VMOVDQU(zero, block)
	VMOVDQU(zero, block.Offset(32))
	rest := GP64()
	MOVQ(leads, rest)
	kinds := GP64()
	MOVQ(Mem{Base: t, Disp: offKinds}, kinds)
	TESTQ(rest, rest)
	JZ(LabelRef("flags")) // not in valid text
	Label("character")
	place, c, x, r, page, row := GP64(), GP32(), GP32(), GP32(), GP32(), XMM()
	TZCNTQ(rest, place)
	BLSRQ(rest, rest)
	MOVL(Mem{Base: at, Index: place, Scale: 1}, x)
	MOVBLZX(x.As8L(), c)
	BSWAPL(x)
	PEXTL(Mem{Base: t, Index: c.As64(), Scale: 4, Disp: offLeads}, x, r)
	MOVL(r, page)
	SHRL(U8(8), page)
	MOVWLZX(Mem{Base: t, Index: page.As64(), Scale: 2, Disp: offPages}, page)
	SHLL(U8(8), page)
	MOVBLZX(r.As8L(), r)
	ADDL(page, r)
	MOVBLZX(Mem{Base: kinds, Index: r.As64(), Scale: 1}, r)
	SHLL(U8(4), r)
	VMOVDQU(Mem{Base: t, Index: r.As64(), Scale: 1, Disp: offAtoms}, row)
	VPSHUFB(state, row, state)
	VPEXTRB(U8(0), state, block.Idx(place, 1))
	TESTQ(rest, rest)
	JNZ(LabelRef("character"))

	// Bit 4: a piece ends before the character. Bit 5: this one is not for us.
	Label("flags")
	a, b := YMM(), YMM()
	VMOVDQU(block, a)
	VMOVDQU(block.Offset(32), b)
	mask := func(shift uint8) GPVirtual {
		sa, sb := YMM(), YMM()
		lo, hi := GP64(), GP64()
		VPSLLW(U8(shift), a, sa)
		VPSLLW(U8(shift), b, sb)
		VPMOVMSKB(sa, lo.As32())
		VPMOVMSKB(sb, hi.As32())
		SHLQ(U8(32), hi)
		ORQ(lo, hi)
		return hi
	}
	ended, leave := mask(3), mask(2)
	behind := GP64() // bits below the character that is not for us
	TESTQ(leave, leave)
	JZ(LabelRef("emit"))
	BLSMSKQ(leave, behind)
	SHRQ(U8(1), behind)
	ANDQ(behind, ended)
	Label("emit")
	count := GP64()
	POPCNTQ(ended, count)
	out := GP64()
	LEAQ(Mem{Base: Load(Param("ends"), GP64()), Index: n, Scale: 4}, out)
	ADDQ(count, n)
	TESTQ(ended, ended)
	JZ(LabelRef("next"))
	Label("eight")
	for k := range 8 {
		p := GP64()
		TZCNTQ(ended, p)
		ADDQ(base, p)
		MOVL(p.As32(), Mem{Base: out, Disp: 4 * k})
		BLSRQ(ended, ended)
	}
	ADDQ(U8(32), out)
	TESTQ(ended, ended)
	JNZ(LabelRef("eight"))

	Label("next")
	TESTQ(leave, leave)
	JNZ(LabelRef("leave"))
	VMOVQ(state, entry)
	ADDQ(U8(64), base)
	JMP(LabelRef("block"))

	// Go back to the state before the character.
	Label("leave")
	stop := GP64()
	TZCNTQ(leave, stop)
	ADDQ(stop, base)
	ANDQ(behind, leads)
	JZ(LabelRef("done"))
	prev := GP64()
	BSRQ(leads, prev)
	MOVBQZX(block.Idx(prev, 1), entry)

	Label("done")
	VZEROUPPER()
	ANDQ(U8(15), entry)
	Store(base, ReturnIndex(0))
	Store(entry, ReturnIndex(1))
	Store(n, ReturnIndex(2))
	RET()
}

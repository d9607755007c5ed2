package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// find looks for places at which one of a set of strings may stand: see
// tokenizers/internal/trie/finder.go. For each of the first four bytes there are
// two tables of 16 bytes, by the lower half of the byte and by the upper one.
func find() {
	TEXT("findAVX2", NOSPLIT, "func(tables, text *byte, pos, limit int) int")
	Pragma("noescape")
	Doc("findAVX2 returns the first place from pos on, in blocks of 32 bytes that begin before limit, at",
		"which every table of four bytes has a bit in common; limit or a place behind it if there is none.",
		"It reads 35 bytes from the beginning of a block on and needs AVX2.")
	tables := Load(Param("tables"), GP64())
	text := Load(Param("text"), GP64())
	pos := Load(Param("pos"), GP64())
	limit := Load(Param("limit"), GP64())

	var lo, hi [4]VecVirtual
	for i := range 4 {
		lo[i], hi[i] = YMM(), YMM()
		VBROADCASTI128(Mem{Base: tables, Disp: 32 * i}, lo[i])
		VBROADCASTI128(Mem{Base: tables, Disp: 32*i + 16}, hi[i])
	}
	half, zero := YMM(), YMM()
	mask := GP32()
	MOVL(U32(0x0F0F0F0F), mask)
	VMOVD(mask, half.AsX())
	VPBROADCASTD(half.AsX(), half)
	VPXOR(zero, zero, zero)

	Label("block")
	CMPQ(pos, limit)
	JGE(LabelRef("done"))
	found := YMM()
	low, high := YMM(), YMM()
	for i := range 4 {
		v := low
		VMOVDQU(Mem{Base: text, Index: pos, Scale: 1, Disp: i}, v)
		VPSRLW(U8(4), v, high)
		VPAND(half, v, low)
		VPAND(half, high, high)
		VPSHUFB(low, lo[i], low)
		VPSHUFB(high, hi[i], high)
		VPAND(low, high, low)
		if i == 0 {
			VMOVDQA(low, found)
		} else {
			VPAND(low, found, found)
		}
	}
	VPCMPEQB(zero, found, found)
	VPMOVMSKB(found, mask)
	NOTL(mask)
	TESTL(mask, mask)
	JNZ(LabelRef("found"))
	ADDQ(U8(32), pos)
	JMP(LabelRef("block"))

	Label("found")
	TZCNTL(mask, mask)
	ADDQ(mask.As64(), pos)
	Label("done")
	VZEROUPPER()
	Store(pos, ReturnIndex(0))
	RET()
}

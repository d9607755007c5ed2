package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

const (
	hashLo     = 0x9E3779B97F4A7C15
	hashHi     = 0xD1B54A32D192ED03
	lineBits   = 15
	maxKey     = 15
	countShift = 29
)

// probe looks spans up in a cache: see tokenizers/model/cache.go. A line has two
// slots of a key and four ids, 16 bytes each; a row of masks has what to keep of
// 16 bytes and what to add.
func probe() {
	TEXT("probeAVX2", NOSPLIT, "func(lines, masks, text *byte, start, limit int, spans *uint32, n int, parts uint64, dst *uint32) (done, to, count int)")
	Pragma("noescape")
	Doc("probeAVX2 copies the ids of spans to dst as long as they are in lines and begin at limit or",
		"before it. It needs AVX2. See cache.probe.")
	lines := Load(Param("lines"), GP64())
	masks := Load(Param("masks"), GP64())
	text := Load(Param("text"), GP64())
	start := Load(Param("start"), GP64())
	spans := Load(Param("spans"), GP64())
	dst := Load(Param("dst"), GP64())
	first := GP64()
	MOVQ(dst, first)
	i, lo, hi := GP64(), GP64(), GP64()
	XORQ(i, i)
	multipliers := GLOBL("multipliers", RODATA|NOPTR)
	DATA(0, U64(hashLo))
	DATA(8, U64(hashHi))
	only := XMM() // all bits but the number of ids
	t := GP64()
	MOVQ(I32(-1), t)
	VMOVQ(t, only)
	VPSLLDQ(U8(4), only, only)
	MOVL(U32(1<<countShift-1), t.As32())
	{
		low, all := XMM(), XMM()
		VPCMPEQD(all, all, all)
		VPSLLDQ(U8(4), all, all)
		VMOVD(t.As32(), low)
		VPOR(low, all, only)
	}
	key, got, value := XMM(), XMM(), XMM()
	size, row, at, other, m := GP64(), GP64(), GP64(), GP64(), GP64()
	// Registers are few: what is used once a span stays in the frame.
	param := func(name string) Op {
		p, err := Param(name).Resolve()
		if err != nil {
			panic(err)
		}
		return p.Addr
	}

	JMP(LabelRef("check"))
	Label("loop")
	// The size of the span, and the row of masks: its size, and 16 if it is a
	// part and parts have keys of their own.
	MOVL(Mem{Base: spans, Index: i, Scale: 4}, size.As32())
	MOVL(size.As32(), row.As32())
	SHRL(U8(31), row.As32())
	SHLL(U8(4), row.As32())
	ANDQ(param("parts"), row)
	ANDL(U32(1<<31-1), size.As32())
	SUBQ(start, size)
	CMPQ(size, Imm(maxKey))
	JHI(LabelRef("done"))
	CMPQ(start, param("limit"))
	JGT(LabelRef("done"))
	ORQ(size, row)
	SHLQ(U8(5), row)
	VMOVDQU(Mem{Base: text, Index: start, Scale: 1}, key)
	VPAND(Mem{Base: masks, Index: row, Scale: 1}, key, key)
	VPOR(Mem{Base: masks, Index: row, Scale: 1, Disp: 16}, key, key)
	VMOVQ(key, lo)
	VPEXTRQ(U8(1), key, hi)
	IMULQ(multipliers, lo)
	IMULQ(multipliers.Offset(8), hi)
	ADDQ(hi, lo)
	SHRQ(U8(64-lineBits), lo)
	SHLQ(U8(6), lo)
	LEAQ(Mem{Base: lines, Index: lo, Scale: 1}, at)
	LEAQ(Mem{Base: at, Disp: 32}, other)
	// Which slot it is must not be a branch: it cannot be foreseen.
	VPCMPEQQ(Mem{Base: at}, key, got)
	VMOVMSKPD(got, m.As32())
	CMPL(m.As32(), Imm(3))
	CMOVQNE(other, at)
	VPCMPEQQ(Mem{Base: at}, key, got)
	VMOVMSKPD(got, m.As32())
	CMPL(m.As32(), Imm(3))
	JNE(LabelRef("done"))
	VMOVDQU(Mem{Base: at, Disp: 16}, value)
	VMOVD(value, m.As32())
	SHRL(U8(countShift), m.As32())
	CMPL(m.As32(), Imm(4))
	JHI(LabelRef("done"))
	VPAND(only, value, value)
	VMOVDQU(value, Mem{Base: dst})
	LEAQ(Mem{Base: dst, Index: m, Scale: 4}, dst)
	ADDQ(size, start)
	INCQ(i)
	Label("check")
	CMPQ(i, param("n"))
	JLT(LabelRef("loop"))

	Label("done")
	SUBQ(first, dst)
	SHRQ(U8(2), dst)
	Store(i, ReturnIndex(0))
	Store(start, ReturnIndex(1))
	Store(dst, ReturnIndex(2))
	RET()
}

//go:build amd64 && !noasm

package model

import (
	"unsafe"

	"golang.org/x/sys/cpu"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

var probeAvailable = cpu.X86.HasAVX2

func (c *cache) probe(dst []vocab.ID, text string, start int, spans []span) (int, int, []vocab.ID) {
	if !probeAvailable || len(spans) == 0 {
		return c.probeGo(dst, text, start, spans)
	}
	n := len(dst)
	out := unsafe.SliceData(dst[n : n+1])
	done, to, count := probeAVX2(
		(*byte)(unsafe.Pointer(unsafe.SliceData(c.lines))), (*byte)(unsafe.Pointer(&masks)), unsafe.StringData(text), start, len(text)-16,
		(*uint32)(unsafe.Pointer(unsafe.SliceData(spans))), len(spans), uint64(c.parts), out)
	return done, to, dst[:n+count]
}

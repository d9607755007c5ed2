//go:build amd64 && !noasm

package model

import (
	"unicode/utf8"
	"unsafe"

	"golang.org/x/sys/cpu"
)

var cutAvailable = cpu.X86.HasAVX2 && cpu.X86.HasBMI1 && cpu.X86.HasBMI2

// cutTextFast begins cutText, and returns how far it came and the number of
// parts. Both may be the end of it but for the last part.
func (f *pairFilter) cutTextFast(out []span, text string, pos, end int) (to, n int) {
	if !cutAvailable || len(out) < 2*cutSpans {
		return pos, 0
	}
	to = pos
	spans := (*uint32)(unsafe.Pointer(unsafe.SliceData(out)))
	if limit := min(len(text)-cutReads, end-1); pos <= limit {
		to, n = cutTextAVX2((*byte)(unsafe.Pointer(f)), unsafe.StringData(text), pos, limit, spans, 0, len(out)-cutSpans)
		for n > 0 && out[n-1].end() >= end {
			n--
		}
		if to >= end || n > len(out)-cutSpans {
			return min(to, end), n
		}
	}
	// What is left is shorter than what is read. It is done where zeros follow,
	// from the last character on before which it is decided whether to cut.
	from := to
	for from > pos {
		if from--; utf8.RuneStart(text[from]) {
			break
		}
	}
	var rest [2*cutReads + utf8.UTFMax]byte
	if size := copy(rest[:cutReads+utf8.UTFMax], text[from:end]); size == end-from && n+2*cutSpans <= len(out) {
		_, k := cutTextAVX2((*byte)(unsafe.Pointer(f)), &rest[0], 0, size-1, (*uint32)(unsafe.Pointer(&out[n])), 0, cutSpans)
		for k > 0 && out[n+k-1].end() >= size {
			k--
		}
		for i := range out[n:][:k] {
			out[n+i] += span(from)
		}
		return end, n + k
	}
	return to, n
}

// cutPiecesFast begins cutPieces, and returns how many ends it has passed and the
// number of spans, of which the last may be of a piece whose end it has not.
func (f *pairFilter) cutPiecesFast(out []span, text string, start int, ends []int32) (taken, n int) {
	if !cutAvailable || start+cutReads > len(text) || len(out) < 2*cutSpans || len(ends) == 0 {
		return 0, 0
	}
	return cutPiecesAVX2((*byte)(unsafe.Pointer(f)), unsafe.StringData(text), start, len(text)-cutReads,
		unsafe.SliceData(ends), len(ends), (*uint32)(unsafe.Pointer(unsafe.SliceData(out))), len(out)-cutSpans)
}

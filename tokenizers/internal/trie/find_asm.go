//go:build amd64 && !noasm

package trie

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

var findAvailable = cpu.X86.HasAVX2 && cpu.X86.HasBMI1

// skip returns a place from pos on before which no string of the set stands.
func (f *Finder) skip(text string, pos int) int {
	if !findAvailable {
		return pos
	}
	return findAVX2((*byte)(unsafe.Pointer(&f.tables)), unsafe.StringData(text), pos, len(text)-findReads+1)
}

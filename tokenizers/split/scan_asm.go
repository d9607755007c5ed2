//go:build amd64 && !noasm

package split

import "golang.org/x/sys/cpu"

var scanAvailable = cpu.X86.HasAVX2 && cpu.X86.HasBMI2

func scan(t, text *byte, pos, limit int, state uint64, ends *int32, n, most int) (int, uint64, int) {
	return scanAVX2(t, text, pos, limit, state, ends, n, most)
}

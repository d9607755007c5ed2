//go:build !amd64 || noasm

package split

const scanAvailable = false

func scan(t, text *byte, pos, limit int, state uint64, ends *int32, n, most int) (int, uint64, int) {
	panic("split: no assembly")
}

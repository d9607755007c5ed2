//go:build amd64 && !noasm

package valid

import (
	"unsafe"

	"github.com/segmentio/asm/utf8"
)

// UTF8 reports whether s is valid UTF-8.
func UTF8(s string) bool { return utf8.Valid(unsafe.Slice(unsafe.StringData(s), len(s))) }

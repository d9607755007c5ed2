//go:build amd64 && !noasm

package tokenizers

import (
	"unsafe"

	"github.com/segmentio/asm/utf8"
)

// validString reports whether s is valid UTF-8.
func validString(s string) bool { return utf8.Valid(unsafe.Slice(unsafe.StringData(s), len(s))) }

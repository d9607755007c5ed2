//go:build !amd64 || noasm

package valid

import "unicode/utf8"

// UTF8 reports whether s is valid UTF-8.
func UTF8(s string) bool { return utf8.ValidString(s) }

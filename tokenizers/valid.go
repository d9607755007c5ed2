//go:build !amd64 || noasm

package tokenizers

import "unicode/utf8"

// validString reports whether s is valid UTF-8.
func validString(s string) bool { return utf8.ValidString(s) }

// Package bytealphabet is GPT-2's way of writing bytes: 256 printable
// characters, one a byte, so that any bytes can stand in a JSON file or a line
// of text. The bytes that are printable in Latin-1 stand for themselves, the
// other 68 are U+0100 to U+0143 in byte order. (bytes_to_unicode in OpenAI's
// gpt-2 encoder.py; everyone else copied it.)
package bytealphabet

// printable reports whether a byte stands for itself.
func printable(b byte) bool {
	return '!' <= b && b <= '~' || 0xA1 <= b && b <= 0xAC || b >= 0xAE
}

// Order lists the bytes in the order of the alphabet, which is the order of
// the first 256 ids of a vocabulary that begins with it.
func Order() [256]byte { return order }

var order = func() (order [256]byte) {
	n := 0
	for _, self := range []bool{true, false} {
		for b := range 256 {
			if printable(byte(b)) == self {
				order[n] = byte(b)
				n++
			}
		}
	}
	return order
}()

const selves = 188 // bytes that stand for themselves

// runes maps a byte to its character, bytes U+0000 to U+0143 back, -1 where
// there is none.
var (
	runes = func() (runes [256]rune) {
		for i, b := range order {
			runes[b] = rune(b)
			if i >= selves {
				runes[b] = rune(0x100 + i - selves)
			}
		}
		return runes
	}()
	bytes = func() (bytes [0x144]int16) {
		for i := range bytes {
			bytes[i] = -1
		}
		for b, r := range runes {
			bytes[r] = int16(b)
		}
		return bytes
	}()
)

// Rune returns the character that stands for a byte.
func Rune(b byte) rune { return runes[b] }

// AppendBytes appends the bytes that text spells in the alphabet to dst. If
// text has any other character, ok is false and dst is returned as it was.
func AppendBytes[T ~string | ~[]byte](dst []byte, text T) (out []byte, ok bool) {
	out = dst
	for i := 0; i < len(text); {
		c := text[i]
		r := int(c)
		i++
		if c >= 0x80 {
			// The alphabet ends at U+0143, so two bytes of UTF-8 are enough.
			if c < 0xC2 || c > 0xC5 || i == len(text) || text[i]&0xC0 != 0x80 {
				return dst, false
			}
			r = int(c&0x1F)<<6 | int(text[i]&0x3F)
			i++
		}
		if r >= len(bytes) || bytes[r] < 0 {
			return dst, false
		}
		out = append(out, byte(bytes[r]))
	}
	return out, true
}

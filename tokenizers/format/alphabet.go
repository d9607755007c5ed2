package format

// GPT-2 writes its tokens in an alphabet of 256 printable characters, one a
// byte, so that they can stand in a JSON file or a line of text: the bytes
// that are printable in Latin-1 stand for themselves, the other 68 are U+0100
// to U+0143 in byte order. (bytes_to_unicode in OpenAI's gpt-2 encoder.py.)
// Everyone else copied it.

// printable reports whether a byte stands for itself.
func printable(b byte) bool {
	return '!' <= b && b <= '~' || 0xA1 <= b && b <= 0xAC || b >= 0xAE
}

// alphabetOrder lists the bytes in the order of GPT-2's alphabet, which is
// the order of the first 256 ids of a vocabulary that begins with it.
var alphabetOrder = func() (order [256]byte) {
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

// alphabetByte maps U+0000 to U+0143 to its byte, -1 where there is none.
var alphabetByte = func() (bytes [0x144]int16) {
	for i := range bytes {
		bytes[i] = -1
	}
	for i, b := range alphabetOrder {
		if i < 188 { // those that stand for themselves
			bytes[b] = int16(b)
		} else {
			bytes[0x100+i-188] = int16(b)
		}
	}
	return bytes
}()

// appendAlphabet appends to dst the bytes that token spells in GPT-2's
// alphabet. If token has any other character, ok is false and dst is returned
// as it was.
func appendAlphabet(dst, token []byte) (out []byte, ok bool) {
	out = dst
	for i := 0; i < len(token); {
		c := token[i]
		r := int(c)
		i++
		if c >= 0x80 {
			// The alphabet ends at U+0143, so two bytes of UTF-8 are enough.
			if c < 0xC2 || c > 0xC5 || i == len(token) || token[i]&0xC0 != 0x80 {
				return dst, false
			}
			r = int(c&0x1F)<<6 | int(token[i]&0x3F)
			i++
		}
		if r >= len(alphabetByte) || alphabetByte[r] < 0 {
			return dst, false
		}
		out = append(out, byte(alphabetByte[r]))
	}
	return out, true
}

package format

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deep JSON values may nest.
const maxDepth = 64

// A scanner reads JSON from memory, value by value, without building a tree:
// a tokenizer.json is one small tree around a million strings and numbers.
// Every method leaves the scanner behind what it read. Objects and arrays are
// read by callback.
type scanner struct {
	data    []byte
	pos     int
	depth   int
	scratch []byte // unescaped string
}

// newScanner checks the encoding once, so that strings need no check later.
func newScanner(data []byte) (*scanner, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	s := &scanner{data: data}
	if !utf8.Valid(data) {
		for s.pos < len(data) {
			r, n := utf8.DecodeRune(data[s.pos:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			s.pos += n
		}
		return nil, s.errorf("not UTF-8")
	}
	return s, nil
}

// errorf tells where the scanner stands.
func (s *scanner) errorf(format string, args ...any) error {
	before := s.data[:min(s.pos, len(s.data))]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := len(before) - bytes.LastIndexByte(before, '\n')
	return fmt.Errorf("line %d, byte %d: %w", line, column, fmt.Errorf(format, args...))
}

// peek returns the next byte that is not space, 0 at the end.
func (s *scanner) peek() byte {
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// want reports what stands where something else was expected.
func (s *scanner) want(what string) error {
	c := s.peek()
	if s.pos == len(s.data) {
		return s.errorf("end of file where %s was expected", what)
	}
	return s.errorf("%q where %s was expected", c, what)
}

func (s *scanner) end() error {
	if s.peek(); s.pos < len(s.data) {
		return s.want("the end of the file")
	}
	return nil
}

// object reads an object and calls f behind each key. f must read the value;
// key is valid until then.
func (s *scanner) object(f func(key []byte) error) error {
	return s.sequence('{', '}', "an object", func(int) error {
		if s.peek() != '"' {
			return s.want("a key")
		}
		key, err := s.str()
		if err != nil {
			return err
		}
		if s.peek() != ':' {
			return s.want("a colon")
		}
		s.pos++
		return f(key)
	})
}

// array reads an array and calls f at each element, which f must read.
func (s *scanner) array(f func(i int) error) error {
	return s.sequence('[', ']', "an array", f)
}

func (s *scanner) sequence(open, end byte, what string, f func(i int) error) error {
	if s.peek() != open {
		return s.want(what)
	}
	if s.depth++; s.depth > maxDepth {
		return s.errorf("nested deeper than %d", maxDepth)
	}
	s.pos++
	if s.peek() == end {
		s.pos++
		s.depth--
		return nil
	}
	for i := 0; ; i++ {
		if err := f(i); err != nil {
			return err
		}
		switch s.peek() {
		case ',':
			s.pos++
		case end:
			s.pos++
			s.depth--
			return nil
		default:
			return s.want("a comma or " + string(end))
		}
	}
}

// str reads a string. The result is valid until the next call.
func (s *scanner) str() ([]byte, error) {
	if s.peek() != '"' {
		return nil, s.want("a string")
	}
	s.pos++
	start := s.pos
	for i := start; i < len(s.data); i++ {
		switch c := s.data[i]; {
		case c == '"':
			s.pos = i + 1
			return s.data[start:i], nil
		case c == '\\':
			s.pos = i
			s.scratch = append(s.scratch[:0], s.data[start:i]...)
			return s.unescape()
		case c < ' ':
			s.pos = i
			return nil, s.errorf("control character %#02x in a string", c)
		}
	}
	s.pos = len(s.data)
	return nil, s.errorf("string without an end")
}

// unescape reads the rest of a string from its first backslash on.
func (s *scanner) unescape() ([]byte, error) {
	for s.pos < len(s.data) {
		c := s.data[s.pos]
		switch {
		case c == '"':
			s.pos++
			return s.scratch, nil
		case c < ' ':
			return nil, s.errorf("control character %#02x in a string", c)
		case c != '\\':
			s.scratch = append(s.scratch, c)
			s.pos++
			continue
		}
		if s.pos+1 == len(s.data) {
			break
		}
		switch c := s.data[s.pos+1]; c {
		case '"', '\\', '/':
			s.scratch = append(s.scratch, c)
		case 'b':
			s.scratch = append(s.scratch, '\b')
		case 'f':
			s.scratch = append(s.scratch, '\f')
		case 'n':
			s.scratch = append(s.scratch, '\n')
		case 'r':
			s.scratch = append(s.scratch, '\r')
		case 't':
			s.scratch = append(s.scratch, '\t')
		case 'u':
			r, ok := s.hex4(s.pos + 2)
			if !ok {
				return nil, s.errorf(`\u without four hexadecimal digits`)
			}
			if utf16.IsSurrogate(r) {
				// A half of a pair is no character and cannot be in a token.
				low, ok := s.hex4(s.pos + 8)
				if !ok || s.data[s.pos+6] != '\\' || s.data[s.pos+7] != 'u' || utf16.DecodeRune(r, low) == utf8.RuneError {
					return nil, s.errorf(`\u%04x is half of a surrogate pair`, r)
				}
				r = utf16.DecodeRune(r, low)
				s.pos += 6
			}
			s.scratch = utf8.AppendRune(s.scratch, r)
			s.pos += 4
		default:
			return nil, s.errorf("unknown escape \\%c", c)
		}
		s.pos += 2
	}
	s.pos = len(s.data)
	return nil, s.errorf("string without an end")
}

func (s *scanner) hex4(at int) (rune, bool) {
	if at+4 > len(s.data) {
		return 0, false
	}
	var r rune
	for _, c := range s.data[at : at+4] {
		switch {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case 'A' <= c && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// uint reads a number that is not negative and has no fraction.
func (s *scanner) uint() (uint64, error) {
	if c := s.peek(); c < '0' || c > '9' {
		return 0, s.want("a whole number")
	}
	start := s.pos
	var n uint64
	for s.pos < len(s.data) {
		c := s.data[s.pos]
		if c < '0' || c > '9' {
			break
		}
		if n > (math.MaxUint64-9)/10 {
			s.pos = start
			return 0, s.errorf("number is too large")
		}
		n = n*10 + uint64(c-'0')
		s.pos++
	}
	if s.pos < len(s.data) && (s.data[s.pos] == '.' || s.data[s.pos]|0x20 == 'e') {
		s.pos = start
		return 0, s.errorf("a fraction where a whole number was expected")
	}
	if s.data[start] == '0' && s.pos > start+1 {
		s.pos = start
		return 0, s.errorf("number with a leading zero")
	}
	return n, nil
}

// literal reads true, false or null.
func (s *scanner) literal() (string, error) {
	s.peek()
	for _, lit := range []string{"true", "false", "null"} {
		if len(s.data)-s.pos >= len(lit) && string(s.data[s.pos:s.pos+len(lit)]) == lit {
			s.pos += len(lit)
			return lit, nil
		}
	}
	return "", s.want("a value")
}

// null reads null if it comes next and reports whether it did.
func (s *scanner) null() bool {
	if s.peek() != 'n' {
		return false
	}
	_, err := s.literal()
	return err == nil
}

// boolean reads true, false or, where HF takes it as absent, null.
func (s *scanner) boolean() (bool, error) {
	if c := s.peek(); c != 't' && c != 'f' {
		return false, s.want("true or false")
	}
	lit, err := s.literal()
	return lit == "true", err
}

// skip reads any value and forgets it.
func (s *scanner) skip() error {
	switch c := s.peek(); {
	case c == '{':
		return s.object(func([]byte) error { return s.skip() })
	case c == '[':
		return s.array(func(int) error { return s.skip() })
	case c == '"':
		_, err := s.str()
		return err
	case c == '-' || '0' <= c && c <= '9':
		_, err := s.float()
		return err
	default:
		_, err := s.literal()
		return err
	}
}

var errRange = errors.New("number out of range")

// float reads a number as serde_json does, the JSON reader of HF tokenizers:
// up to twenty digits as an integer, which then is multiplied or divided by a
// power of ten. That rounds twice, and the result is often one unit in the
// last place off the nearest float64, which is what strconv gives. The scores
// of a Unigram model are sums of these numbers, so they must be the same ones.
func (s *scanner) float() (float64, error) {
	s.peek()
	start := s.pos
	digits := func() (n int) {
		for s.pos < len(s.data) && '0' <= s.data[s.pos] && s.data[s.pos] <= '9' {
			s.pos++
			n++
		}
		return n
	}
	negative := false
	if s.pos < len(s.data) && s.data[s.pos] == '-' {
		negative = true
		s.pos++
	}
	var mantissa uint64
	exponent, full := 0, false
	// take adds the digits from..s.pos to the mantissa, as long as they fit.
	// scale is what a digit that is taken, and one that is not, does to the
	// exponent.
	take := func(from, taken, left int) {
		for _, c := range s.data[from:s.pos] {
			d := uint64(c - '0')
			if !full && (mantissa > math.MaxUint64/10 || mantissa == math.MaxUint64/10 && d > math.MaxUint64%10) {
				full = true
			}
			if full {
				exponent += left
			} else {
				mantissa = mantissa*10 + d
				exponent += taken
			}
		}
	}
	from := s.pos
	switch n := digits(); {
	case n == 0:
		return 0, s.want("a number")
	case n > 1 && s.data[from] == '0':
		s.pos = start
		return 0, s.errorf("number with a leading zero")
	}
	take(from, 0, 1)
	if s.pos < len(s.data) && s.data[s.pos] == '.' {
		s.pos++
		from = s.pos
		if digits() == 0 {
			return 0, s.want("a digit")
		}
		// serde_json drops the digits of a fraction that follow a mantissa
		// that is full, but goes on trying after an integer part that was.
		full = false
		take(from, -1, 0)
	}
	if s.pos < len(s.data) && s.data[s.pos]|0x20 == 'e' {
		s.pos++
		sign := 1
		if s.pos < len(s.data) && (s.data[s.pos] == '+' || s.data[s.pos] == '-') {
			if s.data[s.pos] == '-' {
				sign = -1
			}
			s.pos++
		}
		from = s.pos
		if digits() == 0 {
			return 0, s.want("a digit")
		}
		e := 0
		for _, c := range s.data[from:s.pos] {
			e = min(e*10+int(c-'0'), 1<<20)
		}
		exponent += sign * e
	}
	f := float64(mantissa)
	for f != 0 && exponent < -308 {
		f /= 1e308
		exponent += 308
	}
	switch {
	case f == 0 || exponent == 0:
	case exponent < 0:
		f /= pow10(-exponent)
	case exponent > 308:
		s.pos = start
		return 0, s.errorf("%w", errRange)
	default:
		if f *= pow10(exponent); math.IsInf(f, 0) {
			s.pos = start
			return 0, s.errorf("%w", errRange)
		}
	}
	if negative {
		f = -f
	}
	return f, nil
}

// pow10 returns the float64 nearest to 10^n, 0 <= n <= 308. (math.Pow10 is a
// product of two such and may be off for large n.)
func pow10(n int) float64 {
	if n < 32 {
		return math.Pow10(n)
	}
	f, _ := strconv.ParseFloat("1e"+strconv.Itoa(n), 64)
	return f
}

// A node is a JSON value as a tree, for the parts that are small.
type node struct {
	kind   byte // '{', '[', '"', '0', 't', 'f', 'n'
	text   string
	number float64
	keys   []string
	elems  []node // elements of an array, values of an object
}

// maxNodes bounds a tree: it takes many times the memory of its text.
const maxNodes = 1 << 12

// tree reads a value.
func (s *scanner) tree() (node, error) {
	left := maxNodes
	return s.subtree(&left)
}

func (s *scanner) subtree(left *int) (n node, err error) {
	if *left--; *left < 0 {
		return n, s.errorf("more than %d values", maxNodes)
	}
	c := s.peek()
	switch {
	case c == '{':
		n.kind = c
		err = s.object(func(key []byte) error {
			k := string(key)
			for _, other := range n.keys {
				if other == k {
					return s.errorf("key %q stands twice", k)
				}
			}
			if len(n.keys) >= 256 {
				return s.errorf("object of more than 256 keys")
			}
			v, err := s.subtree(left)
			n.keys = append(n.keys, k)
			n.elems = append(n.elems, v)
			return err
		})
	case c == '[':
		n.kind = c
		err = s.array(func(int) error {
			v, err := s.subtree(left)
			n.elems = append(n.elems, v)
			return err
		})
	case c == '"':
		n.kind = c
		var b []byte
		b, err = s.str()
		n.text = string(b)
	case c == '-' || '0' <= c && c <= '9':
		n.kind = '0'
		n.number, err = s.float()
	default:
		n.text, err = s.literal()
		if err == nil {
			n.kind = n.text[0]
		}
	}
	return n, err
}

// get returns the value of a key, a null if there is none.
func (n *node) get(key string) *node {
	for i, k := range n.keys {
		if k == key {
			return &n.elems[i]
		}
	}
	return &node{kind: 'n'}
}

// describe names a value for a message.
func (n *node) describe() string {
	switch n.kind {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return clip([]byte(n.text))
	case '0':
		return strconv.FormatFloat(n.number, 'g', -1, 64)
	case 'n':
		return "nothing"
	}
	return n.text
}

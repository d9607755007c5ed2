package normalize

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A charsmap is SentencePiece's precompiled_charsmap: rules from string to
// string, the left sides in a trie. The blob is
//
//	length of the trie in bytes (little endian uint32), trie, results
//
// where the results stand one after another, each ended by NUL, and the trie
// is a double array as the library Darts-clone writes it: units of 32 bits,
//
//	bits 0-7 label, bit 8 has a value, bit 9 offset is in units of 256,
//	bits 10-30 offset; bit 31: the unit holds a value in bits 0-30
//
// From a node at n with base b = n XOR offset, the byte c leads to b XOR c if
// the label there is c; the value is at b itself.
type charsmap struct {
	units   []uint32
	results string // of all rules
	root    uint32 // base of the root
}

const (
	unitValue = 1 << 8
	unitLeaf  = 1 << 31
)

func unitOffset(u uint32) uint32 { return u >> 10 << (u & (1 << 9) >> 6) }

// newCharsmap reads a blob and checks all of it that a text can reach: every
// step stays within the trie and goes forward, every value leads to a result.
func newCharsmap(blob []byte) (*charsmap, error) {
	if len(blob) < 4 {
		return nil, fmt.Errorf("charsmap: %d bytes, want at least 4", len(blob))
	}
	size := binary.LittleEndian.Uint32(blob)
	body := blob[4:]
	if size%4 != 0 || size == 0 || uint64(size) > uint64(len(body)) {
		return nil, fmt.Errorf("charsmap: the trie has %d bytes by its header, which is not a multiple of 4 within the %d that follow", size, len(body))
	}
	m := &charsmap{units: make([]uint32, size/4), results: string(body[size:])}
	for i := range m.units {
		m.units[i] = binary.LittleEndian.Uint32(body[4*i:])
	}
	if !utf8.ValidString(m.results) {
		return nil, errors.New("charsmap: the results are not valid UTF-8")
	}
	m.root = unitOffset(m.units[0])
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("charsmap: %w", err)
	}
	return m, nil
}

// check walks the trie. Nodes may be shared, so it is a graph; a cycle would
// make keys without end.
func (m *charsmap) check() error {
	const (
		unseen = iota
		open   // on the way from the root
		done
	)
	type visit struct {
		node uint32
		base uint32
		next int // byte to try next
	}
	state := make([]uint8, len(m.units))
	var path []visit
	enter := func(node uint32) error {
		base := node ^ unitOffset(m.units[node])
		if uint64(base|0xFF) >= uint64(len(m.units)) {
			return fmt.Errorf("unit %d leads beyond the trie's %d", node, len(m.units))
		}
		if m.units[node]&unitValue != 0 {
			v := m.units[base] &^ unitLeaf
			if m.units[base]&unitLeaf == 0 || uint64(v) > uint64(len(m.results)) {
				return fmt.Errorf("unit %d has no result", node)
			}
			if v < uint32(len(m.results)) && !utf8.RuneStart(m.results[v]) {
				return fmt.Errorf("unit %d has a result that begins inside a character", node)
			}
		}
		state[node] = open
		path = append(path, visit{node: node, base: base})
		return nil
	}
	if err := enter(0); err != nil {
		return err
	}
	for len(path) > 0 {
		v := &path[len(path)-1]
		if v.next == 256 {
			state[v.node] = done
			path = path[:len(path)-1]
			continue
		}
		child := v.base ^ uint32(v.next)
		c := v.next
		v.next++
		if m.units[child]&(unitLeaf|0xFF) != uint32(c) {
			continue
		}
		switch state[child] {
		case open:
			return fmt.Errorf("unit %d leads back to unit %d", v.node, child)
		case unseen:
			if err := enter(child); err != nil {
				return err
			}
		}
	}
	return nil
}

// step goes from a node's base along c: the base of the next node, and its
// result if it ends a rule, else -1.
func (m *charsmap) step(base uint32, c byte) (next uint32, result int, ok bool) {
	child := base ^ uint32(c)
	u := m.units[child]
	if u&(unitLeaf|0xFF) != uint32(c) {
		return 0, -1, false
	}
	next = child ^ unitOffset(u)
	if u&unitValue == 0 {
		return next, -1, true
	}
	return next, int(m.units[next] &^ unitLeaf), true
}

// longest returns the result of the longest rule whose left side begins text,
// and that side's length, 0 if there is none.
func (m *charsmap) longest(text string) (result string, n int) {
	base, found := m.root, -1
	for i := range len(text) {
		next, r, ok := m.step(base, text[i])
		if !ok {
			break
		}
		if r >= 0 {
			found, n = r, i+1
		}
		base = next
	}
	if n == 0 {
		return "", 0
	}
	return m.result(found), n
}

// shortest returns the result of the shortest rule whose left side begins
// text.
func (m *charsmap) shortest(text string) (result string, ok bool) {
	base := m.root
	for i := range len(text) {
		if text[i] == 0 {
			return "", false
		}
		next, r, ok := m.step(base, text[i])
		if !ok {
			return "", false
		}
		if r >= 0 {
			return m.result(r), true
		}
		base = next
	}
	return "", false
}

// asciiFollows reports whether a rule begins with text and goes on with an
// ASCII byte.
func (m *charsmap) asciiFollows(text string) bool {
	base := m.root
	for i := range len(text) {
		next, _, ok := m.step(base, text[i])
		if !ok {
			return false
		}
		base = next
	}
	for c := range byte(utf8.RuneSelf) {
		if _, _, ok := m.step(base, c); ok {
			return true
		}
	}
	return false
}

func (m *charsmap) result(at int) string {
	s := m.results[at:]
	if i := strings.IndexByte(s, 0); i >= 0 {
		return s[:i]
	}
	return s
}

// mayStart calls f for each code point that a rule's left side may begin
// with: all of its bytes lead on, or some end a rule.
func (m *charsmap) mayStart(f func(r rune)) {
	all := func(lo, hi rune) {
		for r := lo; r <= hi; r++ {
			if utf8.ValidRune(r) {
				f(r)
			}
		}
	}
	// walk has followed n bytes of a character that has size; r holds the bits
	// so far.
	var walk func(base uint32, r rune, n, size int)
	walk = func(base uint32, r rune, n, size int) {
		if n == size {
			if utf8.ValidRune(r) && utf8.RuneLen(r) == size {
				f(r)
			}
			return
		}
		for c := 0x80; c < 0xC0; c++ {
			next, result, ok := m.step(base, byte(c))
			if !ok {
				continue
			}
			q := r<<6 | rune(c&0x3F)
			if left := 6 * (size - n - 1); result >= 0 && left > 0 {
				all(q<<left, q<<left|(1<<left-1))
				continue
			}
			walk(next, q, n+1, size)
		}
	}
	for c := range 256 {
		next, result, ok := m.step(m.root, byte(c))
		if !ok {
			continue
		}
		size, r := 1, rune(c)
		switch {
		case c >= 0xF0 && c < 0xF8:
			size, r = 4, rune(c&7)
		case c >= 0xE0 && c < 0xF0:
			size, r = 3, rune(c&0xF)
		case c >= 0xC0 && c < 0xE0:
			size, r = 2, rune(c&0x1F)
		case c >= 0x80:
			continue
		}
		if left := 6 * (size - 1); result >= 0 && left > 0 {
			all(r<<left, r<<left|(1<<left-1))
			continue
		}
		walk(next, r, 1, size)
	}
}

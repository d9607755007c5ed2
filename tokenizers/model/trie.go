package model

// trie maps strings to numbers and finds those that a text begins with. It is
// a byte trie whose edges lie in one open-addressed table: (node, byte) → node.
type trie struct {
	edges map[uint64]uint32
	value []uint32 // by node: value+1, 0 if no string ends there
	// first tells by first byte whether any string begins so.
	first [256]bool
}

func newTrie() *trie { return &trie{edges: make(map[uint64]uint32), value: []uint32{0}} }

// put adds a string. Of equal strings the first stays.
func (t *trie) put(s []byte, v uint32) {
	if len(s) == 0 {
		return
	}
	t.first[s[0]] = true
	node := uint32(0)
	for _, c := range s {
		k := uint64(node)<<8 | uint64(c)
		next, ok := t.edges[k]
		if !ok {
			next = uint32(len(t.value))
			t.value = append(t.value, 0)
			t.edges[k] = next
		}
		node = next
	}
	if t.value[node] == 0 {
		t.value[node] = v + 1
	}
}

// longest returns the value and the length of the longest string that s begins
// with; length 0 if there is none.
func (t *trie) longest(s string) (v uint32, n int) {
	if s == "" || !t.first[s[0]] {
		return 0, 0
	}
	node := uint32(0)
	for i := range len(s) {
		next, ok := t.edges[uint64(node)<<8|uint64(s[i])]
		if !ok {
			break
		}
		node = next
		if x := t.value[node]; x != 0 {
			v, n = x-1, i+1
		}
	}
	return v, n
}

//go:build !amd64 || noasm

package trie

// skip returns a place from pos on before which no string of the set stands.
func (f *Finder) skip(text string, pos int) int { return pos }

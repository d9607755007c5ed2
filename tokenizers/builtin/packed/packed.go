// Package packed is the compact form of a [vocab.Definition]: one file, small
// enough to be built into a program and read in milliseconds.
//
// Think of a vocabulary as a family tree. Nearly every token is two others
// joined, so its bytes need not be stored, only its parents: the few that have
// none (bytes, characters, odd strings) are spelled out, and all others follow
// from them. In a merge list made from ranks the parents are the merges too, so
// that one pair of numbers a token is the whole model.
//
// # The file
//
//	"bmvocab" and the version, one byte
//	eleven sections, each: method (0 as it is, 1 zstd), size, packed size, data
//	CRC-32C of all before, four bytes, little-endian
//
// Sizes and numbers are those of [encoding/binary] (uvarint). The sections:
//
//	meta       all of the definition that is not by token, field by field
//	runs       lengths of runs of ids, by turns of roots and of joined tokens
//	lengths    the length of each root
//	roots      the bytes of the roots
//	left       of each joined token the class of its left part, one byte
//	leftBits   and the bits that the class leaves open
//	right      the same for its right part
//	rightBits
//	merges     what a merge list has beyond the parents
//	types      a byte by token
//	scores     float32 or float64 by token
//
// A part is named by its place in the order in which tokens can be spelled:
// roots by id, then joined tokens by id. So a token's parts always stand before
// it. Places follow a power law, and a place x is written as its three highest
// bits and their position (the class, which zstd then packs) and the other bits
// as they are: 694 kB for the 200,000 tokens of o200k_base, where the text of
// the tokens alone takes zstd 750 kB without their lengths and merges.
package packed

import (
	"errors"
	"fmt"
	"hash/crc32"
	"math/bits"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

const magic = "bmvocab\x01"

// The sections, in the order of the file.
const (
	secMeta = iota
	secRuns
	secLengths
	secRoots
	secLeft
	secLeftBits
	secRight
	secRightBits
	secMerges
	secTypes
	secScores
	sections
)

// Limits on what is read: several times the largest vocabulary that is
// published. They bound the memory that a file can ask for.
const (
	maxTokens  = 1 << 20
	maxToken   = 1 << 16 // bytes of a token
	maxArena   = 1 << 26 // bytes of all tokens
	maxMerges  = 1 << 22
	maxSteps   = 1 << 10 // normalisers, splitters
	maxSection = 1 << 25 // bytes of all sections together
)

// What the merge list is.
const (
	mergesNone  = iota // nil
	mergesPairs        // the parents of each joined token, by id
	mergesList         // as section merges says
)

const (
	raw        = 0
	compressed = 1
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// mantissa is the number of bits below the highest one that belong to a class.
const mantissa = 2

// classOf returns the class of x and how many low bits of x it leaves open.
func classOf(x uint32) (class uint8, open int) {
	open = bits.Len32(x) - 1 - mantissa
	if open <= 0 {
		return uint8(x), 0
	}
	return uint8(open<<mantissa) + uint8(x>>open), open
}

// maxClass is the highest class of a place below maxTokens.
const maxClass = (20-1-mantissa)<<mantissa + 1<<(mantissa+1) - 1

// ofClass returns the lowest value of a class and the number of its open bits.
func ofClass(class uint8) (base uint32, open uint) {
	if class < 1<<(mantissa+1) {
		return uint32(class), 0
	}
	open = uint(class)>>mantissa - 1
	return (1<<mantissa | uint32(class)&(1<<mantissa-1)) << open, open
}

var errCorrupt = errors.New("corrupt")

// A corruption is an error at a place in the file.
func corrupt(format string, args ...any) error {
	return fmt.Errorf("packed: "+format+": %w", append(args, errCorrupt)...)
}

// joined are the parents of a token.
type joined = vocab.Merge

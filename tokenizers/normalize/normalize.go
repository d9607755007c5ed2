// Package normalize does to a text what a tokenizer does before it cuts it:
// Unicode normal forms, lower case, dropped accents, replaced strings, and
// SentencePiece's character maps.
//
// Think of a [Chain] as the compiled form of [vocab.Definition.Normalizers]:
// it turns one text into another and keeps nothing of it. The order of steps
// and every quirk are the reference's, which is Hugging Face tokenizers
// 0.23.3 for all steps but [vocab.SentencePiece], where it is Google's
// SentencePiece 0.2.3; so a chain is no general normaliser. The two references
// use different Unicode versions for different steps (see the constants below
// and package ucd), whatever [vocab.Definition.Unicode] says of the rest.
//
// Most text needs no change. [Chain.Unchanged] says so quickly, and callers
// that ask it first save a copy.
package normalize

import (
	"fmt"
	"sync"
	"unsafe"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// The Unicode versions of Hugging Face tokenizers 0.23.3, by step, found with
// scripts/unicode/references.py.
const (
	formVersion    = "9.0.0"  // NFC, NFD, NFKC, NFKD, StripAccents
	bertVersion    = "8.0.0"  // categories in BertNormalizer
	lowerVersion   = "17.0.0" // lower case
	clusterVersion = "17.0.0" // grapheme clusters in Precompiled; package graphemes has the same
)

// A Chain is a list of normalisers, ready to run. It is immutable and safe
// for concurrent use.
type Chain struct {
	steps []step
	pool  sync.Pool // of *scratch
}

// A step is one normaliser.
type step interface {
	// unchanged reports whether append would copy text as it is. It may say
	// no when it does not know.
	unchanged(text string) bool
	append(dst []byte, text string, s *scratch) []byte
}

// scratch is the memory that a running chain needs beside its result.
type scratch struct {
	a, b  []byte // results between steps
	runes []rune
	marks []mark
}

// New compiles the normalisers of def. Its error names the one that is not
// supported or not right.
func New(def *vocab.Definition) (*Chain, error) {
	c := &Chain{pool: sync.Pool{New: func() any { return new(scratch) }}}
	for i := range def.Normalizers {
		n := &def.Normalizers[i]
		steps, err := compile(n, def)
		if err != nil {
			return nil, fmt.Errorf("normalize: %s: normalizer %d (%s): %w", def.Name, i, opName(n.Op), err)
		}
		c.steps = append(c.steps, steps...)
	}
	return c, nil
}

// Identity reports whether the chain changes no text at all.
func (c *Chain) Identity() bool { return len(c.steps) == 0 }

// Unchanged reports whether [Chain.Append] would copy text as it is. It may
// say no where the truth is yes, never the other way round.
func (c *Chain) Unchanged(text string) bool {
	for _, s := range c.steps {
		if !s.unchanged(text) {
			return false
		}
	}
	return true
}

// Append appends the normalised text to dst and returns the result. Text
// should be valid UTF-8. Bytes that are not are copied as they are, or become
// U+FFFD in a [vocab.SentencePiece] step.
func (c *Chain) Append(dst []byte, text string) []byte {
	if len(c.steps) == 0 {
		return append(dst, text...)
	}
	s := c.pool.Get().(*scratch)
	cur := text // text, or what is in s.a
	last := len(c.steps) - 1
	for _, st := range c.steps[:last] {
		if st.unchanged(cur) {
			continue
		}
		s.b = st.append(s.b[:0], cur, s)
		s.a, s.b = s.b, s.a
		cur = unsafe.String(unsafe.SliceData(s.a), len(s.a)) // until s.a is written, after the next step
	}
	dst = c.steps[last].append(dst, cur, s)
	c.pool.Put(s)
	return dst
}

// compile makes the steps of one normaliser: none if it does nothing.
func compile(n *vocab.Normalizer, def *vocab.Definition) ([]step, error) {
	switch n.Op {
	case vocab.NFC, vocab.NFD, vocab.NFKC, vocab.NFKD:
		// Rank files are read by the vendors' own code, which normalises by the
		// tables of the language it is written in.
		version := formVersion
		if def.Format == "tiktoken" {
			version = def.Unicode
		}
		if n.Unicode != "" {
			version = n.Unicode
		}
		f, err := normalForm(version, n.Op == vocab.NFKC || n.Op == vocab.NFKD, n.Op == vocab.NFC || n.Op == vocab.NFKC)
		if err != nil {
			return nil, err
		}
		return []step{f}, nil
	case vocab.Lowercase:
		return lowerStep()
	case vocab.StripAccents:
		return stripAccentsStep()
	case vocab.Nmt:
		return []step{nmtStep()}, nil
	case vocab.Bert:
		return bertSteps(n)
	case vocab.Replace:
		return replaceSteps(n)
	case vocab.Prepend, vocab.Append:
		if n.Content == "" {
			return nil, nil
		}
		return []step{affix{content: n.Content, front: n.Op == vocab.Prepend}}, nil
	case vocab.Strip:
		if !n.Left && !n.Right {
			return nil, nil
		}
		return []step{strip{left: n.Left, right: n.Right}}, nil
	case vocab.ByteLevel:
		return []step{byteLevel{}}, nil
	case vocab.Precompiled:
		if len(n.Charsmap) == 0 {
			return nil, nil
		}
		return precompiledSteps(n.Charsmap)
	case vocab.SentencePiece:
		return sentencePieceSteps(n, userDefined(&def.Model))
	}
	return nil, fmt.Errorf("not supported")
}

func opName(op vocab.NormalizerOp) string {
	names := [...]string{
		vocab.NFC: "NFC", vocab.NFD: "NFD", vocab.NFKC: "NFKC", vocab.NFKD: "NFKD", vocab.Lowercase: "Lowercase",
		vocab.StripAccents: "StripAccents", vocab.Nmt: "Nmt", vocab.Replace: "Replace", vocab.Prepend: "Prepend",
		vocab.Append: "Append", vocab.Strip: "Strip", vocab.Precompiled: "Precompiled", vocab.Bert: "Bert",
		vocab.SentencePiece: "SentencePiece", vocab.ByteLevel: "ByteLevel",
	}
	if int(op) < len(names) && names[op] != "" {
		return names[op]
	}
	return fmt.Sprintf("op %d", op)
}

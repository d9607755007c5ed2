package bybook

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"fmt"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

//go:embed testdata/references.jsonl.gz
var references []byte

// A Reference is a small vocabulary made at random and what its reference
// implementation (tiktoken, SentencePiece, HF tokenizers) does with it.
// testdata/references.py made them and tells which versions.
type Reference struct {
	Def   *vocab.Definition
	Cases []Case
}

// A Case is a text and the ids that the reference gives it as one piece.
type Case struct {
	Text string
	IDs  []vocab.ID
}

// References returns the vocabularies.
func References() ([]Reference, error) {
	z, err := gzip.NewReader(bytes.NewReader(references))
	if err != nil {
		return nil, fmt.Errorf("bybook: references: %w", err)
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	var refs []Reference
	for n := 1; lines.Scan(); n++ {
		if n == 1 {
			continue // versions
		}
		var r record
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, fmt.Errorf("bybook: references: line %d: %w", n, err)
		}
		ref, err := r.reference()
		if err != nil {
			return nil, fmt.Errorf("bybook: references: line %d: %w", n, err)
		}
		refs = append(refs, ref)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("bybook: references: %w", err)
	}
	return refs, nil
}

// record is a line of the file. Ids that are missing are -1.
type record struct {
	Name     string
	Kind, By string
	Chars    bool
	Latin1   bool // tokens hold a byte in each code point
	Tokens   []string
	Types    []vocab.Type
	Scores   []float32
	Scores64 []float64
	Merges   [][3]vocab.ID
	Prefix   string
	Suffix   string
	Fuse     bool
	Ignore   bool
	Unknown  int
	Bytes    []int
	Limit    int
	Cases    [][2]json.RawMessage
}

func (r *record) reference() (ref Reference, err error) {
	id := func(n int) vocab.ID {
		if n < 0 {
			return vocab.NoID
		}
		return vocab.ID(n)
	}
	m := vocab.Model{
		Types: r.Types, Scores: r.Scores, Scores64: r.Scores64,
		Chars: r.Chars, IgnoreMerges: r.Ignore, ContinuingPrefix: r.Prefix, EndSuffix: r.Suffix,
		ByteFallback: r.Bytes != nil, Unknown: id(r.Unknown), FuseUnknown: r.Fuse, MaxWordChars: r.Limit,
	}
	var ok bool
	if m.Kind, ok = map[string]vocab.Kind{"bpe": vocab.BPE, "unigram": vocab.Unigram, "wordpiece": vocab.WordPiece}[r.Kind]; !ok {
		return ref, fmt.Errorf("kind %q", r.Kind)
	}
	if m.MergeBy, ok = map[string]vocab.MergeBy{"": 0, "rank": vocab.ByRank, "list": vocab.ByList, "score": vocab.ByScore}[r.By]; !ok {
		return ref, fmt.Errorf("merges by %q", r.By)
	}
	if m.Kind != vocab.BPE {
		m.MergeBy, m.Chars = 0, false
	}
	for _, t := range r.Tokens {
		if r.Latin1 {
			var b []byte
			for _, c := range t {
				b = append(b, byte(c))
			}
			t = string(b)
		}
		m.Tokens.Append(t)
	}
	for _, mg := range r.Merges {
		m.Merges = append(m.Merges, vocab.Merge{Left: mg[0], Right: mg[1], Into: mg[2]})
	}
	for _, b := range r.Bytes {
		m.ByteTokens = append(m.ByteTokens, id(b))
	}
	ref.Def = &vocab.Definition{Name: r.Name, Model: m}
	for _, c := range r.Cases {
		var cs Case
		if err := json.Unmarshal(c[0], &cs.Text); err != nil {
			return ref, err
		}
		if err := json.Unmarshal(c[1], &cs.IDs); err != nil {
			return ref, err
		}
		ref.Cases = append(ref.Cases, cs)
	}
	return ref, nil
}

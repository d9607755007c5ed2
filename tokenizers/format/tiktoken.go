package format

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// TiktokenOptions says how a rank file departs from the usual form.
type TiktokenOptions struct {
	// ByLine takes the number of the line (from 0) as the id and passes over
	// the rank that stands there and over lines whose token came before, as
	// Tencent's tokenization_hy.py does with hy.tiktoken.
	ByLine bool
}

// ReadTiktoken reads a rank file: one line for each token, its bytes in base64
// and its rank, which is its id. Ranks may leave holes (p50k_base has none at
// 50256). Every single byte must be there.
//
// The file says nothing about how a text is split or normalised. If name is
// one that [Splitters] knows, that is filled in; otherwise def.Splitters is
// nil, and without the vendor's own splitters the counts are wrong: the caller
// must set them. Special tokens are not in the file either.
func ReadTiktoken(r io.Reader, name string) (*vocab.Definition, error) {
	return ReadTiktokenWith(r, name, TiktokenOptions{})
}

// ReadTiktokenWith is [ReadTiktoken] with options.
func ReadTiktokenWith(r io.Reader, name string, o TiktokenOptions) (*vocab.Definition, error) {
	def, err := readTiktoken(r, name, o)
	if err != nil {
		return nil, fail("tiktoken", name, err)
	}
	return def, nil
}

func readTiktoken(r io.Reader, name string, o TiktokenOptions) (*vocab.Definition, error) {
	data, err := readAll(r)
	if err != nil {
		return nil, err
	}
	t := newRanks(len(data))
	next := uint64(0)
	err = lines(data, func(n int, line []byte) error {
		token, rank, ok := bytes.Cut(line, []byte(" "))
		if len(line) == 0 {
			return nil
		}
		if !ok {
			return fmt.Errorf("%s: a token in base64, a space and a rank were expected", clip(line))
		}
		id, err := strconv.ParseUint(string(rank), 10, 64)
		if err != nil {
			return fmt.Errorf("rank %s is not a whole number", clip(rank))
		}
		if o.ByLine {
			id = next
		}
		err = t.base64(id, token)
		if o.ByLine && errors.Is(err, errTwice) {
			return nil
		}
		next++
		return err
	})
	if err != nil {
		return nil, err
	}
	def := &vocab.Definition{Name: name, Format: "tiktoken"}
	if recipe, ok := lookup(name); ok {
		recipe.apply(def)
	}
	return def, t.finish(def)
}

// ReadTiktokenJSON reads the JSON form of a rank file, which carries the split
// pattern and the special tokens: Anthropic's claude.json, and the files of
// the npm package js-tiktoken. In it bpe_ranks is a text of lines "! 5 IQ==
// Ig== ...": the rank of the first token, then tokens in base64.
//
// If name is one that [Splitters] knows, its normaliser is filled in, since
// that is not in the file (claude2: NFKC, which Anthropic's package applies
// before the encoder).
func ReadTiktokenJSON(r io.Reader, name string) (*vocab.Definition, error) {
	def, err := readTiktokenJSON(r, name)
	if err != nil {
		return nil, fail("tiktoken", name, err)
	}
	return def, nil
}

func readTiktokenJSON(r io.Reader, name string) (*vocab.Definition, error) {
	data, err := readAll(r)
	if err != nil {
		return nil, err
	}
	s, err := newScanner(data)
	if err != nil {
		return nil, err
	}
	def := &vocab.Definition{Name: name, Format: "tiktoken"}
	var t *ranks
	var pattern []byte
	err = s.object(func(key []byte) error {
		switch k := string(key); k {
		case "bpe_ranks":
			if t != nil {
				return s.errorf("bpe_ranks stands twice")
			}
			text, err := s.str()
			if err != nil {
				return err
			}
			t = newRanks(len(text))
			if err := t.blocks(text); err != nil {
				return fmt.Errorf("bpe_ranks: %w", err)
			}
			return nil
		case "pat_str":
			p, err := s.str()
			pattern = bytes.Clone(p)
			return err
		case "special_tokens":
			return s.object(func(key []byte) error {
				text := string(key)
				id, err := s.uint()
				if err != nil {
					return err
				}
				if id >= maxTokens || len(text) > maxToken || len(def.Added) >= maxTokens {
					return s.errorf("special token %s with id %d is over the limits", clip([]byte(text)), id)
				}
				def.Added = append(def.Added, vocab.AddedToken{ID: vocab.ID(id), Text: text, Special: true})
				return nil
			})
		case "explicit_n_vocab":
			return s.skip() // Anthropic's package does not read it, and it is wrong
		default:
			return s.errorf("unknown key %q", k)
		}
	})
	if err == nil {
		err = s.end()
	}
	switch {
	case err != nil:
		return nil, err
	case t == nil:
		return nil, errors.New("bpe_ranks is missing")
	case len(pattern) == 0:
		return nil, errors.New("pat_str is missing")
	}
	if recipe, ok := lookup(name); ok {
		recipe.apply(def)
	}
	def.Splitters = rust(string(pattern))
	return def, t.finish(def)
}

// ranks collects the tokens of a byte-level BPE model by rank.
type ranks struct {
	*table
	buf []byte
}

func newRanks(size int) *ranks {
	return &ranks{table: newTable(size / 16)}
}

// base64 adds a token in base64.
func (t *ranks) base64(id uint64, token []byte) error {
	// The decoder passes over CR and LF; here they would be within a token.
	if bytes.ContainsAny(token, "\r\n") {
		return fmt.Errorf("token %s is not base64", clip(token))
	}
	b, err := base64.StdEncoding.Strict().AppendDecode(t.buf[:0], token)
	if err != nil {
		return fmt.Errorf("token %s is not base64: %w", clip(token), err)
	}
	t.buf = b
	if len(b) == 0 {
		return errors.New("empty token")
	}
	return t.add(id, b)
}

// blocks adds the tokens of bpe_ranks.
func (t *ranks) blocks(text []byte) error {
	return lines(text, func(_ int, line []byte) error {
		if len(line) == 0 {
			return nil
		}
		_, rest, _ := bytes.Cut(line, []byte(" ")) // "!", a mark without meaning
		first, rest, _ := bytes.Cut(rest, []byte(" "))
		id, err := strconv.ParseUint(string(first), 10, 32)
		if err != nil {
			return fmt.Errorf("%s is not the rank of a first token", clip(first))
		}
		for ; len(rest) > 0; id++ {
			var token []byte
			token, rest, _ = bytes.Cut(rest, []byte(" "))
			if err := t.base64(id, token); err != nil {
				return fmt.Errorf("rank %d: %w", id, err)
			}
		}
		return nil
	})
}

// finish makes the model.
func (t *ranks) finish(def *vocab.Definition) error {
	if b := t.missingByte(); b >= 0 {
		return fmt.Errorf("no token for the single byte %#02x", b)
	}
	tokens, err := t.tokens()
	if err != nil {
		return err
	}
	def.Model = vocab.Model{
		Kind:         vocab.BPE,
		Tokens:       tokens,
		MergeBy:      vocab.ByRank,
		IgnoreMerges: true,
		Unknown:      vocab.NoID,
	}
	return nil
}

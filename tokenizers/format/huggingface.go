package format

import (
	"errors"
	"fmt"
	"io"

	"github.com/babelmeter/babelmeter/tokenizers/internal/bytealphabet"
	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// ReadHuggingFace reads a tokenizer.json as the Rust library Hugging Face
// tokenizers does. BPE, Unigram and WordPiece models are read, WordLevel is
// refused.
//
// Tokens of a byte-level model (one with the pre-tokenizer ByteLevel) are
// turned from GPT-2's printable alphabet into the bytes they stand for. Such a
// file may hold tokens with other characters, which no text can reach: special
// tokens, or whole emoji in Cohere's files. They become holes; those that are
// added tokens are in def.Added.
//
// The ids of added tokens are those that the library gives (the id of the
// same string in the model, else the next free one), whatever id stands in the
// file.
func ReadHuggingFace(r io.Reader, name string) (*vocab.Definition, error) {
	def, err := readHuggingFace(r, name)
	if err != nil {
		return nil, fail("huggingface", name, err)
	}
	return def, nil
}

// hfIgnored are the parts of a tokenizer.json that do nothing to a text that is
// encoded whole and alone: how a batch is cut and filled, and what is put
// around the ids.
var hfIgnored = map[string]bool{
	"truncation": true, "padding": true, "post_processor": true,
}

// hfFieldsIgnored are the fields of components that do nothing to the tokens:
// trim_offsets is about offsets, str_rep is an old copy of replacement,
// cleanup rubs out spaces in decoded text, cache_capacity is about speed.
var hfFieldsIgnored = map[string]bool{
	"trim_offsets": true, "str_rep": true, "cleanup": true, "cache_capacity": true,
}

func readHuggingFace(r io.Reader, name string) (*vocab.Definition, error) {
	data, err := readAll(r)
	if err != nil {
		return nil, err
	}
	return parseHuggingFace(data, name)
}

// hfParts tells where the parts of the file begin, 0 if they are missing. They
// depend on each other in an order that the file need not keep.
type hfParts struct {
	added, normalizer, preTokenizer, decoder, model int
	vocab, merges                                   int        // in model
	options                                         []hfOption // the rest of model
}

// hfOption is a field of the model other than its lists.
type hfOption struct {
	key   string
	value node
}

func parseHuggingFace(data []byte, name string) (*vocab.Definition, error) {
	s, err := newScanner(data)
	if err != nil {
		return nil, err
	}
	h := &hfReader{scanner: s, def: &vocab.Definition{Name: name, Format: "huggingface"}}
	if err := h.split(); err != nil {
		return nil, err
	}
	if h.parts.model == 0 {
		return nil, errors.New("model is missing")
	}
	for _, step := range []struct {
		at int
		f  func() error
	}{
		{h.parts.normalizer, h.readNormalizer},
		{h.parts.preTokenizer, h.readPreTokenizer},
		{h.parts.decoder, h.readDecoder},
		{h.parts.model, h.readModel},
		{h.parts.added, h.readAdded}, // needs the ids of the model
	} {
		if step.at == 0 {
			continue
		}
		s.pos, s.depth = step.at, 0
		if err := step.f(); err != nil {
			return nil, err
		}
	}
	return h.def, nil
}

type hfReader struct {
	*scanner
	def   *vocab.Definition
	parts hfParts
	// byteLevel: the model sees bytes in GPT-2's alphabet.
	byteLevel bool
	table     *table
	odd       map[string]vocab.ID // tokens outside the alphabet
	entries   int                 // strings in the model's vocabulary
	buf       []byte
}

// split finds the parts.
func (h *hfReader) split() error {
	once := func(at *int, path string) error {
		if *at != 0 {
			return h.errorf("%s stands twice", path)
		}
		h.peek()
		*at = h.pos
		return h.skip()
	}
	err := h.object(func(key []byte) error {
		switch k := string(key); {
		case k == "model":
			if h.parts.model != 0 {
				return h.errorf("model stands twice")
			}
			h.peek()
			h.parts.model = h.pos
			return h.object(func(key []byte) error {
				switch k := string(key); k {
				case "vocab":
					return once(&h.parts.vocab, "model.vocab")
				case "merges":
					return once(&h.parts.merges, "model.merges")
				default:
					v, err := h.tree()
					if err != nil {
						return err
					}
					for _, o := range h.parts.options {
						if o.key == k {
							return h.errorf("model.%s stands twice", k)
						}
					}
					if len(h.parts.options) >= maxSteps {
						return h.errorf("more than %d fields in model", maxSteps)
					}
					h.parts.options = append(h.parts.options, hfOption{k, v})
					return nil
				}
			})
		case k == "added_tokens":
			return once(&h.parts.added, k)
		case k == "normalizer":
			return once(&h.parts.normalizer, k)
		case k == "pre_tokenizer":
			return once(&h.parts.preTokenizer, k)
		case k == "decoder":
			return once(&h.parts.decoder, k)
		case k == "version":
			v, err := h.str()
			if err == nil && string(v) != "1.0" {
				err = h.errorf("unsupported version %s", clip(v))
			}
			return err
		case hfIgnored[k]:
			return h.skip()
		default:
			return h.errorf("unknown key %q", k)
		}
	})
	if err == nil {
		err = h.end()
	}
	return err
}

func (h *hfReader) readAdded() error {
	if h.null() {
		return nil
	}
	at := make(map[string]int)
	// The library gives free ids from the number of strings in the model on.
	next := uint64(h.entries)
	err := h.array(func(i int) error {
		token, err := h.addedToken()
		if err != nil {
			return fmt.Errorf("added_tokens[%d]: %w", i, err)
		}
		if token.Text == "" {
			return nil // the library passes over it
		}
		if j, ok := at[token.Text]; ok { // the last one stands, but special remains special
			token.ID = h.def.Added[j].ID
			token.Special = token.Special || h.def.Added[j].Special
			h.def.Added[j] = token
			return nil
		}
		id, ok := h.modelID([]byte(token.Text))
		if !ok {
			if next >= maxTokens {
				return h.errorf("added_tokens[%d]: more than %d tokens", i, maxTokens)
			}
			id = vocab.ID(next)
			next++
		}
		token.ID = id
		at[token.Text] = len(h.def.Added)
		h.def.Added = append(h.def.Added, token)
		return nil
	})
	return err
}

func (h *hfReader) addedToken() (token vocab.AddedToken, err error) {
	const content, id, special, normalized, lstrip, rstrip, singleWord = 1, 2, 4, 8, 16, 32, 64
	const all = 127
	seen := 0
	err = h.object(func(key []byte) (err error) {
		field := 0
		switch k := string(key); k {
		case "content":
			field = content
			var b []byte
			if b, err = h.str(); len(b) > maxToken {
				return h.errorf("token of %d bytes, the limit is %d", len(b), maxToken)
			}
			token.Text = string(b)
		case "id":
			field = id
			_, err = h.uint()
		case "special":
			field = special
			token.Special, err = h.boolean()
		case "normalized":
			field = normalized
			token.Normalized, err = h.boolean()
		case "lstrip":
			field = lstrip
			token.LStrip, err = h.boolean()
		case "rstrip":
			field = rstrip
			token.RStrip, err = h.boolean()
		case "single_word":
			field = singleWord
			token.SingleWord, err = h.boolean()
		default:
			return h.errorf("unsupported field %q", k)
		}
		seen |= field
		return err
	})
	if err == nil && seen != all {
		err = h.errorf("not all of id, content, single_word, lstrip, rstrip, normalized, special are there")
	}
	return token, err
}

// modelID finds the id of a string in the model's vocabulary, as the file
// spells it.
func (h *hfReader) modelID(text []byte) (vocab.ID, bool) {
	if !h.byteLevel {
		return h.table.find(text)
	}
	if id, ok := h.odd[string(text)]; ok {
		return id, true
	}
	b, ok := bytealphabet.AppendBytes(h.buf[:0], text)
	h.buf = b
	if !ok {
		return vocab.NoID, false
	}
	return h.table.find(b)
}

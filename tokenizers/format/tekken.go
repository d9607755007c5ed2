package format

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// ReadTekken reads Mistral's tekken.json as mistral-common does: ranks with
// their bytes in base64, of which only the first default_vocab_size -
// default_num_special_tokens are used, the split pattern, the special tokens.
// An id is a rank plus the number of special tokens, which have the ids below
// and are holes in the token list.
func ReadTekken(r io.Reader, name string) (*vocab.Definition, error) {
	def, err := readTekken(r, name)
	if err != nil {
		return nil, fail("tekken", name, err)
	}
	return def, nil
}

// tekkenIgnored are the parts of a tekken.json that do nothing to a text.
var tekkenIgnored = map[string]bool{
	"version": true, "type": true, "image": true, "audio": true, "multimodal": true, "model_settings_builder": true,
}

// tekkenSpecials are the special tokens of a file without a list of them,
// which mistral-common allows up to version v7.
var tekkenSpecials = []string{
	"<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]",
	"[TOOL_RESULTS]", "[/TOOL_RESULTS]", "[TOOL_CALLS]", "[IMG]", "<pad>", "[IMG_BREAK]", "[IMG_END]",
	"[PREFIX]", "[MIDDLE]", "[SUFFIX]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "[TOOL_CONTENT]",
}

// maxFillers is the largest number of special tokens: those that the file does
// not list are made up, so the file's size does not bound them. Mistral has
// 1,000.
const maxFillers = 1 << 16

type tekkenConfig struct {
	pattern, version        string
	ranks, size, specials   uint64
	hasSize, hasSpecialSize bool
}

func readTekken(r io.Reader, name string) (*vocab.Definition, error) {
	data, err := readAll(r)
	if err != nil {
		return nil, err
	}
	s, err := newScanner(data)
	if err != nil {
		return nil, err
	}
	var config *tekkenConfig
	var specials []string
	hasSpecials := false
	vocabAt := -1
	err = s.object(func(key []byte) (err error) {
		switch k := string(key); {
		case k == "config" && config == nil:
			config, err = readTekkenConfig(s)
		case k == "vocab" && vocabAt < 0:
			// How many of them count stands in config, which may come later.
			s.peek()
			vocabAt = s.pos
			err = s.skip()
		case k == "special_tokens" && !hasSpecials:
			if hasSpecials = !s.null(); hasSpecials {
				specials, err = readTekkenSpecials(s)
			}
		case tekkenIgnored[k]:
			err = s.skip()
		default:
			err = s.errorf("unknown or repeated key %q", k)
		}
		return err
	})
	if err == nil {
		err = s.end()
	}
	switch {
	case err != nil:
		return nil, err
	case config == nil:
		return nil, errors.New("config is missing")
	case vocabAt < 0:
		return nil, errors.New("vocab is missing")
	case config.pattern == "":
		return nil, errors.New("config.pattern is missing")
	case !config.hasSize || !config.hasSpecialSize:
		return nil, errors.New("config.default_vocab_size or config.default_num_special_tokens is missing")
	case config.size > maxTokens || config.specials > config.size || config.specials > maxFillers:
		return nil, fmt.Errorf("config: %d tokens with %d special ones among them", config.size, config.specials)
	}
	if !hasSpecials {
		switch config.version {
		case "v1", "v2", "v3", "v7":
			specials = tekkenSpecials
		default:
			return nil, fmt.Errorf("special_tokens is missing, which only versions to v7 may leave out, not %q", config.version)
		}
	}
	if uint64(len(specials)) > config.specials {
		return nil, fmt.Errorf("special_tokens: %d of them, config.default_num_special_tokens is %d", len(specials), config.specials)
	}

	def := &vocab.Definition{Name: name, Format: "tekken", Splitters: rust(config.pattern)}
	seen := make(map[string]bool, len(specials))
	t := &ranks{table: newTable(min(int(config.size), len(data)/40))}
	for id := range config.specials {
		text := fmt.Sprintf("<SPECIAL_%d>", id) // the filler's name
		if id < uint64(len(specials)) {
			text = specials[id]
		}
		if seen[text] {
			return nil, fmt.Errorf("special_tokens: %q stands twice", text)
		}
		seen[text] = true
		def.Added = append(def.Added, vocab.AddedToken{ID: vocab.ID(id), Text: text, Special: true})
		if err := t.add(id, nil); err != nil {
			return nil, err
		}
	}
	used := config.size - config.specials
	s.pos, s.depth = vocabAt, 0
	n := uint64(0)
	err = s.array(func(int) error {
		defer func() { n++ }()
		if n >= used {
			return s.skip()
		}
		return readTekkenToken(s, t, n, config.specials)
	})
	if err == nil && n < used {
		err = fmt.Errorf("vocab has %d tokens, config asks for %d", n, used)
	}
	if err != nil {
		return nil, err
	}
	return def, t.finish(def)
}

func readTekkenConfig(s *scanner) (*tekkenConfig, error) {
	c := new(tekkenConfig)
	err := s.object(func(key []byte) (err error) {
		var b []byte
		switch k := string(key); k {
		case "pattern":
			b, err = s.str()
			c.pattern = string(b)
		case "version":
			b, err = s.str()
			c.version = string(b)
		case "num_vocab_tokens":
			c.ranks, err = s.uint()
		case "default_vocab_size":
			c.size, err = s.uint()
			c.hasSize = true
		case "default_num_special_tokens":
			c.specials, err = s.uint()
			c.hasSpecialSize = true
		default:
			err = s.errorf("unknown key config.%s", k)
		}
		return err
	})
	return c, err
}

func readTekkenSpecials(s *scanner) (specials []string, err error) {
	err = s.array(func(i int) error {
		if i >= maxTokens {
			return s.errorf("more than %d special tokens", maxTokens)
		}
		var text string
		rank := uint64(i)
		err := s.object(func(key []byte) (err error) {
			switch k := string(key); k {
			case "rank":
				rank, err = s.uint()
			case "token_str":
				var b []byte
				b, err = s.str()
				text = string(b)
			case "is_control": // all special tokens are kept out of text alike
				err = s.skip()
			default:
				err = s.errorf("unknown key %q", k)
			}
			return err
		})
		switch {
		case err != nil:
		case rank != uint64(i):
			err = s.errorf("special_tokens[%d] has rank %d", i, rank)
		case text == "" || len(text) > maxToken:
			err = s.errorf("special_tokens[%d] has a token_str of %d bytes", i, len(text))
		}
		specials = append(specials, text)
		return err
	})
	return specials, err
}

func readTekkenToken(s *scanner, t *ranks, n, first uint64) error {
	hasRank, hasBytes := false, false
	err := s.object(func(key []byte) error {
		switch k := string(key); k {
		case "rank":
			rank, err := s.uint()
			if err == nil && rank != n {
				err = s.errorf("vocab[%d] has rank %d", n, rank)
			}
			hasRank = true
			return err
		case "token_bytes":
			if hasBytes {
				return s.errorf("vocab[%d]: token_bytes stands twice", n)
			}
			b, err := s.str()
			if err != nil {
				return err
			}
			if err := t.base64(first+n, b); err != nil {
				return s.errorf("vocab[%d]: %w", n, err)
			}
			if n < 256 && !bytes.Equal(t.list.At(vocab.ID(t.list.Len()-1)), []byte{byte(n)}) {
				return s.errorf("vocab[%d] is not the single byte %#02x", n, n)
			}
			hasBytes = true
			return nil
		case "token_str": // for the reader's eye; not all tokens have one
			return s.skip()
		default:
			return s.errorf("vocab[%d]: unknown key %q", n, k)
		}
	})
	if err == nil && !(hasRank && hasBytes) {
		err = s.errorf("vocab[%d]: rank or token_bytes is missing", n)
	}
	return err
}

package tokenizers

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/babelmeter/babelmeter/tokenizers/format"
	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// Native is the engine of this module. Its zero value is ready.
type Native struct{}

// Name returns "native".
func (Native) Name() string { return "native" }

// Version returns the version of the engine, which changes when an id that it
// gives to any text does.
func (Native) Version() string { return "1" }

// Open reads a vocabulary, checks the digest of its files and makes its
// [*Tokenizer].
func (Native) Open(fsys fs.FS, spec *Spec) (Encoder, error) {
	def, err := spec.Read(fsys)
	if err != nil {
		return nil, err
	}
	return New(def)
}

// Read reads the definition of a vocabulary from its files, checks their
// digests, and adds what the manifest knows and the files do not say.
func (s *Spec) Read(fsys fs.FS) (*vocab.Definition, error) {
	if s.Closed() {
		if s.Remote == nil {
			return nil, fmt.Errorf("tokenizers: %s: not published, and no endpoint counts its tokens", s.Name)
		}
		return nil, fmt.Errorf("tokenizers: %s was never published: only its vendor counts its tokens, at %s, which needs %s", s.Name, s.Remote.URL, strings.ReplaceAll(strings.Join(s.Remote.Key, " or "), "+", " and "))
	}
	if len(s.Files) == 0 {
		return nil, fmt.Errorf("tokenizers: %s: the manifest names no file", s.Name)
	}
	def, err := s.definition(fsys)
	if err != nil {
		return nil, err
	}
	def.Unicode = s.Unicode
	// Files of ranks or merges say nothing of what is done before: there the
	// manifest alone rules, whatever the readers know by name.
	if s.Format == "tiktoken" || s.Format == "merges" {
		def.Normalizers, def.Splitters = nil, nil
		if len(s.Split) == 0 && s.Splitter == "" {
			return nil, fmt.Errorf("tokenizers: %s: the manifest has neither split nor splitter, and a file of format %s does not say how text is split", s.Name, s.Format)
		}
	}
	switch {
	case s.Splitter != "":
		var ok bool
		if def.Splitters, ok = format.Splitters(s.Splitter); !ok {
			return nil, fmt.Errorf("tokenizers: %s: splitter %q: expected one that package format knows", s.Name, s.Splitter)
		}
	case len(s.Split) > 0:
		def.Splitters = nil
		for _, p := range s.Split {
			def.Splitters = append(def.Splitters, vocab.Splitter{Op: vocab.SplitRegexp, Pattern: p, Behavior: vocab.Isolated})
		}
	}
	switch s.Normalize {
	case "":
	case "nfc":
		def.Normalizers = []vocab.Normalizer{{Op: vocab.NFC, Unicode: s.NormalizeUnicode}}
	case "nfkc":
		def.Normalizers = []vocab.Normalizer{{Op: vocab.NFKC, Unicode: s.NormalizeUnicode}}
	case "bert_cased", "bert_uncased":
		if s.Format == "wordpiece" {
			break // done by its reader
		}
		fallthrough
	default:
		return nil, fmt.Errorf("tokenizers: %s: normalize %q: expected nfc or nfkc, or bert_cased or bert_uncased for vocab.txt", s.Name, s.Normalize)
	}
	return def, nil
}

// A Definer is a file system that also has vocabularies ready made: the one
// that holds the built-in tables. A name that it lacks is fs.ErrNotExist.
type Definer interface {
	fs.FS
	Definition(name string) (*vocab.Definition, error)
}

// definition reads what the files of the vocabulary say, or takes it ready
// made.
func (s *Spec) definition(fsys fs.FS) (*vocab.Definition, error) {
	if d, ok := fsys.(Definer); ok {
		def, err := d.Definition(s.Name)
		if !errors.Is(err, fs.ErrNotExist) {
			return def, err
		}
	}
	data := make([][]byte, len(s.Files))
	for i := range s.Files {
		var err error
		if data[i], err = s.ReadFile(fsys, i); err != nil {
			return nil, err
		}
	}
	var def *vocab.Definition
	var err error
	r := bytes.NewReader(data[0])
	switch s.Format {
	case "tiktoken":
		if bytes.HasPrefix(bytes.TrimLeft(data[0], " \t\r\n"), []byte("{")) {
			def, err = format.ReadTiktokenJSON(r, s.Name)
		} else {
			def, err = format.ReadTiktoken(r, s.Name)
		}
	case "huggingface":
		def, err = format.ReadHuggingFace(r, s.Name)
	case "sentencepiece":
		def, err = format.ReadSentencePiece(r, s.Name)
	case "tekken":
		def, err = format.ReadTekken(r, s.Name)
	case "gguf":
		def, err = format.ReadGGUF(r, s.Name)
	case "merges":
		if len(data) == 1 {
			def, err = format.ReadMerges(nil, r, s.Name)
		} else {
			def, err = format.ReadMerges(r, bytes.NewReader(data[1]), s.Name)
		}
	case "wordpiece":
		def, err = format.ReadVocabTxt(r, s.Name, format.BertOptions{Cased: s.Normalize == "bert_cased"})
	default:
		err = fmt.Errorf("tokenizers: %s: format %q is not one that the native engine reads", s.Name, s.Format)
	}
	return def, err
}

package tokenizers

import (
	"bytes"
	"fmt"
	"io/fs"

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
	default:
		err = fmt.Errorf("tokenizers: %s: format %q is not one that the native engine reads", s.Name, s.Format)
	}
	if err != nil {
		return nil, err
	}
	def.Unicode = s.Unicode
	if len(s.Split) > 0 {
		def.Splitters = nil
		for _, p := range s.Split {
			def.Splitters = append(def.Splitters, vocab.Splitter{Op: vocab.SplitRegexp, Pattern: p, Behavior: vocab.Isolated})
		}
	}
	switch s.Normalize {
	case "":
	case "nfc":
		def.Normalizers = []vocab.Normalizer{{Op: vocab.NFC}}
	case "nfkc":
		def.Normalizers = []vocab.Normalizer{{Op: vocab.NFKC}}
	default:
		return nil, fmt.Errorf("tokenizers: %s: normalize %q: expected nfc or nfkc", s.Name, s.Normalize)
	}
	return def, nil
}

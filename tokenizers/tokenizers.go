// Package tokenizers turns text into the tokens that a model is billed for.
//
// Think of three things. A [Spec] is what is known of one vocabulary: its
// files with digests, its licence, the implementation that is its reference,
// the models that use it and by what evidence. A [Catalog] finds a Spec by the
// name of a vocabulary or of a model. An [Engine] is one implementation that
// opens a Spec's files as an [Encoder]; engines of other projects live in
// engines/ and are imported by programs only.
//
// All text is ordinary text. "<|endoftext|>" is thirteen characters, not a
// control token, and nothing is put before or after a text: a count is that of
// the content and of nothing else. (Added tokens that are not special, such as
// Gemma's runs of spaces, belong to the vocabulary and are found.)
//
// Ill-formed UTF-8 is encoded as if each maximal ill-formed part were U+FFFD,
// which is what a reference behind an interface of strings is given.
package tokenizers

import (
	"io/fs"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// ID is the number of a token in its vocabulary.
type ID = vocab.ID

// An Encoder turns text into token ids. It is safe for concurrent use.
type Encoder interface {
	// AppendEncode appends the ids of text to dst.
	AppendEncode(dst []ID, text string) ([]ID, error)
	// Count returns len(AppendEncode(nil, text)), without making the ids where
	// the engine can do without.
	Count(text string) (int, error)
}

// A Decoder turns ids back into bytes. Encoders that can do so implement it.
type Decoder interface {
	// AppendDecode appends the text of ids to dst. Ids beyond the vocabulary
	// are an error.
	AppendDecode(dst []byte, ids []ID) ([]byte, error)
}

// A Namer tells what single ids stand for. Encoders that can do so implement
// it.
type Namer interface {
	// TokenBytes returns the bytes that id stands for, as far as one token
	// alone has any: half of a character is half of its bytes.
	TokenBytes(id ID) ([]byte, error)
}

// An Engine is an implementation that opens vocabularies.
type Engine interface {
	// Name is the engine's name in records: [a-z0-9._-]+.
	Name() string
	// Version is that of the implementation.
	Version() string
	// Open reads the files of spec from fsys, which is laid out as spec.Files
	// says. An engine that does not support the vocabulary says why.
	Open(fsys fs.FS, spec *Spec) (Encoder, error)
}

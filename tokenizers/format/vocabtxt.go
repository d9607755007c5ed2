package format

import (
	"fmt"
	"io"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// BertOptions are what BERT's vocab.txt does not say. The zero value is that
// of an uncased model.
type BertOptions struct {
	// Cased keeps capital letters, and with them accents.
	Cased bool
	// KeepAccents keeps accents in an uncased model; StripAccents drops them
	// in a cased one.
	KeepAccents, StripAccents bool
	// JoinChinese leaves out the spaces around CJK ideographs
	// (tokenize_chinese_chars: false).
	JoinChinese bool
}

// ReadVocabTxt reads BERT's vocab.txt: a token in each line, its number from 0
// the id. The rest is as BertTokenizer has it: "##" continues a word, a word of
// more than 100 characters is [UNK]. Of equal lines the last one counts.
func ReadVocabTxt(r io.Reader, name string, o BertOptions) (*vocab.Definition, error) {
	def, err := readVocabTxt(r, name, o)
	if err != nil {
		return nil, fail("vocab.txt", name, err)
	}
	return def, nil
}

func readVocabTxt(r io.Reader, name string, o BertOptions) (*vocab.Definition, error) {
	data, err := readAll(r)
	if err != nil {
		return nil, err
	}
	t := newTable(len(data) / 8)
	err = lines(data, func(n int, line []byte) error { return t.set(uint64(n-1), line) })
	if err != nil {
		return nil, err
	}
	tokens, err := t.tokens()
	if err != nil {
		return nil, err
	}
	def := bert(name, o)
	def.Format = "wordpiece"
	def.Model.Tokens = tokens
	for _, special := range []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"} {
		if id, ok := t.find([]byte(special)); ok {
			def.Added = append(def.Added, vocab.AddedToken{ID: id, Text: special, Special: true})
		}
	}
	id, ok := t.find([]byte("[UNK]"))
	if !ok {
		return nil, fmt.Errorf("no token [UNK] in %d lines", tokens.Len())
	}
	def.Model.Unknown = id
	return def, nil
}

// bert is what all of BERT's models do.
func bert(name string, o BertOptions) *vocab.Definition {
	return &vocab.Definition{
		Name: name,
		Normalizers: []vocab.Normalizer{{
			Op:           vocab.Bert,
			CleanText:    true,
			ChineseChars: !o.JoinChinese,
			StripAccents: o.StripAccents || !o.Cased && !o.KeepAccents,
			Lowercase:    !o.Cased,
		}},
		Splitters: []vocab.Splitter{{Op: vocab.SplitBert}},
		Model: vocab.Model{
			Kind:             vocab.WordPiece,
			ContinuingPrefix: "##",
			MaxWordChars:     100,
			Unknown:          vocab.NoID,
		},
		Decoder: vocab.Decoder{WordPrefix: "##"},
	}
}

package format

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// fuzz runs a reader on any bytes. It may refuse them; it must not panic, take
// long, or give a definition that does not hold together.
func fuzz(f *testing.F, read func(data []byte) (*vocab.Definition, error)) {
	f.Add([]byte(nil))
	f.Add([]byte("{"))
	f.Fuzz(func(t *testing.T, data []byte) {
		start := time.Now()
		def, err := read(data)
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("%d bytes took %v", len(data), d)
		}
		if err != nil {
			if def != nil {
				t.Error("a definition beside an error")
			}
			return
		}
		if err := invariants(def); err != nil {
			t.Error(err)
		}
	})
}

// seed adds the files of testdata whose names fit.
func seed(f *testing.F, pattern string) {
	names, err := filepath.Glob("testdata/" + pattern)
	if err != nil || len(names) == 0 {
		f.Fatalf("no testdata/%s: %v", pattern, err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
}

func FuzzReadTiktoken(f *testing.F) {
	f.Add(rankFile("\n", byteList("ab")...))
	f.Add(rankFile("\r\n", byteList("ab", "", "c")...))
	fuzz(f, func(data []byte) (*vocab.Definition, error) {
		byLine := bytes.HasPrefix(data, []byte("AQ=="))
		return ReadTiktokenWith(bytes.NewReader(data), "x", TiktokenOptions{ByLine: byLine})
	})
}

func FuzzReadTiktokenJSON(f *testing.F) {
	f.Add([]byte(`{"explicit_n_vocab": 1, "pat_str": "\\s+|.", "special_tokens": {"<EOT>": 0}, "bpe_ranks": "! 5 IQ== Ig==\n! 9 Iw=="}`))
	fuzz(f, func(data []byte) (*vocab.Definition, error) { return ReadTiktokenJSON(bytes.NewReader(data), "x") })
}

func FuzzReadTekken(f *testing.F) {
	f.Add([]byte(tekkenFile(257, `, "special_tokens": [{"rank": 0, "token_str": "<unk>", "is_control": true}]`)))
	f.Add([]byte(`{"config": {"pattern": "a", "default_vocab_size": 1, "default_num_special_tokens": 1, "version": "v3"}, "vocab": []}`))
	fuzz(f, func(data []byte) (*vocab.Definition, error) { return ReadTekken(bytes.NewReader(data), "x") })
}

func FuzzReadHuggingFace(f *testing.F) {
	seed(f, "hf_*.json")
	fuzz(f, func(data []byte) (*vocab.Definition, error) { return ReadHuggingFace(bytes.NewReader(data), "x") })
}

func FuzzReadSentencePiece(f *testing.F) {
	unk := piece("<unk>", 0, vocab.Unknown)
	f.Add(spFile(2, unk, piece("▁a", -1, vocab.Normal)))
	f.Add(msg(spFile(1, append([][]byte{unk}, bytePieces()...)...), 2, num(nil, 35, 1)))
	f.Add(msg(spFile(1, unk), 3, msg(num(nil, 3, 0), 2, []byte{1, 2})))
	fuzz(f, func(data []byte) (*vocab.Definition, error) { return ReadSentencePiece(bytes.NewReader(data), "x") })
}

func FuzzReadGGUF(f *testing.F) {
	for _, model := range []string{"llama", "t5", "gpt2", "bert"} {
		keys := set(ggufKeys(model), "tokenizer.chat_template", "x")
		f.Add(writeGGUF(binary.LittleEndian, 3, keys...))
		f.Add(writeGGUF(binary.BigEndian, 2, keys...))
	}
	fuzz(f, func(data []byte) (*vocab.Definition, error) { return ReadGGUF(bytes.NewReader(data), "x") })
}

func FuzzReadMerges(f *testing.F) {
	seed(f, "merges.txt")
	seed(f, "vocab.bpe")
	f.Add([]byte("{\"a\": 1}\x00a b\n"))
	fuzz(f, func(data []byte) (*vocab.Definition, error) {
		if ids, merges, ok := bytes.Cut(data, []byte{0}); ok {
			return ReadMerges(bytes.NewReader(ids), bytes.NewReader(merges), "x")
		}
		return ReadMerges(nil, bytes.NewReader(data), "x")
	})
}

func FuzzReadVocabTxt(f *testing.F) {
	seed(f, "vocab.txt")
	fuzz(f, func(data []byte) (*vocab.Definition, error) {
		return ReadVocabTxt(bytes.NewReader(data), "x", BertOptions{Cased: len(data)%2 == 0})
	})
}

func FuzzOpen(f *testing.F) {
	seed(f, "*")
	f.Add(rankFile("\n", byteList("ab")...))
	f.Add(spFile(2, piece("<unk>", 0, vocab.Unknown)))
	f.Add(ggufFileOf(f, 3, "bert"))
	fuzz(f, func(data []byte) (*vocab.Definition, error) {
		fsys := fstest.MapFS{"m/x": {Data: data}, "m/merges.txt": {Data: []byte("a b\n")}}
		return Open(fsys, "m/x", "x")
	})
}

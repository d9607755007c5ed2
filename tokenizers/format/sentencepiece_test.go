package format

import (
	"bytes"
	"fmt"
	"math"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// msg appends a message to another one as field num.
func msg(b []byte, num protowire.Number, m []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, num, protowire.BytesType), m)
}

// num appends a number as field num.
func num(b []byte, n protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, n, protowire.VarintType), v)
}

// piece is a SentencePiece message.
func piece(text string, score float32, typ vocab.Type) []byte {
	b := msg(nil, 1, []byte(text))
	b = protowire.AppendFixed32(protowire.AppendTag(b, 2, protowire.Fixed32Type), math.Float32bits(score))
	if typ != vocab.Normal { // the default
		b = num(b, 3, uint64(typ))
	}
	return b
}

// spFile is a ModelProto of a type with the default normaliser.
func spFile(modelType uint64, pieces ...[]byte) (b []byte) {
	for _, p := range pieces {
		b = msg(b, 1, p)
	}
	return msg(b, 2, num(nil, 3, modelType))
}

// bytePieces are <0x00> to <0xFF>.
func bytePieces() (pieces [][]byte) {
	for b := range 256 {
		pieces = append(pieces, piece(fmt.Sprintf("<0x%02X>", b), 0, vocab.Byte))
	}
	return pieces
}

func sentencePiece(data []byte) read {
	return func() (*vocab.Definition, error) { return ReadSentencePiece(bytes.NewReader(data), "x") }
}

func TestSentencePiece(t *testing.T) {
	// BPE with the options of Llama 2, and a few others turned.
	pieces := append([][]byte{
		piece("<unk>", 0, vocab.Unknown), piece("<s>", 0, vocab.Control),
		piece("▁", -1, vocab.Normal), piece("▁a", -2.5, vocab.Unused), piece("<x>", 0, vocab.UserDefined),
	}, bytePieces()...)
	data := spFile(2, pieces...)
	data = msg(data, 2, num(num(num(nil, 35, 1), 24, 1), 4, 32000)) // messages of one field are merged
	norm := num(num(num(nil, 3, 0), 4, 0), 5, 0)
	norm = msg(norm, 2, []byte{1, 2, 3})
	norm = msg(norm, 1, []byte("identity"))
	data = msg(data, 3, norm)
	data = msg(data, 4, msg(nil, 1, nil))            // self_test_data
	data = msg(data, 5, msg(num(nil, 3, 1), 1, nil)) // denormalizer_spec without a charsmap
	data = num(data, 200, 7)                         // an extension
	list := []string{"<unk>", "<s>", "▁", "▁a", "<x>"}
	types := []vocab.Type{vocab.Unknown, vocab.Control, vocab.Normal, vocab.Unused, vocab.UserDefined}
	scores := []float32{0, 0, -1, -2.5, 0}
	ids := make([]vocab.ID, 256)
	for b := range 256 {
		ids[b] = vocab.ID(len(list))
		list = append(list, fmt.Sprintf("<0x%02X>", b))
		types = append(types, vocab.Byte)
		scores = append(scores, 0)
	}
	want := &vocab.Definition{
		Name:        "x",
		Format:      "sentencepiece",
		Added:       []vocab.AddedToken{{ID: 1, Text: "<s>", Special: true}},
		Normalizers: []vocab.Normalizer{{Op: vocab.SentencePiece, Charsmap: []byte{1, 2, 3}, SpaceAsSuffix: true}},
		Model: vocab.Model{
			Kind: vocab.BPE, MergeBy: vocab.ByScore, Chars: true, Unknown: 0, FuseUnknown: true,
			ByteFallback: true, ByteTokens: ids,
			Tokens: tokens(list...), Types: types, Scores: scores,
		},
		Decoder: vocab.Decoder{Space: "▁"},
	}
	sentencePiece(data).gives(t, want)

	// U+0000 as a piece is unused where there is byte fallback.
	with := append(data[:len(data):len(data)], msg(nil, 1, piece("\x00", -3, vocab.Normal))...)
	with = append(with, msg(nil, 1, piece("b", -4, vocab.Normal))...)
	want.Model.Tokens = tokens(append(list, "", "b")...)
	want.Model.Types = append(types, vocab.Unused, vocab.Normal)
	want.Model.Scores = append(scores, -3, -4)
	sentencePiece(with).gives(t, want)

	// Unigram is the default, and so are a dummy prefix, no extra spaces and
	// escaped ones. A piece that is reachable may equal one that is not.
	data = msg(nil, 1, piece("a", -1, vocab.Normal))
	data = msg(data, 1, piece("<s>", -2, vocab.Normal))
	data = msg(data, 1, piece("<unk>", 0, vocab.Unknown))
	data = msg(data, 1, piece("<s>", 0, vocab.Control))
	sentencePiece(data).gives(t, &vocab.Definition{
		Name:        "x",
		Format:      "sentencepiece",
		Added:       []vocab.AddedToken{{ID: 3, Text: "<s>", Special: true}},
		Normalizers: []vocab.Normalizer{{Op: vocab.SentencePiece, DummyPrefix: true, RemoveExtraSpaces: true, EscapeSpaces: true}},
		Model: vocab.Model{
			Kind: vocab.Unigram, Unknown: 2, FuseUnknown: true,
			Tokens: tokens("a", "<s>", "<unk>", "<s>"),
			Types:  []vocab.Type{vocab.Normal, vocab.Normal, vocab.Unknown, vocab.Control},
			Scores: []float32{-1, -2, 0, 0},
		},
		Decoder: vocab.Decoder{Space: "▁", TrimSpace: true},
	})
}

func TestSentencePieceErrors(t *testing.T) {
	unk := piece("<unk>", 0, vocab.Unknown)
	fallback := msg(nil, 2, num(nil, 35, 1))
	for _, c := range []struct {
		data []byte
		err  string
	}{
		{nil, "empty file"},
		{[]byte{0xff}, "unexpected EOF"},
		{[]byte{0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f}, "unexpected EOF"}, // 4 GB announced
		{[]byte("hello, world"), "format: sentencepiece x: "},
		{spFile(1), "no pieces"},
		{spFile(3, unk), "trainer_spec.model_type: unsupported type WORD"},
		{spFile(4, unk), "trainer_spec.model_type: unsupported type CHAR"},
		{spFile(5, unk), "trainer_spec.model_type: unknown type 5"},
		{spFile(1, piece("a", 0, vocab.Normal)), "no piece of type unknown"},
		{spFile(1, unk, piece("<x>", 0, vocab.Unknown)), "pieces 0 and 1 are both of type unknown"},
		{spFile(1, unk, piece("", 0, vocab.Normal)), "piece 1: piece is empty"},
		{spFile(1, unk, piece("a", 0, 9)), "piece 1: unknown type 9"},
		{spFile(1, unk, piece("a", float32(math.NaN()), vocab.Normal)), "piece 1: score is not a number"},
		{spFile(1, unk, piece("a", 0, vocab.Normal), piece("a", 0, vocab.UserDefined)), `token stands twice: "a" with id 1 and with id 2`},
		{spFile(1, unk, piece("<0x00>", 0, vocab.Byte)), `piece 1, "<0x00>", is of type byte, but byte_fallback is false`},
		{append(spFile(1, unk), fallback...), "byte_fallback is true, but piece <0x00> is missing"},
		{append(spFile(1, append([][]byte{unk}, bytePieces()[1:]...)...), fallback...), "piece <0x00> is missing"},
		{append(spFile(1, unk, piece("<0x0a>", 0, vocab.Byte)), fallback...), "not of the form <0x41>"},
		{spFile(1, unk, msg(nil, 1, bytes.Repeat([]byte("a"), maxToken+1))), "piece 1: 65537 bytes, the limit is 65536"},
		{spFile(1, unk, num(nil, 1, 3)), "piece 1: piece has wire type 0"},
		{spFile(1, unk, msg(nil, 2, nil)), "score has wire type 2"},
		{num(spFile(1, unk), 2, 3), "trainer_spec has wire type 0"},
		{msg(spFile(1, unk), 3, num(nil, 2, 3)), "normalizer_spec: precompiled_charsmap has wire type 0"},
		{msg(spFile(1, unk), 2, msg(nil, 35, nil)), "trainer_spec: byte_fallback has wire type 2"},
		{msg(spFile(1, unk), 5, msg(nil, 2, []byte{1})), "denormalizer_spec: precompiled_charsmap is not supported"},
		{spFile(1, unk)[:9], "unexpected EOF"},
	} {
		sentencePiece(c.data).fails(t, c.err)
	}
}

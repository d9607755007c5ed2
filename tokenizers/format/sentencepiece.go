package format

import (
	"errors"
	"fmt"
	"io"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// ReadSentencePiece reads a SentencePiece model file (a serialised ModelProto)
// as the C++ library does. BPE and Unigram models are read; word and char
// models are refused, and so is a denormalizer with rules of its own.
//
// Neighbouring unknown characters are one unknown token, as the library
// returns them. User-defined pieces are marked in Model.Types and are not in
// def.Added: they are found in the text while it is normalised, and again by
// the model. Control pieces are in def.Added as special tokens.
func ReadSentencePiece(r io.Reader, name string) (*vocab.Definition, error) {
	def, err := readSentencePiece(r, name)
	if err != nil {
		return nil, fail("sentencepiece", name, err)
	}
	return def, nil
}

// spModel is a ModelProto, with the defaults of sentencepiece_model.proto.
type spModel struct {
	modelType                     uint64
	byteFallback, spaceAsSuffix   bool
	charsmap                      []byte
	dummyPrefix, extraSpaces, esc bool

	pieces vocab.Tokens
	scores []float32
	types  []vocab.Type
}

func readSentencePiece(r io.Reader, name string) (*vocab.Definition, error) {
	data, err := readAll(r)
	if err != nil {
		return nil, err
	}
	m := &spModel{modelType: 1, dummyPrefix: true, extraSpaces: true, esc: true}
	if err := m.parse(data); err != nil {
		return nil, err
	}
	return m.definition(name)
}

// field is one field of a message, of the wire types that occur.
type field struct {
	num   protowire.Number
	typ   protowire.Type
	value uint64 // varint, fixed32, fixed64
	bytes []byte
}

// fields calls f for each field of a message. Fields of a type that f does not
// expect are its to refuse.
func fields(msg []byte, f func(field) error) error {
	for len(msg) > 0 {
		num, typ, n := protowire.ConsumeTag(msg)
		if n < 0 {
			return protowire.ParseError(n)
		}
		msg = msg[n:]
		fd := field{num: num, typ: typ}
		switch typ {
		case protowire.VarintType:
			fd.value, n = protowire.ConsumeVarint(msg)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(msg)
			fd.value = uint64(v)
		case protowire.BytesType:
			fd.bytes, n = protowire.ConsumeBytes(msg)
		default:
			n = protowire.ConsumeFieldValue(num, typ, msg)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		msg = msg[n:]
		if err := f(fd); err != nil {
			return err
		}
	}
	return nil
}

// is checks the wire type of a field that is read.
func (f field) is(typ protowire.Type, what string) error {
	if f.typ != typ {
		return fmt.Errorf("%s has wire type %d", what, f.typ)
	}
	return nil
}

func (m *spModel) parse(data []byte) error {
	if len(data) == 0 {
		return errors.New("empty file")
	}
	return fields(data, func(f field) error {
		// Of ModelProto.
		switch f.num {
		case 1:
			if err := f.is(protowire.BytesType, "piece"); err != nil {
				return err
			}
			if err := m.piece(f.bytes); err != nil {
				return fmt.Errorf("piece %d: %w", m.pieces.Len(), err)
			}
		case 2:
			if err := f.is(protowire.BytesType, "trainer_spec"); err != nil {
				return err
			}
			if err := fields(f.bytes, m.trainer); err != nil {
				return fmt.Errorf("trainer_spec: %w", err)
			}
		case 3:
			if err := f.is(protowire.BytesType, "normalizer_spec"); err != nil {
				return err
			}
			if err := fields(f.bytes, m.normalizer); err != nil {
				return fmt.Errorf("normalizer_spec: %w", err)
			}
		case 5:
			if err := f.is(protowire.BytesType, "denormalizer_spec"); err != nil {
				return err
			}
			err := fields(f.bytes, func(f field) error {
				if f.num == 2 && len(f.bytes) > 0 {
					return errors.New("precompiled_charsmap is not supported")
				}
				return nil
			})
			if err != nil {
				return fmt.Errorf("denormalizer_spec: %w", err)
			}
		}
		return nil // 4 is self_test_data; others are extensions
	})
}

func (m *spModel) piece(msg []byte) error {
	var text []byte
	score, typ := float32(0), uint64(vocab.Normal)
	err := fields(msg, func(f field) error {
		switch f.num {
		case 1:
			text = f.bytes
			return f.is(protowire.BytesType, "piece")
		case 2:
			score = math.Float32frombits(uint32(f.value))
			return f.is(protowire.Fixed32Type, "score")
		case 3:
			typ = f.value
			return f.is(protowire.VarintType, "type")
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case len(text) == 0:
		return errors.New("piece is empty")
	case len(text) > maxToken:
		return fmt.Errorf("%d bytes, the limit is %d", len(text), maxToken)
	case score != score:
		return errors.New("score is not a number")
	case typ < uint64(vocab.Normal) || typ > uint64(vocab.Byte):
		return fmt.Errorf("unknown type %d", typ)
	case m.pieces.Len() >= maxTokens:
		return fmt.Errorf("more than %d pieces", maxTokens)
	}
	m.pieces.Bytes = append(m.pieces.Bytes, text...)
	m.pieces.Ends = append(m.pieces.Ends, uint32(len(m.pieces.Bytes)))
	m.scores = append(m.scores, score)
	m.types = append(m.types, vocab.Type(typ))
	return nil
}

// trainer reads the fields of TrainerSpec that matter after training.
func (m *spModel) trainer(f field) error {
	switch f.num {
	case 3:
		m.modelType = f.value
		return f.is(protowire.VarintType, "model_type")
	case 24:
		m.spaceAsSuffix = f.value != 0
		return f.is(protowire.VarintType, "treat_whitespace_as_suffix")
	case 35:
		m.byteFallback = f.value != 0
		return f.is(protowire.VarintType, "byte_fallback")
	}
	return nil
}

// normalizer reads the fields of NormalizerSpec that matter after training.
func (m *spModel) normalizer(f field) error {
	switch f.num {
	case 2:
		m.charsmap = f.bytes
		return f.is(protowire.BytesType, "precompiled_charsmap")
	case 3:
		m.dummyPrefix = f.value != 0
		return f.is(protowire.VarintType, "add_dummy_prefix")
	case 4:
		m.extraSpaces = f.value != 0
		return f.is(protowire.VarintType, "remove_extra_whitespaces")
	case 5:
		m.esc = f.value != 0
		return f.is(protowire.VarintType, "escape_whitespaces")
	}
	return nil
}

// definition checks what the library checks when it loads a model.
func (m *spModel) definition(name string) (*vocab.Definition, error) {
	kind := vocab.Unigram
	switch m.modelType {
	case 1:
	case 2:
		kind = vocab.BPE
	case 3:
		return nil, errors.New("trainer_spec.model_type: unsupported type WORD")
	case 4:
		return nil, errors.New("trainer_spec.model_type: unsupported type CHAR")
	default:
		return nil, fmt.Errorf("trainer_spec.model_type: unknown type %d", m.modelType)
	}
	if m.pieces.Len() == 0 {
		return nil, errors.New("no pieces")
	}
	if m.byteFallback {
		m.dropNUL()
	}
	def := &vocab.Definition{
		Name:   name,
		Format: "sentencepiece",
		Normalizers: []vocab.Normalizer{{
			Op:                vocab.SentencePiece,
			Charsmap:          append([]byte(nil), m.charsmap...),
			DummyPrefix:       m.dummyPrefix,
			RemoveExtraSpaces: m.extraSpaces,
			EscapeSpaces:      m.esc,
			SpaceAsSuffix:     m.spaceAsSuffix,
		}},
		Model: vocab.Model{
			Kind:         kind,
			Tokens:       m.pieces,
			Types:        m.types,
			Scores:       m.scores,
			ByteFallback: m.byteFallback,
			Unknown:      vocab.NoID,
			FuseUnknown:  true,
		},
		Decoder: vocab.Decoder{Space: "\u2581", TrimSpace: m.dummyPrefix || m.extraSpaces},
	}
	if kind == vocab.BPE {
		def.Model.MergeBy, def.Model.Chars = vocab.ByScore, true
	}
	if err := checkPieces(def); err != nil {
		return nil, err
	}
	return def, nil
}

// dropNUL makes a hole of a piece that is the character U+0000 (InternLM 2 has
// one): with byte fallback the library, whose tries end strings at it, calls
// such a piece unused, and the character becomes the piece <0x00>. (As of
// version 0.2.3.)
func (m *spModel) dropNUL() {
	for i := range m.pieces.Len() {
		id := vocab.ID(i)
		if p := m.pieces.At(id); len(p) != 1 || p[0] != 0 || m.types[i] != vocab.Normal {
			continue
		}
		m.types[i] = vocab.Unused
		at := m.pieces.Ends[i] - 1
		m.pieces.Bytes = append(m.pieces.Bytes[:at], m.pieces.Bytes[at+1:]...)
		for j := i; j < m.pieces.Len(); j++ {
			m.pieces.Ends[j]--
		}
		return // pieces differ, so there is no other
	}
}

// checkPieces checks the pieces of a model with Types and fills in Unknown,
// ByteTokens and the control pieces among def.Added. Two pieces may be equal
// only if one of them can come out of a text and the other cannot.
func checkPieces(def *vocab.Definition) error {
	m := &def.Model
	reachable, reserved := newTable(m.Tokens.Len()), newTable(256)
	var bytes []vocab.ID
	for i := range m.Tokens.Len() {
		id := vocab.ID(i)
		piece := m.Tokens.At(id)
		if len(piece) == 0 {
			continue
		}
		t := reserved
		switch m.Types[id] {
		case vocab.Normal, vocab.UserDefined, vocab.Unused:
			t = reachable
		case vocab.Unknown:
			if m.Unknown != vocab.NoID {
				return fmt.Errorf("pieces %d and %d are both of type unknown", m.Unknown, id)
			}
			m.Unknown = id
		case vocab.Control:
			def.Added = append(def.Added, vocab.AddedToken{ID: id, Text: string(piece), Special: true})
		case vocab.Byte:
			b, ok := byteToken(piece)
			switch {
			case !m.ByteFallback:
				return fmt.Errorf("piece %d, %s, is of type byte, but byte_fallback is false", id, clip(piece))
			case !ok:
				return fmt.Errorf("piece %d, %s, is of type byte, but not of the form <0x41>", id, clip(piece))
			}
			if bytes == nil {
				bytes = make([]vocab.ID, 256)
				for b := range bytes {
					bytes[b] = vocab.NoID
				}
			}
			bytes[b] = id
		}
		if err := t.add(uint64(id), piece); err != nil {
			return err
		}
	}
	if m.Unknown == vocab.NoID {
		return errors.New("no piece of type unknown")
	}
	if m.ByteFallback {
		for b := range 256 {
			if bytes == nil || bytes[b] == vocab.NoID {
				return fmt.Errorf("byte_fallback is true, but piece <0x%02X> is missing", b)
			}
		}
		m.ByteTokens = bytes
	}
	return nil
}

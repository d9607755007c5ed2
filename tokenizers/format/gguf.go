package format

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/babelmeter/babelmeter/tokenizers/internal/bytealphabet"
	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// ReadGGUF reads the vocabulary of a GGUF file, the format of llama.cpp. It
// reads the header and the metadata (versions 2 and 3, either byte order) and
// stops before the tensors.
//
// A GGUF file is a copy of the vendor's vocabulary, and the definition is that
// of the vendor's tokenizer, as far as the file tells, not of llama.cpp's own:
//
//   - llama is a SentencePiece BPE model, t5 a Unigram one. As in llama.cpp,
//     user-defined pieces are cut out of the raw text, and each part between
//     them has its own dummy prefix: they are added tokens.
//   - gpt2 is byte-level BPE by a list of merges. tokenizer.ggml.pre names the
//     splitters; see the table in patterns.go. An unknown one is refused.
//   - bert is WordPiece, turned back from llama.cpp's spelling (a word begins
//     with U+2581) to BERT's (a continuation begins with ##).
//
// Tokens that only fill up the table, [PADn] with their own id n, are holes.
func ReadGGUF(r io.Reader, name string) (*vocab.Definition, error) {
	def, err := readGGUF(r, name)
	if err != nil {
		return nil, fail("gguf", name, err)
	}
	return def, nil
}

// Limits of a GGUF file's metadata.
const (
	maxGGUFKeys = 1 << 16
	maxGGUFKey  = 1<<16 - 1 // by the specification
)

// Types of GGUF values, by the specification.
const (
	ggufUint8 uint32 = iota
	ggufInt8
	ggufUint16
	ggufInt16
	ggufUint32
	ggufInt32
	ggufFloat32
	ggufBool
	ggufString
	ggufArray
	ggufUint64
	ggufInt64
	ggufFloat64
)

// ggufSize gives the bytes of a value of fixed size.
var ggufSize = map[uint32]int64{
	ggufUint8: 1, ggufInt8: 1, ggufBool: 1, ggufUint16: 2, ggufInt16: 2,
	ggufUint32: 4, ggufInt32: 4, ggufFloat32: 4, ggufUint64: 8, ggufInt64: 8, ggufFloat64: 8,
}

// ggufIgnored reports whether a key of tokenizer.ggml does nothing to a text:
// which tokens are special, what is put around the ids, sizes of other tables.
func ggufIgnored(key string) bool {
	switch key {
	case "add_bos_token", "add_eos_token", "add_sep_token", "token_type_count", "suppress_tokens":
		return true
	}
	return strings.HasSuffix(key, "_token_id") || strings.HasSuffix(key, "_token_ids")
}

// ggufFile is what is read of the metadata.
type ggufFile struct {
	model, pre, title string
	tokens, merges    vocab.Tokens
	types             []uint32
	scores            []float32
	charsmap          []byte
	unknown           uint64
	spacePrefix       bool
	extraSpaces       bool
	lowercase         bool
	stripAccents      bool
	seen              map[string]bool
}

type ggufReader struct {
	r     *bufio.Reader
	order binary.ByteOrder
	pos   int64
	buf   [8]byte
}

func readGGUF(r io.Reader, name string) (*vocab.Definition, error) {
	g := &ggufReader{r: bufio.NewReaderSize(r, 1<<16), order: binary.LittleEndian}
	f, err := g.file()
	if err != nil {
		return nil, fmt.Errorf("byte %d: %w", g.pos, err)
	}
	return f.definition(name)
}

// read fills b, counting against the limit of maxFile.
func (g *ggufReader) read(b []byte) error {
	if g.pos+int64(len(b)) > maxFile {
		return fmt.Errorf("metadata is over the limit of %d bytes", maxFile)
	}
	n, err := io.ReadFull(g.r, b)
	g.pos += int64(n)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}

func (g *ggufReader) skip(n int64) error {
	if n > maxFile || g.pos+n > maxFile {
		return fmt.Errorf("metadata is over the limit of %d bytes", maxFile)
	}
	done, err := io.CopyN(io.Discard, g.r, n)
	g.pos += done
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}

func (g *ggufReader) uint32() (uint32, error) {
	err := g.read(g.buf[:4])
	return g.order.Uint32(g.buf[:4]), err
}

func (g *ggufReader) uint64() (uint64, error) {
	err := g.read(g.buf[:8])
	return g.order.Uint64(g.buf[:8]), err
}

// str appends a string to dst.
func (g *ggufReader) str(dst []byte, limit uint64) ([]byte, error) {
	n, err := g.uint64()
	if err != nil {
		return dst, err
	}
	if n > limit {
		return dst, fmt.Errorf("string of %d bytes, the limit is %d", n, limit)
	}
	// The limits are small, so the bytes may be made room for at once.
	at := len(dst)
	dst = append(dst, make([]byte, n)...)
	return dst, g.read(dst[at:])
}

func (g *ggufReader) file() (*ggufFile, error) {
	if err := g.read(g.buf[:4]); err != nil {
		return nil, err
	}
	if string(g.buf[:4]) != "GGUF" {
		return nil, fmt.Errorf("%q where the magic GGUF was expected", g.buf[:4])
	}
	version, err := g.uint32()
	if err != nil {
		return nil, err
	}
	if version&0xFFFF == 0 { // small, in the other byte order
		g.order = binary.BigEndian
		version = version>>24 | version>>8&0xFF00
	}
	if version != 2 && version != 3 {
		return nil, fmt.Errorf("unsupported version %d", version)
	}
	if _, err := g.uint64(); err != nil { // number of tensors
		return nil, err
	}
	n, err := g.uint64()
	if err != nil {
		return nil, err
	}
	if n > maxGGUFKeys {
		return nil, fmt.Errorf("%d metadata keys, the limit is %d", n, maxGGUFKeys)
	}
	f := &ggufFile{spacePrefix: true, lowercase: true, seen: make(map[string]bool)}
	var key []byte
	for range n {
		if key, err = g.str(key[:0], maxGGUFKey); err != nil {
			return nil, fmt.Errorf("key: %w", err)
		}
		if err := g.value(f, string(key)); err != nil {
			return nil, fmt.Errorf("%s: %w", clip(key), err)
		}
	}
	return f, nil
}

// value reads the value of a key.
func (g *ggufReader) value(f *ggufFile, key string) error {
	typ, err := g.uint32()
	if err != nil {
		return err
	}
	field, inTokenizer := strings.CutPrefix(key, "tokenizer.ggml.")
	if !inTokenizer && key != "general.name" {
		return g.skipValue(typ, 0)
	}
	if f.seen[key] {
		return errors.New("key stands twice")
	}
	if key == "general.name" {
		if typ != ggufString {
			return g.skipValue(typ, 0)
		}
		field = key
	}
	want := func(t uint32) error {
		if typ != t {
			return fmt.Errorf("value has type %d, not %d", typ, t)
		}
		return nil
	}
	boolean := func(b *bool) error {
		if err := want(ggufBool); err != nil {
			return err
		}
		err := g.read(g.buf[:1])
		*b = g.buf[0] != 0
		return err
	}
	text := func(s *string) error {
		if err := want(ggufString); err != nil {
			return err
		}
		b, err := g.str(nil, maxToken)
		*s = string(b)
		return err
	}
	if !ggufIgnored(field) || field == "unknown_token_id" {
		f.seen[key] = true
	}
	switch field {
	case "general.name":
		return text(&f.title)
	case "model":
		return text(&f.model)
	case "pre":
		return text(&f.pre)
	case "add_space_prefix":
		return boolean(&f.spacePrefix)
	case "remove_extra_whitespaces":
		return boolean(&f.extraSpaces)
	case "normalizer.lowercase":
		return boolean(&f.lowercase)
	case "normalizer.strip_accents":
		return boolean(&f.stripAccents)
	case "unknown_token_id":
		f.unknown, err = g.integer(typ)
		return err
	case "tokens", "merges", "token_type", "scores", "precompiled_charsmap":
		if err := want(ggufArray); err != nil {
			return err
		}
		return g.array(f, field)
	}
	if ggufIgnored(field) {
		return g.skipValue(typ, 0)
	}
	return errors.New("unknown key")
}

func (g *ggufReader) integer(typ uint32) (uint64, error) {
	size := ggufSize[typ]
	switch typ {
	case ggufUint8, ggufUint16, ggufUint32, ggufUint64, ggufInt8, ggufInt16, ggufInt32, ggufInt64:
	default:
		return 0, fmt.Errorf("value has type %d, an integer was expected", typ)
	}
	if err := g.read(g.buf[:size]); err != nil {
		return 0, err
	}
	switch size {
	case 1:
		return uint64(g.buf[0]), nil
	case 2:
		return uint64(g.order.Uint16(g.buf[:2])), nil
	case 4:
		return uint64(g.order.Uint32(g.buf[:4])), nil
	}
	return g.order.Uint64(g.buf[:8]), nil
}

// array reads one of the arrays that matter. They grow as they are read.
func (g *ggufReader) array(f *ggufFile, field string) error {
	elem, err := g.uint32()
	if err != nil {
		return err
	}
	n, err := g.uint64()
	if err != nil {
		return err
	}
	limit, types := uint64(maxTokens), []uint32{ggufInt32, ggufUint32}
	switch field {
	case "tokens":
		types = []uint32{ggufString}
	case "merges":
		limit, types = maxMerges, []uint32{ggufString}
	case "scores":
		types = []uint32{ggufFloat32, ggufInt32}
	case "precompiled_charsmap":
		limit, types = maxFile, []uint32{ggufUint8, ggufInt8}
	}
	if elem != types[0] && elem != types[len(types)-1] {
		return fmt.Errorf("elements have type %d, not %d", elem, types[0])
	}
	if n > limit {
		return fmt.Errorf("%d elements, the limit is %d", n, limit)
	}
	switch field {
	case "tokens":
		return g.strings(&f.tokens, n, maxToken)
	case "merges":
		return g.strings(&f.merges, n, 2*maxToken+1)
	case "token_type":
		for range n {
			v, err := g.uint32()
			if err != nil {
				return err
			}
			f.types = append(f.types, v)
		}
	case "scores":
		for i := range n {
			v, err := g.uint32()
			if err != nil {
				return err
			}
			score := float32(int32(v))
			if elem == ggufFloat32 {
				score = math.Float32frombits(v)
			}
			if score != score {
				return fmt.Errorf("score %d is not a number", i)
			}
			f.scores = append(f.scores, score)
		}
	case "precompiled_charsmap":
		for left := n; left > 0; {
			chunk := min(left, 1<<16)
			at := len(f.charsmap)
			f.charsmap = append(f.charsmap, make([]byte, chunk)...)
			if err := g.read(f.charsmap[at:]); err != nil {
				return err
			}
			left -= chunk
		}
	}
	return nil
}

func (g *ggufReader) strings(list *vocab.Tokens, n, limit uint64) (err error) {
	for i := range n {
		if list.Bytes, err = g.str(list.Bytes, limit); err != nil {
			return fmt.Errorf("element %d: %w", i, err)
		}
		list.Ends = append(list.Ends, uint32(len(list.Bytes)))
	}
	return nil
}

func (g *ggufReader) skipValue(typ uint32, depth int) error {
	if size, ok := ggufSize[typ]; ok {
		return g.skip(size)
	}
	switch typ {
	case ggufString:
		n, err := g.uint64()
		if err != nil {
			return err
		}
		if n > maxFile {
			return fmt.Errorf("string of %d bytes", n)
		}
		return g.skip(int64(n))
	case ggufArray:
		if depth++; depth > 8 {
			return errors.New("arrays nested deeper than 8")
		}
		elem, err := g.uint32()
		if err != nil {
			return err
		}
		n, err := g.uint64()
		if err != nil {
			return err
		}
		if n > maxFile {
			return fmt.Errorf("array of %d elements", n)
		}
		if size, ok := ggufSize[elem]; ok {
			return g.skip(int64(n) * size)
		}
		for range n {
			if err := g.skipValue(elem, depth); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("unknown type %d", typ)
}

// definition turns the metadata into what the vendor's tokenizer does.
func (f *ggufFile) definition(name string) (*vocab.Definition, error) {
	if !f.seen["tokenizer.ggml.normalizer.strip_accents"] {
		f.stripAccents = f.lowercase
	}
	n := f.tokens.Len()
	switch {
	case f.model == "":
		return nil, errors.New("tokenizer.ggml.model is missing")
	case n == 0:
		return nil, errors.New("tokenizer.ggml.tokens is missing")
	case f.types != nil && len(f.types) != n:
		return nil, fmt.Errorf("tokenizer.ggml.token_type has %d elements for %d tokens", len(f.types), n)
	case f.scores != nil && len(f.scores) != n:
		return nil, fmt.Errorf("tokenizer.ggml.scores has %d elements for %d tokens", len(f.scores), n)
	}
	for i, t := range f.types {
		if t > uint32(vocab.Byte) {
			return nil, fmt.Errorf("tokenizer.ggml.token_type: token %d has unknown type %d", i, t)
		}
	}
	var def *vocab.Definition
	var err error
	switch f.model {
	case "llama":
		def, err = f.sentencePiece(name, vocab.BPE)
	case "t5":
		if !f.seen["tokenizer.ggml.add_space_prefix"] {
			f.spacePrefix = false
		}
		def, err = f.sentencePiece(name, vocab.Unigram)
	case "gpt2":
		def, err = f.byteLevel(name)
	case "bert":
		def, err = f.wordPiece(name)
	default:
		return nil, fmt.Errorf("tokenizer.ggml.model: unsupported model %q", f.model)
	}
	if err != nil {
		return nil, err
	}
	def.Format = "gguf"
	return def, nil
}

// typeOf returns the type of a token, as far as it is one: a filler is Unused.
func (f *ggufFile) typeOf(i int) vocab.Type {
	token := f.tokens.At(vocab.ID(i))
	if len(token) == 0 {
		return vocab.Unused
	}
	if bytes.HasPrefix(token, []byte("[PAD")) && string(token) == fmt.Sprintf("[PAD%d]", i) {
		return vocab.Unused
	}
	if f.types == nil || f.types[i] == 0 {
		return vocab.Normal
	}
	return vocab.Type(f.types[i])
}

// add enters a token among the added ones.
func addToken(def *vocab.Definition, i int, text []byte, special bool) {
	def.Added = append(def.Added, vocab.AddedToken{ID: vocab.ID(i), Text: string(text), Special: special})
}

func (f *ggufFile) sentencePiece(name string, kind vocab.Kind) (*vocab.Definition, error) {
	if f.scores == nil {
		return nil, errors.New("tokenizer.ggml.scores is missing")
	}
	def := &vocab.Definition{
		Name: name,
		Normalizers: []vocab.Normalizer{{
			Op:                vocab.SentencePiece,
			Charsmap:          f.charsmap,
			DummyPrefix:       f.spacePrefix,
			RemoveExtraSpaces: f.extraSpaces,
			EscapeSpaces:      true,
		}},
		Model:   vocab.Model{Kind: kind, Scores: f.scores, FuseUnknown: true, Unknown: vocab.NoID},
		Decoder: vocab.Decoder{Space: "\u2581", TrimSpace: f.spacePrefix || f.extraSpaces},
	}
	m := &def.Model
	if kind == vocab.BPE {
		m.MergeBy, m.Chars = vocab.ByScore, true
	}
	// One piece is the unknown one; others of the type are of no use.
	unknown, given := f.unknown, f.seen["tokenizer.ggml.unknown_token_id"]
	for i := range f.tokens.Len() {
		t := f.typeOf(i)
		if t == vocab.Unknown && !given {
			unknown, given = uint64(i), true
		}
		m.ByteFallback = m.ByteFallback || t == vocab.Byte
		m.Types = append(m.Types, t)
	}
	if unknown >= uint64(len(m.Types)) {
		return nil, fmt.Errorf("tokenizer.ggml.unknown_token_id: %d, but there are %d tokens", unknown, len(m.Types))
	}
	for i, t := range m.Types {
		piece := f.tokens.At(vocab.ID(i))
		switch {
		case uint64(i) == unknown && (t == vocab.Unknown || t == vocab.Control || t == vocab.Normal):
			m.Types[i] = vocab.Unknown
		case t == vocab.Unknown:
			m.Types[i] = vocab.Control
		case t == vocab.Unused:
			// llama.cpp's word for a filler. (SentencePiece's own unused pieces
			// take part in merging; no published file has any.)
			m.Types[i], piece = vocab.Control, nil
		case t == vocab.UserDefined:
			addToken(def, i, piece, false)
			def.Added[len(def.Added)-1].RStrip = f.rstrip(piece)
		}
		m.Tokens.Bytes = append(m.Tokens.Bytes, piece...)
		m.Tokens.Ends = append(m.Tokens.Ends, uint32(len(m.Tokens.Bytes)))
	}
	return def, checkPieces(def)
}

// rstrip reports whether a user-defined token takes the space behind it along.
// The file does not tell; llama.cpp knows Phi-3 by its title, and of the tokens
// that it names only this one can come out of a text.
func (f *ggufFile) rstrip(piece []byte) bool {
	title := strings.ToLower(f.title)
	return string(piece) == "</s>" && (strings.Contains(title, "phi-3") || strings.Contains(title, "phi3"))
}

func (f *ggufFile) byteLevel(name string) (*vocab.Definition, error) {
	pre := f.pre
	if pre == "" {
		pre = "default"
	}
	recipe, ok := ggufRecipe(pre)
	if !ok {
		return nil, fmt.Errorf("tokenizer.ggml.pre: unsupported pre-tokenizer %q", pre)
	}
	def := &vocab.Definition{
		Name:  name,
		Model: vocab.Model{Kind: vocab.BPE, MergeBy: vocab.ByList, IgnoreMerges: recipe.ignoreMerges, Unknown: vocab.NoID},
	}
	recipe.apply(def)
	t := newTable(f.tokens.Len())
	var buf []byte
	for i := range f.tokens.Len() {
		token := f.tokens.At(vocab.ID(i))
		ok := false
		switch f.typeOf(i) {
		case vocab.Normal, vocab.Byte:
			// Not in the alphabet: no text reaches it.
			buf, ok = bytealphabet.AppendBytes(buf[:0], token)
		case vocab.UserDefined:
			addToken(def, i, token, false)
		case vocab.Control, vocab.Unknown:
			addToken(def, i, token, true)
		}
		if !ok {
			buf = buf[:0]
		}
		if err := t.add(uint64(i), buf); err != nil {
			return nil, err
		}
	}
	if f.merges.Len() == 0 {
		if pre != "kimi-k2" { // ranks
			return nil, errors.New("tokenizer.ggml.merges is missing")
		}
		if b := t.missingByte(); b >= 0 {
			return nil, fmt.Errorf("no token for the single byte %#02x", b)
		}
		def.Model.MergeBy, def.Model.IgnoreMerges = vocab.ByRank, true
	}
	l := newMergeList(t, "", f.merges.Len())
	for i := range f.merges.Len() {
		line := f.merges.At(vocab.ID(i))
		// A token begins with no space, but may be one, in a file of old.
		space := -1
		if len(line) > 1 {
			space = 1 + bytes.IndexByte(line[1:], ' ')
		}
		if space < 1 {
			return nil, fmt.Errorf("tokenizer.ggml.merges[%d]: %s is not two tokens and a space", i, clip(line))
		}
		var ok1, ok2 bool
		buf, ok1 = bytealphabet.AppendBytes(buf[:0], line[:space])
		at := len(buf)
		buf, ok2 = bytealphabet.AppendBytes(buf, line[space+1:])
		if !ok1 || !ok2 {
			return nil, fmt.Errorf("tokenizer.ggml.merges[%d]: %s is not spelled in GPT-2's byte alphabet", i, clip(line))
		}
		if err := l.add(buf[:at], buf[at:]); err != nil {
			return nil, fmt.Errorf("tokenizer.ggml.merges[%d]: %w", i, err)
		}
	}
	if len(l.merges) > 0 {
		def.Model.Merges = l.lastWins()
	}
	var err error
	def.Model.Tokens, err = t.tokens()
	return def, err
}

// wordPiece undoes what llama.cpp's converter does to BERT's tokens: control
// tokens and those in brackets stay, a continuation loses its ##, all others
// get U+2581 before them.
func (f *ggufFile) wordPiece(name string) (*vocab.Definition, error) {
	def := bert(name, BertOptions{Cased: !f.lowercase, StripAccents: f.stripAccents, KeepAccents: !f.stripAccents})
	t := newTable(f.tokens.Len())
	var buf []byte
	for i := range f.tokens.Len() {
		token := f.tokens.At(vocab.ID(i))
		rest, initial := bytes.CutPrefix(token, []byte("\u2581"))
		typ := f.typeOf(i)
		switch {
		case len(token) == 0:
			buf = buf[:0]
		case typ == vocab.Control || typ == vocab.Unknown:
			addToken(def, i, token, true)
			buf = append(buf[:0], token...)
		case initial:
			buf = append(buf[:0], rest...)
		case len(token) > 2 && token[0] == '[' && token[len(token)-1] == ']':
			buf = append(buf[:0], token...)
		default:
			buf = append(append(buf[:0], "##"...), token...)
		}
		if err := t.add(uint64(i), buf); err != nil {
			return nil, err
		}
	}
	unknown := vocab.ID(100) // llama.cpp's default
	if f.seen["tokenizer.ggml.unknown_token_id"] {
		unknown = vocab.ID(min(f.unknown, maxTokens))
	}
	if uint64(unknown) >= uint64(f.tokens.Len()) {
		return nil, fmt.Errorf("tokenizer.ggml.unknown_token_id: %d, but there are %d tokens", unknown, f.tokens.Len())
	}
	def.Model.Unknown = unknown
	var err error
	def.Model.Tokens, err = t.tokens()
	return def, err
}

package format

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

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
// encoded whole and alone: a version that is always 1.0, how a batch is cut and
// filled, and what is put around the ids.
var hfIgnored = map[string]bool{
	"version": true, "truncation": true, "padding": true, "post_processor": true,
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
	model                                    int // the object "model", for its presence
	added, normalizer, preTokenizer, decoder int
	kind, vocab, merges                      int // in model
	options                                  []hfOption
}

// hfOption is a small field of the model.
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
					if len(h.parts.options) >= MaxSteps {
						return h.errorf("more than %d fields in model", MaxSteps)
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

// A part is one component of the pipeline and its path in the file.
type part struct {
	*node
	path string
	err  *error // first error, nil until there is one
}

func (p part) fail(format string, args ...any) {
	if *p.err == nil {
		*p.err = fmt.Errorf("%s: %w", p.path, fmt.Errorf(format, args...))
	}
}

// kind returns the type of the component and refuses fields other than those
// that the type has. An unknown type is refused.
func (p part) kind(types map[string][]string) string {
	if p.node.kind != '{' {
		p.fail("an object was expected, not %s", p.describe())
		return ""
	}
	t := p.get("type")
	if t.kind != '"' {
		p.fail("type is missing")
		return ""
	}
	fields, ok := types[t.text]
	if !ok {
		p.fail("unsupported type %q", t.text)
		return ""
	}
next:
	for _, k := range p.keys {
		if k == "type" || hfFieldsIgnored[k] {
			continue
		}
		for _, f := range fields {
			if k == f {
				continue next
			}
		}
		p.fail("unsupported field %q of type %q", k, t.text)
	}
	return t.text
}

// boolean returns a field. With no default it must be there.
func (p part) boolean(key string, absent ...bool) bool {
	switch v := p.get(key); {
	case v.kind == 't', v.kind == 'f':
		return v.kind == 't'
	case v.kind == 'n' && len(absent) > 0:
		return absent[0]
	default:
		p.fail("%s: true or false was expected, not %s", key, v.describe())
		return false
	}
}

func (p part) str(key string) string {
	v := p.get(key)
	if v.kind != '"' {
		p.fail("%s: a string was expected, not %s", key, v.describe())
	}
	if len(v.text) > MaxToken && key != "precompiled_charsmap" {
		p.fail("%s: %d bytes, the limit is %d", key, len(v.text), MaxToken)
	}
	return v.text
}

// char returns a field that is one character.
func (p part) char(key string) string {
	text := p.str(key)
	if utf8.RuneCountInString(text) != 1 {
		p.fail("%s: one character was expected, not %s", key, clip([]byte(text)))
	}
	return text
}

// pattern returns the field pattern: {"String": ...} or {"Regex": ...}.
func (p part) pattern() (text string, regexp bool) {
	v := p.get("pattern")
	if v.kind == '{' && len(v.keys) == 1 && v.elems[0].kind == '"' {
		text = v.elems[0].text
		regexp = v.keys[0] == "Regex"
		if regexp || v.keys[0] == "String" {
			// An empty pattern matches between all characters; nothing
			// published has one.
			if text == "" || len(text) > MaxToken {
				p.fail("pattern of %d bytes", len(text))
			}
			return text, regexp
		}
	}
	p.fail(`pattern: {"String": ...} or {"Regex": ...} was expected, not %s`, v.describe())
	return "", false
}

func (p part) behavior(key string, absent ...vocab.Behavior) vocab.Behavior {
	v := p.get(key)
	if v.kind == 'n' && len(absent) > 0 {
		return absent[0]
	}
	b, ok := map[string]vocab.Behavior{
		"Isolated":           vocab.Isolated,
		"Removed":            vocab.Removed,
		"MergedWithPrevious": vocab.MergedWithPrevious,
		"MergedWithNext":     vocab.MergedWithNext,
		"Contiguous":         vocab.Contiguous,
	}[v.text]
	if v.kind != '"' || !ok {
		p.fail("%s: unsupported behavior %s", key, v.describe())
	}
	return b
}

// each calls f for the components of a Sequence.
func (p part) each(key string, f func(part)) {
	v := p.get(key)
	if v.kind != '[' {
		p.fail("%s: an array was expected, not %s", key, v.describe())
		return
	}
	for i := range v.elems {
		if *p.err == nil {
			f(part{node: &v.elems[i], path: fmt.Sprintf("%s.%s[%d]", p.path, key, i), err: p.err})
		}
	}
}

// readPart reads a component that may be null and calls f for it.
func (h *hfReader) readPart(path string, f func(part)) error {
	v, err := h.tree()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if v.kind == 'n' {
		return nil
	}
	f(part{node: &v, path: path, err: &err})
	return err
}

// Normalisers.

var hfNormalizers = map[string][]string{
	"Sequence":       {"normalizers"},
	"NFC":            nil,
	"NFD":            nil,
	"NFKC":           nil,
	"NFKD":           nil,
	"Nmt":            nil,
	"Lowercase":      nil,
	"StripAccents":   nil,
	"ByteLevel":      nil,
	"Strip":          {"strip_left", "strip_right"},
	"Replace":        {"pattern", "content"},
	"Prepend":        {"prepend"},
	"Precompiled":    {"precompiled_charsmap"},
	"BertNormalizer": {"clean_text", "handle_chinese_chars", "strip_accents", "lowercase"},
}

func (h *hfReader) readNormalizer() error { return h.readPart("normalizer", h.normalizer) }

func (h *hfReader) normalizer(p part) {
	var n vocab.Normalizer
	switch kind := p.kind(hfNormalizers); kind {
	case "":
		return
	case "Sequence":
		p.each("normalizers", h.normalizer)
		return
	case "NFC":
		n.Op = vocab.NFC
	case "NFD":
		n.Op = vocab.NFD
	case "NFKC":
		n.Op = vocab.NFKC
	case "NFKD":
		n.Op = vocab.NFKD
	case "Nmt":
		n.Op = vocab.Nmt
	case "Lowercase":
		n.Op = vocab.Lowercase
	case "StripAccents":
		n.Op = vocab.StripAccents
	case "ByteLevel":
		n.Op = vocab.ByteLevel
	case "Strip":
		n = vocab.Normalizer{Op: vocab.Strip, Left: p.boolean("strip_left"), Right: p.boolean("strip_right")}
	case "Replace":
		n = vocab.Normalizer{Op: vocab.Replace, Content: p.str("content")}
		n.Pattern, n.Regexp = p.pattern()
	case "Prepend":
		n = vocab.Normalizer{Op: vocab.Prepend, Content: p.str("prepend")}
	case "Precompiled":
		n.Op = vocab.Precompiled
		var err error
		if n.Charsmap, err = base64.StdEncoding.DecodeString(p.str("precompiled_charsmap")); err != nil {
			p.fail("precompiled_charsmap: %w", err)
		}
	case "BertNormalizer":
		n = vocab.Normalizer{
			Op:           vocab.Bert,
			CleanText:    p.boolean("clean_text"),
			ChineseChars: p.boolean("handle_chinese_chars"),
			Lowercase:    p.boolean("lowercase"),
		}
		n.StripAccents = p.boolean("strip_accents", n.Lowercase) // null follows lowercase
	}
	if len(h.def.Normalizers) >= MaxSteps {
		p.fail("more than %d normalizers", MaxSteps)
		return
	}
	h.def.Normalizers = append(h.def.Normalizers, n)
}

// Pre-tokenizers.

var hfPreTokenizers = map[string][]string{
	"Sequence":           {"pretokenizers"},
	"ByteLevel":          {"add_prefix_space", "use_regex"},
	"Metaspace":          {"replacement", "add_prefix_space", "prepend_scheme", "split"},
	"Split":              {"pattern", "behavior", "invert"},
	"Digits":             {"individual_digits"},
	"Punctuation":        {"behavior"},
	"Whitespace":         nil,
	"WhitespaceSplit":    nil,
	"BertPreTokenizer":   nil,
	"UnicodeScripts":     nil,
	"CharDelimiterSplit": {"delimiter"},
	"FixedLength":        {"length"},
}

func (h *hfReader) readPreTokenizer() error { return h.readPart("pre_tokenizer", h.preTokenizer) }

func (h *hfReader) preTokenizer(p part) {
	var steps []vocab.Splitter
	kind := p.kind(hfPreTokenizers)
	if h.byteLevel && kind != "" && kind != "Sequence" {
		// It would see GPT-2's alphabet and not the text: there a digit may be
		// one byte of three. (Falcon's file has this.)
		p.fail("type %q after ByteLevel is not supported", kind)
	}
	switch kind {
	case "":
		return
	case "Sequence":
		p.each("pretokenizers", h.preTokenizer)
		return
	case "ByteLevel":
		if p.boolean("add_prefix_space") {
			steps = append(steps, vocab.Splitter{Op: vocab.SplitPrefixSpace})
		}
		if p.boolean("use_regex", true) {
			steps = append(steps, onig(patternGPT2)...)
		}
		h.byteLevel = true
	case "Metaspace":
		steps = append(steps, h.metaspace(p))
	case "Split":
		text, regexp := p.pattern()
		step := vocab.Splitter{Op: vocab.SplitLiteral, Pattern: text, Behavior: p.behavior("behavior"), Invert: p.boolean("invert")}
		if regexp {
			step.Op, step.LineEnd = vocab.SplitRegexp, true
		}
		steps = append(steps, step)
	case "Digits":
		steps = append(steps, vocab.Splitter{Op: vocab.SplitDigits, Individual: p.boolean("individual_digits")})
	case "Punctuation":
		steps = append(steps, vocab.Splitter{Op: vocab.SplitPunctuation, Behavior: p.behavior("behavior", vocab.Isolated)})
	case "Whitespace":
		// Matched by Rust's regex, not by Oniguruma, hence no LineEnd.
		steps = append(steps, vocab.Splitter{Op: vocab.SplitRegexp, Pattern: `\w+|[^\w\s]+`, Behavior: vocab.Removed, Invert: true})
	case "WhitespaceSplit":
		steps = append(steps, vocab.Splitter{Op: vocab.SplitWhitespace})
	case "BertPreTokenizer":
		steps = append(steps, vocab.Splitter{Op: vocab.SplitBert})
	case "UnicodeScripts":
		steps = append(steps, vocab.Splitter{Op: vocab.SplitScripts})
	case "CharDelimiterSplit":
		steps = append(steps, vocab.Splitter{Op: vocab.SplitLiteral, Pattern: p.char("delimiter"), Behavior: vocab.Removed})
	case "FixedLength":
		length := 5
		if v := p.get("length"); v.kind != 'n' {
			length = int(v.number)
			if v.kind != '0' || v.number != float64(length) || length < 1 || length > MaxToken {
				p.fail("length: a whole number above 0 was expected, not %s", v.describe())
			}
		}
		steps = append(steps, vocab.Splitter{Op: vocab.SplitFixed, Length: length})
	}
	if len(h.def.Splitters)+len(steps) > MaxSteps {
		p.fail("more than %d splitters", MaxSteps)
		return
	}
	h.def.Splitters = append(h.def.Splitters, steps...)
}

// metaspace reads the new form (prepend_scheme) and the old one
// (add_prefix_space), where true is always.
func (h *hfReader) metaspace(p part) vocab.Splitter {
	step := vocab.Splitter{
		Op:          vocab.SplitMetaspace,
		Replacement: p.char("replacement"),
		Prepend:     vocab.PrependAlways,
		Split:       p.boolean("split", true),
	}
	scheme := p.get("prepend_scheme")
	switch {
	case scheme.kind == 'n':
	case scheme.kind != '"':
		p.fail("prepend_scheme: a string was expected, not %s", scheme.describe())
	case scheme.text == "always":
	case scheme.text == "first":
		step.Prepend = vocab.PrependFirst
	case scheme.text == "never":
		step.Prepend = vocab.PrependNever
	default:
		p.fail("unsupported prepend_scheme %q", scheme.text)
	}
	if !p.boolean("add_prefix_space", true) {
		if scheme.kind != 'n' && step.Prepend != vocab.PrependNever {
			p.fail("add_prefix_space is false, but prepend_scheme is %q", scheme.text)
		}
		step.Prepend = vocab.PrependNever
	}
	return step
}

// Decoders.

var hfDecoders = map[string][]string{
	"Sequence":     {"decoders"},
	"ByteLevel":    {"add_prefix_space", "use_regex"},
	"Metaspace":    {"replacement", "add_prefix_space", "prepend_scheme", "split"},
	"WordPiece":    {"prefix"},
	"BPEDecoder":   {"suffix"},
	"Replace":      {"pattern", "content"},
	"Strip":        {"content", "start", "stop"},
	"ByteFallback": nil,
	"Fuse":         nil,
}

func (h *hfReader) readDecoder() error { return h.readPart("decoder", h.decoder) }

func (h *hfReader) decoder(p part) {
	d := &h.def.Decoder
	switch p.kind(hfDecoders) {
	case "Sequence":
		p.each("decoders", h.decoder)
	case "ByteLevel", "ByteFallback", "Fuse": // tokens hold their bytes here
	case "Metaspace":
		m := h.metaspace(p)
		d.Space, d.TrimSpace = m.Replacement, m.Prepend != vocab.PrependNever
	case "WordPiece":
		d.WordPrefix = p.str("prefix")
	case "BPEDecoder":
		d.Suffix = p.str("suffix")
	case "Replace":
		text, regexp := p.pattern()
		if content := p.str("content"); regexp || content != " " || d.Space != "" {
			p.fail("only one Replace of a string by a space is supported")
		}
		d.Space = text
	case "Strip":
		start, stop := p.get("start"), p.get("stop")
		if content := p.str("content"); content != " " || start.kind != '0' || start.number != 1 || stop.kind != '0' || stop.number != 0 {
			p.fail("only one space at the start is supported")
		}
		d.TrimSpace = true
	}
}

// Added tokens.

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
			if next >= MaxTokens {
				return h.errorf("added_tokens[%d]: more than %d tokens", i, MaxTokens)
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
			if b, err = h.str(); len(b) > MaxToken {
				return h.errorf("token of %d bytes, the limit is %d", len(b), MaxToken)
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
	b, ok := appendAlphabet(h.buf[:0], text)
	h.buf = b
	if !ok {
		return vocab.NoID, false
	}
	return h.table.find(b)
}

// Models.

func (h *hfReader) readModel() error {
	tree := &node{kind: '{'}
	for _, o := range h.parts.options {
		tree.keys = append(tree.keys, o.key)
		tree.elems = append(tree.elems, o.value)
	}
	var err error
	p := part{node: tree, path: "model", err: &err}
	if h.parts.vocab == 0 {
		return errors.New("model.vocab is missing")
	}
	if p.get("type").kind == 'n' {
		h.inferType(p)
	}
	switch p.kind(map[string][]string{
		"BPE":       {"dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback", "ignore_merges"},
		"Unigram":   {"unk_id", "byte_fallback"},
		"WordPiece": {"unk_token", "continuing_subword_prefix", "max_input_chars_per_word"},
	}) {
	case "BPE":
		if h.parts.merges == 0 {
			return errors.New("model.merges is missing")
		}
		h.bpe(p)
	case "Unigram":
		h.unigram(p)
	case "WordPiece":
		h.wordPiece(p)
	}
	return err
}

// inferType names the type of a model that does not say, as old files, by the
// fields it has; the library tries its types in this order.
func (h *hfReader) inferType(p part) {
	kind := "WordLevel"
	switch {
	case h.parts.merges != 0:
		kind = "BPE"
	case h.data[h.parts.vocab] == '[':
		kind = "Unigram"
	case p.get("continuing_subword_prefix").kind != 'n':
		kind = "WordPiece"
	}
	for i, k := range p.keys {
		if k == "type" {
			p.elems[i] = node{kind: '"', text: kind}
			return
		}
	}
	p.keys = append(p.keys, "type")
	p.elems = append(p.elems, node{kind: '"', text: kind})
}

// vocabMap reads model.vocab as an object of strings and ids.
func (h *hfReader) vocabMap() error {
	h.pos, h.depth = h.parts.vocab, 0
	h.table = newTable((len(h.data) - h.pos) / 64)
	return h.object(func(key []byte) error {
		// The id stands behind the string, which lives until then only if it
		// is put away first.
		h.buf = append(h.buf[:0], key...)
		at := h.pos
		id, err := h.uint()
		if err != nil {
			return err
		}
		if err := h.addModelToken(id, h.buf); err != nil {
			h.pos = at
			return h.errorf("model.vocab: %w", err)
		}
		return nil
	})
}

// addModelToken enters a token as the file spells it.
func (h *hfReader) addModelToken(id uint64, text []byte) error {
	h.entries++
	if !h.byteLevel {
		return h.table.add(id, text)
	}
	n := len(text)
	b, ok := appendAlphabet(text, text) // behind itself, as scratch space
	h.buf = b[:0]
	if ok {
		return h.table.add(id, b[n:])
	}
	if h.odd == nil {
		h.odd = make(map[string]vocab.ID)
	}
	if _, ok := h.odd[string(text)]; ok {
		return fmt.Errorf("%w: %s", errTwice, clip(text))
	}
	if err := h.table.add(id, nil); err != nil {
		return err
	}
	h.odd[string(text)] = vocab.ID(id)
	return nil
}

func (h *hfReader) bpe(p part) {
	m := &h.def.Model
	*m = vocab.Model{
		Kind:         vocab.BPE,
		MergeBy:      vocab.ByList,
		Chars:        !h.byteLevel,
		IgnoreMerges: p.boolean("ignore_merges", false),
		ByteFallback: p.boolean("byte_fallback", false),
		FuseUnknown:  p.boolean("fuse_unk", false),
		Unknown:      vocab.NoID,
	}
	if d := p.get("dropout"); d.kind != 'n' && (d.kind != '0' || d.number != 0) {
		p.fail("dropout: %s is not supported, only nothing or 0", d.describe())
	}
	if p.get("continuing_subword_prefix").kind != 'n' {
		m.ContinuingPrefix = h.affix(p, "continuing_subword_prefix")
	}
	if p.get("end_of_word_suffix").kind != 'n' {
		m.EndSuffix = h.affix(p, "end_of_word_suffix")
	}
	if *p.err != nil {
		return
	}
	if err := h.vocabMap(); err != nil {
		*p.err = err
		return
	}
	h.pos, h.depth = h.parts.merges, 0
	if *p.err = h.merges(); *p.err != nil {
		return
	}
	if m.Tokens, *p.err = h.table.tokens(); *p.err != nil {
		return
	}

	// With every byte a token nothing is unknown, and neither byte_fallback
	// nor a missing unk_token matters.
	complete := h.byteLevel && m.ContinuingPrefix == "" && m.EndSuffix == "" && h.table.missingByte() < 0
	if m.ByteFallback {
		if h.byteLevel && !complete {
			p.fail("byte_fallback with ByteLevel is supported only if every byte is a token")
			return
		}
		if h.byteLevel {
			m.ByteFallback = false
		} else {
			var n int
			m.ByteTokens, n = h.table.byteTokens()
			complete = n == 256
		}
	}
	if u := p.get("unk_token"); u.kind != 'n' {
		text := p.str("unk_token")
		id, ok := h.modelID([]byte(text))
		if ok {
			m.Unknown = id
		} else if !complete {
			p.fail("unk_token %s is not in the vocabulary", clip([]byte(text)))
		}
	}
}

// affix reads continuing_subword_prefix or end_of_word_suffix in the model's
// own units.
func (h *hfReader) affix(p part, key string) string {
	text := p.str(key)
	if h.byteLevel {
		b, ok := appendAlphabet(nil, []byte(text))
		if !ok {
			p.fail("%s %q is not spelled in the alphabet of ByteLevel", key, text)
		}
		text = string(b)
	}
	return text
}

// merges reads model.merges in either notation, "a b" or ["a", "b"]. In a list
// with a pair twice the later place counts: the library collects the pairs in
// a map.
func (h *hfReader) merges() error {
	l := newMergeList(h.table, h.def.Model.ContinuingPrefix, (len(h.data)-h.pos)/24)
	var left, right, lb, rb []byte
	err := h.array(func(i int) error {
		if h.peek() == '[' {
			n := 0
			err := h.array(func(j int) error {
				b, err := h.str()
				switch n = j; j {
				case 0:
					left = append(left[:0], b...)
				case 1:
					right = append(right[:0], b...)
				}
				return err
			})
			if err != nil {
				return err
			}
			if n != 1 {
				return h.errorf("model.merges[%d]: two strings were expected, not %d", i, n+1)
			}
		} else {
			b, err := h.str()
			if err != nil {
				return err
			}
			if bytes.HasPrefix(b, []byte("#version")) {
				return nil
			}
			space := bytes.IndexByte(b, ' ')
			if space < 0 || bytes.IndexByte(b[space+1:], ' ') >= 0 {
				return h.errorf("model.merges[%d]: %s is not two tokens and a space", i, clip(b))
			}
			left, right = append(left[:0], b[:space]...), append(right[:0], b[space+1:]...)
		}
		lb, rb = left, right
		if h.byteLevel {
			var ok1, ok2 bool
			h.buf, ok1 = appendAlphabet(h.buf[:0], left)
			n := len(h.buf)
			h.buf, ok2 = appendAlphabet(h.buf, right)
			lb, rb = h.buf[:n], h.buf[n:]
			if !ok1 || !ok2 {
				// No text reaches a token outside the alphabet.
				for _, side := range [][]byte{left, right} {
					if _, ok := h.modelID(side); !ok {
						return h.errorf("model.merges[%d]: token %s is not in the vocabulary", i, clip(side))
					}
				}
				return nil
			}
		}
		if err := l.add(lb, rb); err != nil {
			return h.errorf("model.merges[%d]: %w", i, err)
		}
		return nil
	})
	h.def.Model.Merges = l.lastWins()
	return err
}

func (h *hfReader) unigram(p part) {
	if h.byteLevel {
		p.fail("a Unigram model behind ByteLevel is not supported")
		return
	}
	if h.parts.merges != 0 {
		p.fail("merges in a Unigram model")
		return
	}
	m := &h.def.Model
	*m = vocab.Model{
		Kind:         vocab.Unigram,
		ByteFallback: p.boolean("byte_fallback", false),
		FuseUnknown:  true, // always so in the library
		Unknown:      vocab.NoID,
	}
	h.pos, h.depth = h.parts.vocab, 0
	h.table = newTable((len(h.data) - h.pos) / 32)
	*p.err = h.array(func(i int) error {
		n := 0
		err := h.array(func(j int) (err error) {
			switch n++; j {
			case 0:
				var b []byte
				if b, err = h.str(); err == nil {
					err = h.table.set(uint64(i), b) // of equal pieces the last one counts
				}
			case 1:
				var score float64
				score, err = h.float()
				m.Scores64 = append(m.Scores64, score)
			}
			return err
		})
		if err == nil && n != 2 {
			err = h.errorf("a piece and a score were expected, not %d values", n)
		}
		if err != nil {
			return fmt.Errorf("model.vocab[%d]: %w", i, err)
		}
		h.entries++
		return nil
	})
	if *p.err != nil {
		return
	}
	if m.Tokens, *p.err = h.table.tokens(); *p.err != nil {
		return
	}
	if m.ByteFallback {
		m.ByteTokens, _ = h.table.byteTokens()
	}
	if u := p.get("unk_id"); u.kind != 'n' {
		id := int(u.number)
		if u.kind != '0' || u.number != float64(id) || id < 0 || id >= h.entries {
			p.fail("unk_id: an index into vocab was expected, not %s", u.describe())
			return
		}
		m.Unknown = vocab.ID(id)
	}
}

func (h *hfReader) wordPiece(p part) {
	if h.byteLevel {
		p.fail("a WordPiece model behind ByteLevel is not supported")
		return
	}
	if h.parts.merges != 0 {
		p.fail("merges in a WordPiece model")
		return
	}
	m := &h.def.Model
	*m = vocab.Model{
		Kind:             vocab.WordPiece,
		ContinuingPrefix: p.str("continuing_subword_prefix"),
		Unknown:          vocab.NoID,
	}
	if v := p.get("max_input_chars_per_word"); v.kind != '0' || v.number != float64(int(v.number)) || v.number < 0 || v.number > 1<<30 {
		p.fail("max_input_chars_per_word: a whole number was expected, not %s", v.describe())
	} else {
		m.MaxWordChars = int(v.number)
	}
	unknown := p.str("unk_token")
	if *p.err != nil {
		return
	}
	if *p.err = h.vocabMap(); *p.err != nil {
		return
	}
	if m.Tokens, *p.err = h.table.tokens(); *p.err != nil {
		return
	}
	id, ok := h.table.find([]byte(unknown))
	if !ok {
		p.fail("unk_token %s is not in the vocabulary", clip([]byte(unknown)))
		return
	}
	m.Unknown = id
}

package format

import (
	"encoding/base64"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

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
	if len(v.text) > maxToken && key != "precompiled_charsmap" {
		p.fail("%s: %d bytes, the limit is %d", key, len(v.text), maxToken)
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
			if text == "" || len(text) > maxToken {
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
	if len(h.def.Normalizers) >= maxSteps {
		p.fail("more than %d normalizers", maxSteps)
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
		// It sees GPT-2's alphabet and not the text: there a digit may be one
		// byte of three. (Falcon's file has this.)
		if kind == "ByteLevel" {
			p.fail("a second ByteLevel is not supported")
		}
		if s := h.def.Splitters; !slices.ContainsFunc(s, func(s vocab.Splitter) bool { return s.Op == vocab.SplitByteAlphabet }) {
			steps = append(steps, vocab.Splitter{Op: vocab.SplitByteAlphabet})
		}
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
			if v.kind != '0' || v.number != float64(length) || length < 1 || length > maxToken {
				p.fail("length: a whole number above 0 was expected, not %s", v.describe())
			}
		}
		steps = append(steps, vocab.Splitter{Op: vocab.SplitFixed, Length: length})
	}
	if len(h.def.Splitters)+len(steps) > maxSteps {
		p.fail("more than %d splitters", maxSteps)
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

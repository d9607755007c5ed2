// Package vocab holds what a tokenizer is made of, as plain data: the bytes of
// each token, how tokens merge or score, what is done to a text before, which
// strings are cut out first. It knows no file format and no algorithm.
//
// Think of a [Definition] as the whole recipe. Packages format (which makes
// one from a published file), normalize, split and model (which run one) meet
// only here, so that a tokenizer read from GGUF and the same one read from
// tokenizer.json are the same value and take the same code path.
//
// The road of a text is always
//
//	text → added tokens that match raw text → normalisers → added tokens that
//	match normalised text → splitters → model → ids
//
// and a Definition has one field for each station.
package vocab

import "fmt"

// ID is the number of a token. Ids are those of the vocabulary's reference.
type ID = uint32

// NoID marks the absence of a token, as in [Model.Unknown].
const NoID ID = 1<<32 - 1

// Definition is a complete tokenizer as data.
type Definition struct {
	// Name is the catalogue key ([a-z0-9._]+), for messages.
	Name string
	// Format tells where the definition came from: "tiktoken", "huggingface",
	// "sentencepiece", "tekken", "gguf", "merges".
	Format string
	// Unicode is the version of the Unicode tables that the reference uses,
	// such as "16.0.0". Empty means the default of the packages that ask.
	Unicode string

	Added       []AddedToken // found before the model sees the text; see AddedToken
	Normalizers []Normalizer // applied in order
	Splitters   []Splitter   // applied in order, each to the pieces of the one before
	Model       Model
	Decoder     Decoder
}

// Tokens is the list of token strings by id, in one arena of bytes: two
// allocations however many tokens. An id without a token has length zero.
// The zero value is an empty list.
type Tokens struct {
	Bytes []byte   // all token strings, joined in id order
	Ends  []uint32 // Ends[i] is where token i ends in Bytes
}

// Len returns the number of ids, holes included.
func (t *Tokens) Len() int { return len(t.Ends) }

// At returns the bytes of token id, empty for a hole and for an id out of
// range. The result shares memory with t and must not be changed.
func (t *Tokens) At(id ID) []byte {
	if uint64(id) >= uint64(len(t.Ends)) {
		return nil
	}
	var start uint32
	if id > 0 {
		start = t.Ends[id-1]
	}
	end := t.Ends[id]
	return t.Bytes[start:end:end]
}

// Append adds a token with the next id and returns that id.
func (t *Tokens) Append(token string) ID {
	t.Bytes = append(t.Bytes, token...)
	t.Ends = append(t.Ends, uint32(len(t.Bytes)))
	return ID(len(t.Ends) - 1)
}

// Index returns a map from token string to id. Where two ids have the same
// string the lower one wins. It is built anew at each call.
func (t *Tokens) Index() map[string]ID {
	m := make(map[string]ID, t.Len())
	for id := range t.Ends {
		b := t.At(ID(id))
		if len(b) == 0 {
			continue
		}
		if _, ok := m[string(b)]; !ok {
			m[string(b)] = ID(id)
		}
	}
	return m
}

// Type says what a token is for. The values are SentencePiece's
// (sentencepiece_model.proto, SentencePiece.Type), which GGUF shares.
type Type uint8

const (
	Normal      Type = 1 // an ordinary piece
	Unknown     Type = 2 // stands for what cannot be spelled
	Control     Type = 3 // never produced from text
	UserDefined Type = 4 // always cut out whole, before the model
	Unused      Type = 5 // may form while merging but is split again
	Byte        Type = 6 // one byte of a character that has no piece: <0x41>
)

// Kind is the family of a model.
type Kind uint8

const (
	BPE       Kind = iota + 1 // byte pair encoding: merge the best pair until none is left
	Unigram                   // the most probable segmentation (Viterbi)
	WordPiece                 // longest match first, word by word
)

func (k Kind) String() string {
	switch k {
	case BPE:
		return "BPE"
	case Unigram:
		return "Unigram"
	case WordPiece:
		return "WordPiece"
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// MergeBy says what decides which pair merges next in a BPE model. In each,
// the leftmost of equal pairs comes first.
type MergeBy uint8

const (
	// ByRank: two neighbours merge if their joined bytes are a token; the
	// lowest id of the result goes first. tiktoken.
	ByRank MergeBy = iota + 1
	// ByList: two neighbours merge if the pair is listed; the earliest in the
	// list goes first. Hugging Face tokenizers, GPT-2.
	ByList
	// ByScore: two neighbours merge if their joined string is a piece; the
	// highest score of the result goes first. SentencePiece.
	ByScore
)

// Merge is one entry of a merge list: tokens Left and Right, in that order,
// become Into.
type Merge struct{ Left, Right, Into ID }

// Model is the last station: a piece of text becomes ids.
type Model struct {
	Kind   Kind
	Tokens Tokens
	Types  []Type    // by id; nil means that all are Normal
	Scores []float32 // by id; SentencePiece BPE and Unigram. HF Unigram: see Scores64
	// Scores64 holds the scores of Hugging Face Unigram models, which are
	// float64 there and summed as such. If set, it is used instead of Scores
	// and the ties are broken as HF tokenizers does.
	Scores64 []float64

	// BPE.
	MergeBy MergeBy
	Merges  []Merge // ByList only, best first
	// Chars: the units that merging starts from are characters (code points)
	// and not bytes.
	Chars bool
	// IgnoreMerges: a piece that is a token as a whole is taken as that token
	// before any merging. Always true for ByRank.
	IgnoreMerges bool
	// ContinuingPrefix marks, in the token strings, a unit that does not begin
	// a word ("##"); EndSuffix one that ends a word ("</w>").
	ContinuingPrefix, EndSuffix string

	// ByteFallback: a unit without a token becomes its UTF-8 bytes, spelled
	// with the tokens of ByteTokens. If a byte has none, the unit is unknown.
	ByteFallback bool
	// ByteTokens gives the id of each byte value for ByteFallback, NoID where
	// there is none. Nil without ByteFallback.
	ByteTokens []ID
	// Unknown is the token of what cannot be spelled, NoID if there is none:
	// then such a unit gives no token at all (HF) or is an error.
	Unknown ID
	// FuseUnknown joins neighbouring unknown units into one token.
	FuseUnknown bool

	// WordPiece: a word of more than MaxWordChars code points is unknown.
	MaxWordChars int
}

// TypeOf returns the type of token id.
func (m *Model) TypeOf(id ID) Type {
	if m.Types == nil || uint64(id) >= uint64(len(m.Types)) {
		return Normal
	}
	return m.Types[id]
}

// AddedToken is a string that is cut out of the text before the model sees
// it. Special ones (control tokens) are kept here for decoding and listing
// only: in text that is encoded they are ordinary characters, see
// tokenizers.Encoder.
type AddedToken struct {
	ID      ID
	Text    string
	Special bool
	// Normalized: it is looked for in the normalised text (and its own text is
	// normalised for that); otherwise in the raw text.
	Normalized bool
	// LStrip, RStrip: it takes the white space before, behind it along.
	LStrip, RStrip bool
	// SingleWord: it counts only where no word character touches it.
	SingleWord bool
}

// NormalizerOp names one step of normalisation.
type NormalizerOp uint8

const (
	NFC NormalizerOp = iota + 1
	NFD
	NFKC
	NFKD
	Lowercase    // each code point by its full lower-case mapping, without context
	StripAccents // drops marks (M)
	Nmt          // SentencePiece's nmt rules as in HF tokenizers: controls dropped, odd spaces to U+0020
	Replace      // Pattern (Regexp or literal) by Content
	Prepend      // Content before the text, if the text is not empty
	Append       // Content behind the text, if the text is not empty
	Strip        // white space at the Left and/or Right end dropped
	Precompiled  // Charsmap, applied by grapheme as HF tokenizers does
	Bert         // CleanText, ChineseChars, StripAccents, Lowercase: BERT's BasicTokenizer
	// SentencePiece is the whole normaliser of a .model file: Charsmap by
	// longest match at each position, then white space by RemoveExtraSpaces,
	// DummyPrefix and EscapeSpaces. User-defined pieces are left as they are.
	SentencePiece
	ByteLevel // bytes as GPT-2's printable alphabet; only before a non-byte model
)

// Normalizer is one step of normalisation. Fields that the Op does not name
// are zero.
type Normalizer struct {
	Op NormalizerOp
	// Unicode is the version of the tables of this step, if it is not that
	// which the reference uses for such a step otherwise.
	Unicode string

	Pattern string // Replace
	Regexp  bool   // Replace: Pattern is a regular expression (Oniguruma syntax)
	Content string // Replace, Prepend, Append

	Left, Right bool // Strip

	Charsmap []byte // Precompiled, SentencePiece: the precompiled_charsmap blob, may be empty

	// Bert.
	CleanText, ChineseChars, StripAccents, Lowercase bool

	// SentencePiece.
	DummyPrefix       bool // a space before the text, if it is not empty
	RemoveExtraSpaces bool // outer spaces dropped, inner runs become one
	EscapeSpaces      bool // U+0020 becomes U+2581
	SpaceAsSuffix     bool // the dummy space stands behind (treat_whitespace_as_suffix)
}

// SplitOp names one way of cutting a text into pieces.
type SplitOp uint8

const (
	// SplitRegexp cuts by Pattern as Behavior says.
	SplitRegexp SplitOp = iota + 1
	// SplitLiteral is SplitRegexp with a literal Pattern.
	SplitLiteral
	// SplitMetaspace replaces U+0020 by Replacement, prepends it as Prepend
	// says, and, if Split, cuts before each Replacement.
	SplitMetaspace
	// SplitWhitespace cuts at white space and drops it.
	SplitWhitespace
	// SplitBert cuts at white space (dropped) and around each punctuation mark.
	SplitBert
	// SplitPunctuation cuts around punctuation as Behavior says.
	SplitPunctuation
	// SplitDigits cuts around runs of numeric characters, or each one if
	// Individual.
	SplitDigits
	// SplitPrefixSpace puts a space before a piece that has none
	// (ByteLevel add_prefix_space); it does not cut.
	SplitPrefixSpace
	// SplitScripts cuts where the Unicode script changes, as HF's
	// UnicodeScripts does.
	SplitScripts
	// SplitFixed cuts each Length code points.
	SplitFixed
	// SplitByteAlphabet spells the bytes of the text in GPT-2's printable
	// alphabet for the steps that follow, and the pieces are turned back into
	// bytes at the end; it does not cut. A step behind HF's ByteLevel sees such
	// text: there a byte may be a digit or a letter.
	SplitByteAlphabet
)

// Behavior says what becomes of the text that a split pattern matched.
type Behavior uint8

const (
	Isolated           Behavior = iota + 1 // the match is a piece of its own
	Removed                                // the match is dropped
	MergedWithPrevious                     // the match ends the piece before it
	MergedWithNext                         // the match begins the piece after it
	Contiguous                             // neighbouring matches are one piece
)

// PrependScheme says when SplitMetaspace puts its replacement before a text.
type PrependScheme uint8

const (
	PrependNever  PrependScheme = iota
	PrependFirst                // only before the first piece of the text
	PrependAlways               // before each text between added tokens
)

// Splitter is one step of pre-tokenisation. Fields that the Op does not name
// are zero.
type Splitter struct {
	Op       SplitOp
	Pattern  string
	Behavior Behavior
	Invert   bool // matches and what lies between them change places

	// LineEnd: in Pattern, $ also matches before a line feed, as in
	// Oniguruma's Ruby syntax; otherwise only at the end of the text.
	LineEnd bool

	Replacement string        // SplitMetaspace, usually U+2581
	Prepend     PrependScheme // SplitMetaspace
	Split       bool          // SplitMetaspace
	Individual  bool          // SplitDigits
	Length      int           // SplitFixed
}

// Decoder tells how ids become text again.
type Decoder struct {
	// Space is the string in tokens that stands for U+0020 ("▁"), empty if
	// tokens hold their real bytes.
	Space string
	// TrimSpace drops one space at the start of the text: what a dummy prefix
	// put there.
	TrimSpace bool
	// WordPrefix is the mark of a token that continues a word ("##"); other
	// tokens are then joined with a space (WordPiece). Empty: joined directly.
	WordPrefix string
	// Suffix is the mark of the end of a word ("</w>"), decoded as a space.
	Suffix string
}

package format

import (
	"slices"
	"strings"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// The published split patterns, letter for letter. Sources: openai/tiktoken
// tiktoken_ext/openai_public.py for OpenAI's; the vendor's tokenizer.json,
// tekken.json or tokenizer code for the others; llama.cpp's
// src/llama-vocab.cpp where the comment says so.
const (
	// GPT-2, and ByteLevel(use_regex) of Hugging Face tokenizers.
	patternGPT2 = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
	// The same in tiktoken's faster form, which r50k and p50k use.
	patternR50K   = `'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s`
	patternCL100K = `'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s`
	patternO200K  = `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	patternLlama3 = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	patternQwen   = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	patternQwen35 = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	patternTekken = `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	patternKimi   = `[\p{Han}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`

	// DeepSeek V3: three steps. The second is CJK ideographs, hiragana,
	// katakana; in the third, CR and LF stand in the file as themselves.
	patternDigits3      = `\p{N}{1,3}`
	patternDeepSeekCJK  = "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+"
	patternDeepSeekText = "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+"

	// DeepSeek LLM and Coder, after llama.cpp. The letters of the first are
	// A-Z, a-z and the cased letters of the other scripts.
	patternLines   = "[\r\n]"
	patternLetters = `\s?[A-Za-z` +
		"\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u01ba\u01bc-\u01bf\u01c4-\u0293\u0295-\u02af\u0370-\u0373\u0376\u0377\u037b-\u037d\u037f\u0386\u0388-\u038a\u038c\u038e-\u03a1\u03a3-\u03f5\u03f7-\u0481" +
		"\u048a-\u052f\u0531-\u0556\u10a0-\u10c5\u13a0-\u13f5\u13f8-\u13fd\u1c90-\u1cba\u1cbd-\u1cbf\u1d00-\u1d2b\u1d6b-\u1d77\u1d79-\u1d9a" +
		"\u1e00-\u1f15\u1f18-\u1f1d\u1f20-\u1f45\u1f48-\u1f4d\u1f50-\u1f57\u1f59\u1f5b\u1f5d\u1f5f-\u1f7d\u1f80-\u1fb4\u1fb6-\u1fbc\u1fbe\u1fc2-\u1fc4\u1fc6-\u1fcc\u1fd0-\u1fd3\u1fd6-\u1fdb\u1fe0-\u1fec\u1ff2-\u1ff4\u1ff6-\u1ffc" +
		"\u2102\u2107\u210a-\u2113\u2115\u2119-\u211d\u2124\u2126\u2128\u212a-\u212d\u212f-\u2134\u2139\u213c-\u213f\u2145-\u2149\u214e\u2183\u2184\u2c00-\u2c7b\u2c7e-\u2ce4\u2ceb-\u2cee\u2cf2\u2cf3" +
		"\ua640-\ua66d\ua680-\ua69b\ua722-\ua76f\ua771-\ua787\ua78b-\ua78e\uab70-\uabbf\ufb00-\ufb06\ufb13-\ufb17\uff21-\uff3a\uff41-\uff5a" +
		"\U00010400-\U0001044f\U000104b0-\U000104d3\U000104d8-\U000104fb\U00010c80-\U00010cb2\U00010cc0-\U00010cf2\U000118a0-\U000118df\U0001e900-\U0001e943" +
		`]+`
	patternMarks    = `\s?[!-/:-~` + "\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002" + `]+`
	patternTail     = `\s+$`
	patternEastAsia = "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+"

	// BLOOM. The parentheses and the bar are members of the class.
	patternBloom = ` ?[^(\s|.,!?` + "\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c" + `)]+`

	// K-EXAONE (llama.cpp, exaone-moe).
	patternKEXAONE = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+`
	// Ling, LLaDA (llama.cpp, bailingmoe).
	patternBailing = `'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+`
	// Seed-Coder (llama.cpp, seed-coder).
	patternSeed = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1}| ?[^\\s\\p{L}\\p{N}\r\n]+|\\s*[\r\n]+|\\s+(?!\\S)|\\s+"

	// llama.cpp's own, for a GGUF file that does not say.
	patternLlamaMarks  = `[\p{P}\$\+<=>\^~\|]+`
	patternFalconMarks = "[\\p{P}\\$\\+<=>\\^~\\|`]+"
	patternThreeDigits = `[0-9][0-9][0-9]`
)

// A recipe is what a vocabulary does to a text before its model, for the file
// formats that do not say.
type recipe struct {
	normalizers []vocab.Normalizer
	splitters   []vocab.Splitter
	// ignoreMerges says that a piece that is a token is taken whole, for files
	// of merges that tell nothing about it.
	ignoreMerges bool
}

// rust is a split by pattern as tiktoken does it: the regular expressions of
// Rust, where $ is the end of the text.
func rust(pattern string) []vocab.Splitter {
	return []vocab.Splitter{{Op: vocab.SplitRegexp, Pattern: pattern, Behavior: vocab.Isolated}}
}

// onig is a chain of splits as HF tokenizers does them: Oniguruma.
func onig(patterns ...string) (steps []vocab.Splitter) {
	for _, p := range patterns {
		steps = append(steps, vocab.Splitter{Op: vocab.SplitRegexp, Pattern: p, Behavior: vocab.Isolated, LineEnd: true})
	}
	return steps
}

// digitsGPT2 is HF's Digits(individual_digits), then ByteLevel(use_regex).
func digitsGPT2() []vocab.Splitter {
	return append([]vocab.Splitter{{Op: vocab.SplitDigits, Individual: true}}, onig(patternGPT2)...)
}

// recipes by vocabulary. Names that share one are listed in aliases.
var recipes = map[string]recipe{
	"gpt2":           {splitters: onig(patternGPT2)},
	"r50k_base":      {splitters: rust(patternR50K)},
	"cl100k_base":    {splitters: rust(patternCL100K)},
	"o200k_base":     {splitters: rust(patternO200K)},
	"claude2":        {normalizers: []vocab.Normalizer{{Op: vocab.NFKC, Unicode: "17.0.0"}}, splitters: rust(patternGPT2)},
	"llama3":         {splitters: rust(patternLlama3), ignoreMerges: true},
	"qwen":           {normalizers: []vocab.Normalizer{{Op: vocab.NFC}}, splitters: rust(patternQwen)},
	"qwen3.5":        {normalizers: []vocab.Normalizer{{Op: vocab.NFC}}, splitters: onig(patternQwen35)},
	"tekken":         {splitters: rust(patternTekken), ignoreMerges: true},
	"kimi_k2":        {splitters: rust(patternKimi)},
	"deepseek_v3":    {splitters: onig(patternDigits3, patternDeepSeekCJK, patternDeepSeekText)},
	"deepseek_llm":   {splitters: onig(patternLines, patternLetters, patternMarks, patternTail, patternEastAsia, `\p{N}+`)},
	"deepseek_coder": {splitters: onig(patternLines, `\s?\p{L}+`, `\s?\p{P}+`, patternEastAsia, `\p{N}`)},
	"hyperclovax":    {splitters: onig(`\p{N}`, patternDeepSeekCJK, patternDeepSeekText)},
	"command_r":      {normalizers: []vocab.Normalizer{{Op: vocab.NFC}}, splitters: digitsGPT2()},
	"cohere_75k":     {normalizers: []vocab.Normalizer{{Op: vocab.NFC}}, splitters: onig(patternGPT2)},
	"exaone3":        {splitters: append(onig(`\p{N}`), onig(patternGPT2)...)},
	"k_exaone":       {splitters: onig(patternKEXAONE)},
	"bloom":          {splitters: onig(patternBloom)},
}

// aliases are further names of recipes.
var aliases = map[string]string{
	"p50k_base": "r50k_base", "p50k_edit": "r50k_base",
	"phi2": "gpt2", "cohere_50k": "gpt2",
	"o200k_harmony": "o200k_base", "gptoss": "o200k_base", "llama4": "o200k_base",
	"minimax": "o200k_base", "minimax_m1": "o200k_base", "phi4_mini": "o200k_base",
	"glm4": "llama3", "llama3_1": "llama3", "llama3_2": "llama3", "llama3_3": "llama3",
	"qwen2": "qwen", "qwen2.5": "qwen", "qwen3": "qwen", "hunyuan": "qwen",
	"mistral_tekken": "tekken", "mistral_nemo": "tekken",
	"kimi":        "kimi_k2",
	"deepseek_v4": "deepseek_v3", "deepseek_r1": "deepseek_v3",
	"command_r_plus": "command_r", "command_a": "command_r",
}

// lookup finds the recipe of a vocabulary.
func lookup(name string) (recipe, bool) {
	if other, ok := aliases[name]; ok {
		name = other
	}
	r, ok := recipes[name]
	return r, ok
}

// apply sets the stations of def that its file says nothing about.
func (r recipe) apply(def *vocab.Definition) {
	def.Normalizers = append(def.Normalizers, r.normalizers...)
	def.Splitters = slices.Clone(r.splitters)
}

// Splitters returns the published splitters of a vocabulary, for the formats
// that do not carry them (rank files, merges), and whether it is known. Names
// are catalogue keys as in [vocab.Definition]: r50k_base, p50k_base,
// cl100k_base, o200k_base, gpt2, claude2, llama3, llama4, qwen, qwen3.5, glm4,
// hunyuan, kimi_k2, minimax, tekken, deepseek_llm, deepseek_coder, deepseek_v3,
// hyperclovax, command_r, cohere_50k, cohere_75k, exaone3, k_exaone, bloom and
// the names of a few that share one of these.
func Splitters(name string) ([]vocab.Splitter, bool) {
	r, ok := lookup(name)
	return slices.Clone(r.splitters), ok
}

// ggufRecipe finds the recipe behind tokenizer.ggml.pre of a GGUF file.
//
// llama.cpp writes many of the patterns anew for its own engine and normalises
// nothing. What counts here is what the vendor's tokenizer does, so these are
// the original patterns with the vendor's normaliser, wherever they are known;
// where only llama.cpp's are, they are llama.cpp's.
func ggufRecipe(pre string) (recipe, bool) {
	names := strings.Fields
	for _, row := range []struct {
		pre []string
		r   func() recipe
	}{
		{names("gpt-2 phi-2 jina-es jina-de gigachat jina-v2-es jina-v2-de a.x-4.0 mellum modern-bert jina-v1-en jina-v2-code roberta-bpe mpt olmo jais trillion granite-docling exaone4"),
			func() recipe { return recipes["gpt2"] }},
		{names("llama3 llama-v3 llama-bpe falcon3 falcon-h1 pixtral midm-2.0 lfm2 jina-v5-nano"),
			func() recipe { return recipe{splitters: onig(patternLlama3), ignoreMerges: true} }},
		// The same pattern, but llama.cpp does not set ignore_merges for these.
		{names("dbrx smaug-bpe"), func() recipe { return recipe{splitters: onig(patternLlama3)} }},
		// GLM-4's rank file takes whole tokens first.
		{names("glm4 chatglm-bpe"), func() recipe { return recipe{splitters: onig(patternLlama3), ignoreMerges: true} }},
		{names("qwen2 hunyuan megrez"), func() recipe {
			return recipe{normalizers: recipes["qwen"].normalizers, splitters: onig(patternQwen)}
		}},
		{names("deepseek-r1-qwen stablelm2 solar-open grok-2 kormo f2llmv2"), func() recipe { return recipe{splitters: onig(patternQwen)} }},
		{names("qwen35"), func() recipe { return recipes["qwen3.5"] }},
		// The first two were born as rank files, which take whole tokens first.
		{names("gpt-4o llama4"), func() recipe { return recipe{splitters: onig(patternO200K), ignoreMerges: true} }},
		{names("kanana2 minimax-m2 talkie"), func() recipe { return recipe{splitters: onig(patternO200K)} }},
		{names("tekken"), func() recipe { return recipe{splitters: onig(patternTekken), ignoreMerges: true} }},
		{names("kimi-k2"), func() recipe { return recipes["kimi_k2"] }},
		{names("deepseek-v3 hunyuan-dense joyai-llm hy_v4"), func() recipe { return recipes["deepseek_v3"] }},
		{names("hyperclovax"), func() recipe { return recipes["hyperclovax"] }},
		{names("deepseek-llm"), func() recipe { return recipes["deepseek_llm"] }},
		{names("deepseek-coder"), func() recipe { return recipes["deepseek_coder"] }},
		{names("command-r"), func() recipe { return recipes["command_r"] }},
		{names("starcoder refact smollm codeshell minerva-7b mellum2"), func() recipe { return recipe{splitters: digitsGPT2()} }},
		{names("exaone"), func() recipe { return recipes["exaone3"] }},
		{names("exaone-moe"), func() recipe { return recipes["k_exaone"] }},
		{names("bloom poro-chat gpt3-finnish"), func() recipe { return recipes["bloom"] }},
		{names("viking"), func() recipe { return recipe{splitters: onig(patternBloom, `\p{N}`)} }},
		{names("bailingmoe bailingmoe2 llada-moe"), func() recipe { return recipe{splitters: onig(patternBailing)} }},
		{names("seed-coder"), func() recipe { return recipe{splitters: onig(patternSeed)} }},
		{names("falcon"), func() recipe {
			return recipe{splitters: onig(patternFalconMarks, patternGPT2, patternThreeDigits)}
		}},
		{names("default"), func() recipe {
			return recipe{splitters: onig(patternLlamaMarks, patternGPT2, `\p{N}+`, patternThreeDigits)}
		}},
	} {
		if slices.Contains(row.pre, pre) {
			return row.r(), true
		}
	}
	return recipe{}, false
}

module github.com/babelmeter/babelmeter

go 1.26.0

// The command: flags and completion, the progress bar, what a terminal is.
require (
	github.com/schollz/progressbar/v3 v3.19.1
	github.com/spf13/cobra v1.10.2
	github.com/spf13/pflag v1.0.9
	golang.org/x/term v0.47.0
)

// Manifests of vocabularies and books of prices.
require github.com/BurntSushi/toml v1.6.0

// A public price table that is YAML (genai-prices): read only.
require go.yaml.in/yaml/v3 v3.0.5

// Text: columns of a terminal, graphemes and words, language tags, normal forms and
// encodings of Asia (of the Go project, and what Go's web stack decodes by).
require (
	github.com/clipperhouse/displaywidth v0.11.0
	github.com/clipperhouse/uax29/v2 v2.7.0
	golang.org/x/text v0.43.0
)

// SentencePiece's files: protowire only, no generated code.
require google.golang.org/protobuf v1.36.12

// What the processor can do, and UTF-8 checked by vector instructions.
require (
	github.com/segmentio/asm v1.2.1
	golang.org/x/sys v0.49.0
)

// Locks between processes that pull into one cache: flock of Unix and LockFileEx of
// Windows behind one call, released by the system when a process dies.
require github.com/gofrs/flock v0.13.1

// zstd, for the tables of vocabularies that are built in and for corpora.
require github.com/klauspost/compress v1.20.3

// Engines that are compared, and the rank files that one of them carries.
require (
	github.com/pkoukk/tiktoken-go v0.1.8
	github.com/pkoukk/tiktoken-go-loader v0.0.2
	github.com/sugarme/tokenizer v0.3.0
)

// Tests: differences, scripts of the command, a terminal, and the expressions by
// the book that the splitter is held to.
require (
	github.com/dlclark/regexp2/v2 v2.12.0
	github.com/google/go-cmp v0.7.0
	github.com/rogpeppe/go-internal v1.16.0
)

// What these need.
require (
	github.com/dlclark/regexp2 v1.10.0 // indirect
	github.com/emirpasic/gods v1.18.1 // indirect
	github.com/google/uuid v1.3.0 // indirect
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/mitchellh/colorstring v0.0.0-20190213212951-d06e56a500db // indirect
	github.com/patrickmn/go-cache v2.1.0+incompatible // indirect
	github.com/rivo/uniseg v0.4.7 // indirect
	github.com/schollz/progressbar/v2 v2.15.0 // indirect
	github.com/sugarme/regexpset v0.0.0-20200920021344-4d4ec8eaf93c // indirect
	golang.org/x/tools v0.51.0 // indirect
)

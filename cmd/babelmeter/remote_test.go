package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/babelmeter/babelmeter/tokenizers"
)

// vendorKey is what the vendors of the scripts take.
const vendorKey = "sk-script-0123456789"

// o200k counts what the vendors of the scripts count.
var o200k = sync.OnceValues(func() (tokenizers.Encoder, error) {
	cat, err := tokenizers.Builtin()
	if err != nil {
		return nil, err
	}
	spec, err := cat.Lookup("o200k_base")
	if err != nil {
		return nil, err
	}
	return tokenizers.Native{}.Open(builtinFiles(spec), spec)
})

// vendorServer speaks Anthropic's endpoint: the tokens of o200k_base, and seven
// around each text. Below /uneven they are eight around a text that ends with a
// full stop, below /busy each text is refused once, below /down always.
func vendorServer() *httptest.Server {
	var seen sync.Map
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fail := func(status int, why string) {
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"type":"error","error":{"type":"error","message":%q}}`, why)
		}
		again := func(text string) bool { _, ok := seen.LoadOrStore(text, true); return ok }
		mode, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		var body struct {
			Model    string
			Messages []struct{ Role, Content string }
		}
		enc, err := o200k()
		switch {
		case r.Header.Get("x-api-key") != vendorKey:
			fail(http.StatusUnauthorized, "invalid x-api-key "+r.Header.Get("x-api-key"))
			return
		case err != nil || path != "v1/messages/count_tokens" || json.NewDecoder(r.Body).Decode(&body) != nil || len(body.Messages) != 1:
			fail(http.StatusNotFound, "no such thing")
			return
		case body.Messages[0].Content == "":
			fail(http.StatusBadRequest, "messages: text content blocks must be non-empty")
			return
		case mode == "down", mode == "busy" && !again(body.Messages[0].Content):
			w.Header().Set("Retry-After", "0.001")
			fail(http.StatusTooManyRequests, "slow down")
			return
		}
		count, err := enc.Count(body.Messages[0].Content)
		if err != nil {
			fail(http.StatusInternalServerError, err.Error())
			return
		}
		if mode == "uneven" && strings.HasSuffix(body.Messages[0].Content, ".") {
			count++
		}
		fmt.Fprintf(w, `{"input_tokens":%d}`, count+7)
	}))
}

// Names of the catalogue that vendors can be asked for have a target, and their
// row in records has a name that benchstat takes.
func TestTargets(t *testing.T) {
	cat, err := tokenizers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range append(cat.Closed(), cat.Specs()...) {
		if s.Remote == nil {
			continue
		}
		for _, m := range s.Models {
			g, err := newTarget(cat, m.Name)
			if err != nil || g.model != m.Name || g.spec.Remote != s.Remote || strings.Trim(g.spec.Name, "abcdefghijklmnopqrstuvwxyz0123456789._") != "" {
				t.Errorf("%s: %+v, %v", m.Name, g, err)
			}
		}
	}
	for name, want := range map[string]string{
		"anthropic:claude-next": "claude_next", "openai:gpt-4o-2024-08-06": "gpt_4o_2024_08_06", "HCX-007": "hcx_007",
	} {
		if g, err := newTarget(cat, name); err != nil || g.spec.Name != want || g.spec.Models[0].Provenance != tokenizers.API {
			t.Errorf("%s: %+v, %v", name, g, err)
		}
	}
	for name, want := range map[string]string{
		"claude":                 "--remote claude: each model is asked for by its own name, such as claude-3-haiku-20240307",
		"llama-3.3-70b-instruct": "no vendor's endpoint counts for it",
		"nothing-known":          `unknown vocabulary or model "nothing-known"`,
		"nobody:a-model":         "API:MODEL names one that the catalogue does not know",
	} {
		if _, err := newTarget(cat, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
}

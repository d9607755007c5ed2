package remote

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/babelmeter/babelmeter/tokenizers"
)

// A vendor of the tests counts characters: each but the space is a token, with
// its number as id, and the framing is around them.
type shape struct {
	model  string
	path   string // that must be asked
	auth   func(r *http.Request) string
	want   string // of auth
	frames int
	empty  bool // takes an empty text
	// text finds the text in a request, "" and false if it is of another shape.
	text func(body map[string]any) (string, bool)
	// answer is the published answer for a text of so many characters.
	answer func(text string, n int) string
}

const (
	secret  = "sk-test-0123456789"
	secret2 = "second-9876543210"
)

func header(name string) func(*http.Request) string {
	return func(r *http.Request) string { return r.Header.Get(name) }
}

// at finds a value in decoded JSON.
func at(v any, keys ...any) any {
	for _, k := range keys {
		switch x := v.(type) {
		case map[string]any:
			v = x[k.(string)]
		case []any:
			i := k.(int)
			if i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

func str(v any) (string, bool) {
	s, ok := v.(string)
	return s, ok
}

func message0(b map[string]any) (string, bool) {
	if at(b, "messages", 0, "role") != "user" {
		return "", false
	}
	return str(at(b, "messages", 0, "content"))
}

func tokensOf(text string) []rune { return []rune(strings.ReplaceAll(text, " ", "")) }

func ids(text string) string {
	list := tokensOf(text)
	b, _ := json.Marshal(list)
	if list == nil {
		return "[]"
	}
	return string(b)
}

// shapes are the requests and answers as the vendors publish them: see the
// manifests for where.
var shapes = map[string]shape{
	"anthropic": {model: "claude-3-haiku-20240307", path: "/v1/messages/count_tokens", auth: header("x-api-key"), want: secret, frames: 7,
		text:   message0,
		answer: func(_ string, n int) string { return fmt.Sprintf(`{"input_tokens":%d}`, n) }},
	"openai": {model: "gpt-4o", path: "/v1/responses/input_tokens", auth: header("Authorization"), want: "Bearer " + secret, frames: 7, empty: true,
		text: func(b map[string]any) (string, bool) { return str(b["input"]) },
		answer: func(_ string, n int) string {
			return fmt.Sprintf(`{"object":"response.input_tokens","input_tokens":%d}`, n)
		}},
	"gemini": {model: "gemini-3.6-flash", path: "/v1beta/models/gemini-3.6-flash:countTokens", auth: header("x-goog-api-key"), want: secret, frames: 1,
		text: func(b map[string]any) (string, bool) { return str(at(b, "contents", 0, "parts", 0, "text")) },
		answer: func(_ string, n int) string {
			return fmt.Sprintf(`{"totalTokens":%d,"promptTokensDetails":[{"modality":"TEXT","tokenCount":%d}]}`, n, n)
		}},
	"cohere": {model: "command-r-plus", path: "/v1/tokenize", auth: header("Authorization"), want: "Bearer " + secret,
		text: func(b map[string]any) (string, bool) { return str(b["text"]) },
		answer: func(text string, n int) string {
			parts, _ := json.Marshal(strings.Split(string(tokensOf(text)), ""))
			return fmt.Sprintf(`{"tokens":%s,"token_strings":%s,"meta":{"api_version":{"version":"1"}}}`, ids(text), parts)
		}},
	"dashscope": {model: "qwen-plus", path: "/api/v1/tokenizer", auth: header("Authorization"), want: "Bearer " + secret, empty: true,
		text: func(b map[string]any) (string, bool) { return str(at(b, "input", "prompt")) },
		answer: func(text string, n int) string {
			return fmt.Sprintf(`{"output":{"token_ids":%s,"tokens":[]},"usage":{"input_tokens":%d},"request_id":"r"}`, ids(text), n)
		}},
	"zhipu": {model: "glm-4.6", path: "/api/paas/v4/tokenizer", auth: header("Authorization"), want: "Bearer " + secret, frames: 6,
		text: message0,
		answer: func(_ string, n int) string {
			return fmt.Sprintf(`{"id":"20241120","usage":{"prompt_tokens":%d,"image_tokens":0,"video_tokens":0,"total_tokens":%d},"created":1727156815,"request_id":"1"}`, n, n)
		}},
	"moonshot": {model: "kimi-k2", path: "/v1/tokenizers/estimate-token-count", auth: header("Authorization"), want: "Bearer " + secret, frames: 9,
		text:   message0,
		answer: func(_ string, n int) string { return fmt.Sprintf(`{"data":{"total_tokens":%d}}`, n) }},
	"qianfan": {model: "ernie-4.0-8k", path: "/rpc/2.0/ai_custom/v1/wenxinworkshop/tokenizer/erniebot",
		auth: func(r *http.Request) string {
			now, err := time.Parse("2006-01-02T15:04:05Z", r.Header.Get("x-bce-date"))
			if err != nil || r.Header.Get("Authorization") != bce(secret, secret2, "POST", r.URL.Path, "", r.Host, now) {
				return "wrong signature"
			}
			return "signed"
		}, want: "signed",
		text: func(b map[string]any) (string, bool) { return str(b["prompt"]) },
		answer: func(_ string, n int) string {
			return fmt.Sprintf(`{"id":"as-x","object":"tokenizer.erniebot","created":1719,"usage":{"prompt_tokens":%d,"total_tokens":%d}}`, n, n)
		}},
	"hunyuan": {model: "hunyuan-lite", path: "/",
		auth: func(r *http.Request) string {
			var sec int64
			fmt.Sscan(r.Header.Get("X-TC-Timestamp"), &sec)
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(strings.NewReader(string(body)))
			if r.Header.Get("Authorization") != tc3(secret, secret2, "hunyuan", r.Host, r.Header.Get("Content-Type"), body, time.Unix(sec, 0)) {
				return "wrong signature"
			}
			return "signed " + r.Header.Get("X-TC-Action") + " " + r.Header.Get("X-TC-Version")
		}, want: "signed GetTokenCount 2023-09-01",
		text: func(b map[string]any) (string, bool) { return str(b["Prompt"]) },
		answer: func(text string, n int) string {
			parts, _ := json.Marshal(strings.Split(string(tokensOf(text)), ""))
			return fmt.Sprintf(`{"Response":{"RequestId":"c9e2","TokenCount":%d,"CharacterCount":%d,"Tokens":%s}}`, n, n, parts)
		}},
	"clova": {model: "HCX-005", path: "/v3/api-tools/chat-tokenize/HCX-005", auth: header("Authorization"), want: "Bearer " + secret, frames: 4,
		text: message0,
		answer: func(text string, n int) string {
			return fmt.Sprintf(`{"status":{"code":"20000","message":"OK"},"result":{"messages":[{"role":"user","content":[{"type":"text","text":%q,"count":%d}]}]}}`, text, n)
		}},
	"xai": {model: "grok-4-0709", path: "/v1/tokenize-text", auth: header("Authorization"), want: "Bearer " + secret, empty: true,
		text: func(b map[string]any) (string, bool) { return str(b["text"]) },
		answer: func(text string, _ int) string {
			list := []map[string]any{}
			for _, r := range tokensOf(text) {
				list = append(list, map[string]any{"token_id": r, "string_token": string(r), "token_bytes": []int{65}})
			}
			b, _ := json.Marshal(map[string]any{"token_ids": list})
			return string(b)
		}},
	"doubao": {model: "doubao-seed-1-6-250615", path: "/api/v3/tokenization", auth: header("Authorization"), want: "Bearer " + secret,
		text: func(b map[string]any) (string, bool) { return str(at(b, "text", 0)) },
		answer: func(text string, n int) string {
			return fmt.Sprintf(`{"object":"list","id":"02","model":"m","data":[{"index":0,"object":"tokenization","total_tokens":%d,"token_ids":%s,"offset_mapping":[[0,1]]}],"created":1724902147}`, n, ids(text))
		}},
}

// ServeHTTP answers as the vendor does, and refuses what is not asked as
// published.
func (s shape) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	refuse := func(status int, why string) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"error":{"type":"invalid_request_error","message":%q}}`, why)
	}
	if got := s.auth(r); got != s.want {
		refuse(http.StatusUnauthorized, "auth is "+got)
		return
	}
	var body map[string]any
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		refuse(http.StatusBadRequest, err.Error())
		return
	}
	text, ok := s.text(body)
	model, named := body["model"]
	switch {
	case r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json"):
		refuse(http.StatusMethodNotAllowed, "not a POST of JSON")
	case r.URL.Path != s.path:
		refuse(http.StatusNotFound, "path is "+r.URL.Path)
	case !ok:
		refuse(http.StatusBadRequest, fmt.Sprintf("no text in %v", body))
	case named && model != s.model:
		refuse(http.StatusNotFound, fmt.Sprintf("model is %v", model))
	case text == "" && !s.empty:
		refuse(http.StatusBadRequest, "text must not be empty")
	default:
		io.WriteString(w, s.answer(text, len(tokensOf(text))+s.frames))
	}
}

// spec finds the manifest of an endpoint.
func spec(t testing.TB, api string) *tokenizers.Spec {
	t.Helper()
	cat, err := tokenizers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range append(cat.Closed(), cat.Specs()...) {
		if s.Remote != nil && s.Remote.API == api {
			return s
		}
	}
	t.Fatalf("no manifest has the endpoint %s", api)
	return nil
}

// client asks a local server in a vendor's place, without patience.
func client(t testing.TB, api, model string, h http.Handler, o Options) *Client {
	t.Helper()
	loopback(t)
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	o.HTTP, o.Endpoint, o.Now = s.Client(), s.URL, time.Now
	if o.Secrets == nil {
		o.Secrets = []string{secret, secret2}[:vendors[api].secrets]
	}
	if o.Rate == 0 {
		o.Rate = 1e6
	}
	if o.Backoff == 0 {
		o.Backoff = time.Millisecond
	}
	c, err := New(spec(t, api).Remote, model, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Each vendor is asked as it publishes, and its answer understood; what is
// around the text is found and subtracted, and a recording gives the same
// again without the server.
func TestVendors(t *testing.T) {
	if got := slices.Sorted(func(yield func(string) bool) {
		for api := range shapes {
			if !yield(api) {
				return
			}
		}
	}); !slices.Equal(got, APIs()) {
		t.Errorf("endpoints %v, with a server in the tests %v", APIs(), got)
	}
	texts := []string{"Hello, world.", "会議は三時に始まります。", `<"&\> `, "a\nb", strings.Repeat("長い", 3000), "\xffx"}
	want := []int{12, 12, 5, 3, 6000, 2}
	for api, s := range shapes {
		t.Run(api, func(t *testing.T) {
			var file strings.Builder
			rec := new(Recording)
			if err := rec.Keep(&file, "rec.jsonl", "test", time.Now(), true); err != nil {
				t.Fatal(err)
			}
			c := client(t, api, s.model, s, Options{Recording: rec})
			k, err := c.Open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if f := (Framing{Tokens: s.frames, Lo: s.frames, Hi: s.frames, Probes: 25}); k.Framing != f {
				t.Errorf("framing %+v, want %+v", k.Framing, f)
			}
			got, err := k.CountTexts(t.Context(), texts)
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
			enc, err := k.AppendEncode(nil, "日本")
			switch api {
			case "cohere", "dashscope", "xai", "doubao":
				if !slices.Equal(enc, []tokenizers.ID{'日', '本'}) || err != nil {
					t.Errorf("ids %v, %v", enc, err)
				}
			default:
				if err == nil {
					t.Errorf("ids %v of an endpoint that gives none", enc)
				}
			}
			for _, hidden := range []string{secret, secret2, "会議"} {
				if strings.Contains(file.String(), hidden) {
					t.Errorf("the recording holds %q", hidden)
				}
			}

			old, err := ReadRecording(strings.NewReader(file.String()), "rec.jsonl")
			if err != nil {
				t.Fatal(err)
			}
			off, err := New(spec(t, api).Remote, s.model, Options{Recording: old})
			if err != nil {
				t.Fatal(err)
			}
			again, err := off.Open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got, err = again.CountTexts(t.Context(), texts)
			if diff := cmp.Diff(want, got); err != nil || diff != "" || again.Framing != k.Framing {
				t.Errorf("replayed: %v, framing %+v (-want +got):\n%s", err, again.Framing, diff)
			}
			if m := old.Models(); len(m) != 1 || m[0].API != api || m[0].Model != s.model || m[0].Answers != len(texts)+25 {
				t.Errorf("models %+v", m)
			}
		})
	}
}

// The two older models have an endpoint and an answer of their own.
func TestCLOVAVersion1(t *testing.T) {
	s := shapes["clova"]
	s.model, s.path = "HCX-003", "/v1/api-tools/chat-tokenize/HCX-003"
	s.answer = func(text string, n int) string {
		return fmt.Sprintf(`{"status":{"code":"20000","message":"OK"},"result":{"messages":[{"role":"user","content":%q,"count":%d}]}}`, text, n)
	}
	k, err := client(t, "clova", "hcx-003", s, Options{}).Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n, err := k.Count("서울"); n != 2 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

// Manifests and this package know the same endpoints, and the manifests'
// framing is that of a chat message.
func TestManifestsAndVendorsAgree(t *testing.T) {
	cat, err := tokenizers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range append(cat.Closed(), cat.Specs()...) {
		if s.Remote == nil {
			continue
		}
		v, ok := vendors[s.Remote.API]
		if !ok {
			t.Errorf("%s: nothing speaks %s", s.Name, s.Remote.API)
			continue
		}
		for _, names := range s.Remote.Key {
			if n := strings.Count(names, "+") + 1; n != v.secrets {
				t.Errorf("%s: key %s has %d parts, the endpoint takes %d", s.Name, names, n, v.secrets)
			}
		}
		if _, err := New(s.Remote, s.Models[0].Name, Options{}); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
	for _, api := range APIs() {
		spec(t, api)
	}
}

// Answers of status 200 that are not of the published shape are refused, each
// with what is wrong.
func TestWrongShapes(t *testing.T) {
	for _, c := range []struct{ api, body, want string }{
		{"anthropic", `{"tokens":3}`, "input_tokens missing"},
		{"anthropic", `{"input_tokens":-1}`, "input_tokens is -1"},
		{"anthropic", `{"input_tokens":1.5}`, "not the JSON that was expected"},
		{"anthropic", `{"input_tokens":"7"}`, "not the JSON that was expected"},
		{"anthropic", `{"input_tokens":99999999999}`, "input_tokens is 99999999999"},
		{"anthropic", `[]`, "not the JSON that was expected"},
		{"anthropic", ``, "not the JSON that was expected"},
		{"anthropic", `<html>gateway</html>`, "not the JSON that was expected"},
		{"anthropic", `{"input_tokens":7}{}`, "not the JSON that was expected"},
		{"openai", `{"object":"list","input_tokens":7}`, `object is "list"`},
		{"openai", `{"object":"response.input_tokens"}`, "input_tokens missing"},
		{"gemini", `{}`, "totalTokens missing"},
		{"gemini", `{"totalTokens":9,"cachedContentTokenCount":2}`, "cachedContentTokenCount"},
		{"cohere", `{"token_strings":[]}`, "tokens missing"},
		{"cohere", `{"tokens":[1,2],"token_strings":["a"]}`, "len(token_strings) is 1, but tokens has 2 ids"},
		{"cohere", `{"tokens":[-4]}`, "tokens holds -4"},
		{"dashscope", `{"output":{}}`, "usage missing"},
		{"dashscope", `{"output":{"token_ids":[1]},"usage":{}}`, "usage.input_tokens missing"},
		{"dashscope", `{"output":{"token_ids":[1]},"usage":{"input_tokens":2}}`, "usage.input_tokens is 2, but output.token_ids has 1 ids"},
		{"zhipu", `{"id":"x"}`, "usage missing"},
		{"zhipu", `{"usage":{}}`, "usage.prompt_tokens missing"},
		{"moonshot", `{"data":null}`, "data missing"},
		{"moonshot", `{"data":{}}`, "data.total_tokens missing"},
		{"qianfan", `{"object":"tokenizer.erniebot"}`, "usage missing"},
		{"hunyuan", `{"TokenCount":2}`, "the object Response is missing"},
		{"hunyuan", `{"Response":{}}`, "Response.TokenCount missing"},
		{"clova", `{"result":{}}`, "status missing"},
		{"clova", `{"status":{"code":"20000"},"result":{"messages":[]}}`, "result.messages missing"},
		{"clova", `{"status":{"code":"20000"},"result":{"messages":[{"content":"x"}]}}`, "result.messages.count missing"},
		{"clova", `{"status":{"code":"20000"},"result":{"messages":[{"content":[{"text":"x"}]}]}}`, "result.messages.content.count missing"},
		{"xai", `{"tokens":[]}`, "token_ids missing"},
		{"xai", `{"token_ids":[{}]}`, "token_ids[0].token_id missing"},
		{"doubao", `{"data":[]}`, "data has 0 entries"},
		{"doubao", `{"data":[{"total_tokens":1,"token_ids":[1,2]}]}`, "data.total_tokens is 1, but data.token_ids has 2 ids"},
		{"doubao", `{"data":[{"token_ids":[1,2]}]}`, "data.total_tokens missing"},
	} {
		h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, c.body) })
		_, err := client(t, c.api, "m", h, Options{}).Open(t.Context())
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "framing: "+c.api+": ") {
			t.Errorf("%s %s: %v, want %q", c.api, c.body, err, c.want)
		}
	}
}

// Vendors also say in an answer of status 200 that something is wrong.
func TestErrorsInTheBody(t *testing.T) {
	for _, c := range []struct {
		api, body, want string
		tries           int
	}{
		{"hunyuan", `{"Response":{"Error":{"Code":"AuthFailure.SignatureFailure","Message":"no"},"RequestId":"r"}}`, "hunyuan: AuthFailure.SignatureFailure: the key in TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY is refused", 1},
		{"hunyuan", `{"Response":{"Error":{"Code":"RequestLimitExceeded","Message":"slow down"},"RequestId":"r"}}`, "hunyuan: RequestLimitExceeded: slow down; tried 3 times", 3},
		{"hunyuan", `{"Response":{"Error":{"Code":"InvalidParameterValue","Message":"bad"},"RequestId":"r"}}`, "hunyuan: InvalidParameterValue: bad", 1},
		{"qianfan", `{"error_code":110,"error_msg":"Access token invalid"}`, "qianfan: error_code 110: the key in QIANFAN_ACCESS_KEY and QIANFAN_SECRET_KEY is refused", 1},
		{"qianfan", `{"error_code":18,"error_msg":"Open api qps request limit reached"}`, "qianfan: error_code 18: Open api qps request limit reached; tried 3 times", 3},
		{"qianfan", `{"error_code":17,"error_msg":"Open api daily request limit reached"}`, "qianfan: error_code 17: Open api daily request limit reached", 1},
		{"qianfan", `{"error_code":336003,"error_msg":"prompt too long"}`, "qianfan: error_code 336003: prompt too long", 1},
		{"clova", `{"status":{"code":"40103","message":"x"},"result":null}`, "clova: status 40103: the key in CLOVASTUDIO_API_KEY is refused", 1},
		{"clova", `{"status":{"code":"42901","message":"Too many requests"}}`, "clova: status 42901: Too many requests; tried 3 times", 3},
		{"dashscope", `{"code":"Throttling.RateQuota","message":"slow","request_id":"r"}`, "dashscope: Throttling.RateQuota: slow; tried 3 times", 3},
		{"dashscope", `{"code":"InvalidApiKey","message":"x","request_id":"r"}`, "dashscope: InvalidApiKey: the key in DASHSCOPE_API_KEY is refused", 1},
	} {
		tries := 0
		h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { tries++; io.WriteString(w, c.body) })
		_, err := client(t, c.api, "m", h, Options{Attempts: 3}).Open(t.Context())
		if err == nil || err.Error() != "framing: "+c.want || tries != c.tries {
			t.Errorf("%s: %v after %d requests, want %q after %d", c.body, err, tries, c.want, c.tries)
		}
	}
}

// No answer, whatever it is, makes a parser panic or count less than nothing.
func FuzzParse(f *testing.F) {
	for api, s := range shapes {
		f.Add(api, []byte(s.answer("ab", 2)))
	}
	f.Add("hunyuan", []byte(`{"Response":{"Error":{"Code":"AuthFailure","Message":"no"}}}`))
	f.Fuzz(func(t *testing.T, api string, data []byte) {
		v, ok := vendors[api]
		if !ok {
			return
		}
		a, err := v.parse(data)
		if err == nil && (a.tokens < 0 || a.ids != nil && len(a.ids) != a.tokens) {
			t.Errorf("%s: %+v", api, a)
		}
		_ = message(data)
	})
}

// loopback skips a test of what speaks to a local server where not even that
// can be reached.
func loopback(t testing.TB) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skipf("no local network: %v", err)
	}
	defer l.Close()
	c, err := net.DialTimeout("tcp", l.Addr().String(), time.Second)
	if err != nil {
		t.Skipf("no local network: %v", err)
	}
	c.Close()
}

package remote

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/babelmeter/babelmeter/tokenizers"
)

// vendor is how one endpoint is spoken to. Its address, the names of its keys
// and where all this was read are in the manifests (tokenizers.Remote).
type vendor struct {
	// rate is in requests a second: what the vendor's documents allow everyone,
	// or else a cautious choice of ours.
	rate    float64
	secrets int // a key, or two that go together
	request func(model, text string) any
	sign    func(r *http.Request, body []byte, secrets []string, now time.Time)
	parse   func(data []byte) (answer, error)
	// path changes the manifest's path for a model; nil: it holds for all.
	path func(model, path string) string
	// spell is the model's name as the endpoint wants it; nil: as it is.
	spell func(model string) string
}

func (v *vendor) model(name string) string {
	if v.spell == nil {
		return name
	}
	return v.spell(name)
}

// APIs returns the names of the endpoints that this package speaks, sorted.
func APIs() []string { return slices.Sorted(maps.Keys(vendors)) }

type object = map[string]any

func user(text string) []object { return []object{{"role": "user", "content": text}} }

var vendors = map[string]vendor{
	"anthropic": {rate: 1.5, secrets: 1, parse: parseAnthropic,
		request: func(model, text string) any { return object{"model": model, "messages": user(text)} },
		sign: func(r *http.Request, _ []byte, secrets []string, _ time.Time) {
			r.Header.Set("x-api-key", secrets[0])
			r.Header.Set("anthropic-version", "2023-06-01")
		}},
	"openai": {rate: 5, secrets: 1, sign: bearer, parse: parseOpenAI,
		request: func(model, text string) any { return object{"model": model, "input": text} }},
	"gemini": {rate: 5, secrets: 1, parse: parseGemini,
		request: func(_, text string) any {
			return object{"contents": []object{{"role": "user", "parts": []object{{"text": text}}}}}
		},
		sign: func(r *http.Request, _ []byte, secrets []string, _ time.Time) {
			r.Header.Set("x-goog-api-key", secrets[0])
		}},
	"cohere": {rate: 1.5, secrets: 1, sign: bearer, parse: parseCohere,
		request: func(model, text string) any { return object{"model": model, "text": text} }},
	"dashscope": {rate: 5, secrets: 1, sign: bearer, parse: parseDashScope,
		request: func(model, text string) any {
			return object{"model": model, "input": object{"prompt": text}, "parameters": object{}}
		}},
	"zhipu": {rate: 5, secrets: 1, sign: bearer, parse: parseZhipu,
		request: func(model, text string) any { return object{"model": model, "messages": user(text)} }},
	"moonshot": {rate: 1, secrets: 1, sign: bearer, parse: parseMoonshot,
		request: func(model, text string) any { return object{"model": model, "messages": user(text)} }},
	"qianfan": {rate: 5, secrets: 2, parse: parseQianfan,
		request: func(model, text string) any { return object{"model": model, "prompt": text} },
		sign: func(r *http.Request, _ []byte, secrets []string, now time.Time) {
			r.Header.Set("x-bce-date", now.UTC().Format("2006-01-02T15:04:05Z"))
			r.Header.Set("Authorization", bce(secrets[0], secrets[1], r.Method, r.URL.Path, "", r.URL.Host, now))
		}},
	// 20 requests a second by the documents; it takes no model.
	"hunyuan": {rate: 10, secrets: 2, parse: parseHunyuan,
		request: func(_, text string) any { return object{"Prompt": text} },
		sign: func(r *http.Request, body []byte, secrets []string, now time.Time) {
			const contentType = "application/json; charset=utf-8"
			r.Header.Set("Content-Type", contentType)
			r.Header.Set("X-TC-Action", "GetTokenCount")
			r.Header.Set("X-TC-Version", "2023-09-01")
			r.Header.Set("X-TC-Timestamp", fmt.Sprint(now.Unix()))
			r.Header.Set("Authorization", tc3(secrets[0], secrets[1], "hunyuan", r.URL.Host, contentType, body, now))
		}},
	// Models of Chat Completions v3 have an endpoint of that version; the two
	// older ones are refused there.
	"clova": {rate: 1, secrets: 1, sign: bearer, parse: parseCLOVA, spell: strings.ToUpper,
		request: func(_, text string) any { return object{"messages": user(text)} },
		path: func(model, path string) string {
			if model == "HCX-003" || model == "HCX-DASH-001" {
				return strings.Replace(path, "/v3/", "/v1/", 1)
			}
			return path
		}},
	"xai": {rate: 5, secrets: 1, sign: bearer, parse: parseXAI,
		request: func(model, text string) any { return object{"model": model, "text": text} }},
	"doubao": {rate: 5, secrets: 1, sign: bearer, parse: parseDoubao,
		request: func(model, text string) any { return object{"model": model, "text": []string{text}} }},
}

// vendorError is what a vendor says is wrong in an answer of status 200.
type vendorError struct {
	code, message string
	kind          errorKind
}

type errorKind int

const (
	thisText   errorKind = iota // this text is refused
	tryAgain                    // too many requests, or the server is busy
	keyRefused                  // the key is wrong
	noMore                      // nothing more will be answered: a quota, a permission
)

func (e *vendorError) Error() string { return e.code + ": " + oneLine(e.message) }

func oneLine(s string) string {
	const most = 300
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return strings.Join(strings.Fields(s), " ")
}

// decode reads an answer.
func decode(data []byte, v any) error {
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("not the JSON that was expected: %w", err)
	}
	return nil
}

// count checks a number of tokens that the answer has under a name.
func count(n *int64, name string) (int, error) {
	switch {
	case n == nil:
		return 0, fmt.Errorf("%s missing", name)
	case *n < 0 || *n > math.MaxInt32:
		return 0, fmt.Errorf("%s is %d: expected a number of tokens", name, *n)
	}
	return int(*n), nil
}

func counted(n *int64, name string) (answer, error) {
	tokens, err := count(n, name)
	return answer{tokens: tokens}, err
}

// withIDs is an answer that has ids and, it may be, a count, which must be
// theirs.
func withIDs(ids []int64, n *int64, name, idsName string) (answer, error) {
	a := answer{tokens: len(ids), ids: make([]tokenizers.ID, len(ids))}
	for i, id := range ids {
		if id < 0 || id > math.MaxInt32 {
			return answer{}, fmt.Errorf("%s holds %d: expected the id of a token", idsName, id)
		}
		a.ids[i] = tokenizers.ID(id)
	}
	if n != nil && *n != int64(len(ids)) {
		return answer{}, fmt.Errorf("%s is %d, but %s has %d ids", name, *n, idsName, len(ids))
	}
	return a, nil
}

func parseAnthropic(data []byte) (answer, error) {
	var v struct {
		N *int64 `json:"input_tokens"`
	}
	if err := decode(data, &v); err != nil {
		return answer{}, err
	}
	return counted(v.N, "input_tokens")
}

func parseOpenAI(data []byte) (answer, error) {
	var v struct {
		Object string `json:"object"`
		N      *int64 `json:"input_tokens"`
	}
	if err := decode(data, &v); err != nil {
		return answer{}, err
	}
	if v.Object != "response.input_tokens" {
		return answer{}, fmt.Errorf("object is %q: expected response.input_tokens", v.Object)
	}
	return counted(v.N, "input_tokens")
}

func parseGemini(data []byte) (answer, error) {
	var v struct {
		N      *int64 `json:"totalTokens"`
		Cached *int64 `json:"cachedContentTokenCount"`
	}
	if err := decode(data, &v); err != nil {
		return answer{}, err
	}
	if v.Cached != nil && *v.Cached != 0 {
		return answer{}, errors.New("cachedContentTokenCount is not 0: tokens of another text are in the count")
	}
	return counted(v.N, "totalTokens")
}

func parseCohere(data []byte) (answer, error) {
	var v struct {
		Tokens  *[]int64  `json:"tokens"`
		Strings *[]string `json:"token_strings"`
	}
	if err := decode(data, &v); err != nil {
		return answer{}, err
	}
	if v.Tokens == nil {
		return answer{}, errors.New("tokens missing")
	}
	var n *int64
	if v.Strings != nil && len(*v.Strings) > 0 {
		l := int64(len(*v.Strings))
		n = &l
	}
	return withIDs(*v.Tokens, n, "len(token_strings)", "tokens")
}

func parseDashScope(data []byte) (answer, error) {
	var v struct {
		Output *struct {
			IDs []int64 `json:"token_ids"`
		} `json:"output"`
		Usage *struct {
			N *int64 `json:"input_tokens"`
		} `json:"usage"`
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	if err := decode(data, &v); err != nil {
		return answer{}, err
	}
	switch {
	case v.Code != "":
		kind := thisText
		switch {
		case strings.HasPrefix(v.Code, "Throttling"), v.Code == "InternalError":
			kind = tryAgain
		case v.Code == "InvalidApiKey":
			kind = keyRefused
		case strings.HasPrefix(v.Code, "AccessDenied"), v.Code == "Arrearage", v.Code == "ModelNotFound":
			kind = noMore
		}
		return answer{}, &vendorError{v.Code, v.Message, kind}
	case v.Usage == nil:
		return answer{}, errors.New("usage missing")
	case v.Output != nil && len(v.Output.IDs) > 0:
		if v.Usage.N == nil {
			return answer{}, errors.New("usage.input_tokens missing")
		}
		return withIDs(v.Output.IDs, v.Usage.N, "usage.input_tokens", "output.token_ids")
	}
	return counted(v.Usage.N, "usage.input_tokens")
}

func parseZhipu(data []byte) (answer, error) {
	var v struct {
		Usage *struct {
			N *int64 `json:"prompt_tokens"`
		} `json:"usage"`
	}
	if err := decode(data, &v); err != nil {
		return answer{}, err
	}
	if v.Usage == nil {
		return answer{}, errors.New("usage missing")
	}
	return counted(v.Usage.N, "usage.prompt_tokens")
}

func parseMoonshot(data []byte) (answer, error) {
	var v struct {
		Data *struct {
			N *int64 `json:"total_tokens"`
		} `json:"data"`
	}
	if err := decode(data, &v); err != nil {
		return answer{}, err
	}
	if v.Data == nil {
		return answer{}, errors.New("data missing")
	}
	return counted(v.Data.N, "data.total_tokens")
}

func parseQianfan(data []byte) (answer, error) {
	var v struct {
		Usage *struct {
			N *int64 `json:"total_tokens"`
		} `json:"usage"`
		Code    *int64 `json:"error_code"`
		Message string `json:"error_msg"`
	}
	if err := decode(data, &v); err != nil {
		return answer{}, err
	}
	if v.Code != nil && *v.Code != 0 {
		kind := thisText
		switch *v.Code {
		case 2, 4, 18, 336000, 336100: // busy, cluster limit, rate, internal, try again
			kind = tryAgain
		case 13, 14, 110, 111: // token, signature
			kind = keyRefused
		case 3, 6, 17, 19: // method, permission, daily and total quota
			kind = noMore
		}
		return answer{}, &vendorError{fmt.Sprintf("error_code %d", *v.Code), v.Message, kind}
	}
	if v.Usage == nil {
		return answer{}, errors.New("usage missing")
	}
	return counted(v.Usage.N, "usage.total_tokens")
}

func parseHunyuan(data []byte) (answer, error) {
	var v struct {
		Response *struct {
			N     *int64 `json:"TokenCount"`
			Error *struct{ Code, Message string }
		}
	}
	if err := decode(data, &v); err != nil {
		return answer{}, err
	}
	if v.Response == nil {
		return answer{}, errors.New("the object Response is missing")
	}
	if e := v.Response.Error; e != nil {
		kind := thisText
		switch head, _, _ := strings.Cut(e.Code, "."); head {
		case "RequestLimitExceeded", "InternalError":
			kind = tryAgain
		case "AuthFailure":
			kind = keyRefused
		case "UnauthorizedOperation", "ResourceInsufficient", "ResourceUnavailable", "UnsupportedRegion", "InvalidAction", "NoSuchVersion":
			kind = noMore
		}
		return answer{}, &vendorError{e.Code, e.Message, kind}
	}
	// Tokens is a list of strings whose length is not said to be the count: a
	// token may be half of a character.
	return counted(v.Response.N, "Response.TokenCount")
}

func parseCLOVA(data []byte) (answer, error) {
	var v struct {
		Status *struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"status"`
		Result *struct {
			Messages []struct {
				N       *int64          `json:"count"`
				Content json.RawMessage `json:"content"`
			} `json:"messages"`
		} `json:"result"`
	}
	if err := decode(data, &v); err != nil {
		return answer{}, err
	}
	if v.Status == nil {
		return answer{}, errors.New("status missing")
	}
	if v.Status.Code != "20000" {
		kind := thisText
		switch {
		case strings.HasPrefix(v.Status.Code, "429"), strings.HasPrefix(v.Status.Code, "5"):
			kind = tryAgain
		case strings.HasPrefix(v.Status.Code, "401"):
			kind = keyRefused
		case strings.HasPrefix(v.Status.Code, "403"), strings.HasPrefix(v.Status.Code, "404"):
			kind = noMore
		}
		return answer{}, &vendorError{"status " + v.Status.Code, v.Status.Message, kind}
	}
	if v.Result == nil || len(v.Result.Messages) == 0 {
		return answer{}, errors.New("result.messages missing")
	}
	sum := 0
	for _, m := range v.Result.Messages {
		if m.N != nil { // version 1: a count a message
			n, err := count(m.N, "result.messages.count")
			if err != nil {
				return answer{}, err
			}
			sum += n
			continue
		}
		// Version 3: one a part of a message.
		var parts []struct {
			N *int64 `json:"count"`
		}
		if err := json.Unmarshal(m.Content, &parts); err != nil || len(parts) == 0 {
			return answer{}, errors.New("result.messages.count missing, and so is result.messages.content.count")
		}
		for _, p := range parts {
			n, err := count(p.N, "result.messages.content.count")
			if err != nil {
				return answer{}, err
			}
			sum += n
		}
	}
	return answer{tokens: sum}, nil
}

func parseXAI(data []byte) (answer, error) {
	var v struct {
		Tokens *[]struct {
			ID *int64 `json:"token_id"`
		} `json:"token_ids"`
	}
	if err := decode(data, &v); err != nil {
		return answer{}, err
	}
	if v.Tokens == nil {
		return answer{}, errors.New("token_ids missing")
	}
	ids := make([]int64, len(*v.Tokens))
	for i, t := range *v.Tokens {
		if t.ID == nil {
			return answer{}, fmt.Errorf("token_ids[%d].token_id missing", i)
		}
		ids[i] = *t.ID
	}
	return withIDs(ids, nil, "", "token_ids")
}

func parseDoubao(data []byte) (answer, error) {
	var v struct {
		Data []struct {
			N   *int64   `json:"total_tokens"`
			IDs *[]int64 `json:"token_ids"`
		} `json:"data"`
	}
	if err := decode(data, &v); err != nil {
		return answer{}, err
	}
	if len(v.Data) != 1 {
		return answer{}, fmt.Errorf("data has %d entries for one text", len(v.Data))
	}
	if v.Data[0].IDs != nil && len(*v.Data[0].IDs) > 0 {
		if v.Data[0].N == nil {
			return answer{}, errors.New("data.total_tokens missing")
		}
		return withIDs(*v.Data[0].IDs, v.Data[0].N, "data.total_tokens", "data.token_ids")
	}
	return counted(v.Data[0].N, "data.total_tokens")
}

// message finds what a vendor says is wrong, in any of the shapes that vendors
// have for it.
func message(data []byte) string {
	var v struct {
		Error    json.RawMessage `json:"error"`
		Message  string          `json:"message"`
		ErrorMsg string          `json:"error_msg"`
		Status   struct {
			Message string `json:"message"`
		} `json:"status"`
		Response struct {
			Error struct{ Code, Message string }
		}
	}
	if json.Unmarshal(data, &v) == nil {
		var inner struct {
			Message string `json:"message"`
		}
		var text string
		switch {
		case json.Unmarshal(v.Error, &inner) == nil && inner.Message != "":
			return oneLine(inner.Message)
		case json.Unmarshal(v.Error, &text) == nil && text != "":
			return oneLine(text)
		}
		for _, m := range []string{v.Message, v.ErrorMsg, v.Status.Message, v.Response.Error.Message} {
			if m != "" {
				return oneLine(m)
			}
		}
	}
	if len(data) == 0 {
		return "nothing more was said"
	}
	return quote(string(data))
}

package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// faulty answers as anthropic does, but for what broken does first: it may
// answer in the vendor's place and say so.
func faulty(broken func(n int64, w http.ResponseWriter, r *http.Request) bool) (http.Handler, *atomic.Int64) {
	n := new(atomic.Int64)
	good := shapes["anthropic"]
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !broken(n.Add(1), w, r) {
			good.ServeHTTP(w, r)
		}
	}), n
}

func answerWith(status int, body string) func(int64, http.ResponseWriter, *http.Request) bool {
	return func(_ int64, w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(status)
		io.WriteString(w, body)
		return true
	}
}

const claude = "claude-3-haiku-20240307"

func TestStatus(t *testing.T) {
	for _, c := range []struct {
		name     string
		status   int
		body     string
		want     string
		requests int64
	}{
		{"key refused", 401, `{"error":{"message":"invalid x-api-key sk-t...789"}}`, "anthropic: status 401: the key in ANTHROPIC_API_KEY is refused", 1},
		{"forbidden", 403, `{"error":{"message":"not in your\nregion"}}`, "anthropic: status 403: the key in ANTHROPIC_API_KEY may not do this, or not from here: not in your region", 1},
		{"no such model", 404, `{"type":"error","error":{"type":"not_found_error","message":"model: x"}}`, "anthropic: status 404: the vendor does not know the model claude-3-haiku-20240307 or the address: model: x", 1},
		{"bad request", 400, `{"error":"too long"}`, "anthropic: status 400: too long", 1},
		{"payment", 402, `{"message":"top up"}`, "anthropic: status 402: top up", 1},
		{"busy", 429, `{"error":{"message":"rate limit"}}`, "anthropic: status 429: rate limit; tried 3 times", 3},
		{"server error", 500, ``, "anthropic: status 500: nothing more was said; tried 3 times", 3},
		{"overloaded", 529, `{"error":{"message":"Overloaded"}}`, "anthropic: status 529: Overloaded; tried 3 times", 3},
		{"a page of a proxy", 502, `<html>Bad Gateway</html>`, `anthropic: status 502: "<html>Bad Gateway</html>"; tried 3 times`, 3},
		{"the key repeated", 400, `{"error":{"message":"you sent ` + secret + `"}}`, "anthropic: status 400: you sent [KEY]", 1},
		{"the key repeated where it is cut", 400, strings.Repeat("x", 110) + secret, `anthropic: status 400: "` + strings.Repeat("x", 110) + `[KEY]"`, 1},
		{"control characters", 400, "\x1b[31m", `anthropic: status 400: "\x1b[31m"`, 1},
	} {
		h, n := faulty(answerWith(c.status, c.body))
		_, err := client(t, "anthropic", claude, h, Options{Attempts: 3}).Open(t.Context())
		if err == nil || err.Error() != "framing: "+c.want || n.Load() != c.requests {
			t.Errorf("%s: %v\nafter %d requests; want %s\nafter %d", c.name, err, n.Load(), c.want, c.requests)
		}
	}
}

// A refused key ends it: the texts that follow are not sent.
func TestNothingIsAskedAfterARefusedKey(t *testing.T) {
	h, n := faulty(func(n int64, w http.ResponseWriter, r *http.Request) bool {
		return n > 25 && answerWith(401, "")(n, w, r)
	})
	k, err := client(t, "anthropic", claude, h, Options{Parallel: 1}).Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		_, err = k.CountTexts(t.Context(), []string{"a", "b", "c", "d"})
		if want := "segment 1: anthropic: status 401: the key in ANTHROPIC_API_KEY is refused"; err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if n.Load() != 26 {
		t.Errorf("%d requests, want 26", n.Load())
	}
}

// What fails for a while is asked again, and the vendor's wish to wait is
// respected by all.
func TestRetry(t *testing.T) {
	var first, second time.Time
	h, n := faulty(func(n int64, w http.ResponseWriter, r *http.Request) bool {
		switch n {
		case 1:
			return answerWith(500, "")(n, w, r)
		case 2:
			first = time.Now()
			w.Header().Set("Retry-After", "1")
			return answerWith(429, "")(n, w, r)
		case 3:
			second = time.Now()
		case 4: // the connection breaks
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				conn.Close()
			}
			return true
		case 5: // the answer breaks off
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, `{"input_`)
			return true
		}
		return false
	})
	k, err := client(t, "anthropic", claude, h, Options{}).Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := n.Load(); got != 25+4 {
		t.Errorf("%d requests, want 29", got)
	}
	if d := second.Sub(first); d < 900*time.Millisecond {
		t.Errorf("asked again after %v, want 1 s", d)
	}
	if k.Framing.Tokens != 7 {
		t.Errorf("framing %+v", k.Framing)
	}
}

func TestRetryAfterTooLong(t *testing.T) {
	h, n := faulty(func(n int64, w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Retry-After", time.Now().Add(3*time.Hour).UTC().Format(http.TimeFormat))
		return answerWith(429, `{"error":{"message":"quota"}}`)(n, w, r)
	})
	_, err := client(t, "anthropic", claude, h, Options{}).Open(t.Context())
	if err == nil || !strings.Contains(err.Error(), "anthropic: status 429: quota; it asks to wait ") || !strings.HasSuffix(err.Error(), "longer than 5m0s: go on later") || n.Load() != 1 {
		t.Errorf("%v after %d requests", err, n.Load())
	}
}

func TestRetryAfterHeader(t *testing.T) {
	now := time.Date(2026, 11, 29, 6, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		header string
		want   time.Duration
	}{
		{"", 0}, {"3", 3 * time.Second}, {" 1.5 ", 1500 * time.Millisecond}, {"-1", 0}, {"NaN", 0}, {"soon", 0}, {"1e300", 1e9 * time.Second},
		{"Sun, 29 Nov 2026 06:00:10 GMT", 10 * time.Second}, {"Sun, 29 Nov 2026 05:00:00 GMT", 0},
	} {
		if got := retryAfter(c.header, now); got != c.want {
			t.Errorf("%q: %v, want %v", c.header, got, c.want)
		}
	}
}

func TestSlowAnswer(t *testing.T) {
	stop := make(chan struct{})
	h, n := faulty(func(_ int64, w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush()
		select {
		case <-r.Context().Done():
		case <-stop:
		}
		return true
	})
	t.Cleanup(func() { close(stop) })
	_, err := client(t, "anthropic", claude, h, Options{Timeout: 50 * time.Millisecond, Attempts: 2}).Open(t.Context())
	if err == nil || !errors.Is(err, context.DeadlineExceeded) || !strings.HasSuffix(err.Error(), "tried 2 times") || n.Load() != 2 {
		t.Errorf("%v after %d requests", err, n.Load())
	}
}

func TestAnswerWithoutEnd(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		chunk := strings.Repeat(" ", 1<<20)
		for range 20 {
			io.WriteString(w, chunk)
		}
	})
	_, err := client(t, "anthropic", claude, h, Options{}).Open(t.Context())
	if err == nil || !strings.Contains(err.Error(), "more than 16777216 bytes") {
		t.Error(err)
	}
}

// A redirect is not followed: the key would go elsewhere.
func TestRedirect(t *testing.T) {
	loopback(t)
	asked := false
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer other.Close()
	c := client(t, "anthropic", claude, http.RedirectHandler(other.URL, http.StatusTemporaryRedirect), Options{})
	c.o.HTTP.(*http.Client).CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	_, err := c.Open(t.Context())
	if err == nil || !strings.Contains(err.Error(), "it leads elsewhere") || asked {
		t.Errorf("%v; the other server was asked: %v", err, asked)
	}
}

func TestCancel(t *testing.T) {
	for name, cancelled := range map[string]func(context.Context, *Client) error{
		"while it waits for an answer": func(ctx context.Context, c *Client) error { _, err := c.Open(ctx); return err },
		"before it begins": func(ctx context.Context, c *Client) error {
			<-ctx.Done()
			_, err := c.Open(ctx)
			return err
		},
		"texts": func(ctx context.Context, c *Client) error {
			_, err := (&Counter{client: c}).CountTexts(ctx, []string{"a", "b", "c"})
			return err
		},
	} {
		stop := make(chan struct{})
		h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-stop:
			}
		})
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		start := time.Now()
		c := client(t, "anthropic", claude, h, Options{})
		if err := cancelled(ctx, c); !errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "tried") {
			t.Errorf("%s: %v", name, err)
		}
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("%s: took %v", name, d)
		}
		cancel()
		close(stop)
	}
}

// Requests keep to the rate and to the number at a time.
func TestRateAndParallel(t *testing.T) {
	var mu sync.Mutex
	now, most := 0, 0
	good := shapes["anthropic"]
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		now++
		most = max(most, now)
		mu.Unlock()
		time.Sleep(5 * time.Millisecond)
		good.ServeHTTP(w, r)
		mu.Lock()
		now--
		mu.Unlock()
	})
	texts := make([]string, 40)
	for i := range texts {
		texts[i] = fmt.Sprint("text ", i)
	}
	k := &Counter{client: client(t, "anthropic", claude, h, Options{Parallel: 3})}
	if _, err := k.CountTexts(t.Context(), texts); err != nil {
		t.Fatal(err)
	}
	if most > 3 || most < 2 {
		t.Errorf("%d requests at a time, want up to 3", most)
	}
	k = &Counter{client: client(t, "anthropic", claude, h, Options{Parallel: 8, Rate: 100})}
	start := time.Now()
	if _, err := k.CountTexts(t.Context(), texts); err != nil {
		t.Fatal(err)
	}
	if d := time.Since(start); d < 380*time.Millisecond {
		t.Errorf("40 requests at 100 a second took %v", d)
	}
}

// A run that breaks off goes on from its recording: nothing is asked twice.
func TestGoOnFromRecording(t *testing.T) {
	texts := make([]string, 30)
	for i := range texts {
		texts[i] = strings.Repeat("x", i+1)
	}
	h, n := faulty(func(n int64, w http.ResponseWriter, r *http.Request) bool {
		return n > 40 && answerWith(402, "")(n, w, r)
	})
	var file strings.Builder
	rec := new(Recording)
	if err := rec.Keep(&file, "r", "", time.Now(), true); err != nil {
		t.Fatal(err)
	}
	k, err := client(t, "anthropic", claude, h, Options{Recording: rec, Parallel: 1}).Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.CountTexts(t.Context(), texts); err == nil {
		t.Fatal("no error")
	}
	if n.Load() != 41 || strings.Count(file.String(), "\n") != 1+40 {
		t.Fatalf("%d requests, %d lines", n.Load(), strings.Count(file.String(), "\n"))
	}

	rec, err = ReadRecording(strings.NewReader(file.String()), "r")
	if err != nil {
		t.Fatal(err)
	}
	if err := rec.Keep(&file, "r", "", time.Now(), false); err != nil {
		t.Fatal(err)
	}
	h, n = faulty(func(int64, http.ResponseWriter, *http.Request) bool { return false })
	c := client(t, "anthropic", claude, h, Options{Recording: rec})
	if !c.Has(texts[14]) || c.Has(texts[15]) {
		t.Error("not what the recording has")
	}
	if k, err = c.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	counts, err := k.CountTexts(t.Context(), texts)
	if err != nil || n.Load() != 15 {
		t.Errorf("%v after %d requests, want 15", err, n.Load())
	}
	for i, c := range counts {
		if c != i+1 {
			t.Errorf("text %d counts %d", i+1, c)
		}
	}
	if strings.Count(file.String(), "\n") != 1+25+30 {
		t.Errorf("%d lines", strings.Count(file.String(), "\n"))
	}
}

type full struct{ n int }

func (f *full) Write(p []byte) (int, error) {
	if f.n--; f.n < 0 {
		return 0, errors.New("no space left on device")
	}
	return len(p), nil
}

// An answer that cannot be kept is not used, and nothing more is asked.
func TestRecordingThatCannotBeWritten(t *testing.T) {
	h, n := faulty(func(int64, http.ResponseWriter, *http.Request) bool { return false })
	rec := new(Recording)
	if err := rec.Keep(&full{3}, "r", "", time.Now(), true); err != nil {
		t.Fatal(err)
	}
	c := client(t, "anthropic", claude, h, Options{Recording: rec})
	for range 2 {
		if _, err := c.Open(t.Context()); err == nil || err.Error() != "framing: recording: no space left on device" {
			t.Error(err)
		}
	}
	if n.Load() != 3 {
		t.Errorf("%d requests, want 3", n.Load())
	}
}

func TestReplayNamesWhatIsMissing(t *testing.T) {
	c, err := New(spec(t, "anthropic").Remote, claude, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Open(t.Context()); err == nil || err.Error() != `framing: the recording has no answer for claude-3-haiku-20240307 of anthropic to the framing probe 1 × "the"` {
		t.Error(err)
	}
	if _, err := (&Counter{client: c}).Count("会議"); err == nil || err.Error() != `the recording has no answer for claude-3-haiku-20240307 of anthropic to the text "会議"` {
		t.Error(err)
	}
}

func TestNewErrors(t *testing.T) {
	ok := Options{HTTP: http.DefaultClient, Now: time.Now, Secrets: []string{secret}}
	for _, c := range []struct {
		name   string
		change func(o *Options)
		model  string
		want   string
	}{
		{"no key", func(o *Options) { o.Secrets = nil }, claude, "remote: anthropic: needs ANTHROPIC_API_KEY"},
		{"key of two lines", func(o *Options) { o.Secrets = []string{"abcdefgh\nijk"} }, claude, "what is in ANTHROPIC_API_KEY is no key"},
		{"no clock", func(o *Options) { o.Now = nil }, claude, "Options.Now missing"},
		{"no model", func(*Options) {}, "", `model ""`},
		{"endpoint in the clear", func(o *Options) { o.Endpoint = "http://gateway.example" }, claude, "expected https"},
		{"endpoint with a password", func(o *Options) { o.Endpoint = "https://u:hunter2@gateway.example" }, claude, "without user and password"},
		{"no endpoint", func(o *Options) { o.Endpoint = "gateway" }, claude, "expected an address"},
	} {
		o := ok
		c.change(&o)
		_, err := New(spec(t, "anthropic").Remote, c.model, o)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "abcdefgh") {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	r := *spec(t, "anthropic").Remote
	r.API = "nobody"
	if _, err := New(&r, claude, ok); err == nil || !strings.Contains(err.Error(), `api "nobody" is unknown; known: anthropic, `) {
		t.Error(err)
	}
}

func TestAddress(t *testing.T) {
	for _, c := range []struct{ api, endpoint, model, want string }{
		{"gemini", "", "gemini-3.6-flash", "https://generativelanguage.googleapis.com/v1beta/models/gemini-3.6-flash:countTokens"},
		{"gemini", "https://gw.example/g/", "a/b?c", "https://gw.example/g/v1beta/models/a%2Fb%3Fc:countTokens"},
		{"zhipu", "https://api.z.ai", "glm-4.6", "https://api.z.ai/api/paas/v4/tokenizer"},
		{"hunyuan", "", "hunyuan-lite", "https://hunyuan.tencentcloudapi.com"},
		{"clova", "", "HCX-003", "https://clovastudio.stream.ntruss.com/v1/api-tools/chat-tokenize/HCX-003"},
	} {
		k, err := New(spec(t, c.api).Remote, c.model, Options{Endpoint: c.endpoint})
		if err != nil || k.address != c.want {
			t.Errorf("%s: %v, want %s", k.address, err, c.want)
		}
	}
}

func TestKey(t *testing.T) {
	env := map[string]string{"COHERE_API_KEY": " k2 \n", "QIANFAN_ACCESS_KEY": "a"}
	get := func(name string) string { return env[name] }
	if got := Key(spec(t, "cohere").Remote, get); len(got) != 1 || got[0] != "k2" {
		t.Errorf("%q", got)
	}
	if got := Key(spec(t, "qianfan").Remote, get); got != nil {
		t.Errorf("half a key: %q", got)
	}
	env["QIANFAN_SECRET_KEY"] = "b"
	if got := Key(spec(t, "qianfan").Remote, get); len(got) != 2 || got[0] != "a" || got[1] != "b" {
		t.Errorf("%q", got)
	}
}

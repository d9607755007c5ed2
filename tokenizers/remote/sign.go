package remote

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"
)

func hmacSHA256(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func hexSHA256(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// tc3 is Tencent Cloud's signature of a POST request with a JSON body, over the
// headers Content-Type and Host.
// https://www.tencentcloud.com/document/api/213/33224 ("Signature v3").
func tc3(id, secret, service, host, contentType string, body []byte, now time.Time) string {
	const signed = "content-type;host"
	date := now.UTC().Format(time.DateOnly)
	scope := date + "/" + service + "/tc3_request"
	canonical := "POST\n/\n\ncontent-type:" + contentType + "\nhost:" + host + "\n\n" + signed + "\n" + hexSHA256(body)
	toSign := fmt.Sprintf("TC3-HMAC-SHA256\n%d\n%s\n%s", now.Unix(), scope, hexSHA256([]byte(canonical)))
	key := hmacSHA256(hmacSHA256(hmacSHA256([]byte("TC3"+secret), date), service), "tc3_request")
	return fmt.Sprintf("TC3-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s", id, scope, signed, hex.EncodeToString(hmacSHA256(key, toSign)))
}

// bce is Baidu AI Cloud's signature, over the headers Host and x-bce-date.
// https://intl.cloud.baidu.com/doc/Reference/s/njwvz1yfu-en ("Generate
// Authentication String"). query is in canonical form: sorted and escaped.
func bce(id, secret, method, path, query, host string, now time.Time) string {
	date := now.UTC().Format("2006-01-02T15:04:05Z")
	prefix := "bce-auth-v1/" + id + "/" + date + "/1800"
	key := hex.EncodeToString(hmacSHA256([]byte(secret), prefix))
	canonical := method + "\n" + bceEscape(path, true) + "\n" + query + "\nhost:" + bceEscape(host, false) + "\nx-bce-date:" + bceEscape(date, false)
	return prefix + "/host;x-bce-date/" + hex.EncodeToString(hmacSHA256([]byte(key), canonical))
}

// bceEscape escapes all but the unreserved characters of RFC 3986, and slashes
// if they are those of a path.
func bceEscape(s string, path bool) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-_.~", c) >= 0, path && c == '/':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func bearer(r *http.Request, _ []byte, secrets []string, _ time.Time) {
	r.Header.Set("Authorization", "Bearer "+secrets[0])
}

package remote

import (
	"strings"
	"testing"
	"time"
)

// The worked example of "Signature v3",
// https://www.tencentcloud.com/document/api/213/33224.
func TestTC3WorkedExample(t *testing.T) {
	body := `{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}`
	got := tc3("AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE", "cvm", "cvm.tencentcloudapi.com",
		"application/json; charset=utf-8", []byte(body), time.Unix(1551113065, 0))
	want := "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, SignedHeaders=content-type;host, Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// The request of the Python sample,
// https://intl.cloud.baidu.com/doc/Reference/s/wjwvz1xt2-en, signed over host
// and x-bce-date.
func TestBCEWorkedExample(t *testing.T) {
	got := bce(strings.Repeat("a", 32), strings.Repeat("b", 32), "PUT", "/v1/test/myfolder/readme.txt",
		"partNumber=9&uploadId=a44cc9bab11cbd156984767aad637851", "bj.bcebos.com", time.Date(2015, 4, 27, 8, 23, 49, 0, time.UTC))
	want := "bce-auth-v1/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/2015-04-27T08:23:49Z/1800/host;x-bce-date/1b8de5a23a56eef657c69f94c621e7acd227d049a4ba577f537d5e5cebf0cf32"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := bceEscape("/a b/測*~", true); got != "/a%20b/%E6%B8%AC%2A~" {
		t.Errorf("escaped: %s", got)
	}
}

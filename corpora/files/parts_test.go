package files_test

import (
	"slices"
	"testing"
	"testing/fstest"

	"github.com/babelmeter/babelmeter/corpora/files"
)

// The joined text has one more blank between the files: a corpus of two says
// how many segments each has.
func TestPartsOfFlores(t *testing.T) {
	fsys := fstest.MapFS{
		"f/dev/eng_Latn.dev":         {Data: []byte("One.\nTwo.\nThree.\n")},
		"f/dev/kor_Hang.dev":         {Data: []byte("하나.\n둘.\n셋.\n")},
		"f/devtest/eng_Latn.devtest": {Data: []byte("Four.\nFive.\n")},
		"f/devtest/kor_Hang.devtest": {Data: []byte("넷.\n다섯.\n")},
	}
	c, _, err := files.Load(fsys, []string{"f"}, files.Options{Split: "both"})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(c.Files, []int{3, 2}) {
		t.Errorf("segments of the files: %v, want [3 2]", c.Files)
	}
	if got, _ := c.Joined("en"); got != "One. Two. Three.  Four. Five. " {
		t.Errorf("joined: %q", got)
	}
	if c, _, err = files.Load(fsys, []string{"f"}, files.Options{Split: "dev"}); err != nil || c.Files != nil {
		t.Errorf("one part: %v, %v", c.Files, err)
	}
}

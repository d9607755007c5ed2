package builtin_test
import ("testing";"os";"github.com/babelmeter/babelmeter/tokenizers/format")
func BenchmarkFiles(b *testing.B){ for _,n:=range []string{"o200k_base","qwen3","kimi_k2"}{ b.Run(n,func(b *testing.B){ for b.Loop(){ d,err:=format.Open(os.DirFS("/tmp/ref/vocabs"),n,n); if err!=nil{b.Fatal(err)}; tokenizer(b,d)}})}}

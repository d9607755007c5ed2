package main
import ("fmt";"os";"github.com/babelmeter/babelmeter/tokenizers/format")
func main(){ fs:=os.DirFS("/tmp/ref/vocabs")
for _,n:=range os.Args[1:]{ d,err:=format.Open(fs,n,n); if err!=nil{fmt.Println(n,err);continue}
m:=&d.Model; sp:=0; ns:=[]string{}; norm:=0; for _,a:=range d.Added{ if a.Special{sp++}else{ns=append(ns,a.Text)}; if a.Normalized{norm++}}
order,into,prev:=0,map[uint32]int{},uint32(0); for _,g:=range m.Merges{ if g.Into<prev{order++}; prev=g.Into; into[g.Into]++}
holes:=0; for i:=range m.Tokens.Ends{ if len(m.Tokens.At(uint32(i)))==0{holes++}}
if len(ns)>6{ns=append(ns[:6],fmt.Sprint("…",len(ns)))}
fmt.Printf("%s: %s uni=%q tokens %d holes %d bytes %d types %d scores %d/%d by %d merges %d (disorder %d, distinct into %d) chars %v ign %v bf %v unk %d fuse %v added %d special %d norm %d other %q\n  norm %+v\n  split %d dec %+v\n",n,d.Format,d.Unicode,m.Tokens.Len(),holes,len(m.Tokens.Bytes),len(m.Types),len(m.Scores),len(m.Scores64),m.MergeBy,len(m.Merges),order,len(into),m.Chars,m.IgnoreMerges,m.ByteFallback,int32(m.Unknown),m.FuseUnknown,len(d.Added),sp,norm,ns,len(d.Normalizers),len(d.Splitters),d.Decoder)
}}

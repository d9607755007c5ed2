module github.com/babelmeter/babelmeter

go 1.26

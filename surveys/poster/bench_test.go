package poster_test

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"github.com/go-fonts/liberation/liberationsansregular"
	qrcode "github.com/skip2/go-qrcode"

	"hailong/surveys"
	"hailong/surveys/poster"
)

// BenchmarkBook draws 150 posters into one PDF (issue: under 10 s) and tells the ratio to the bare operation in the same
// run: as many QR codes of the same level, and as many pages of fpdf with the same letters.
func BenchmarkBook(b *testing.B) {
	const many = 150
	for _, paper := range poster.Papers() {
		b.Run(string(paper), func(b *testing.B) {
			press := newPress(b)
			var ours, bare time.Duration
			var size int
			var before, after runtime.MemStats
			for b.Loop() {
				began := time.Now()
				runtime.GC()
				runtime.ReadMemStats(&before)
				book := press.Book("", "vi", "2026-10-15")
				for i := range many {
					if err := book.Add(paper, numbered(i)); err != nil {
						b.Fatal(err)
					}
				}
				runtime.GC()
				runtime.ReadMemStats(&after)
				var out bytes.Buffer
				if err := book.Write(&out); err != nil {
					b.Fatal(err)
				}
				size = out.Len()
				ours += time.Since(began)
				began = time.Now()
				barely(b, many)
				bare += time.Since(began)
			}
			b.ReportMetric(ours.Seconds()/float64(b.N), "s/150")
			b.ReportMetric(ours.Seconds()/bare.Seconds(), "×bare")
			b.ReportMetric(float64(size)/1024, "KB")
			b.ReportMetric((float64(after.HeapAlloc)-float64(before.HeapAlloc))/(1<<20), "MB-held")
		})
	}
}

func numbered(i int) poster.Poster {
	p := usual()
	p.Point = fmt.Sprintf("Quầy %d – Trả kết quả", i)
	p.Token = surveys.Token(fmt.Sprintf("7K3M%04d", i))
	return p
}

// barely encodes as many codes and sets as many letters as the posters have, without any layout.
func barely(b *testing.B, pages int) {
	b.Helper()
	const letters = "Trung tâm Phục vụ hành chính công xã Nghĩa Hưng – Trả kết quả"
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.AddUTF8FontFromBytes("liberation", "", liberationsansregular.TTF)
	for i := range pages {
		code, err := qrcode.New(numbered(i).URL(), qrcode.High)
		if err != nil {
			b.Fatal(err)
		}
		code.Bitmap()
		pdf.AddPage()
		pdf.SetFont("liberation", "", 15)
		for line := range 6 {
			pdf.Text(15, float64(20+10*line), letters)
		}
	}
	var out bytes.Buffer
	if err := pdf.Output(&out); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkPreview(b *testing.B) {
	press := newPress(b)
	for b.Loop() {
		if _, err := press.Preview(poster.A4, usual()); err != nil {
			b.Fatal(err)
		}
	}
}

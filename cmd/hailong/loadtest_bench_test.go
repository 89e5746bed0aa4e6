package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"hailong/cmd/hailong/openloop"
	"hailong/surveys"
)

// asBare in the environment makes the test binary a bare server: the form page in the file that it names, and an
// acknowledgement of whatever is sent, of which nothing is checked or stored.
const asBare = "HAILONG_TEST_AS_BARE"

func serveBare(file string) {
	page, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/s/:token", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
		return c.Send(page)
	})
	app.Post("/api/v1/responses", func(c *fiber.Ctx) error {
		var in struct {
			ID surveys.SubmissionID `json:"submission_id"`
		}
		if c.BodyParser(&in) != nil {
			return fiber.ErrBadRequest
		}
		return c.JSON(map[string]any{"receipt": in.ID.Receipt()})
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Fprintf(os.Stderr, "Hailong: http://%s\n", l.Addr())
	panic(app.Listener(l))
}

// self runs the test binary as the program and gives its standard output.
func self(b *testing.B, dir string, args ...string) string {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1", "HAILONG_DATA="+dir)
	var words strings.Builder
	cmd.Stderr = &words
	out, err := cmd.Output()
	if err != nil {
		b.Fatalf("%v: %v %s", args, err, &words)
	}
	return strings.TrimSpace(string(out))
}

// background starts the test binary in a process of its own and gives the address that it tells.
func background(b *testing.B, env []string, args ...string) string {
	b.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(b.Context()), os.Args[0], args...)
	cmd.Env = append(os.Environ(), env...)
	words, err := cmd.StderrPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	base, heard := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(heard)
		for lines := bufio.NewScanner(words); lines.Scan(); {
			if m := baseLine.FindStringSubmatch(lines.Text()); m != nil {
				base <- m[1]
			}
		}
	}()
	b.Cleanup(func() {
		if err := cmd.Process.Kill(); err != nil {
			b.Error(err)
		}
		<-heard
		cmd.Wait() //nolint:errcheck // it was killed
	})
	select {
	case address := <-base:
		return address
	case <-heard:
		b.Fatalf("%v ended", args)
		return ""
	}
}

// BenchmarkLoadtest sets the program serving on SQLite against a bare Fiber server that stores nothing, both under
// hailong loadtest, each in a process of its own, in turns: the median and the 99th percentile at a rate, as a multiple
// of the bare one's, and the answers a second where far more are asked than either can give, as a share of its.
func BenchmarkLoadtest(b *testing.B) {
	dir := b.TempDir()
	data, file := filepath.Join(dir, "data"), func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
		return path
	}
	self(b, data, "import", "units", file("units.csv", "code,name,kind,parent,from,to,successors\n13891,Xã Nghĩa Hưng,commune,,2025-07-01,,\n"))
	self(b, data, "import", "facilities", file("facilities.csv", "id,unit,name,sector,kind,address,from,to,instrument,points\n"+
		"f_clinic,13891,Trạm Y tế,health,station,,2025-07-01,,,waiting:Phòng chờ\n"))
	secret := self(b, data, "token", "create", "--name", "load", "--role", "viewer")
	ours := background(b, []string{asProgram + "=1", "HAILONG_DATA=" + data}, "serve", "--listen", "127.0.0.1:0")
	b.Setenv("HAILONG_TOKEN", secret)
	token, page := onePage(b, ours)
	theirs := background(b, []string{asBare + "=" + file("page.html", page)})
	codes := file("codes.txt", token)
	load := func(base, rate string) openloop.StageReport {
		path := filepath.Join(dir, "report.json")
		self(b, data, "loadtest", "--url", base, "--tokens", codes, "--rate", rate, "--connections", "128", "--scenario", "answers", "--report", path)
		var report openloop.Report
		raw, err := os.ReadFile(path)
		if err == nil {
			err = json.Unmarshal(raw, &report)
		}
		if err != nil {
			b.Fatal(err)
		}
		return report.Stages[0]
	}
	answer := func(s openloop.StageReport) openloop.StepReport {
		for _, l := range s.Steps {
			if l.Step == "answer" {
				return l
			}
		}
		b.Fatalf("no answer in %+v", s)
		return openloop.StepReport{}
	}
	const rate, much = "300:2s", "8000:1s"
	var p50, p99, most [2]float64
	for b.Loop() {
		for i, base := range []string{ours, theirs} {
			l := answer(load(base, rate))
			p50[i], p99[i] = p50[i]+l.P50, p99[i]+l.P99
			most[i] += load(base, much).Achieved
		}
	}
	b.ReportMetric(p50[0]/float64(b.N), "p50-ms")
	b.ReportMetric(p99[0]/float64(b.N), "p99-ms")
	b.ReportMetric(p50[0]/p50[1], "p50/bare")
	b.ReportMetric(p99[0]/p99[1], "p99/bare")
	b.ReportMetric(most[0]/float64(b.N), "answers/s")
	b.ReportMetric(most[0]/most[1], "answers/bare")
}

// onePage is a code in use and its page.
func onePage(b *testing.B, base string) (token, page string) {
	b.Helper()
	client := newClient(b)
	var points struct{ Points []struct{ Token string } }
	a, err := call(b.Context(), client, "GET", base+"/api/v1/points", "", "Authorization", "Bearer "+os.Getenv("HAILONG_TOKEN"))
	if err == nil {
		err = json.Unmarshal([]byte(a.body), &points)
	}
	if err != nil || len(points.Points) != 1 {
		b.Fatalf("points: %v %s", err, a.body)
	}
	token = points.Points[0].Token
	if a, err = call(b.Context(), client, "GET", base+"/s/"+token, ""); err != nil || a.status != 200 {
		b.Fatalf("page: %v %d", err, a.status)
	}
	return token, a.body
}

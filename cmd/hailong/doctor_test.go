package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hailong/analytics"
	"hailong/surveys"
	"hailong/surveys/store"
)

// healthy is a world in which the doctor finds nothing wrong: a store of today, HTTPS by a proxy, a backup of this night.
func healthy(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.organise()
	dir := filepath.Join(w.dir, "backups")
	w.run("backup", "--dir", dir).want(0)
	for name, value := range map[string]string{
		"LISTEN": freePort(t), "BASE_URL": "https://khaosat.example.vn", "TRUSTED_PROXIES": "127.0.0.1", "OFFICE": "UBND xã Nghĩa Hưng",
		"CONTACT": "0228 3871 000", "DIR": dir, "LANG": "en",
	} {
		w.env["HAILONG_"+name] = value
	}
	return w
}

// snapshot is what stands in a folder: names, sizes, times and modes.
func snapshot(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		if info.IsDir() { // the doctor tries to write into folders
			fmt.Fprintln(&b, path, info.Mode())
			return nil
		}
		fmt.Fprintln(&b, path, info.Size(), info.ModTime(), info.Mode())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDoctorFindsNothingWrong(t *testing.T) {
	t.Parallel()
	w := healthy(t)
	before := snapshot(t, w.dir)
	r := w.run("doctor").want(0, "✓ Store", "no damage found", "✓ Disk", "the last backup is hailong-20260310-093000.backup", "✕ 0", "!✕ Store", "!✕ Conf")
	if after := snapshot(t, w.dir); after != before {
		t.Errorf("the doctor changed something:\n%s\n%s", before, after)
	}
	if strings.Contains(r.out, "%!") {
		t.Errorf("a sentence lacks an argument: %s", r.out)
	}
	w.env["HAILONG_LANG"] = "vi"
	r = w.run("doctor").want(0, "Kho dữ liệu", "không thấy hỏng", "!no damage", "!%!")
	line := regexp.MustCompile(`^(✓|!|✕) (Cấu hình|Kho dữ liệu|Đồng hồ|Đĩa|Chứng thư|Sao lưu): \S`)
	for _, text := range strings.Split(strings.TrimSpace(r.out), "\n") {
		if !line.MatchString(text) {
			t.Errorf("this is no finding: %q", text)
		}
	}
	// Beside a running server it is as well.
	s := w.serve("--listen", w.env["HAILONG_LISTEN"])
	w.env["HAILONG_LANG"] = "en"
	w.run("doctor").want(0, "the server runs and is ready at http://"+w.env["HAILONG_LISTEN"], "✓ Store")
	s.end()
}

// finds runs the doctor and wants a line with the sign and each text.
func (w *world) finds(sign string, texts ...string) {
	w.t.Helper()
	r := w.run("doctor")
	if (r.code == 1) != strings.Contains(r.out, "✕") || r.code > 1 {
		w.t.Errorf("exit status %d for\n%s", r.code, r.out)
	}
	for _, line := range strings.Split(r.out, "\n") {
		all := strings.HasPrefix(line, sign)
		for _, text := range texts {
			all = all && strings.Contains(line, text)
		}
		if all {
			return
		}
	}
	w.t.Errorf("no line with %s and %q in\n%s", sign, texts, r.out)
}

func TestDoctorOnConfiguration(t *testing.T) {
	t.Parallel()
	set := func(env map[string]string) func(*world) {
		return func(w *world) {
			for name, value := range env {
				w.env["HAILONG_"+name] = value
			}
		}
	}
	for name, c := range map[string]struct {
		change func(*world)
		sign   string
		texts  []string
	}{
		"a mistake":                  {set(map[string]string{"BASE_URL": "nonsense"}), "✕", []string{`--base-url "nonsense"`}},
		"another at the same time":   {set(map[string]string{"BASE_URL": "nonsense", "MONTH_START": "7"}), "✕", []string{`--month-start "7"`}},
		"no password file":           {set(map[string]string{"ADMIN_PASSWORD_FILE": "/none"}), "✕", []string{"HAILONG_ADMIN_PASSWORD_FILE", "/none"}},
		"no authority":               {set(map[string]string{"ACME_DIRECTORY": "http://x"}), "✕", []string{"--acme-directory"}},
		"no language":                {set(map[string]string{"LANG": "fr"}), "✕", []string{`--lang "fr"`}},
		"half a certificate":         {set(map[string]string{"TLS_CERT": "x"}), "✕", []string{"--tls-cert and --tls-key go together"}},
		"codes lead here":            {set(map[string]string{"BASE_URL": "http://127.0.0.1:8080", "TRUSTED_PROXIES": ""}), "✕", []string{"no phone can open"}},
		"codes lead to the default":  {set(map[string]string{"BASE_URL": "", "TRUSTED_PROXIES": ""}), "✕", []string{"127.0.0.1", "no phone can open"}},
		"plain HTTP":                 {set(map[string]string{"BASE_URL": "http://khaosat.example.vn", "TRUSTED_PROXIES": ""}), "!", []string{"not encrypted"}},
		"no HTTPS":                   {set(map[string]string{"BASE_URL": "http://khaosat.example.vn", "TRUSTED_PROXIES": ""}), "!", []string{"there is no HTTPS"}},
		"a port":                     {set(map[string]string{"BASE_URL": "https://khaosat.example.vn:8443"}), "!", []string{"has a port"}},
		"no office":                  {set(map[string]string{"OFFICE": ""}), "!", []string{"names no office"}},
		"proxy not named":            {set(map[string]string{"TRUSTED_PROXIES": ""}), "!", []string{"--trusted-proxies"}},
		"metrics for all":            {set(map[string]string{"METRICS_LISTEN": "0.0.0.0:9090"}), "!", []string{"without a token"}},
		"address of another machine": {set(map[string]string{"LISTEN": "192.0.2.1:8080"}), "✕", []string{"cannot listen on 192.0.2.1:8080"}},
		"address taken": {func(w *world) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				w.t.Fatal(err)
			}
			w.t.Cleanup(func() { closed(w.t, l) })
			go func() {
				for {
					conn, err := l.Accept()
					if err != nil {
						return
					}
					_, err = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nother")
					if err = errors.Join(err, conn.Close()); err != nil {
						w.t.Error(err)
					}
				}
			}()
			w.env["HAILONG_LISTEN"] = l.Addr().String()
		}, "✕", []string{"taken"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := healthy(t)
			c.change(w)
			w.finds(c.sign, c.texts...)
		})
	}
	newWorld(t).run("doctor", "--no-such-flag").want(2, "no-such-flag")
	newWorld(t).run("doctor", "me").want(2, "me")
}

func TestDoctorOnTheStore(t *testing.T) {
	t.Parallel()
	t.Run("none yet, and none is made", func(t *testing.T) {
		t.Parallel()
		w := healthy(t)
		w.env["HAILONG_DATA"] = filepath.Join(w.dir, "slip")
		w.finds("!", "nothing is at "+filepath.Join(w.dir, "slip", "hailong.db"))
		if _, err := os.Stat(filepath.Join(w.dir, "slip")); !os.IsNotExist(err) {
			t.Errorf("the folder was made: %v", err)
		}
	})
	overwrite := func(w *world, at int64, bytes string) {
		w.t.Helper()
		f, err := os.OpenFile(w.database(), os.O_RDWR, 0)
		if err == nil {
			_, err = f.WriteAt([]byte(bytes), at)
		}
		if err != nil {
			w.t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			w.t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		change func(*world)
		texts  []string
	}{
		"another program's": {func(w *world) { overwrite(w, 68, "\x00\x00\x00\x01") }, []string{"database of another program"}},
		"no database":       {func(w *world) { overwrite(w, 0, strings.Repeat("rubbish ", 20)) }, []string{"not an SQLite database"}},
		"of a newer":        {func(w *world) { overwrite(w, 60, "\x00\x00\x00\x63") }, []string{"written by a newer hailong", "99"}},
		"damaged": {func(w *world) {
			for page := int64(2); page < 8; page++ {
				overwrite(w, page*4096, strings.Repeat("\xff", 100))
			}
		}, []string{"damaged"}},
		"cut short": {func(w *world) {
			if err := os.Truncate(w.database(), 3*4096+100); err != nil {
				w.t.Fatal(err)
			}
		}, []string{"damaged"}},
		"unknown address": {func(w *world) { w.env["HAILONG_STORE"] = "postgres://secret@x/y" }, []string{"file:PATH.db or mongodb://"}},
		"not reached": {func(w *world) {
			w.env["HAILONG_STORE"] = "mongodb://u:SECRET@" + freePort(w.t) + "/db?serverSelectionTimeoutMS=200"
		}, []string{"cannot be used"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := healthy(t)
			c.change(w)
			before := snapshot(t, filepath.Join(w.dir, "data"))
			w.finds("✕", append(c.texts, "Store")...)
			w.run("doctor").want(1, "!SECRET", "!secret")
			if after := snapshot(t, filepath.Join(w.dir, "data")); after != before {
				t.Errorf("the doctor changed something:\n%s\n%s", before, after)
			}
		})
	}
	t.Run("a pass that was missed, days that wait", func(t *testing.T) {
		t.Parallel()
		w := healthy(t)
		w.now = w.now.AddDate(0, 0, 1)
		w.run("doctor").want(0, "✓ Store: the last release pass was on 2026-03-10", "!more than a day ago")
		w.now = w.now.AddDate(0, 0, 1)
		w.finds("✕", "the last release pass was on 2026-03-10", "more than a day ago")
		w.with(func(s surveys.Store) {
			for i := range dirtyMost + 1 {
				if err := s.MarkDirty(t.Context(), "f_hall", surveys.Day("2025-08-01").Add(i)); err != nil {
					t.Fatal(err)
				}
			}
		})
		w.finds("✕", "more than a day ago")
		w.run("doctor").want(1, fmt.Sprintf("%d days wait to be counted", dirtyMost+1))
	})
	t.Run("no pass yet", func(t *testing.T) {
		t.Parallel()
		w := healthy(t)
		w.env["HAILONG_DATA"] = filepath.Join(w.dir, "new")
		w.empty(filepath.Join(w.dir, "new", "hailong.db"))
		w.finds("!", "no release pass has run yet")
	})
}

// empty makes an empty store at a path.
func (w *world) empty(path string) {
	w.t.Helper()
	s, err := store.Open(w.t.Context(), "file:"+path, time.Now)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		w.t.Fatal(err)
	}
}

func TestDoctorOnTheClock(t *testing.T) {
	t.Parallel()
	w := healthy(t)
	w.now = w.now.AddDate(0, 0, -3)
	w.finds("✕", "Clock", "2026-03-10, after today (2026-03-07)")
	w.now = time.Date(2011, 1, 1, 0, 0, 0, 0, time.UTC)
	w.finds("✕", "Clock", "this machine says 2011")
	// Answers of days that have not come.
	w = healthy(t)
	w.with(func(s surveys.Store) {
		if err := s.MarkDirty(t.Context(), "f_hall", "2026-03-20"); err != nil {
			t.Fatal(err)
		}
		if _, err := analytics.NewRoller(s).Roll(t.Context(), "", nil); err != nil {
			t.Fatal(err)
		}
	})
	w.finds("✕", "Clock", "answers stand on 1 days after today")
}

func TestDoctorOnDiskAndRights(t *testing.T) {
	t.Parallel()
	w := healthy(t)
	mode := func(path string, m os.FileMode) {
		t.Helper()
		if err := os.Chmod(path, m); err != nil {
			t.Fatal(err)
		}
	}
	data := filepath.Join(w.dir, "data")
	mode(w.database(), 0o644)
	w.finds("✕", "every account of the machine can open "+w.database(), "644", "chmod 600")
	mode(w.database(), 0o640)
	w.finds("!", "the accounts of its group can open "+w.database())
	mode(w.database(), 0o600)
	mode(data, 0o755)
	w.finds("✕", "every account of the machine can open "+data, "chmod 700")
	mode(data, 0o700)
	w.env["HAILONG_DIR"] = w.file("file", "x")
	w.finds("✕", "is no folder")
	if _, err := os.Stat("/proc/self"); err == nil {
		w.env["HAILONG_DIR"] = "/proc/self/hailong-backups"
		w.finds("✕", "/proc/self", "cannot be written")
	}
	if shm, err := diskOf("/dev/shm"); err == nil && shm.kind != "" {
		dir, err := os.MkdirTemp("/dev/shm", "hailong-test-*") //nolint:usetesting // t.TempDir is on the disk
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir) //nolint:errcheck // at worst an empty folder stays
		w.env["HAILONG_DATA"], w.env["HAILONG_DIR"] = dir, ""
		w.finds("!", dir, "RAM")
	}
}

func TestDoctorOnRoom(t *testing.T) {
	t.Parallel()
	if facts, err := diskOf(t.TempDir()); err != nil || facts.free == 0 || facts.free > facts.total {
		t.Errorf("%+v, %v", facts, err)
	}
	for free, sign := range map[uint64]string{10 << 20: "✕", 500 << 20: "!", 5 << 30: "✓"} {
		var out safeBuffer
		d := &patient{p: newWorld(t).program(&out, &out), c: config{Lang: "en"}, area: areaDisk()}
		d.sayRoom("/srv", diskFacts{free: free, kind: "NFS"}, true)
		if !strings.HasPrefix(out.String(), sign) || !strings.Contains(out.String(), "! Disk: /srv lies on NFS") {
			t.Errorf("%d: %s", free, out.String())
		}
	}
}

func TestDoctorOnCertificates(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	for name, c := range map[string]struct {
		host     string
		from, to time.Duration
		change   func(*world)
		sign     string
		texts    []string
	}{
		"good but of no authority": {"khaosat.example.vn", -day, 90 * day, nil, "!", []string{"does not lead to an authority"}},
		"good":                     {"khaosat.example.vn", -day, 90 * day, nil, "✓", []string{"is valid until 2026-06-08", "for 90 days"}},
		"expires soon":             {"khaosat.example.vn", -day, 10 * day, nil, "!", []string{"expires on 2026-03-20, in 10 days"}},
		"expired":                  {"khaosat.example.vn", -90 * day, -day, nil, "✕", []string{"it expired on 2026-03-09"}},
		"not yet valid":            {"khaosat.example.vn", day, 90 * day, nil, "✕", []string{"it is not valid before 2026-03-11"}},
		"of another host":          {"khac.example.vn", -day, 90 * day, nil, "✕", []string{"it is for khac.example.vn and not for khaosat.example.vn"}},
		"wrong key": {"khaosat.example.vn", -day, 90 * day, func(w *world) {
			w.file("key.pem", w.good(2, "khaosat.example.vn").key)
		}, "✕", []string{"the key is not that of the certificate"}},
		"missing file": {"khaosat.example.vn", -day, 90 * day, func(w *world) { w.env["HAILONG_TLS_KEY"] = "/none.pem" }, "✕", []string{"/none.pem", "no such file"}},
		"open key": {"khaosat.example.vn", -day, 90 * day, func(w *world) {
			if err := os.Chmod(filepath.Join(w.dir, "key.pem"), 0o644); err != nil {
				w.t.Fatal(err)
			}
		}, "✕", []string{"every account", "key.pem"}},
		"key of the group to write": {"khaosat.example.vn", -day, 90 * day, func(w *world) {
			if err := os.Chmod(filepath.Join(w.dir, "key.pem"), 0o660); err != nil {
				w.t.Fatal(err)
			}
		}, "!", []string{"the accounts of its group", "key.pem"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := healthy(t)
			w.put(makePair(t, 1, c.host, w.now.Add(c.from), w.now.Add(c.to)))
			w.env["HAILONG_TRUSTED_PROXIES"] = ""
			w.env["HAILONG_TLS_CERT"], w.env["HAILONG_TLS_KEY"] = filepath.Join(w.dir, "cert.pem"), filepath.Join(w.dir, "key.pem")
			if c.change != nil {
				c.change(w)
			}
			w.finds(c.sign, append(c.texts, c.sign)...)
		})
	}
}

// A store of the version before is left as it is; the copy that its migration leaves is named when it is old.
func TestDoctorOnAnOlderStore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.before()
	w.env["HAILONG_LANG"] = "en"
	was := snapshot(t, w.dir)
	w.finds("!", "schema 1, this program writes", "2. Receipts have a narrow table of their own.", "3. A sealed day holds the digest of its count.",
		"4. A response keeps how fast it was filled in, in four classes.", "hailong migrate --plan says the steps")
	if is := snapshot(t, w.dir); is != was {
		t.Errorf("doctor changed files (-was +is):\n%s", cmp.Diff(was, is))
	}
	w.run("migrate").want(0)
	if out := w.run("doctor").out; strings.Contains(out, "copy of before") {
		t.Errorf("a fresh copy is complained about:\n%s", out)
	}
	w.now = time.Now().AddDate(0, 0, 31)
	w.finds("!", "hailong.schema-1.", "is over 30 days old and holds single forms")
}

// Root owns a key and the service's group reads it.
func TestDoctorTakesAKeyOfTheGroup(t *testing.T) {
	t.Parallel()
	w := healthy(t)
	w.put(w.good(1, "khaosat.example.vn"))
	w.env["HAILONG_TRUSTED_PROXIES"] = ""
	w.env["HAILONG_TLS_CERT"], w.env["HAILONG_TLS_KEY"] = filepath.Join(w.dir, "cert.pem"), filepath.Join(w.dir, "key.pem")
	if err := os.Chmod(w.env["HAILONG_TLS_KEY"], 0o640); err != nil {
		t.Fatal(err)
	}
	if out := w.run("doctor").want(0).out; !strings.Contains(out, "cert.pem is valid until") || strings.Contains(out, "key.pem") {
		t.Errorf("it said %s", out)
	}
}

func TestDoctorOnACME(t *testing.T) {
	t.Parallel()
	w := healthy(t)
	w.env["HAILONG_TRUSTED_PROXIES"], w.env["HAILONG_ACME"] = "", "khaosat.example.vn"
	w.finds("!", "there is no certificate for khaosat.example.vn yet")
	w.finds("!", "calls at port 443")
	folder := filepath.Join(w.dir, "data", acmeFolder)
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	p := w.good(1, "khaosat.example.vn")
	w.file("data/acme/khaosat.example.vn", p.key+p.cert)
	w.finds("✓", "khaosat.example.vn is valid until")
	p = makePair(t, 1, "khaosat.example.vn", w.now.AddDate(-1, 0, 0), w.now.AddDate(0, 0, -1))
	w.file("data/acme/khaosat.example.vn", p.key+p.cert)
	w.finds("✕", "it expired on 2026-03-09")
	w.file("data/acme/khaosat.example.vn", "rubbish")
	w.finds("✕", "damaged")
	w.env["HAILONG_ACME"] = "khac.example.vn"
	w.finds("✕", "--acme gets no certificate for it")
}

func TestDoctorOnBackups(t *testing.T) {
	t.Parallel()
	w := healthy(t)
	dir := w.env["HAILONG_DIR"]
	was := w.now
	later := func(d time.Duration) {
		t.Helper()
		w.now = was.Add(d)
		w.run("roll").want(0)
	}
	later(40 * time.Hour)
	w.finds("!", "Backup", "40 hours old")
	later(8 * 24 * time.Hour)
	w.finds("✕", "Backup", "192 hours old")
	w = healthy(t)
	w.file("backups/hailong-20260410-093000.backup.age", "x")
	w.finds("✕", "Backup", "from the future")
	w.env["HAILONG_DIR"] = w.dir
	w.finds("✕", "there is no backup in "+w.dir, "--dir "+w.dir)
	w.env["HAILONG_DIR"] = filepath.Join(dir, "none")
	w.finds("✕", "cannot be read")
	w.env["HAILONG_DIR"] = ""
	w.finds("!", "name --dir")
}

func TestDoctorOnMongoDB(t *testing.T) {
	t.Parallel()
	w := healthy(t)
	w.onMongo(mongoServer(t))
	w.finds("!", "nothing is at MongoDB yet")
	w.now = time.Now()
	w.run("roll").want(0)
	r := w.run("doctor").want(1, "✓ Store: MongoDB can be read", "✓ Store: it takes writes of the majority", "!the clock of the MongoDB server", "✕ Backup")
	if strings.Contains(r.out, "hailong_test_") {
		t.Errorf("the address is told: %s", r.out)
	}
	w.now = w.now.Add(-25 * time.Second)
	w.finds("!", "Clock: the clock of the MongoDB server is")
	w.now = w.now.Add(-10 * time.Minute)
	w.run("doctor").want(1, "✕ Clock: the clock of the MongoDB server is 10m")
}

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"hailong/analytics"
	"hailong/surveys"
	"hailong/surveys/backup"
	"hailong/surveys/store"
)

// dirtyMost is how many days may wait to be counted before it is said.
const dirtyMost = 200

// lookAtStore looks without changing it, and says what depends on the clock under the heading of the clock.
func (d *patient) lookAtStore(ctx context.Context) {
	found, s, err := store.Inspect(ctx, d.c.Store, d.p.clock)
	switch {
	case errors.Is(err, surveys.ErrNewer):
		d.note(wrong, phrase{"do bản hailong mới hơn ghi: %v → dùng lại bản mới đó", "written by a newer hailong: %v → use that newer one again"}, err)
	case errors.Is(err, surveys.ErrUnavailable):
		d.note(wrong, phrase{"không tới được: %v", "cannot be used: %v"}, err)
	case err != nil:
		d.note(wrong, phrase{"%v", "%v"}, err)
	case len(found.Damage) > 0:
		d.note(wrong, phrase{
			"tệp bị hỏng: %s → dừng máy chủ, giữ nguyên tệp, phục hồi bản sao lưu bằng hailong restore",
			"the file is damaged: %s → stop the server, keep the file as it is, restore a backup with hailong restore",
		}, strings.Join(found.Damage, "; "))
	case found.Schema == 0:
		d.note(warned, phrase{
			"chưa có gì tại %s: lần chạy đầu sẽ tạo mới → nếu trước đây đã có phiếu thì đường dẫn này sai",
			"nothing is at %s yet: the first start makes it → if there were answers before, the path is wrong",
		}, storePlace(d.c.Store))
	case found.Schema < found.Known:
		d.lookAtSteps(ctx)
	default:
		d.note(fine, phrase{"%s đọc được, cấu trúc %d, không thấy hỏng", "%s can be read, schema %d, no damage found"}, storePlace(d.c.Store), found.Schema)
	}
	if found.Topology != "" {
		d.lookAtMongo(ctx, found, s)
	}
	if s == nil {
		return
	}
	d.lookInside(ctx, s)
	if err := s.Close(); err != nil {
		d.note(wrong, phrase{"%v", "%v"}, err)
	}
}

// lookAtSteps says what the next start would do to a store of an older program.
func (d *patient) lookAtSteps(ctx context.Context) {
	plan, err := store.Plan(ctx, d.c.Store)
	if err != nil {
		d.note(wrong, phrase{"%v", "%v"}, err)
		return
	}
	var steps []string
	for _, step := range plan.Steps {
		steps = append(steps, fmt.Sprintf("%d. %s", step.Number, step.About))
	}
	d.note(warned, phrase{
		"thuộc bản cũ (cấu trúc %d, chương trình này dùng %d); lần chạy tới sẽ nâng cấp: %s → hailong migrate --plan nêu các bước và bản sao trước đó",
		"of an older version (schema %d, this program writes %d); the next start migrates it: %s → hailong migrate --plan says the steps and the copy of before",
	}, plan.From, plan.To, strings.Join(steps, " "))
}

// storePlace is an address without what may be secret in it.
func storePlace(address string) string {
	if path, ok := store.File(address); ok {
		return path
	}
	return "MongoDB"
}

// Differences between the database server's clock and ours.
const (
	driftSaid  = 5 * time.Second
	driftWrong = time.Minute
)

func (d *patient) lookAtMongo(ctx context.Context, found surveys.Inspection, s surveys.Store) {
	if found.Topology == "standalone" {
		d.note(warned, phrase{
			"MongoDB chạy một mình: máy đó hỏng thì mất đến bản sao lưu cuối → dùng replica set",
			"MongoDB is standalone: if that machine is lost, so is all since the last backup → use a replica set",
		})
	} else {
		d.note(fine, phrase{"MongoDB: %s", "MongoDB: %s"}, found.Topology)
	}
	if len(found.Missing) > 0 {
		d.note(warned, phrase{
			"thiếu chỉ mục %s: truy vấn sẽ chậm → lần chạy tới sẽ tạo",
			"indexes are missing, %s: queries are slow → the next start makes them",
		}, strings.Join(found.Missing, "; "))
	}
	if s != nil {
		if err := s.Ping(ctx); err != nil {
			d.note(wrong, phrase{
				"không ghi được với đa số (majority): %v → xem replica set còn đủ máy không, đĩa còn chỗ không",
				"it takes no write of the majority: %v → see whether the replica set has one and the disk has room",
			}, err)
		} else {
			d.note(fine, phrase{"ghi được với đa số (majority)", "it takes writes of the majority"})
		}
	}
	drift := found.Clock.Sub(d.now).Abs().Round(time.Second)
	said := phrase{
		"đồng hồ máy chủ MongoDB lệch máy này %v → bật đồng bộ giờ (NTP) trên cả hai",
		"the clock of the MongoDB server is %v off this machine's → synchronise both (NTP)",
	}
	switch was := d.area; {
	case found.Clock.IsZero() || drift <= driftSaid:
	case drift > driftWrong:
		d.area = areaClock()
		d.note(wrong, said, drift)
		d.area = was
	default:
		d.area = areaClock()
		d.note(warned, said, drift)
		d.area = was
	}
}

// lookInside looks at what the store says about itself.
func (d *patient) lookInside(ctx context.Context, s surveys.Store) {
	if err := backup.Finished(ctx, s); err != nil {
		d.note(wrong, phrase{"%v", "%v"}, err)
	}
	dirty, err := s.DirtyDays(ctx, surveys.DirtyQuery{})
	if err != nil {
		d.note(wrong, phrase{"không đọc được: %v", "cannot be read: %v"}, err)
		return
	}
	if len(dirty) > dirtyMost {
		d.note(warned, phrase{
			"%d ngày chưa đếm: bộ đếm không chạy kịp hoặc máy chủ đã dừng → chạy hailong roll, xem nhật ký",
			"%d days wait to be counted: the server is down, or counting fails → run hailong roll, see the log",
		}, len(dirty))
	}
	today := d.p.today()
	last, err := analytics.LastPass(ctx, s)
	if err != nil {
		d.note(wrong, phrase{"không đọc được: %v", "cannot be read: %v"}, err)
		return
	}
	d.lookAtPass(last, today)
	d.lookAhead(ctx, s, today)
}

// lookAtPass says when the release pass has missed a night: what is not released is not shown.
func (d *patient) lookAtPass(last, today surveys.Day) {
	switch {
	case last == "":
		d.note(warned, phrase{
			"chưa có đợt công bố nào được chạy → máy chủ tự chạy lúc 00:10, hoặc dùng hailong roll",
			"no release pass has run yet → the server runs it at 00:10, or hailong roll does",
		})
	case last > today:
		d.area = areaClock()
		d.note(wrong, phrase{
			"đợt công bố cuối mang ngày %s, sau hôm nay (%s): đồng hồ đã chạy trước hoặc nay chạy sau → chỉnh giờ; đến ngày đó sẽ không công bố gì",
			"the last release pass is of %s, after today (%s): the clock ran ahead, or is behind now → set it; nothing is released until that day",
		}, last, today)
		d.area = areaStore()
	case last < today.Add(-1):
		d.note(wrong, phrase{
			"đợt công bố cuối vào %s, đã hơn một ngày: phiếu mới không hiện ra → máy chủ có chạy qua nửa đêm không? xem nhật ký",
			"the last release pass was on %s, more than a day ago: new answers are not shown → does the server run over midnight? see its log",
		}, last)
	default:
		d.note(fine, phrase{"đợt công bố cuối vào %s", "the last release pass was on %s"}, last)
	}
}

// lookAhead finds answers of days that have not come.
func (d *patient) lookAhead(ctx context.Context, s surveys.Store, today surveys.Day) {
	ahead := 0
	err := s.EachDay(ctx, surveys.DayQuery{From: today.Add(1)}, func(surveys.DayBook) error {
		ahead++
		return nil
	})
	if err != nil {
		d.note(wrong, phrase{"không đọc được: %v", "cannot be read: %v"}, err)
		return
	}
	if ahead > 0 {
		d.area = areaClock()
		d.note(wrong, phrase{
			"có phiếu của %d ngày sau hôm nay (%s): đồng hồ máy này chạy sau, hoặc đã từng chạy trước → chỉnh giờ",
			"answers stand on %d days after today (%s): this clock is behind, or once ran ahead → set it",
		}, ahead, today)
		d.area = areaStore()
	}
}

// builtYear is when this program was written: a clock before it is wrong.
const builtYear = 2026

// lookAtClock looks at the machine's own clock.
func (d *patient) lookAtClock(context.Context) {
	if d.now.Year() < builtYear {
		d.note(wrong, phrase{
			"máy này cho là năm %d, trước khi có chương trình này → chỉnh giờ, thay pin CMOS",
			"this machine says %d, before this program was written → set the clock, change its battery",
		}, d.now.Year())
		return
	}
	local := d.now.In(d.p.zone)
	if synced, known := clockSynced(); known && !synced {
		d.note(warned, phrase{
			"%s; hệ thống chưa đồng bộ giờ → bật NTP (timedatectl set-ntp true)",
			"%s; the system does not synchronise its clock → turn on NTP (timedatectl set-ntp true)",
		}, local.Format("2006-01-02 15:04 -07:00"))
		return
	}
	d.note(fine, phrase{"%s", "%s"}, local.Format("2006-01-02 15:04 -07:00"))
}

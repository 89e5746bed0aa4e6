package main

import (
	"context"
	"time"
)

// How old the last backup may be: a day and some hours where one is made each night.
const (
	backupSaid  = 36 * time.Hour
	backupWrong = 7 * 24 * time.Hour
)

// lookAtBackup looks at the age of the last backup in --dir.
func (d *patient) lookAtBackup(context.Context) {
	if d.c.Dir == "" {
		d.note(warned, phrase{
			"không biết bản sao lưu ở đâu → nêu --dir THƯ-MỤC",
			"it is not known where backups are → name --dir FOLDER",
		})
		return
	}
	names, err := listBackups(d.c.Dir)
	if err != nil {
		d.note(wrong, phrase{"không đọc được thư mục sao lưu: %v", "the folder of the backups cannot be read: %v"}, err)
		return
	}
	if len(names) == 0 {
		d.note(wrong, phrase{
			"chưa có bản sao lưu nào trong %s → hailong backup --dir %[1]s --every 24h",
			"there is no backup in %s → hailong backup --dir %[1]s --every 24h",
		}, d.c.Dir)
		return
	}
	last := names[len(names)-1]
	made, err := backupMade(last, d.p.zone)
	if err != nil {
		d.note(wrong, phrase{"%v", "%v"}, err)
		return
	}
	age := d.now.Sub(made)
	switch hours := int(age.Hours()); {
	case age < -time.Hour:
		d.note(wrong, phrase{
			"bản sao lưu cuối %s mang giờ sau hiện tại: đồng hồ sai → chỉnh giờ",
			"the last backup %s is from the future: a clock is wrong → set it",
		}, last)
	case age > backupWrong:
		d.note(wrong, phrase{"bản sao lưu cuối %s đã %d giờ → chạy hailong backup", "the last backup %s is %d hours old → run hailong backup"}, last, hours)
	case age > backupSaid:
		d.note(warned, phrase{"bản sao lưu cuối %s đã %d giờ → chạy hailong backup", "the last backup %s is %d hours old → run hailong backup"}, last, hours)
	default:
		d.note(fine, phrase{"bản sao lưu cuối %s, %d giờ trước; tất cả %d bản", "the last backup is %s, %d hours old, of %d"}, last, max(hours, 0), len(names))
	}
}

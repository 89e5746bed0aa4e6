package main

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"hailong/surveys"
)

// Two servers on one MongoDB survive the loss of either and of the database: people go to the other one, or come again
// when told to; nothing acknowledged is lost and no restart but that of what was lost is needed.
func TestTwoServersLoseEachOtherAndMongoDB(t *testing.T) {
	t.Parallel()
	db := newSecantus(t)
	w := newWorld(t)
	w.now = time.Now() // the children have the machine's clock
	w.env["HAILONG_STORE"] = "mongodb://" + db.address + "/hailong"
	w.organise()
	servers := []*child{w.spawn(), w.spawn()}
	people := newCitizens(t)
	people.at(servers[0].base)
	people.spare.Store(&servers[1].base)
	stop := people.start(4)
	for i := range servers {
		people.getOn(15)
		w.kill(servers[i])
		people.getOn(15) // by the other
		servers[i] = w.spawn()
		people.at(servers[0].base)
		people.spare.Store(&servers[1].base)
	}
	people.getOn(15)
	db.kill()
	lost := people.failed.Load()
	eventually(t, "the citizens were refused", func() bool { return people.failed.Load() > lost+4 })
	for _, s := range servers {
		eventually(t, "it says that it is not ready", func() bool { return people.get(s, "/readyz").status == http.StatusServiceUnavailable })
		a, err := submit(t.Context(), people.client, s.base, clinicToken, surveys.NewSubmissionID())
		if err != nil || a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
			t.Errorf("submit without MongoDB: %+v %v", a, err)
		}
		if a = people.get(s, "/healthz"); a.status != http.StatusOK {
			t.Errorf("the process itself is well: %+v", a)
		}
	}
	w.run("roll").want(1, db.address, "!goroutine").sentence()
	db.start()
	for _, s := range servers {
		eventually(t, "it is ready again", func() bool { return people.get(s, "/readyz").status == http.StatusOK })
	}
	people.getOn(30)
	stop()
	for _, s := range servers {
		w.kill(s)
		s.mustSay(t, "!status=500", "!panic", "!"+string(clinicToken))
	}
	people.client.CloseIdleConnections()
	w.checkStored(people)
}

var releasesSaid = regexp.MustCompile(`(\d+) releases, 0 dirty days, 0 mismatches`)

// Several release passes at once on one MongoDB, those of two servers that start and of two commands, make the one set
// of releases that a lone pass makes.
func TestPassesAtOnceMakeOneSetOfReleases(t *testing.T) {
	t.Parallel()
	address := mongoServer(t)
	alone, several := newWorld(t), newWorld(t)
	several.onMongo(address)
	made := map[*world]string{}
	for _, w := range []*world{alone, several} {
		w.now = time.Now() // the children have the machine's clock
		w.organise()
		w.with(func(s surveys.Store) { addOfLastMonths(t, s, w.now) })
	}
	alone.run("roll").want(0)
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() { several.run("roll").want(0) })
	}
	one, two := several.spawn(), several.spawn()
	people := newCitizens(t)
	for _, s := range []*child{one, two} {
		if local := several.now.In(testZone(t)); local.Hour() > 0 || local.Minute() > 9 { // in the first minutes of a day none is due
			eventually(t, "its pass is over", func() bool { return strings.Contains(s.said.String(), `msg="release pass"`) })
		}
		if a := people.get(s, "/readyz"); a.status != http.StatusOK {
			t.Errorf("ready: %+v", a)
		}
		several.kill(s)
		s.mustSay(t, "!level=ERROR")
	}
	people.client.CloseIdleConnections()
	group.Wait()
	for _, w := range []*world{alone, several} {
		w.run("roll").want(0, "0 releases made")
		said := w.run("verify").want(0)
		if m := releasesSaid.FindStringSubmatch(said.err); m == nil || m[1] == "0" {
			t.Errorf("verify says %s", said.err)
		} else {
			made[w] = m[1]
		}
	}
	if made[alone] != made[several] {
		t.Errorf("a lone pass made %s releases, several at once %s", made[alone], made[several])
	}
}

// addOfLastMonths adds answers that a pass may release: some days have enough for themselves, others wait for their month.
func addOfLastMonths(t *testing.T, s surveys.Store, now time.Time) {
	t.Helper()
	var list []surveys.Response
	for i := range 8 {
		day := surveys.DayOf(now.AddDate(0, 0, -3-9*i), testZone(t))
		for n := range []int{35, 12, 31, 7}[i%4] {
			id := surveys.SubmissionID(fmt.Sprintf("%08x-0000-4000-8000-%012x", i+1, n+1))
			list = append(list, surveys.Response{
				ID: id, Receipt: id.Receipt(), Facility: "f_clinic", Point: "p_clinic", Instrument: "station", Version: 1, Form: surveys.ShortForm,
				Channel: surveys.QR, Standing: surveys.Counted, Lang: "vi", Day: day, Hour: 9, Arrived: day,
				Answers: surveys.Answers{"Z": surveys.NumberAnswer(4), "D1": surveys.NumberAnswer(1 + n%5)},
			})
		}
	}
	if _, err := s.AddResponses(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	// They came in time, before the passes that took the habits of these months.
	stamp, err := s.Record(t.Context(), "stamp", "habits")
	if err == nil {
		err = s.DeleteRecord(t.Context(), "stamp", "habits", stamp.Rev)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Package surveys is the domain: the organisation, the questionnaires, the responses, what of them is valid, and
// the interfaces by which they are kept. It knows no HTTP and no database driver; a Store (surveys/store) keeps
// what it says, analytics counts it, server shows it.
//
// An answer comes in through Doorway (which place is this code?), Submission.Check (is it valid for the
// frozen version?) and Ingest (store it durably, once).
//
// # Answers without a name, and trust in them
//
// Nobody is refused. What comes with an answer is weighed when it arrives (Evidence) and not kept: whether the form was
// opened here (a token that the store's key signs), whether a field is filled that people do not see, how long it took, and
// what the phone itself says of earlier answers today. A suspect answer is accepted and stands aside, with one of the
// Reasons, until a person looks; analytics.Judge does the same to what comes in a rush, before it is released.
//
// What this does not stop: whoever opens the form and waits as long as people do; on several servers, or after a restart, a
// form token that serves a few submissions on each; a phone that forgets its mark. The analytics of a facility's forms
// (its grade) are for those.
//
// # Glossary
//
// One noun for each concept, in Go, JSON, URL, SQL and BSON:
//
//	unit        đơn vị hành chính  node of the administrative tree, known by code and day, never by name
//	facility    cơ sở              a place that serves people; its unit is dated
//	point       điểm khảo sát      one printed code, kiosk or link; it has a token and an instrument
//	token       mã                 the 8 letters of a point
//	instrument  bộ câu hỏi         key and version; a published version never changes
//	factor      nhóm               a group of items
//	item        câu hỏi            one question; its code survives versions
//	response    phiếu              one citizen's answers
//	moment      thời điểm          a civil day and an hour, nothing finer: when an answer counts
//	outbox      hộp chờ gửi        answers that wait on a phone until there is network
//	receipt     mã phiếu           what the citizen keeps; it follows one way from the submission id
//	day         bảng đếm ngày      the exact counts of one facility on one civil day
//	release     đợt công bố        counts of at least the minimum of forms: the atom of all that is shown
//	summary     kết quả            merged releases for a scope and a period
//	standing    tình trạng phiếu   counted, set aside (để riêng) with a reason, or withdrawn
//	pace        nhịp điền          how fast a form was filled in, in four classes
//	visits      lượt phục vụ       how many people a facility says that it served
//	print       bản in             one paper with the code of a point: queued, printed, hung, taken down
//	target      chỉ tiêu           the rate a sector is asked to reach, dated
//	verdict     kết luận           Đạt, Chưa đạt or Chưa đủ căn cứ, given by the interval, never by the rate alone
//	reason      lý do              why a response stands aside, or counts all the same
//	review      lần quyết định     an act on forms that stand aside: who, when and why; acts are only added
//	handle      (not shown)        what names a form to its reviewer; it leads to no id and no receipt
//	habit       nếp phiếu          how a facility's forms came in one month: hours, pace, likeness
//	reliability độ tin cậy         a grade A to D of a facility and period, by its habits against its own past
//	paper batch lô phiếu giấy      one printing of a paper form, known by a number of digits, and what was typed of it
//	sheet       phiếu giấy         one form of a paper batch; its number is written on it when it is typed
//	batch       lô                 the files of typed answers that were imported under one name
//	seal        niêm phong         of a day whose single responses are gone; its counts stay
//	lease       quyền phục vụ      a running server's sign in a database that several share; it lapses by itself
package surveys

package server

import (
	"github.com/gofiber/fiber/v2"

	"hailong/server/view"
)

// routes lists every address, public first.
func (s *Server) routes() {
	a := s.app
	a.Use(s.frame)

	a.Get("/healthz", s.healthz)
	a.Get("/readyz", s.readyz)
	a.Get("/metrics", s.bearer, s.showMetrics)
	a.Get("/static/:file", s.asset)
	a.Get(view.WorkerPath, s.serviceWorker)

	a.Get("/", s.home)
	a.Get("/s", s.typedCode)
	a.Get("/s/:token", s.showForm)
	a.Post("/s/:token", s.submitForm)
	a.Post("/s/:token/start", s.countStart)
	a.Get("/s/:token/thanks", s.thanks)
	a.Get("/k/:token", s.showKiosk)
	a.Post("/k/:token", s.startKiosk)
	a.Get("/r/:receipt", s.ofReceipt(s.showReceipt))
	a.Get("/r/:receipt/withdraw", s.ofReceipt(s.confirmWithdrawal))
	a.Post("/r/:receipt/withdraw", s.ofReceipt(s.withdraw))

	api := a.Group("/api/v1", s.speakProblem)
	api.Post("/responses", s.postResponse)
	api.Get("/points", s.bearer, s.listPoints)
	api.Get("/facilities", s.bearer, s.listFacilities)
	api.Get("/summary", s.bearer, s.summary)

	a.Get("/login", s.showLogin)
	a.Post("/login", s.login)
	a.Post("/logout", s.signedIn, s.logout)
	s.staffRoutes()

	a.Use(func(*fiber.Ctx) error { return fiber.ErrNotFound })
}

// staffRoutes are those of people who have signed in.
func (s *Server) staffRoutes() {
	app := s.app.Group("/app", s.signedIn)
	app.Get("/", s.list)
	app.Get("/facilities/:id", s.facility)
	app.Post("/facilities/:id/points", s.openPoint)
	app.Get("/points", s.points)
	app.Get("/points/:id/qr.svg", s.qrSVG)
	app.Get("/points/:id/qr.png", s.qrPNG)
	app.Get("/points/:id/poster.svg", s.posterSVG)
	app.Get("/points/:id/kiosk", s.showKioskSetting)
	app.Post("/points/:id/kiosk", s.setKiosk)
	app.Get("/facilities/:id/print", s.showPrint)
	app.Post("/facilities/:id/print", s.print)
	app.Get("/facilities/:id/print.pdf", s.printPDF)
	app.Get("/facilities/:id/paper", s.showPaper)
	app.Post("/facilities/:id/paper", s.printPaper)
	app.Get("/points/:id/form.svg", s.paperSVG)
	app.Get("/prints", s.prints)
	app.Get("/prints.pdf", s.printsPDF)
	app.Post("/prints", s.printedAll)
	app.Post("/prints/:id", s.movePrint)

	review := app.Group("/review", s.mayReview)
	review.Get("/", s.reviewQueue)
	review.Get("/acts", s.reviewActs)
	review.Get("/group", s.reviewGroup)
	review.Post("/group", s.review)
	s.entryRoutes(app.Group("/entry"))
}

// entryRoutes are those of paper forms that come back.
func (s *Server) entryRoutes(entry fiber.Router) {
	entry.Get("/", s.showEntry)
	entry.Post("/", s.openBatch)
	entry.Get("/:number", s.showBatch)
	entry.Post("/:number", s.actOnBatch)
	entry.Get("/:number/form.pdf", s.paperPDF)
	entry.Get("/:number/type", s.showTyping)
	entry.Post("/:number/type", s.saveTyped)
	entry.Post("/:number/undo", s.undoTyped)
	entry.Get("/:number/check/:sheet", s.showCheck)
	entry.Post("/:number/check/:sheet", s.check)
}

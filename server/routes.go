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
	a.Get("/s/:token/thanks", s.thanks)
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
	app.Get("/points/:id/qr.svg", s.qrSVG)
	app.Get("/points/:id/qr.png", s.qrPNG)
	app.Get("/points/:id/poster.svg", s.posterSVG)
	app.Get("/facilities/:id/print", s.showPrint)
	app.Post("/facilities/:id/print", s.print)
	app.Get("/facilities/:id/print.pdf", s.printPDF)
	app.Get("/prints", s.prints)
	app.Get("/prints.pdf", s.printsPDF)
	app.Post("/prints", s.printedAll)
	app.Post("/prints/:id", s.movePrint)

	review := app.Group("/review", s.mayReview)
	review.Get("/", s.reviewQueue)
	review.Get("/acts", s.reviewActs)
	review.Get("/group", s.reviewGroup)
	review.Post("/group", s.review)
}

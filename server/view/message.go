package view

// Occasion is why a citizen sees a MessagePage instead of what they asked for.
type Occasion string

// The occasions and the status each goes with.
const (
	OccasionUnreadable  Occasion = "unreadable"   // 400: the request makes no sense
	OccasionNoPage      Occasion = "no_page"      // 404, 405: no such address
	OccasionUnknownCode Occasion = "unknown_code" // 404: no point has this code
	OccasionRetired     Occasion = "retired"      // 410: the point is no longer in use
	OccasionTooLarge    Occasion = "too_large"    // 413
	OccasionBusy        Occasion = "busy"         // 503 with Retry-After
	OccasionBroken      Occasion = "broken"       // 500
)

// Occasions lists them all.
func Occasions() []Occasion {
	return []Occasion{
		OccasionUnreadable, OccasionNoPage, OccasionUnknownCode, OccasionRetired, OccasionTooLarge, OccasionBusy,
		OccasionBroken,
	}
}

// Field is one name and value of a form sent before.
type Field struct{ Name, Value string }

// Repost lets a refused form be sent again from the page that refuses it, so that nothing typed is lost.
type Repost struct {
	Action string
	Fields []Field
}

// MessagePage says in a sentence why there is nothing else to see, and what to do next.
type MessagePage struct {
	Frame
	Occasion Occasion
	// Note is a further sentence of the administrator's ("Từ 1/7 xin đánh giá tại quầy 3").
	Note string
	// RequestID is shown so that it can be told to whoever looks for the cause.
	RequestID string
	// Repost is for OccasionBusy after a POST.
	Repost *Repost
	// Home is the address of the page where a code can be typed, "" to leave the link out.
	Home string
}

func (MessagePage) template() string { return "citizen/message" }

// Heading is the message in a few words.
func (p MessagePage) Heading() Message { return Msg("citizen.message_title." + string(p.Occasion)) }

// Body tells what to do next.
func (p MessagePage) Body() Message {
	if p.Occasion == OccasionBusy && p.Repost != nil {
		return Msg("citizen.message_busy_repost")
	}
	return Msg("citizen.message_body." + string(p.Occasion))
}

package view

// CommentItem is the name of the comment among the items of a form.
const CommentItem = "comment"

// Problem is one thing to correct. Beside the item it reads Start and Rest; the summary on top of the page links
// to it with Start alone. Rest may be the zero Message.
type Problem struct {
	// Item is the code of a question, CommentItem, or "" when no input is to blame.
	Item        string
	Start, Rest Message
	// numbered puts "Câu 3:" before the link, where several links could read alike.
	numbered bool
}

// Numbered tells whether the summary names the question's number.
func (p Problem) Numbered() bool { return p.numbered }

// Wrong is any other thing wrong with one item; the summary says m with the question's number before it.
func Wrong(item string, m Message) Problem {
	return Problem{Item: item, Start: m, numbered: item != "" && item != CommentItem}
}

// NothingAnswered is said at the first question of a form without a single answer.
func NothingAnswered(firstItem string) Problem {
	return Problem{
		Item: firstItem, Start: Msg("citizen.problem_empty"), Rest: Msg("citizen.problem_empty_rest"),
	}
}

// UnknownAnswer is for a value that the question does not offer.
func UnknownAnswer(item string) Problem {
	return Problem{
		Item: item, Start: Msg("citizen.problem_unknown"), Rest: Msg("citizen.problem_unknown_rest"), numbered: true,
	}
}

// NotPercent is for a percentage that is no whole number from 0 to 100.
func NotPercent(item string) Problem {
	return Problem{
		Item: item, Start: Msg("citizen.problem_percent"), Rest: Msg("citizen.problem_percent_rest"), numbered: true,
	}
}

// TooManyChosen is for more than most answers to a multiple question.
func TooManyChosen(item string, most int) Problem {
	return Problem{
		Item: item, Start: Msg("citizen.problem_many", most), Rest: Msg("citizen.problem_many_rest"), numbered: true,
	}
}

// TextTooLong is for a text of have characters where most are allowed.
func TextTooLong(item string, have, most int) Problem {
	p := Problem{
		Item: item, Start: Msg("citizen.problem_long", have-most), Rest: Msg("citizen.problem_long_rest", have, most),
		numbered: true,
	}
	if item == CommentItem {
		p.Start, p.numbered = Msg("citizen.problem_comment_long", have-most), false
	}
	return p
}

// StrangeField is for a form with a field that this questionnaire does not have.
func StrangeField() Problem {
	return Problem{Start: Msg("citizen.problem_strange"), Rest: Msg("citizen.problem_strange_rest")}
}

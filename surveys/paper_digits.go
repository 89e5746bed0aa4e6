package surveys

import (
	"slices"
	"strconv"
	"strings"
)

// Blank is what is typed for a question that was left out: every question of a form is looked at.
const Blank = "."

// TypeDigits reads what was typed for an item of a paper form: the digit in the marked circle, the number, for several
// choices all their digits, and "." or "," for none. Blank answers are not ok to be stored, but right.
func (it Item) TypeDigits(typed string) (a Answer, blank, ok bool) {
	typed = strings.TrimSpace(typed)
	if it.Kind == TextItem {
		return TextAnswer(typed), typed == "" || typed == Blank, true
	}
	if typed == Blank || typed == "," { // the comma stands where the point should on many keyboards
		return Answer{}, true, true
	}
	if it.Kind == Multiple {
		return it.typeChoices(typed)
	}
	n, err := strconv.ParseUint(typed, 10, 16)
	if err != nil {
		return Answer{}, false, false
	}
	switch it.Kind {
	case Scale5, Percent:
		a, key, _ := allowed(it, NumberAnswer(int(n)))
		return a, false, key == ""
	case Single:
		if n < 1 || n > uint64(len(it.Options)) {
			return Answer{}, false, false
		}
		return TextAnswer(it.Options[n-1].Code), false, true
	case Multiple, TextItem:
	}
	return Answer{}, false, false
}

// typeChoices reads "13" as the first and the third choice; from ten choices on numbers stand apart.
func (it Item) typeChoices(typed string) (a Answer, blank, ok bool) {
	const single = 9
	numbers := strings.FieldsFunc(typed, func(r rune) bool { return r == ' ' || r == ',' || r == '+' })
	if len(it.Options) <= single {
		numbers = strings.Split(strings.Join(numbers, ""), "")
	}
	codes := make([]string, 0, len(numbers))
	for _, number := range numbers {
		n, err := strconv.ParseUint(number, 10, 16)
		if err != nil || n < 1 || n > uint64(len(it.Options)) {
			return Answer{}, false, false
		}
		codes = append(codes, it.Options[n-1].Code)
	}
	a, key, _ := allowed(it, ListAnswer(codes...))
	return a, false, key == "" && len(codes) > 0
}

// Digits is an answer as it is typed; TypeDigits reads it. No answer is Blank.
func (it Item) Digits(a Answer) string {
	number := func(code string) string {
		return strconv.Itoa(1 + slices.IndexFunc(it.Options, func(o Option) bool { return o.Code == code }))
	}
	switch {
	case a.Kind == 0 && it.Kind == TextItem:
		return ""
	case a.Kind == 0:
		return Blank
	case it.Kind == Single:
		return number(a.Text)
	case it.Kind == Multiple:
		numbers := make([]string, len(a.List))
		for i, code := range a.List {
			numbers[i] = number(code)
		}
		slices.Sort(numbers)
		if len(it.Options) > 9 {
			return strings.Join(numbers, " ")
		}
		return strings.Join(numbers, "")
	}
	return strings.Join(a.Strings(), "")
}

// Sum is what an answer adds to the control sum of a page: its number, of choices each one's, of texts and blanks nothing.
// Somebody with a pocket calculator gets the same by adding what is marked.
func (it Item) Sum(a Answer) int {
	switch {
	case a.Kind == Number:
		return a.Number
	case a.Kind == 0 || it.Kind == TextItem:
		return 0
	}
	sum := 0
	for i, o := range it.Options {
		if a.Holds(o.Code) {
			sum += i + 1
		}
	}
	return sum
}

// Reached says whether the item is asked, given the answers to the items before it.
func (it Item) Reached(answers Answers) bool { return reached(it, answers) }

package mask

// Shapes with letters in them: addresses, plates, file numbers.

// mail masks an e-mail address around the @ of gap i. Spaces beside the @ and the dots are passed over.
func (t *text) mail(i int) (span, int) { //nolint:gocognit // an address read left and right of its sign
	g := t.of(i)
	at := -1
	for k := range len(g) {
		if g[k] == '@' {
			at = t.pieces[i].start + k
		}
	}
	if at < 0 {
		return span{}, i
	}
	start := at
	for start > 0 && isAddress(t.s[start-1]) {
		start--
	}
	if start == at && start > 0 && t.s[start-1] == ' ' {
		for start--; start > 0 && isAddress(t.s[start-1]); {
			start--
		}
	}
	end := at + 1
	if end < len(t.s) && t.s[end] == ' ' {
		end++
	}
	from, dots := end, 0
	for end < len(t.s) && isAddress(t.s[end]) {
		if t.s[end] == '.' {
			dots++
		}
		end++
	}
	for end > from && t.s[end-1] == '.' {
		end--
		dots--
	}
	if dots == 0 && !isProvider(folded(t.s[from:end])) || end-from < 3 || at-start < 1 {
		return span{}, i
	}
	next := i
	for next < len(t.pieces) && t.pieces[next].end <= end {
		next++
	}
	return span{start, end, Mail}, next
}

func isProvider(word string) bool {
	switch word {
	case "gmail", "yahoo", "outlook", "hotmail", "icloud", "email":
		return true
	}
	return false
}

func isAddress(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '.' || c == '_' || c == '-' || c == '+'
}

// file masks a file number around the H of piece i: H40.12-251126-0001, with what stands before it.
func (t *text) file(i int) (span, int) {
	p := t.pieces[i]
	if h := t.of(i); h != "H" && h != "h" || !t.is(i+1, digits) || t.size(i+1, i+2) > 3 || t.is(i-1, digits) {
		return span{}, i
	}
	end := t.run(i + 1)
	if t.size(i+1, end) < leastRow {
		return span{}, i
	}
	start := p.start
	for at := i - 1; t.is(at, gap) && t.pieces[at].runes <= 2 && t.is(at-1, digits) && t.size(at-1, at) <= 3; at -= 2 {
		if t.is(at-2, letters) {
			break // a word that ends in digits
		}
		start = t.pieces[at-1].start
	}
	return span{start, t.pieces[end-1].end, File}, end
}

// plate masks a vehicle plate that begins with piece i: 29A-123.45, 18B1 234.56, 30h-12345.
func (t *text) plate(i int) (span, int) {
	end := t.plateEnd(i)
	if end == 0 {
		return span{}, i
	}
	return span{t.pieces[i].start, t.pieces[end-1].end, Plate}, end
}

func (t *text) beginsPlate(i int) bool { return t.plateEnd(i) != 0 }

// plateEnd is the piece after a plate's last, 0 where none begins.
func (t *text) plateEnd(i int) int { //nolint:gocognit // a plate read from left to right
	if !t.is(i, digits) || t.size(i, i+1) != 2 || t.values[t.pieces[i].from] == 0 || t.is(i-1, letters) {
		return 0
	}
	at := i + 1
	if t.isJoint(at) {
		at++
	}
	series := t.of(at)
	if !t.is(at, letters) || !isSeries(series) {
		return 0
	}
	at++
	marked := false // by a digit of the series or a hyphen: then it may be small letters
	if t.is(at, digits) && t.size(at, at+1) == 1 {
		marked = true
		at++
	}
	glue := ""
	if t.isJoint(at) {
		glue = t.of(at)
		at++
	}
	if !t.is(at, digits) {
		return 0
	}
	size, end := t.size(at, at+1), at+1
	if size == 3 && t.isJoint(at+1) && t.is(at+2, digits) && t.size(at+2, at+3) == 2 {
		size, end = 5, at+3
	}
	hyphen := glue == "-" || glue == "."
	switch {
	case size != 4 && size != 5:
		return 0
	case !isUpper(series) && series != "MĐ":
		if !marked && !hyphen || size == 4 { // 10h 12345
			return 0
		}
	case size == 4 && !marked && !hyphen && t.isJoint(at-1):
		return 0 // 50K 2025
	}
	if t.isJoint(end) && t.is(end+1, digits) && t.of(end) != " " {
		return 0 // the digits go on
	}
	return end
}

// isJoint says that piece i is a gap as plates have them.
func (t *text) isJoint(i int) bool {
	return t.is(i, gap) && t.pieces[i].runes <= 3 && !t.pieces[i].breaks && t.of(i) != "\n" && t.of(i) != ", "
}

// isSeries says that letters may stand on a plate.
func isSeries(s string) bool {
	return len(s) == 1 || len(s) == 2 && bare(rune(s[0])) != 0 && bare(rune(s[1])) != 0 || s == "MĐ" || s == "mđ"
}

package openloop

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"

	"github.com/PuerkitoBio/goquery"

	"hailong/surveys"
)

const answersPath = "/api/v1/responses"

// mostSheets bounds what is learnt before the start; a load needs no more.
const mostSheets = 500

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

// hiddenFields are a form's own fields, which a browser sends back as they are. It is asked of every page, so it
// does not read all of it as learn does.
func hiddenFields(page []byte) url.Values {
	fields := url.Values{}
	for _, m := range hiddenField.FindAllSubmatch(page, -1) {
		fields.Add(html.UnescapeString(string(m[1])), html.UnescapeString(string(m[2])))
	}
	return fields
}

// Tokens asks the API for the codes in use; it needs the bearer token of the client.
func (c *Client) Tokens(ctx context.Context) ([]surveys.Token, error) {
	var tokens []surveys.Token
	for cursor := ""; len(tokens) < mostSheets; {
		page, err := c.points(ctx, cursor)
		if err != nil {
			return nil, fmt.Errorf("points: %w", err)
		}
		for _, p := range page.Points {
			if !p.Retired {
				tokens = append(tokens, p.Token)
			}
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if len(tokens) == 0 {
		return nil, errors.New("the server has no code in use")
	}
	return tokens, nil
}

// pointsPage is a page of the API's points.
type pointsPage struct {
	Points []struct {
		Token   surveys.Token
		Retired bool
	}
	Next string
}

func (c *Client) points(ctx context.Context, cursor string) (page pointsPage, err error) {
	path := "/api/v1/points?" + url.Values{"cursor": {cursor}}.Encode()
	r, err := c.Send(ctx, Request{Method: http.MethodGet, Path: path, WithToken: true})
	switch {
	case err != nil:
		return page, err
	case r.Status == http.StatusUnauthorized, r.Status == http.StatusForbidden:
		return page, errors.New("the server does not take the API token; make one by hailong token create, or give --tokens")
	case r.Status != http.StatusOK:
		return page, statusError(r.Status)
	}
	if err = json.Unmarshal(r.Body, &page); err != nil {
		return page, fmt.Errorf("%w: %w", errMalformed, err)
	}
	return page, nil
}

// Learn reads the form of each code.
func (c *Client) Learn(ctx context.Context, tokens []surveys.Token) ([]*Sheet, error) {
	sheets := make([]*Sheet, 0, len(tokens))
	for _, token := range tokens[:min(len(tokens), mostSheets)] {
		r, err := c.Send(ctx, Request{Method: http.MethodGet, Path: "/s/" + string(token)})
		if err == nil {
			err = isPage(r)
		}
		if err != nil {
			return nil, fmt.Errorf("form of %s: %w", token, err)
		}
		sheet, err := readSheet(token, r.Body)
		if err != nil {
			return nil, fmt.Errorf("form of %s: %w", token, err)
		}
		sheets = append(sheets, sheet)
	}
	return sheets, nil
}

func readSheet(token surveys.Token, page []byte) (*Sheet, error) {
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(page))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errMalformed, err)
	}
	sheet := &Sheet{Token: token}
	doc.Find("form[method=post] fieldset").Each(func(_ int, q *goquery.Selection) {
		radios := q.Find("input[type=radio]")
		values := radios.Map(func(_ int, r *goquery.Selection) string { return r.AttrOr("value", "") })
		if isScale(values) {
			sheet.Questions = append(sheet.Questions, radios.First().AttrOr("name", ""))
		}
	})
	if len(sheet.Questions) == 0 {
		return nil, fmt.Errorf("%w: a form without questions", errMalformed)
	}
	return sheet, nil
}

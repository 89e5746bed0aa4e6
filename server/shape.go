package server

import (
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/go-playground/validator/v10"
	"github.com/gofiber/fiber/v2"

	"hailong/surveys"
)

// shapes checks the shape of inputs by their tags; what they mean is checked in surveys.
type shapes struct {
	validate *validator.Validate
}

func newShapes() *shapes {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		return name
	})
	return &shapes{validate: v}
}

// read decodes a JSON object into a struct and checks its tags. 400 for what is no JSON object, an
// InvalidError for unknown, mistyped or misshapen fields; the others are filled in even then.
func (sh *shapes) read(body []byte, into any) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil || fields == nil {
		return fiber.NewError(fiber.StatusBadRequest, "not a JSON object")
	}
	bad := &surveys.InvalidError{}
	known := jsonNames(reflect.TypeOf(into).Elem())
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(known, name) {
			bad.Add(name, "error.unknown_field", name)
		}
	}
	err := json.Unmarshal(body, into)
	var mistyped *json.UnmarshalTypeError
	switch {
	case errors.As(err, &mistyped):
		bad.Add(mistyped.Field, "error.wrong_type", mistyped.Field)
	case err != nil:
		return fiber.NewError(fiber.StatusBadRequest, "not a JSON object")
	}
	if len(bad.Fields) > 0 {
		return bad
	}
	return sh.check(into)
}

// check turns the validator's errors into ours; this is the only place that knows them.
func (sh *shapes) check(input any) error {
	err := sh.validate.Struct(input)
	var invalid validator.ValidationErrors
	if !errors.As(err, &invalid) {
		return err //nolint:wrapcheck // nil, or a struct that the program got wrong
	}
	bad := &surveys.InvalidError{}
	for _, f := range invalid {
		switch f.Tag() {
		case "required":
			bad.Add(f.Field(), "error.required", f.Field())
		case "oneof":
			bad.Add(f.Field(), "error.one_of", strings.ReplaceAll(f.Param(), " ", ", "))
		default:
			bad.Add(f.Field(), "error.malformed", f.Field())
		}
	}
	return bad
}

func jsonNames(t reflect.Type) []string {
	names := make([]string, 0, t.NumField())
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

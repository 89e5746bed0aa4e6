package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"hailong/surveys"
)

// duplicateKey is the server's code for an _id, or other unique key, that is taken.
const duplicateKey = 11000

// failed wraps an error of the driver with what was being done and, where it applies, with the sentinel
// that the contract wants.
func failed(action string, err error) error {
	switch {
	case errors.Is(err, mongo.ErrNoDocuments):
		return fmt.Errorf("%s: %w", action, surveys.ErrNotFound)
	case errors.Is(err, surveys.ErrConflict), errors.Is(err, surveys.ErrFrozen):
		return fmt.Errorf("%s: %w", action, err)
	case unavailable(err):
		return fmt.Errorf("%s: %w: %w", action, surveys.ErrUnavailable, err)
	default:
		return fmt.Errorf("%s: %w", action, err)
	}
}

// unavailable says that the server was not reached, or could not do a proper operation now. An error that is
// neither the server's nor our own mistake is one of the way to it: the driver has no common type for those.
func unavailable(err error) bool {
	if mongo.IsNetworkError(err) || mongo.IsTimeout(err) {
		return true
	}
	if concern(err) {
		return true
	}
	var command mongo.CommandError
	if errors.As(err, &command) && command.Code == 0 {
		return true // no server gave it: a cleared connection pool comes in this dress
	}
	var refusal mongo.ServerError
	if errors.As(err, &refusal) {
		return slices.ContainsFunc(passingCodes(), refusal.HasErrorCode)
	}
	return !errors.Is(err, context.Canceled) && !ownMistake(err)
}

// concern says that a write was done but not confirmed as durable.
func concern(err error) bool {
	var one mongo.WriteException
	var many mongo.BulkWriteException
	return errors.As(err, &one) && one.WriteConcernError != nil ||
		errors.As(err, &many) && many.WriteConcernError != nil
}

// ownMistake says that the operation never left: what we gave, or what we found, cannot be encoded or decoded.
func ownMistake(err error) bool {
	var argument mongo.InvalidArgumentError
	var marshal mongo.MarshalError
	var encode bson.ValueEncoderError
	var decode *bson.DecodeError
	return errors.As(err, &argument) || errors.As(err, &marshal) || errors.As(err, &encode) || errors.As(err, &decode) ||
		errors.Is(err, errDocument)
}

// passingCodes lists the server's refusals that pass by themselves or by the hand of its operator.
func passingCodes() []int {
	return []int{
		6, 7, 89, 9001, // host unreachable, not found, network timeout, socket exception
		91, 11600, 11601, 11602, // shutting down, interrupted
		189, 10058, 10107, 13435, 13436, // not the primary (any more, or not yet)
		50, 262, 64, 100, 133, 134, // time limit exceeded, majority or primary not to be had
		14031, // out of disk space
	}
}

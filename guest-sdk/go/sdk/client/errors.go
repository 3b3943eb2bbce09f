package client

import (
	"errors"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/internal/host"
)

// told is an error as Temporal's package would tell it.
func told(err error) error {
	var status *host.Status
	var notGranted *host.NotGranted
	var invalid *host.Invalid
	switch {
	case errors.As(err, &status):
		return serviceerror.FromCode(status.Code, status.Message)
	case errors.As(err, &notGranted):
		return serviceerror.NewPermissionDenied(notGranted.Error(), "")
	case errors.As(err, &invalid):
		return &serviceerror.InvalidArgument{Message: invalid.Error()}
	}
	return err
}

package controlplane_test

import (
	"context"
	"testing"

	"github.com/groundway-sdk/groundway/internal/e2e/program"
)

var (
	etcd      = program.Etcd
	dex       = program.Dex
	apiserver = program.APIServer
	moto      = program.Moto
	zlint     = program.Zlint
)

type process = program.Process

var errEnded = program.ErrEnded

func without(t *testing.T, what string) { t.Helper(); program.Without(t, what) }

func freePort(t *testing.T) int { t.Helper(); return program.FreePort(t) }

func address(port int) string { return program.Address(port) }

func listening(port int) func(context.Context) error { return program.Listening(port) }

package faulttest_test

import (
	"slices"
	"testing"

	"github.com/groundway-sdk/groundway/internal/awsfake/faulttest"
)

// Every method of every adapter has a row; the rows of an adapter have a file.
func TestAdapters(t *testing.T) {
	for _, row := range slices.Concat(
		capacityRows,
		iamRows,
		identityRows,
		siteRows,
		kmsRows,
		networkRows,
		resourceRows,
		route53Rows,
		sshRows,
	) {
		t.Run(row.Name, func(t *testing.T) { faulttest.Run(t, row) })
	}
}

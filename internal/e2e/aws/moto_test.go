package aws_test

import (
	"context"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	taggingsdk "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/internal/e2e/program"
)

// region and account are moto's own.
const (
	region  = "us-east-1"
	account = "123456789012"
)

// startMoto starts moto_server on a free loopback port and returns its URL. It
// is stopped, by its process, when the test ends; what it printed is shown if
// the test failed. Without the program the test is skipped, and fails in CI.
func startMoto(t *testing.T) string {
	t.Helper()
	port := program.FreePort(t)
	server := program.Moto.Start(t, "-H", "127.0.0.1", "-p", strconv.Itoa(port))
	require.NoError(t, server.Ready(program.Listening(port)))
	return "http://" + program.Address(port)
}

// configOf configures the SDK's clients for the server. Moto takes any
// credentials.
func configOf(url string) aws.Config {
	return aws.Config{
		Region:       region,
		BaseEndpoint: &url,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "testing", SecretAccessKey: "testing"}, nil
		}),
	}
}

// newClient returns the EC2 client for the server.
func newClient(url string) *ec2sdk.Client { return ec2sdk.NewFromConfig(configOf(url)) }

func newTaggingClient(url string) *taggingsdk.Client { return taggingsdk.NewFromConfig(configOf(url)) }

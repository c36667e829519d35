package aws_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	taggingsdk "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
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
	program, err := exec.LookPath("moto_server")
	if err != nil {
		const how = "moto_server is missing: pip install 'moto[server]'"
		if os.Getenv("CI") == "true" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	// Another program may take the port before moto does.
	for range 3 {
		url, err := launch(t, program)
		if err == nil {
			return url
		}
		t.Log(err)
	}
	t.Fatal("moto_server did not start")
	return ""
}

func launch(t *testing.T, program string) (string, error) {
	port, err := freePort()
	if err != nil {
		return "", err
	}
	path := filepath.Join(t.TempDir(), "moto.log")
	log, err := os.Create(path)
	if err != nil {
		return "", err
	}
	cmd := exec.Command(program, "-H", "127.0.0.1", "-p", fmt.Sprint(port))
	cmd.Stdout, cmd.Stderr = log, log
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		return "", errors.Join(err, log.Close())
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended already
		<-ended
		_ = log.Close()
		if t.Failed() {
			text, _ := os.ReadFile(path)
			t.Logf("moto_server printed:\n%s", text)
		}
	})
	url := fmt.Sprintf("http://127.0.0.1:%d", port)
	return url, ready(url, ended)
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// ready waits until the server answers.
func ready(url string, ended chan error) error {
	client := &http.Client{Timeout: 5 * time.Second}
	defer client.CloseIdleConnections()
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		select {
		case err := <-ended:
			ended <- err
			return fmt.Errorf("moto_server ended before it was ready: %w", err)
		case <-time.After(100 * time.Millisecond):
		}
		if response, err := client.Get(url + "/moto-api/"); err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			return response.Body.Close()
		}
	}
	return errors.New("moto_server did not answer within a minute")
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

package aws_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	cloudformationsdk "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// answers is the SDK's HTTP client, which notes the requests that got no answer, or
// the server's own failure. The SDK then asks again, and what the first request made
// is in its way: AWS has tokens against that, of which moto knows few.
type answers struct {
	*awshttp.BuildableClient

	mu   sync.Mutex
	lost []string
}

// newAnswers returns the client. If the test failed, it shows what was lost.
func newAnswers(t *testing.T) *answers {
	a := &answers{BuildableClient: awshttp.NewBuildableClient()}
	t.Cleanup(func() {
		if t.Failed() && len(a.lost) > 0 {
			t.Logf("requests without an answer: %q", a.lost)
		}
	})
	return a
}

func (a *answers) Do(r *http.Request) (*http.Response, error) {
	out, err := a.BuildableClient.Do(r)
	if err == nil {
		// An answer that breaks off is none.
		var body []byte
		body, err = io.ReadAll(out.Body)
		if closeErr := out.Body.Close(); err == nil {
			err = closeErr
		}
		out.Body = io.NopCloser(bytes.NewReader(body))
	}
	switch {
	case err != nil:
		a.note(r, err.Error())
		return nil, err
	case out.StatusCode >= http.StatusInternalServerError:
		a.note(r, out.Status)
	}
	return out, nil
}

func (a *answers) note(r *http.Request, why string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lost = append(a.lost, r.Header.Get("Amz-Sdk-Invocation-Id")+": "+why)
}

// made reports whether an error says that something is there already, after an answer
// was lost: the request that is refused is then the second one, and the first did it.
func (a *answers) made(err error) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok || !slices.Contains([]string{
		"AlreadyExistsException", "EntityAlreadyExists", "BucketAlreadyOwnedByYou", "ResourceInUseException", "ResourceExistsException",
	}, api.ErrorCode()) {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	lost := len(a.lost) > 0
	a.lost = nil
	return lost
}

// A server makes a stack, and the answer to that is lost, all of it or the end.
func TestLostAnswer(t *testing.T) {
	t.Run("all", func(t *testing.T) {
		lose(t, func(http.ResponseWriter) {})
	})
	t.Run("the end", func(t *testing.T) {
		lose(t, func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "1000")
			_, err := fmt.Fprint(w, `<CreateStackResponse>`)
			assert.NoError(t, err)
			assert.NoError(t, http.NewResponseController(w).Flush())
		})
	})
}

func lose(t *testing.T, begin func(http.ResponseWriter)) {
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests++; requests == 1 {
			begin(w)
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(http.StatusBadRequest)
		_, err := fmt.Fprint(w, `<ErrorResponse><Error><Code>AlreadyExistsException</Code><Message>Stack s already exists</Message></Error></ErrorResponse>`)
		assert.NoError(t, err)
	}))
	defer server.Close()
	a := newAnswers(t)
	cfg := configOf(server.URL)
	cfg.HTTPClient = a
	create := func() error {
		_, err := cloudformationsdk.NewFromConfig(cfg).CreateStack(t.Context(), &cloudformationsdk.CreateStackInput{StackName: aws.String("s"), TemplateBody: aws.String(template)})
		return err
	}
	err := create()
	require.ErrorContains(t, err, "AlreadyExistsException")
	assert.Equal(t, 2, requests, "the SDK asks again")
	assert.True(t, a.made(err))
	assert.False(t, a.made(create()), "no answer was lost: it is somebody else's")
	assert.False(t, a.made(nil))
}

package awsfake_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	stssdk "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/stsfake"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func sts() awsfake.Service {
	return stsfake.New("111122223333", "arn:aws:iam::111122223333:user/ops", "AIDAEXAMPLE")
}

func whoAmI(ctx context.Context, cfg aws.Config) (*stssdk.GetCallerIdentityOutput, error) {
	return stssdk.NewFromConfig(cfg).GetCallerIdentity(ctx, &stssdk.GetCallerIdentityInput{})
}

// Both ways to a fake answer alike.
func transports(t *testing.T, test func(t *testing.T, fake *awsfake.Fake, cfg aws.Config)) {
	t.Run("within the process", func(t *testing.T) {
		fake := awsfake.New(sts())
		test(t, fake, fake.Config())
	})
	t.Run("over a socket", func(t *testing.T) {
		server := awsfake.Start(awsfake.New(sts()))
		defer server.Close()
		test(t, server.Fake, server.Config())
	})
}

func TestTheSDKReadsTheQueryProtocol(t *testing.T) {
	transports(t, func(t *testing.T, fake *awsfake.Fake, cfg aws.Config) {
		out, err := whoAmI(t.Context(), cfg)
		require.NoError(t, err)
		assert.Equal(t, "111122223333", *out.Account)
		assert.Equal(t, "arn:aws:iam::111122223333:user/ops", *out.Arn)
		assert.Equal(t, "AIDAEXAMPLE", *out.UserId)
		calls := fake.Calls()
		require.Len(t, calls, 1)
		assert.Equal(t, "sts:GetCallerIdentity", calls[0].Action)
		assert.Equal(t, "2011-06-15", calls[0].Params.Get("Version"))
		assert.False(t, calls[0].End.Before(calls[0].Start))
		assert.Equal(t, []string{"sts:GetCallerIdentity"}, fake.Actions())
	})
}

func TestErrorsReachTheSDK(t *testing.T) {
	for _, c := range []struct {
		fault awsfake.Fault
		code  string
		calls int
	}{
		{awsfake.Deny(), "AccessDenied", 1},
		{awsfake.Throttle(), "Throttling", 3},
		{awsfake.Fail(http.StatusBadRequest, "ExpiredToken"), "ExpiredToken", 1},
		{awsfake.Fail(http.StatusInternalServerError, "InternalFailure"), "InternalFailure", 3},
	} {
		transports(t, func(t *testing.T, fake *awsfake.Fake, cfg aws.Config) {
			fake.Script("sts:*", c.fault)
			_, err := whoAmI(t.Context(), cfg)
			api, ok := errors.AsType[smithy.APIError](err)
			require.True(t, ok, "%v", err)
			assert.Equal(t, c.code, api.ErrorCode())
			assert.Len(t, fake.Calls(), c.calls)
		})
	}
}

func TestScriptsCount(t *testing.T) {
	transports(t, func(t *testing.T, fake *awsfake.Fake, cfg aws.Config) {
		fake.Script("sts:GetCallerIdentity", awsfake.Deny().From(1).For(2))
		fake.Script("iam:*", awsfake.Hang())
		fake.Script("sts:AssumeRole", awsfake.Hang())
		var came []bool
		for range 4 {
			_, err := whoAmI(t.Context(), cfg)
			came = append(came, err == nil)
		}
		assert.Equal(t, []bool{true, false, false, true}, came)
	})
}

func TestBrokenConnections(t *testing.T) {
	for _, fault := range []awsfake.Fault{awsfake.Drop(), awsfake.Cut()} {
		transports(t, func(t *testing.T, fake *awsfake.Fake, cfg aws.Config) {
			fake.Script("*", fault)
			_, err := whoAmI(t.Context(), cfg)
			require.Error(t, err)
			assert.NotContains(t, err.Error(), "api error")
		})
	}
}

func TestHangEndsWithItsClient(t *testing.T) {
	transports(t, func(t *testing.T, fake *awsfake.Fake, cfg aws.Config) {
		fake.Script("*", awsfake.Hang())
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			for len(fake.Calls()) == 0 {
				time.Sleep(time.Millisecond)
			}
			cancel()
		}()
		_, err := whoAmI(ctx, cfg)
		assert.ErrorIs(t, err, context.Canceled)
	})
}

// Close ends what hangs, so that a test that forgot its client does not.
func TestCloseEndsWhatHangs(t *testing.T) {
	server := awsfake.Start(awsfake.New(sts()))
	server.Script("*", awsfake.Hang())
	var wg sync.WaitGroup
	wg.Go(func() {
		cfg := server.Config()
		cfg.RetryMaxAttempts = 1
		_, err := stssdk.NewFromConfig(cfg, func(o *stssdk.Options) { o.Retryer = aws.NopRetryer{} }).
			GetCallerIdentity(context.Background(), &stssdk.GetCallerIdentityInput{})
		assert.Error(t, err)
	})
	for len(server.Calls()) == 0 {
		time.Sleep(time.Millisecond)
	}
	server.Close()
	wg.Wait()
}

func TestDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := awsfake.New(sts())
		fake.Script("*", awsfake.Delay(time.Minute), awsfake.Delay(time.Second))
		start := time.Now()
		_, err := whoAmI(t.Context(), fake.Config())
		require.NoError(t, err)
		assert.Equal(t, 61*time.Second, time.Since(start))
	})
}

func TestGatherWaitsForAll(t *testing.T) {
	transports(t, func(t *testing.T, fake *awsfake.Fake, cfg aws.Config) {
		fake.Script("*", awsfake.Gather(3))
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				_, err := whoAmI(t.Context(), cfg)
				assert.NoError(t, err)
			})
		}
		wg.Wait()
	})
	synctest.Test(t, func(t *testing.T) {
		fake := awsfake.New(sts())
		fake.Script("*", awsfake.Gather(2))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		_, err := whoAmI(ctx, fake.Config())
		assert.ErrorIs(t, err, context.DeadlineExceeded, "one call alone waits for the second")
	})
}

// The envelopes, as the protocols' own pages show them. An answer goes through
// HTTP, since no client of these protocols is among the module's dependencies.
func TestEnvelopes(t *testing.T) {
	type zone struct {
		ID string `xml:"Id" json:"id"`
	}
	get := func(awsfake.Request) (any, error) { return zone{"Z<1>"}, nil }
	path := func(r awsfake.Request) (any, error) { return zone{r.HTTP.PathValue("Id")}, nil }
	const xmlHead = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	for _, c := range []struct {
		name    string
		service awsfake.Service
		method  string
		path    string
		header  map[string]string
		body    string
		fault   awsfake.Fault

		status  int
		answer  string
		headers map[string]string
	}{
		{
			name: "EC2 query", service: awsfake.Service{
				Name: "ec2", Protocol: awsfake.EC2Query, Namespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
				Operations: map[string]awsfake.Operation{"DescribeZone": get},
			},
			body: "Action=DescribeZone", status: 200,
			answer: xmlHead + `<DescribeZoneResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>` + awsfake.RequestID + `</requestId><Id>Z&lt;1&gt;</Id></DescribeZoneResponse>`,
		},
		{
			name: "EC2 query, denied", service: awsfake.Service{
				Name: "ec2", Protocol: awsfake.EC2Query, Operations: map[string]awsfake.Operation{"DescribeZone": get},
			},
			body: "Action=DescribeZone", fault: awsfake.Fail(403, "UnauthorizedOperation"), status: 403,
			answer: xmlHead + `<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>the fake was told to fail</Message></Error></Errors><RequestID>` + awsfake.RequestID + `</RequestID></Response>`,
		},
		{
			name: "query", service: awsfake.Service{
				Name: "iam", Protocol: awsfake.Query, Namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
				Operations: map[string]awsfake.Operation{"GetZone": get},
			},
			body: "Action=GetZone", status: 200,
			answer: xmlHead + `<GetZoneResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetZoneResult><Id>Z&lt;1&gt;</Id></GetZoneResult><ResponseMetadata><RequestId>` + awsfake.RequestID + `</RequestId></ResponseMetadata></GetZoneResponse>`,
		},
		{
			name: "JSON 1.0", service: awsfake.Service{Name: "dynamodb", Protocol: awsfake.JSON10, Operations: map[string]awsfake.Operation{"GetZone": get}},
			header: map[string]string{"X-Amz-Target": "Zones_20120810.GetZone"}, body: "{}", status: 200,
			answer: `{"id":"Z\u003c1\u003e"}`, headers: map[string]string{"Content-Type": "application/x-amz-json-1.0"},
		},
		{
			name: "JSON 1.1, denied", service: awsfake.Service{Name: "kms", Protocol: awsfake.JSON11, Operations: map[string]awsfake.Operation{"GetZone": get}},
			header: map[string]string{"X-Amz-Target": "TrentService.GetZone"}, body: "{}", fault: awsfake.Fail(400, "AccessDeniedException"), status: 400,
			answer: `{"__type":"com.amazonaws.kms#AccessDeniedException","message":"the fake was told to fail"}`, headers: map[string]string{"Content-Type": "application/x-amz-json-1.1"},
		},
		{
			name: "REST-XML", service: awsfake.Service{
				Name: "route53", Protocol: awsfake.RESTXML, Namespace: "https://route53.amazonaws.com/doc/2013-04-01/",
				Operations: map[string]awsfake.Operation{"GetHostedZone": path}, Routes: map[string]string{"GET /2013-04-01/hostedzone/{Id}": "GetHostedZone"},
			},
			method: "GET", path: "/2013-04-01/hostedzone/Z2", status: 200,
			answer: xmlHead + `<GetHostedZoneResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Id>Z2</Id></GetHostedZoneResponse>`,
		},
		{
			name: "REST-XML, failed", service: awsfake.Service{
				Name: "route53", Protocol: awsfake.RESTXML, Namespace: "https://route53.amazonaws.com/doc/2013-04-01/",
				Operations: map[string]awsfake.Operation{"GetHostedZone": func(awsfake.Request) (any, error) {
					return nil, awsfake.Errorf("NoSuchHostedZone", "no zone %q", "Z2")
				}},
				Routes: map[string]string{"GET /2013-04-01/hostedzone/{Id}": "GetHostedZone"},
			},
			method: "GET", path: "/2013-04-01/hostedzone/Z2", status: 400,
			answer: xmlHead + `<ErrorResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Error><Type>Sender</Type><Code>NoSuchHostedZone</Code><Message>no zone &#34;Z2&#34;</Message></Error><RequestId>` + awsfake.RequestID + `</RequestId></ErrorResponse>`,
		},
		{
			name: "REST-XML of S3, failed", service: awsfake.Service{
				Name: "s3", Protocol: awsfake.RESTXML, Bare: true,
				Operations: map[string]awsfake.Operation{"GetObject": func(awsfake.Request) (any, error) { return nil, errors.New("no disk") }},
				Routes:     map[string]string{"GET /{Bucket}/{Key...}": "GetObject"},
			},
			method: "GET", path: "/b/k/l", status: 500,
			answer: xmlHead + `<Error><Code>InternalError</Code><Message>no disk</Message><RequestId>` + awsfake.RequestID + `</RequestId></Error>`,
		},
		{
			name: "REST-JSON", service: awsfake.Service{
				Name: "eks", Protocol: awsfake.RESTJSON, Operations: map[string]awsfake.Operation{"DescribeCluster": path},
				Routes: map[string]string{"GET /clusters/{Id}": "DescribeCluster"},
			},
			method: "GET", path: "/clusters/demo", status: 200, answer: `{"id":"demo"}`, headers: map[string]string{"Content-Type": "application/json"},
		},
		{
			name: "REST-JSON, denied", service: awsfake.Service{
				Name: "eks", Protocol: awsfake.RESTJSON, Operations: map[string]awsfake.Operation{"DescribeCluster": path},
				Routes: map[string]string{"GET /clusters/{Id}": "DescribeCluster"},
			},
			method: "GET", path: "/clusters/demo", fault: awsfake.Fail(403, "AccessDeniedException"), status: 403,
			answer: `{"message":"the fake was told to fail"}`, headers: map[string]string{"X-Amzn-Errortype": "AccessDeniedException"},
		},
		{
			name: "an action that the service lacks", service: sts(), body: "Action=Nothing", status: 400,
			answer: xmlHead + `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>InvalidAction</Code><Message>the fake of &#34;sts&#34; has no action &#34;Nothing&#34;</Message></Error><RequestId>` + awsfake.RequestID + `</RequestId></ErrorResponse>`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Other services around it: the signature tells which one is asked.
			server := awsfake.Start(awsfake.New(
				awsfake.Service{Name: "other", Protocol: awsfake.RESTJSON, Operations: map[string]awsfake.Operation{"Any": get}, Routes: map[string]string{"/": "Any"}},
				c.service,
			))
			defer server.Close()
			server.Script("*", c.fault)
			method := c.method
			if method == "" {
				method = http.MethodPost
			}
			r, err := http.NewRequestWithContext(t.Context(), method, server.URL+c.path, strings.NewReader(c.body))
			require.NoError(t, err)
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260102/us-east-1/"+c.service.Name+"/aws4_request, SignedHeaders=host, Signature=00")
			for name, value := range c.header {
				r.Header.Set(name, value)
			}
			response, err := server.Config().HTTPClient.Do(r)
			require.NoError(t, err)
			body, err := io.ReadAll(response.Body)
			require.NoError(t, errors.Join(err, response.Body.Close()))
			assert.Equal(t, c.status, response.StatusCode)
			assert.Equal(t, c.answer, string(body))
			for name, value := range c.headers {
				assert.Equal(t, value, response.Header.Get(name))
			}
		})
	}
}

// What each protocol says for the same refusal.
func TestRefusals(t *testing.T) {
	for protocol, want := range map[awsfake.Protocol][2]string{
		awsfake.EC2Query: {"UnauthorizedOperation", "RequestLimitExceeded"},
		awsfake.Query:    {"AccessDenied", "Throttling"},
		awsfake.JSON10:   {"AccessDeniedException", "ThrottlingException"},
		awsfake.JSON11:   {"AccessDeniedException", "ThrottlingException"},
		awsfake.RESTXML:  {"AccessDenied", "Throttling"},
		awsfake.RESTJSON: {"AccessDeniedException", "TooManyRequestsException"},
	} {
		for i, fault := range []awsfake.Fault{awsfake.Deny(), awsfake.Throttle()} {
			fake := awsfake.New(awsfake.Service{
				Name: "x", Protocol: protocol, Routes: map[string]string{"/": "Get"},
				Operations: map[string]awsfake.Operation{"Get": func(awsfake.Request) (any, error) { return nil, nil }},
			})
			fake.Script("x:Get", fault)
			r := httptest.NewRequest(http.MethodPost, "http://aws.invalid/", strings.NewReader("Action=Get"))
			r.Header.Set("X-Amz-Target", "T.Get")
			response, err := fake.RoundTrip(r)
			require.NoError(t, err)
			body, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			assert.Contains(t, string(body)+response.Header.Get("X-Amzn-Errortype"), want[i], fmt.Sprint(protocol))
			assert.GreaterOrEqual(t, response.StatusCode, 400)
		}
	}
}

func TestPages(t *testing.T) {
	r := awsfake.Request{Action: "DescribeSubnets"}
	var pages []int
	for token, more := "", true; more; more = token != "" {
		start, end, next, err := r.Page(token, 4, 10)
		require.NoError(t, err)
		pages = append(pages, end-start)
		token = next
	}
	assert.Equal(t, []int{4, 4, 2}, pages)

	start, end, next, err := r.Page("", 0, 0)
	require.NoError(t, err)
	assert.Equal(t, []any{0, 0, ""}, []any{start, end, next})

	r.PageSize = 3
	_, end, _, err = r.Page("", 4, 10)
	require.NoError(t, err)
	assert.Equal(t, 3, end, "a script may want smaller pages than the client")
	_, end, _, err = r.Page("", 2, 10)
	require.NoError(t, err)
	assert.Equal(t, 2, end, "and no larger ones")

	for _, token := range []string{"garbage", "MTA", awsfake.Request{Action: "DescribeVpcs"}.Token(3), r.Token(11), r.Token(-1)} {
		_, _, _, err := r.Page(token, 4, 10)
		assert.ErrorContains(t, err, "InvalidNextToken", token)
	}
}

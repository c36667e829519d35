package awsnetwork_test

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"testing"

	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/ec2fake"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/awsnetwork"
)

// recorder keeps the body of the last answer to each action.
type recorder struct {
	http   http.RoundTripper
	bodies map[string]string
}

func (r recorder) Do(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	request.Body = io.NopCloser(bytes.NewReader(body))
	response, err := r.http.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(response.Body)
	response.Body = io.NopCloser(bytes.NewReader(answer))
	action, _, _ := strings.Cut(strings.TrimPrefix(string(body), "Action="), "&")
	r.bodies["ec2:"+action] = string(answer)
	return response, err
}

// answers returns what EC2 answers to each action, in the order of the actions.
func answers(tb testing.TB) []string {
	fake, _ := newFake(ec2fake.Everything())
	cfg := fake.Config()
	record := recorder{fake, map[string]string{}}
	cfg.HTTPClient = &inTurn{http: record} // since a map is written
	_, err := awsnetwork.Load(tb.Context(), ec2sdk.NewFromConfig(cfg), ec2fake.VPC, observed())
	require.NoError(tb, err)
	var bodies []string
	for _, action := range awsnetwork.Actions() {
		require.NotEmpty(tb, record.bodies[action], action)
		bodies = append(bodies, record.bodies[action])
	}
	return bodies
}

// loadWith loads from a server that answers one of the actions with this body.
// Whatever it is, the snapshot can be saved and read again, and every part that
// is not complete says why.
func loadWith(t *testing.T, action, body string) {
	fake, client := newFake(ec2fake.Everything())
	fake.Script(action, awsfake.Garbage(body))
	s, err := awsnetwork.Load(t.Context(), client, ec2fake.VPC, observed())
	require.NoError(t, err)
	for name, p := range parts(s) {
		if name != "EgressGateways" && name != "PrefixLists" && name != "Peerings" && name != "LoadBalancerTags" { // routes may ask for none
			assert.Equal(t, p.Seen && !p.Partial, p.Gaps == nil, name)
		}
	}
	data, err := json.Marshal(s)
	require.NoError(t, err)
	var again network.Snapshot
	require.NoError(t, json.Unmarshal(data, &again))
	twice, err := json.Marshal(again)
	require.NoError(t, err)
	assert.Equal(t, string(data), string(twice))
}

// The client is so large that the fuzzer spends its time on shrinking inputs
// unless it is told not to:
//
//	go test ./network/awsnetwork -run ^$ -fuzz FuzzLoad -fuzzminimizetime 1x
func FuzzLoad(f *testing.F) {
	for i, body := range answers(f) {
		f.Add(uint8(i), body)
	}
	actions := awsnetwork.Actions()
	f.Fuzz(func(t *testing.T, which uint8, body string) {
		loadWith(t, actions[int(which)%len(actions)], body)
	})
}

// Damage that leaves XML well-formed, which a fuzzer seldom hits: texts of one
// place in another, elements left out, repeated, emptied.
func TestDamagedAnswers(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	texts := regexp.MustCompile(`>[^<>]+<`)
	elements := regexp.MustCompile(`<(?:item|key|value|state|main|vpcId|cidrBlock|routeTableId|subnetId|natGatewayId|destinationCidrBlock|gatewayId|zoneName|nextToken)>[^<>]*</[a-zA-Z]+>`)
	odd := []string{
		"><", "> <", ">0<", ">-1<", ">true<", ">maybe<", ">local<", ">0.0.0.0/0<", ">10.0.0.1/8<", ">::/0<", ">::ffff:10.0.0.0/104<",
		">99999999999999999999<", ">fe80::1%eth0<", ">&#x202e;<", ">igw-<", ">$(rm -rf ~)<",
	}
	for i, body := range answers(t) {
		for range 25 {
			damaged := body
			for range 1 + r.IntN(3) {
				switch r.IntN(4) {
				case 0: // another text
					damaged = replaceOne(r, texts, damaged, func(string) string { return odd[r.IntN(len(odd))] })
				case 1: // the text of another place
					all := texts.FindAllString(damaged, -1)
					damaged = replaceOne(r, texts, damaged, func(string) string { return all[r.IntN(len(all))] })
				case 2: // an element less
					damaged = replaceOne(r, elements, damaged, func(string) string { return "" })
				case 3: // an element twice
					damaged = replaceOne(r, elements, damaged, func(e string) string { return e + e })
				}
			}
			loadWith(t, awsnetwork.Actions()[i], damaged)
			if t.Failed() {
				t.Fatalf("%s answered %s", awsnetwork.Actions()[i], damaged)
			}
		}
	}
}

// replaceOne replaces one of the matches.
func replaceOne(r *rand.Rand, match *regexp.Regexp, text string, with func(string) string) string {
	all := match.FindAllStringIndex(text, -1)
	if len(all) == 0 {
		return text
	}
	at := all[r.IntN(len(all))]
	return text[:at[0]] + with(text[at[0]:at[1]]) + text[at[1]:]
}

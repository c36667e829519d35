package aws_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/awsnetwork"
)

// A scenario is a site and the codes that fail there, in the order of the
// report. What moto shows of NAT gateways, zones and route states is not what
// AWS shows, so that no code that rests on it stands here.
type scenario struct {
	name  string
	build func(*testing.T, *ec2sdk.Client) *site
	want  []groundway.Code
}

// notShown are the codes that are unknown because moto lacks the field.
var notShown = []groundway.Code{"network/vpc-block-public-access", "network/zone-not-opted-in"}

// broken returns a public site with one thing wrong.
func broken(harm func(*site)) func(*testing.T, *ec2sdk.Client) *site {
	return func(t *testing.T, client *ec2sdk.Client) *site {
		s := publicSite(t, client)
		harm(s)
		return s
	}
}

var scenarios = []scenario{
	{"public", publicSite, nil},
	{"internal", internalSite, nil},
	{
		"a subnet on the main route table", broken(func(s *site) {
			s.dissociate(s.private[1])
			s.route(s.mainTable, "0.0.0.0/0", s.nats[1])
		}),
		[]groundway.Code{"network/subnet-implicit-route-table"},
	},
	{
		"a NAT gateway in a private subnet", broken(func(s *site) {
			s.removeRoute(s.privateTables[1], "0.0.0.0/0")
			s.route(s.privateTables[1], "0.0.0.0/0", s.newNAT(s.private[1]))
		}),
		[]groundway.Code{"network/nat-not-in-public-subnet"},
	},
	{
		"a DHCP domain of the site's own", broken(func(s *site) { s.setDomain("corp.example.com") }),
		[]groundway.Code{"network/dhcp-domain-wrong"},
	},
	{
		"no default route", broken(func(s *site) { s.removeRoute(s.privateTables[0], "0.0.0.0/0") }),
		[]groundway.Code{"network/route-default-missing"},
	},
	{
		"pods in the VPC's own block", broken(func(s *site) { s.pods = "10.0.128.0/17" }),
		[]groundway.Code{"network/cidr-overlap-pod"},
	},
	{
		"an internet gateway that is detached", broken(func(s *site) {
			_, err := s.client.DetachInternetGateway(s.ctx, &ec2sdk.DetachInternetGatewayInput{InternetGatewayId: &s.gateway, VpcId: &s.vpc})
			require.NoError(s.t, err)
		}),
		[]groundway.Code{"network/vpc-no-internet-gateway"},
	},
	{
		"DNS switched off", broken(func(s *site) { s.setDNS(false, true) }),
		[]groundway.Code{"network/vpc-dns-support-disabled"},
	},
	{
		"another cluster's VPC", broken(func(s *site) { s.tag(s.vpc, "kubernetes.io/cluster/other", "owned") }),
		[]groundway.Code{"network/vpc-owned-by-other-cluster"},
	},
}

// codes returns the codes that came out so, each once, in the order of the
// report.
func codes(r groundway.Report, o groundway.Outcome) []groundway.Code {
	var list []groundway.Code
	for _, f := range r.Findings {
		if f.Outcome == o && !slices.Contains(list, f.Code) {
			list = append(list, f.Code)
		}
	}
	return list
}

// The library, as an installer uses it.
func TestLoadAndCheck(t *testing.T) {
	url := startMoto(t)
	client, tagging := newClient(url), newTaggingClient(url)
	for _, c := range scenarios {
		t.Run(c.name, func(t *testing.T) {
			s := c.build(t, client)
			at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
			snapshot, err := awsnetwork.Load(t.Context(), client, s.vpc, awsnetwork.LoadOptions{
				Account: account, Region: region, Time: at, Subnets: slices.Concat(s.controllers, s.workers), Cluster: "demo",
			})
			require.NoError(t, err)
			snapshot.LoadBalancerTags, err = awsnetwork.LoadBalancerTags(t.Context(), tagging, "demo")
			require.NoError(t, err)
			report := groundway.NewReport(at, network.Check(snapshot, s.options(t)))
			assert.Equal(t, c.want, codes(report, groundway.Failed))
			assert.Subset(t, notShown, codes(report, groundway.Unknown))

			var saved network.Snapshot
			require.NoError(t, json.Unmarshal(marshal(t, snapshot), &saved))
			again := groundway.NewReport(at, network.Check(saved, s.options(t)))
			assert.Equal(t, string(marshal(t, report)), string(marshal(t, again)))
		})
	}
}

func (s *site) options(t *testing.T) network.Options {
	topology, err := network.ParseTopology(s.topology)
	require.NoError(t, err)
	return network.Options{
		Cluster: "demo", Topology: topology, VPC: s.vpc, ControllerSubnets: s.controllers, WorkerSubnets: s.workers,
		PodCIDR: netip.MustParsePrefix(s.pods), ServiceCIDR: netip.MustParsePrefix(s.services),
	}
}

func marshal(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	require.NoError(t, err)
	return data
}

// The command, as a person uses it: live, and again from what it saved.
func TestPreflight(t *testing.T) {
	preflight := buildPreflight(t)
	url := startMoto(t)
	client := newClient(url)
	for _, c := range scenarios {
		t.Run(c.name, func(t *testing.T) {
			s := c.build(t, client)
			dir := t.TempDir()
			spec, saved := filepath.Join(dir, "cluster.yaml"), filepath.Join(dir, "snapshot.json")
			require.NoError(t, os.WriteFile(spec, []byte(s.spec()), 0o600))

			live, status := run(t, preflight, "-spec", spec, "-live", "-endpoint-url", url, "-format", "json", "-save-snapshot", saved)
			var report groundway.Report
			require.NoError(t, json.Unmarshal(live, &report), "%s", live)
			assert.Equal(t, c.want, codes(report, groundway.Failed))
			assert.Equal(t, len(report.Blocking()) > 0, status == 1, "the exit status is %d", status)

			replayed, again := run(t, preflight, "-spec", spec, "-snapshot", saved, "-format", "json")
			assert.Equal(t, status, again)
			assert.Equal(t, withoutTime(t, live), withoutTime(t, replayed))
		})
	}
}

// buildPreflight builds the command and returns its path.
func buildPreflight(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "preflight")
	cmd := exec.Command("go", "build", "-o", path, "./examples/preflight")
	cmd.Dir = filepath.Join("..", "..", "..")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return path
}

// run returns what the command wrote to its standard output, and its status,
// which is 0 or 1.
func run(t *testing.T, program string, args ...string) ([]byte, int) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	// Nothing of the machine's own configuration, and no metadata service.
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), // where it looks for ssh
		"AWS_ACCESS_KEY_ID=testing", "AWS_SECRET_ACCESS_KEY=testing", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull, "HOME=" + t.TempDir(),
	}
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || exit.ExitCode() != 1) {
		t.Fatalf("preflight %q: %v: %s", args, err, errs.String())
	}
	assert.Empty(t, errs.String(), "progress is for terminals")
	return out.Bytes(), cmd.ProcessState.ExitCode()
}

var timeField = regexp.MustCompile(`"time": ?"[^"]*"`)

// withoutTime returns the report with the one time that stands in it removed.
func withoutTime(t *testing.T, report []byte) string {
	t.Helper()
	require.Len(t, timeField.FindAll(report, -1), 1, "%s", report)
	return timeField.ReplaceAllString(string(report), `"time":""`)
}
